#include "connection.hpp"
#include "connector.hpp"
#include "gate.hpp"
#include "guard.hpp"
#include "name.hpp"
#include "queue.hpp"
#include "topic_registry.hpp"

#include <rosc/time.h>
#include <rosc/topic.h>

#include <memory>
#include <string>

#include <boost/make_shared.hpp>
#include <ros/subscribe_options.h>
#include <ros/subscription_callback_helper.h>
#include <ros/topic_manager.h>

namespace
{

// Hands serialized messages to a C callback.
//
// The callback runs within deserialize(), not within call(): roscpp frees the message's buffer
// between the two, so that only there the bytes can be had without a copy. Order and threads are
// the same, since roscpp deserializes on the thread that serves the queue, right before the call,
// one message of a subscription at a time.
class RawHelper : public ros::SubscriptionCallbackHelper
{
  public:
    RawHelper(const std::string &topic, rosc_message_callback callback, void *user, size_t slot)
        : topic_(topic), callback_(callback), user_(user), slot_(slot)
    {
    }

    ros::VoidConstPtr
    deserialize(const ros::SubscriptionCallbackHelperDeserializeParams &params) override
    {
        static const uint8_t nothing = 0; // a message of no bytes has no buffer
        (void)gate_.pass([this, &params] {
            rosc_message message = {};
            message.data = params.length == 0 ? &nothing : params.buffer;
            message.size = params.length;
            message.receipt = rosc_time_wall();
            message.topic = topic_.c_str();
            message.connection = connections_.find(params.connection_header);
            callback_(&message, user_);
        });
        return ros::VoidConstPtr(); // nothing for call() to do
    }

    void call(ros::SubscriptionCallbackHelperCallParams &) override {}

    const std::type_info &getTypeInfo() override
    {
        return rosc::topic_slot_type(slot_);
    }

    bool isConst() override
    {
        return true;
    }

    bool hasHeader() override
    {
        return false;
    }

    void shut()
    {
        gate_.shut();
    }

  private:
    const std::string topic_;
    const rosc_message_callback callback_;
    void *const user_;
    const size_t slot_;
    rosc::Gate gate_;
    rosc::ConnectionCache connections_;
};

} // namespace

struct rosc_subscription {
    std::string topic;
    size_t slot = rosc::topic_slots;
    boost::shared_ptr<RawHelper> helper;
};

namespace
{

using rosc::fail;

constexpr char create_what[] = "rosc_subscription_create";

ros::SubscribeOptions options_for(rosc_subscription &made, rosc_queue *queue,
                                  const rosc_subscription_options &wished,
                                  rosc_message_callback callback, void *user, size_t slot)
{
    made.helper = boost::make_shared<RawHelper>(made.topic, callback, user, slot);
    ros::SubscribeOptions options;
    options.topic = made.topic;
    options.queue_size = wished.queue_size;
    options.transport_hints.tcpNoDelay(!wished.without_nodelay);
    options.md5sum = "*";
    options.datatype = "*";
    options.helper = made.helper;
    options.callback_queue = rosc::callbacks_of(queue);
    options.allow_concurrent_callbacks = false;
    return options;
}

rosc_status create(rosc_queue *queue, const char *topic, const rosc_subscription_options &wished,
                   rosc_message_callback callback, void *user, rosc_subscription **subscription,
                   rosc_error *error)
{
    rosc_status status = rosc::require(rosc::Phase::started, create_what, error);
    if (status != ROSC_OK)
        return status;
    if (callback == nullptr || subscription == nullptr)
        return fail(error, ROSC_ERROR_ARGUMENT, "%s: the callback or the result's place is NULL",
                    create_what);
    std::unique_ptr<rosc_subscription> made(new rosc_subscription);
    status = rosc::resolve(create_what, topic, made->topic, error);
    if (status != ROSC_OK)
        return status;
    bool full = false;
    made->slot = rosc::topic_subscribe(
        [&](size_t slot) { return options_for(*made, queue, wished, callback, user, slot); },
        made->topic, &full);
    if (full)
        return fail(error, ROSC_ERROR_ROS,
                    "%s: %s has %zu subscriptions already, the most there "
                    "can be",
                    create_what, made->topic.c_str(), rosc::topic_slots);
    if (made->slot == rosc::topic_slots)
        return fail(error, ROSC_ERROR_MASTER, "%s: the master did not register %s", create_what,
                    made->topic.c_str());
    *subscription = made.release();
    return ROSC_OK;
}

} // namespace

extern "C" {

rosc_status rosc_subscription_create(rosc_queue *queue, const char *topic,
                                     const rosc_subscription_options *options,
                                     rosc_message_callback callback, void *user,
                                     rosc_subscription **subscription, rosc_error *error)
{
    return rosc::guard(create_what, error, [&] {
        return create(queue, topic, options != nullptr ? *options : rosc_subscription_options{},
                      callback, user, subscription, error);
    });
}

void rosc_subscription_destroy(rosc_subscription *subscription)
{
    if (subscription == nullptr)
        return;
    rosc::guard_void("rosc_subscription_destroy", [subscription] {
        const std::unique_ptr<rosc_subscription> owned(subscription);
        owned->helper->shut();
        rosc::topic_unsubscribe(owned->topic, owned->slot, [&owned] {
            ros::TopicManager::instance()->unsubscribe(owned->topic, owned->helper);
        });
    });
}

void rosc_connections_hold(void)
{
    rosc::connector_hold();
}

void rosc_connections_release(void)
{
    rosc::connector_release();
}

const char *rosc_subscription_topic(const rosc_subscription *subscription)
{
    return subscription->topic.c_str();
}

struct rosc_publishers rosc_topic_publishers(const char *topic)
{
    return rosc::guard_value("rosc_topic_publishers", rosc_publishers{}, [topic] {
        const rosc::Publishers found = rosc::connector_publishers(topic);
        rosc_publishers publishers = {};
        publishers.connected = found.connected;
        publishers.waiting = found.waiting;
        publishers.waiting_seconds = found.seconds;
        return publishers;
    });
}

uint32_t rosc_subscription_publisher_count(const rosc_subscription *subscription)
{
    if (rosc::phase() != rosc::Phase::started)
        return 0;
    return rosc::guard_value("rosc_subscription_publisher_count", uint32_t{0}, [&] {
        return static_cast<uint32_t>(
            ros::TopicManager::instance()->getNumPublishers(subscription->topic));
    });
}
}
