#include "guard.hpp"
#include "known_subscribers.hpp"
#include "local_links.hpp"
#include "master_probe.hpp"
#include "name.hpp"
#include "prompt_links.hpp"
#include "topic_registry.hpp"

#include <rosc/topic.h>

#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include <ros/master.h>
#include <ros/node_handle.h>
#include <ros/publication.h>
#include <ros/serialization.h>
#include <ros/topic_manager.h>

namespace rosc
{

// Bytes that are a serialized message already, for roscpp's templates.
struct RawMessage {
    const void *data;
    uint32_t size;
    // What roscpp keeps and sends; stays empty where it does not serialize, since nobody listens.
    boost::shared_array<uint8_t> *buffer;
};

} // namespace rosc

namespace ros
{
namespace message_traits
{
template <> struct MD5Sum<rosc::RawMessage> {
    static const char *value(const rosc::RawMessage &)
    {
        return "*"; // whatever the publisher's is
    }
};
template <> struct DataType<rosc::RawMessage> {
    static const char *value(const rosc::RawMessage &)
    {
        return "*";
    }
};
} // namespace message_traits

namespace serialization
{
// roscpp shares the buffer between its queues and the connections' writers, and lets go of it once
// the last socket took the last byte: so its reference count says what still waits.
template <> SerializedMessage serializeMessage<rosc::RawMessage>(const rosc::RawMessage &message)
{
    const size_t size = size_t{message.size} + 4;
    SerializedMessage serialized;
    serialized.num_bytes = size;
    serialized.buf.reset(new uint8_t[size]);
    OStream stream(serialized.buf.get(), static_cast<uint32_t>(size));
    serialize(stream, message.size);
    serialized.message_start = stream.getData();
    if (message.size > 0)
        std::memcpy(stream.advance(message.size), message.data, message.size);
    *message.buffer = serialized.buf;
    return serialized;
}
} // namespace serialization
} // namespace ros

struct rosc_publisher {
    // A message that roscpp may still hold; no buffer where nobody listened.
    struct Sent {
        boost::shared_array<uint8_t> buffer;
        size_t size;
    };

    std::string topic;
    bool latched = false;
    uint32_t expected = 0; // subscribers that the master knew
    ros::Publisher publisher;
    std::mutex mutex; // guards what follows; publishing in order of the numbers too
    std::deque<Sent> unwritten;
    uint64_t published = 0;
    uint64_t unwritten_bytes = 0;
};

