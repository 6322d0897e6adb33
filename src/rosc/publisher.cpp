#include "guard.hpp"
#include "name.hpp"
#include "topic_registry.hpp"

#include <rosc/topic.h>

#include <cstring>
#include <memory>
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
template <> struct Serializer<rosc::RawMessage> {
    template <typename Stream> static void write(Stream &stream, const rosc::RawMessage &message)
    {
        if (message.size > 0)
            std::memcpy(stream.advance(message.size), message.data, message.size);
    }
    static uint32_t serializedLength(const rosc::RawMessage &message)
    {
        return message.size;
    }
};
} // namespace serialization
} // namespace ros

struct rosc_publisher {
    std::string topic;
    ros::Publisher publisher;
};

namespace
{

using rosc::fail;

constexpr char create_what[] = "rosc_publisher_create";

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
    return ROSC_OK;
}

// roscpp has one publication per topic: type and latching are those of the first publisher.
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
        if (there->isLatching() != options.latched)
            return fail(error, ROSC_ERROR_ARGUMENT,
                        "%s: this node advertises %s %slatched already; all its publishers must "
                        "agree",
                        create_what, topic.c_str(), there->isLatching() ? "" : "not ");
    }
    const std::string subscribed = rosc::topic_foreign_md5sum(topic);
    if (!subscribed.empty() && subscribed != options.md5sum)
        return fail(error, ROSC_ERROR_TYPE,
                    "%s: this node subscribes to %s with md5sum %s; %s has md5sum %s", create_what,
                    topic.c_str(), subscribed.c_str(), options.type, options.md5sum);
    return ROSC_OK;
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
    if (!ros::master::check())
        return fail(error, ROSC_ERROR_MASTER, "%s: %s: the master at %s does not answer",
                    create_what, made->topic.c_str(), ros::master::getURI().c_str());
    ros::AdvertiseOptions advertise;
    advertise.topic = rosc::expand(topic); // a node handle applies the remappings itself
    advertise.queue_size = options->queue_size;
    advertise.md5sum = options->md5sum;
    advertise.datatype = options->type;
    // roscpp warns of an empty definition; that of std_msgs/Empty is. A line end changes no md5sum.
    advertise.message_definition = options->definition[0] == '\0' ? "\n" : options->definition;
    advertise.latch = options->latched;
    // Where there is a header roscpp would write its own count into seq.
    advertise.has_header = false;
    rosc::topic_registry_unbind_types(); // so that subscriptions of this node are connected
    made->publisher = ros::NodeHandle().advertise(advertise);
    if (!made->publisher)
        return fail(error, ROSC_ERROR_TYPE,
                    "%s: roscpp refused to advertise %s as %s; another thread of this node may "
                    "just have advertised it with another type",
                    create_what, made->topic.c_str(), options->type);
    *publisher = made.release();
    return ROSC_OK;
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
    const rosc::RawMessage message = {data, static_cast<uint32_t>(size)};
    publisher->publisher.publish(message);
    return ROSC_OK;
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

uint32_t rosc_publisher_subscriber_count(const rosc_publisher *publisher)
{
    if (rosc::phase() != rosc::Phase::started)
        return 0;
    return rosc::guard_value("rosc_publisher_subscriber_count", uint32_t{0},
                             [&] { return publisher->publisher.getNumSubscribers(); });
}

const char *rosc_publisher_topic(const rosc_publisher *publisher)
{
    return publisher->topic.c_str();
}
}
