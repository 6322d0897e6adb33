#include "local_links.hpp"

#include "reveal.hpp"

#include <mutex>
#include <set>
#include <vector>

#include <ros/publication.h>
#include <ros/subscriber_link.h>
#include <ros/topic_manager.h>

namespace rosc
{

namespace
{

using RosLinks = std::vector<ros::SubscriberLinkPtr>;

ROSC_REVEAL(SubscriberLinks, RosLinks, ros::Publication, subscriber_links_);
ROSC_REVEAL(SubscriberLinksMutex, boost::mutex, ros::Publication, subscriber_links_mutex_);

struct Forbidden {
    std::mutex mutex;
    std::set<std::string> topics;
};

Forbidden &forbidden()
{
    static Forbidden &instance = *new Forbidden; // outlives every thread
    return instance;
}

RosLinks local_links(ros::Publication &publication)
{
    RosLinks found;
    const boost::mutex::scoped_lock lock(publication.*reveal(SubscriberLinksMutex()));
    for (const ros::SubscriberLinkPtr &link : publication.*reveal(SubscriberLinks()))
        if (link->isIntraprocess())
            found.push_back(link);
    return found;
}

} // namespace

void local_links_allow(const std::string &topic, bool allowed)
{
    const std::lock_guard<std::mutex> lock(forbidden().mutex);
    if (allowed)
        forbidden().topics.erase(topic);
    else
        forbidden().topics.insert(topic);
}

bool local_links_are_allowed(const std::string &topic)
{
    const std::lock_guard<std::mutex> lock(forbidden().mutex);
    return forbidden().topics.count(topic) == 0;
}

void local_links_cut(const std::string &topic)
{
    if (local_links_are_allowed(topic))
        return;
    const ros::PublicationPtr publication = ros::TopicManager::instance()->lookupPublication(topic);
    if (publication == nullptr || publication->isDropped())
        return;
    for (const ros::SubscriberLinkPtr &link : local_links(*publication))
        link->drop(); // tells the subscription, too
}

} // namespace rosc