namespace
{

using rosc::fail;

constexpr char create_what[] = "rosc_publisher_create";
constexpr double patience = 0.3; // seconds, of a master that does not answer: a flow waits

// roscpp's and rospy's subscribers close a connection that announces more.
constexpr size_t message_size_max = 1000000000;

bool is_md5sum(const char *text)
{
    return std::strlen(text) == 32 && std::strspn(text, "0123456789abcdef") == 32;
}

rosc_status check_options(const rosc_publisher_options *options, rosc_error *error)
{
    if (options == nullptr || options->type == nullptr || options->md5sum == nullptr ||
        options->definition == nullptr)
        return fail(error, ROSC_ERROR_ARGUMENT, "%s: type, md5sum or definition is NULL",
                    create_what);
    const char *slash = std::strchr(options->type, '/');
    if (slash == nullptr || slash == options->type || slash[1] == '\0')
        return fail(error, ROSC_ERROR_ARGUMENT,
                    "%s: the type is '%s'; it must look like package/Type", create_what,
                    options->type);
    if (!is_md5sum(options->md5sum))
        return fail(error, ROSC_ERROR_ARGUMENT,
                    "%s: the md5sum is '%s'; it must be 32 digits of 0-9a-f", create_what,
                    options->md5sum);
    if (options->note != nullptr && std::strpbrk(options->note, "\r\n") != nullptr)
        return fail(error, ROSC_ERROR_ARGUMENT, "%s: the note is more than one line", create_what);
    return ROSC_OK;
}

std::string note_line(const char *note)
{
    return std::string("# ") + note + "\n";
}

// roscpp warns of an empty definition; that of std_msgs/Empty is. A line end changes no md5sum.
std::string full_definition(const rosc_publisher_options &options)
{
    std::string text = options.definition;
    if (text.empty() || (options.note != nullptr && text.back() != '\n'))
        text += '\n';
    return options.note == nullptr ? text : text + note_line(options.note);
}

bool has_note(const std::string &definition, const char *note)
{
    const std::string line = note_line(note);
    return definition.size() >= line.size() &&
           definition.compare(definition.size() - line.size(), line.size(), line) == 0;
}

// roscpp has one publication per topic: what it says of itself is what the first publisher said.
rosc_status check_topic(const std::string &topic, const rosc_publisher_options &options,
                        rosc_error *error)
{
    const ros::PublicationPtr there = ros::TopicManager::instance()->lookupPublication(topic);
    if (there != nullptr && !there->isDropped()) {
        if (there->getMD5Sum() != options.md5sum)
            return fail(error, ROSC_ERROR_TYPE,
                        "%s: this node advertises %s as %s (md5sum %s) already; it cannot be %s "
                        "(md5sum %s) as well",
                        create_what, topic.c_str(), there->getDataType().c_str(),
                        there->getMD5Sum().c_str(), options.type, options.md5sum);
        // roscpp's own /rosout is one.
        if (options.note != nullptr && !has_note(there->getMessageDefinition(), options.note))
            return fail(error, ROSC_ERROR_TYPE,
                        "%s: this node advertises %s for itself; what is noted as '%s' needs "
                        "another topic",
                        create_what, topic.c_str(), options.note);
    }
    const std::string subscribed = rosc::topic_foreign_md5sum(topic);
    if (!subscribed.empty() && subscribed != options.md5sum)
        return fail(error, ROSC_ERROR_TYPE,
                    "%s: this node subscribes to %s with md5sum %s; %s has md5sum %s", create_what,
                    topic.c_str(), subscribed.c_str(), options.type, options.md5sum);
    return ROSC_OK;
}

bool is_advertised(const std::string &topic)
{
    const ros::PublicationPtr there = ros::TopicManager::instance()->lookupPublication(topic);
    return there != nullptr && !there->isDropped();
}

rosc_status create(const char *topic, const rosc_publisher_options *options,
                   rosc_publisher **publisher, rosc_error *error)
{
    rosc_status status = rosc::require(rosc::Phase::started, create_what, error);
    if (status == ROSC_OK)
        status = check_options(options, error);
    if (status != ROSC_OK)
        return status;
    if (publisher == nullptr)
        return fail(error, ROSC_ERROR_ARGUMENT, "%s: there is no place for the publisher",
                    create_what);
    std::unique_ptr<rosc_publisher> made(new rosc_publisher);
    status = rosc::resolve(create_what, topic, made->topic, error);
    if (status == ROSC_OK)
        status = check_topic(made->topic, *options, error);
    if (status != ROSC_OK)
        return status;
    // roscpp does not say whether the registration went well.
    if (!rosc::master_answers_within(patience))
        return fail(error, ROSC_ERROR_MASTER, "%s: %s: the master at %s does not answer",
                    create_what, made->topic.c_str(), ros::master::getURI().c_str());
    ros::AdvertiseOptions advertise;
    advertise.topic = rosc::expand(topic); // a node handle applies the remappings itself
    advertise.queue_size = options->queue_size;
    advertise.md5sum = options->md5sum;
    advertise.datatype = options->type;
    advertise.message_definition = full_definition(*options);
    advertise.latch = options->latched;
    made->latched = options->latched;
    // Where there is a header roscpp would write its own count into seq.
    advertise.has_header = false;
    rosc::prompt_links_make(advertise);
    if (!is_advertised(made->topic))
        made->expected = rosc::known_subscribers(made->topic, options->others_only);
    rosc::local_links_allow(made->topic, !options->others_only);
    rosc::topic_unbind_type(made->topic); // so that a subscription of this node is connected
    made->publisher = ros::NodeHandle().advertise(advertise);
    rosc::local_links_cut(made->topic);
    rosc::topic_unbind_type(made->topic);
    if (!made->publisher)
        return fail(error, ROSC_ERROR_TYPE,
                    "%s: roscpp refused to advertise %s as %s; another thread of this node may "
                    "just have advertised it with another type",
                    create_what, made->topic.c_str(), options->type);
    *publisher = made.release();
    return ROSC_OK;
}

// A latched publisher keeps its last message for those who come later.
bool is_written(const rosc_publisher &publisher, const rosc_publisher::Sent &sent)
{
    const bool kept = publisher.latched && &sent == &publisher.unwritten.back();
    return sent.buffer.use_count() <= (kept ? 2 : 1);
}

void forget_written(rosc_publisher &publisher)
{
    while (!publisher.unwritten.empty() && is_written(publisher, publisher.unwritten.front())) {
        publisher.unwritten_bytes -= publisher.unwritten.front().size;
        publisher.unwritten.pop_front();
    }
}

rosc_status publish(rosc_publisher *publisher, const void *data, size_t size, rosc_error *error)
{
    static const char what[] = "rosc_publisher_publish";
    const rosc_status status = rosc::require(rosc::Phase::started, what, error);
    if (status != ROSC_OK)
        return status;
    if (publisher == nullptr || (data == nullptr && size > 0))
        return fail(error, ROSC_ERROR_ARGUMENT, "%s: the publisher or the data is NULL", what);
    if (size > message_size_max)
        return fail(error, ROSC_ERROR_ARGUMENT,
                    "%s: %s: the message has %zu bytes; subscribers take at most %zu", what,
                    publisher->topic.c_str(), size, message_size_max);
    const std::lock_guard<std::mutex> lock(publisher->mutex);
    forget_written(*publisher);
    publisher->unwritten.emplace_back(); // before it is sent: this may run out of memory
    rosc_publisher::Sent &sent = publisher->unwritten.back();
    const rosc::RawMessage message = {data, static_cast<uint32_t>(size), &sent.buffer};
    try {
        publisher->publisher.publish(message);
    } catch (...) {
        publisher->unwritten.pop_back();
        throw;
    }
    sent.size = sent.buffer ? size : 0;
    publisher->unwritten_bytes += sent.size;
    publisher->published++;
    return ROSC_OK;
}

rosc_progress progress(rosc_publisher *publisher)
{
    const std::lock_guard<std::mutex> lock(publisher->mutex);
    forget_written(*publisher);
    return {publisher->published, publisher->published - publisher->unwritten.size(),
            publisher->unwritten_bytes};
}

} // namespace

