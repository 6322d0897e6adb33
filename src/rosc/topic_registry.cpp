#include "topic_registry.hpp"

#include "connector.hpp"
#include "local_links.hpp"
#include "publisher_link.hpp"
#include "reveal.hpp"

#include <array>
#include <bitset>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/make_shared.hpp>
#include <boost/weak_ptr.hpp>
#include <ros/master.h>
#include <ros/publication.h>
#include <ros/subscription.h>
#include <ros/this_node.h>
#include <ros/topic_manager.h>
#include <ros/xmlrpc_manager.h>

namespace rosc
{

namespace
{

ROSC_REVEAL(Subscriptions, ros::L_Subscription, ros::TopicManager, subscriptions_);
ROSC_REVEAL(SubscriptionsMutex, boost::mutex, ros::TopicManager, subs_mutex_);

const char any_md5sum[] = "*";

ros::SubscriptionPtr ros_subscription(const std::string &topic)
{
    ros::TopicManager &manager = *ros::TopicManager::instance();
    const boost::mutex::scoped_lock lock(manager.*reveal(SubscriptionsMutex()));
    for (const ros::SubscriptionPtr &subscription : manager.*reveal(Subscriptions()))
        if (!subscription->isDropped() && subscription->getName() == topic)
            return subscription;
    return ros::SubscriptionPtr();
}

void ros_subscription_add(const ros::SubscriptionPtr &subscription)
{
    ros::TopicManager &manager = *ros::TopicManager::instance();
    const boost::mutex::scoped_lock lock(manager.*reveal(SubscriptionsMutex()));
    (manager.*reveal(Subscriptions())).push_back(subscription);
}

void ros_subscription_remove(const ros::SubscriptionPtr &subscription)
{
    ros::TopicManager &manager = *ros::TopicManager::instance();
    {
        const boost::mutex::scoped_lock lock(manager.*reveal(SubscriptionsMutex()));
        (manager.*reveal(Subscriptions())).remove(subscription);
    }
    subscription->shutdown();
}

bool register_subscriber(const std::string &topic, std::vector<std::string> *publishers)
{
    XmlRpc::XmlRpcValue params, result, payload;
    params[0] = ros::this_node::getName();
    params[1] = topic;
    params[2] = std::string("*");
    params[3] = ros::XMLRPCManager::instance()->getServerURI();
    if (!ros::master::execute("registerSubscriber", params, result, payload, true))
        return false;
    for (int i = 0; payload.getType() == XmlRpc::XmlRpcValue::TypeArray && i < payload.size(); i++)
        publishers->push_back(payload[i]);
    return true;
}

bool nodelay(ros::SubscribeOptions options) // getTCPNoDelay is not const
{
    return options.transport_hints.getTCPNoDelay();
}

// As TopicManager::subscribe does it, but that the connector connects.
bool subscribe_first(const ros::SubscribeOptions &options)
{
    const auto subscription = boost::make_shared<ros::Subscription>(
        options.topic, any_md5sum, any_md5sum, options.transport_hints);
    (void)subscription->addCallback(options.helper, options.md5sum, options.callback_queue,
                                    static_cast<int32_t>(options.queue_size),
                                    options.tracked_object, options.allow_concurrent_callbacks);
    connector_add(subscription, nodelay(options));
    ros_subscription_add(subscription);
    std::vector<std::string> publishers;
    if (!register_subscriber(options.topic, &publishers)) {
        connector_remove(options.topic);
        ros_subscription_remove(subscription);
        return false;
    }
    (void)connector_update(options.topic, publishers, true);
    const ros::PublicationPtr here =
        ros::TopicManager::instance()->lookupPublication(options.topic);
    if (here != nullptr && !here->isDropped() && local_links_are_allowed(options.topic)) {
        subscription->addLocalConnection(here);
        unbind_type(*subscription);
    }
    return true;
}

template <size_t N> struct Slot {
};

template <size_t... N>
std::array<const std::type_info *, sizeof...(N)> slot_types(std::index_sequence<N...>)
{
    return {{&typeid(Slot<N>)...}};
}

struct TakenSlots {
    std::bitset<topic_slots> used;
    bool foreign = false; // somebody else's typed subscription was there first: its type stays
    boost::weak_ptr<ros::Subscription> subscription;
};

// Two locks: `lifecycle` is held while roscpp talks to the master, so that the network thread must
// never want it; `topics` guards the map, for moments.
struct Registry {
    std::mutex lifecycle;
    std::mutex mutex;
    std::unordered_map<std::string, TakenSlots> topics;
};

Registry &registry()
{
    static Registry &instance = *new Registry; // outlives every thread
    return instance;
}

} // namespace

const std::type_info &topic_slot_type(size_t slot)
{
    static const auto types = slot_types(std::make_index_sequence<topic_slots>());
    return *types.at(slot);
}

size_t topic_subscribe(const topic_options &options_for, const std::string &topic, bool *full)
{
    Registry &all = registry();
    const std::lock_guard<std::mutex> lifecycle(all.lifecycle);
    const bool there_before = ros_subscription(topic) != nullptr;
    size_t slot = 0;
    {
        const std::lock_guard<std::mutex> lock(all.mutex);
        TakenSlots &entry = all.topics[topic];
        if (entry.used.none())
            entry.foreign = there_before;
        while (slot < topic_slots && entry.used.test(slot))
            slot++;
        *full = slot == topic_slots;
        if (*full)
            return topic_slots;
        entry.used.set(slot);
    }
    bool subscribed = false;
    try {
        const ros::SubscribeOptions options = options_for(slot);
        if (there_before && nodelay(options))
            connector_ask_nodelay(topic);
        subscribed = there_before ? ros::TopicManager::instance()->subscribe(options)
                                  : subscribe_first(options);
    } catch (...) {
        const std::lock_guard<std::mutex> lock(all.mutex);
        all.topics[topic].used.reset(slot);
        throw;
    }
    const ros::SubscriptionPtr subscription = ros_subscription(topic);
    const std::lock_guard<std::mutex> lock(all.mutex);
    TakenSlots &entry = all.topics[topic];
    entry.subscription = subscription;
    if (!subscribed)
        entry.used.reset(slot);
    return subscribed ? slot : topic_slots;
}

void topic_unsubscribe(const std::string &topic, size_t slot,
                       const std::function<void()> &unsubscribe)
{
    Registry &all = registry();
    const std::lock_guard<std::mutex> lifecycle(all.lifecycle);
    unsubscribe();
    const std::lock_guard<std::mutex> lock(all.mutex);
    const auto found = all.topics.find(topic);
    if (found == all.topics.end())
        return;
    found->second.used.reset(slot);
    if (found->second.used.none()) {
        all.topics.erase(found);
        connector_remove(topic);
    }
}

std::string topic_foreign_md5sum(const std::string &topic)
{
    const ros::SubscriptionPtr subscription = ros_subscription(topic);
    if (subscription == nullptr)
        return std::string();
    Registry &all = registry();
    {
        const std::lock_guard<std::mutex> lock(all.mutex);
        const auto found = all.topics.find(topic);
        if (found != all.topics.end() && !found->second.foreign)
            return std::string();
    }
    const std::string md5sum = subscription->md5sum();
    return md5sum == any_md5sum ? std::string() : md5sum;
}

void topic_unbind_type(const std::string &topic)
{
    Registry &all = registry();
    const std::lock_guard<std::mutex> lock(all.mutex);
    const auto found = all.topics.find(topic);
    if (found == all.topics.end() || found->second.foreign)
        return;
    const ros::SubscriptionPtr subscription = found->second.subscription.lock();
    if (subscription != nullptr)
        unbind_type(*subscription);
}

} // namespace rosc
