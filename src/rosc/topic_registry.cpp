#include "topic_registry.hpp"

#include "reveal.hpp"

#include <array>
#include <bitset>
#include <chrono>
#include <map>
#include <mutex>
#include <utility>

#include <boost/signals2/connection.hpp>
#include <boost/weak_ptr.hpp>
#include <ros/poll_manager.h>
#include <ros/subscription.h>
#include <ros/topic_manager.h>

namespace rosc
{

namespace
{

ROSC_REVEAL(Subscriptions, ros::L_Subscription, ros::TopicManager, subscriptions_);
ROSC_REVEAL(SubscriptionsMutex, boost::mutex, ros::TopicManager, subs_mutex_);
ROSC_REVEAL(Md5sum, std::string, ros::Subscription, md5sum_);
ROSC_REVEAL(Md5sumMutex, boost::mutex, ros::Subscription, md5sum_mutex_);

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

void unbind_type(ros::Subscription &subscription)
{
    const boost::mutex::scoped_lock lock(subscription.*reveal(Md5sumMutex()));
    std::string &md5sum = subscription.*reveal(Md5sum());
    if (md5sum != any_md5sum)
        md5sum = any_md5sum;
}

template <size_t N> struct Slot {
};

template <size_t... N>
std::array<const std::type_info *, sizeof...(N)> slot_types(std::index_sequence<N...>)
{
    return {{&typeid(Slot<N>)...}};
}

struct Topic {
    std::bitset<topic_slots> used;
    bool foreign = false; // somebody else's typed subscription was there first: its type stays
    boost::weak_ptr<ros::Subscription> subscription;
};

// Two locks: `lifecycle` is held while roscpp talks to the master, so that the network thread must
// never want it; `topics` guards the map, for moments.
struct Registry {
    std::mutex lifecycle;
    std::mutex mutex;
    std::map<std::string, Topic> topics;
    boost::signals2::connection listener;
    std::chrono::steady_clock::time_point next_unbind;
};

Registry &registry()
{
    static Registry &instance = *new Registry; // outlives every thread
    return instance;
}

// Called by roscpp's network thread after each round of its events: a bound type lasts for a moment
// only. Not each time, since with many topics and messages that would cost.
void on_network_round()
{
    constexpr std::chrono::milliseconds interval{10};
    Registry &all = registry();
    const auto now = std::chrono::steady_clock::now();
    if (now < all.next_unbind)
        return;
    all.next_unbind = now + interval;
    topic_registry_unbind_types();
}

} // namespace

const std::type_info &topic_slot_type(size_t slot)
{
    static const auto types = slot_types(std::make_index_sequence<topic_slots>());
    return *types.at(slot);
}

size_t topic_subscribe(const std::string &topic, const std::function<bool(size_t)> &subscribe,
                       bool *full)
{
    Registry &all = registry();
    const std::lock_guard<std::mutex> lifecycle(all.lifecycle);
    const bool there_before = ros_subscription(topic) != nullptr;
    size_t slot = 0;
    {
        const std::lock_guard<std::mutex> lock(all.mutex);
        Topic &entry = all.topics[topic];
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
        subscribed = subscribe(slot);
    } catch (...) {
        const std::lock_guard<std::mutex> lock(all.mutex);
        all.topics[topic].used.reset(slot);
        throw;
    }
    const ros::SubscriptionPtr subscription = ros_subscription(topic);
    const std::lock_guard<std::mutex> lock(all.mutex);
    Topic &entry = all.topics[topic];
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
    if (found->second.used.none())
        all.topics.erase(found);
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

void topic_registry_unbind_types()
{
    Registry &all = registry();
    const std::lock_guard<std::mutex> lock(all.mutex);
    for (auto &entry : all.topics) {
        if (entry.second.foreign)
            continue;
        const ros::SubscriptionPtr subscription = entry.second.subscription.lock();
        if (subscription != nullptr)
            unbind_type(*subscription);
    }
}

void topic_registry_start()
{
    registry().listener = ros::PollManager::instance()->addPollThreadListener(on_network_round);
}

void topic_registry_stop()
{
    ros::PollManager::instance()->removePollThreadListener(registry().listener);
}

} // namespace rosc