extern "C" {

rosc_status rosc_publisher_create(const char *topic, const rosc_publisher_options *options,
                                  rosc_publisher **publisher, rosc_error *error)
{
    return rosc::guard(create_what, error,
                       [&] { return create(topic, options, publisher, error); });
}

void rosc_publisher_destroy(rosc_publisher *publisher)
{
    rosc::guard_void("rosc_publisher_destroy", [publisher] { delete publisher; });
}

rosc_status rosc_publisher_publish(rosc_publisher *publisher, const void *data, size_t size,
                                   rosc_error *error)
{
    return rosc::guard("rosc_publisher_publish", error,
                       [&] { return publish(publisher, data, size, error); });
}

rosc_progress rosc_publisher_progress(rosc_publisher *publisher)
{
    return rosc::guard_value("rosc_publisher_progress", rosc_progress{},
                             [&] { return progress(publisher); });
}

uint32_t rosc_publisher_subscriber_count(const rosc_publisher *publisher)
{
    if (rosc::phase() != rosc::Phase::started)
        return 0;
    return rosc::guard_value("rosc_publisher_subscriber_count", uint32_t{0},
                             [&] { return publisher->publisher.getNumSubscribers(); });
}

uint32_t rosc_publisher_expected_subscribers(const rosc_publisher *publisher)
{
    return publisher->expected;
}

const char *rosc_publisher_topic(const rosc_publisher *publisher)
{
    return publisher->topic.c_str();
}
}
