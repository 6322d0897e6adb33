#include "registration.hpp"

#include "connector.hpp"
#include "reveal.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <boost/pointer_cast.hpp>
#include <ros/connection.h>
#include <ros/connection_manager.h>
#include <ros/master.h>
#include <ros/network.h>
#include <ros/publication.h>
#include <ros/service_manager.h>
#include <ros/service_publication.h>
#include <ros/subscription.h>
#include <ros/this_node.h>
#include <ros/topic_manager.h>
#include <ros/transport_publisher_link.h>
#include <ros/xmlrpc_manager.h>

namespace rosc
{

namespace
{

using XmlRpc::XmlRpcValue;
using Uris = std::vector<std::string>;
using Links = std::vector<ros::PublisherLinkPtr>;
using Pendings = std::set<ros::Subscription::PendingConnectionPtr>;

ROSC_REVEAL(Subscriptions, ros::L_Subscription, ros::TopicManager, subscriptions_);
ROSC_REVEAL(SubscriptionsMutex, boost::mutex, ros::TopicManager, subs_mutex_);
ROSC_REVEAL(Publications, ros::V_Publication, ros::TopicManager, advertised_topics_);
ROSC_REVEAL(PublicationsMutex, boost::recursive_mutex, ros::TopicManager, advertised_topics_mutex_);
ROSC_REVEAL(Services, ros::L_ServicePublication, ros::ServiceManager, service_publications_);
ROSC_REVEAL(ServicesMutex, boost::mutex, ros::ServiceManager, service_publications_mutex_);
ROSC_REVEAL(PublisherLinks, Links, ros::Subscription, publisher_links_);
ROSC_REVEAL(PublisherLinksMutex, boost::mutex, ros::Subscription, publisher_links_mutex_);
ROSC_REVEAL(PendingLinks, Pendings, ros::Subscription, pending_connections_);
ROSC_REVEAL(PendingLinksMutex, boost::mutex, ros::Subscription, pending_connections_mutex_);

// Publishers, by topic, that are connected and were known to an earlier master, not to this one: of
// topics that roscpp connects itself (/clock). Of all others the connector knows.
struct Carried {
    std::mutex mutex;
    std::map<std::string, std::set<std::string>> publishers;
};

Carried &carried()
{
    static Carried &instance = *new Carried; // outlives every thread
    return instance;
}

ros::L_Subscription subscriptions()
{
    ros::TopicManager &manager = *ros::TopicManager::instance();
    const boost::mutex::scoped_lock lock(manager.*reveal(SubscriptionsMutex()));
    return manager.*reveal(Subscriptions());
}

ros::V_Publication publications()
{
    ros::TopicManager &manager = *ros::TopicManager::instance();
    const boost::recursive_mutex::scoped_lock lock(manager.*reveal(PublicationsMutex()));
    return manager.*reveal(Publications());
}

ros::L_ServicePublication services()
{
    ros::ServiceManager &manager = *ros::ServiceManager::instance();
    const boost::mutex::scoped_lock lock(manager.*reveal(ServicesMutex()));
    return manager.*reveal(Services());
}

template <typename List> bool has(const List &list, const std::string &name)
{
    return std::any_of(list.begin(), list.end(), [&name](const auto &one) {
        return !one->isDropped() && one->getName() == name;
    });
}

// roscpp tries a broken connection again for ever: it is live only while it stands.
bool is_live(const ros::PublisherLinkPtr &link)
{
    const auto transport = boost::dynamic_pointer_cast<ros::TransportPublisherLink>(link);
    if (transport == nullptr)
        return false;
    const ros::ConnectionPtr connection = transport->getConnection();
    return connection != nullptr && !connection->isDropped();
}

// Those to whom there is a connection, or to whom one is being made.
std::set<std::string> connected(ros::Subscription &subscription)
{
    std::set<std::string> uris;
    {
        const boost::mutex::scoped_lock lock(subscription.*reveal(PublisherLinksMutex()));
        for (const ros::PublisherLinkPtr &link : subscription.*reveal(PublisherLinks()))
            if (is_live(link))
                uris.insert(link->getPublisherXMLRPCURI());
    }
    const boost::mutex::scoped_lock lock(subscription.*reveal(PendingLinksMutex()));
    for (const auto &pending : subscription.*reveal(PendingLinks()))
        uris.insert(pending->getRemoteURI());
    return uris;
}

// `told`, the master's word, and those it does not know whose connections stand.
Uris with_carried(ros::Subscription &subscription, Uris told)
{
    Carried &all = carried();
    const std::lock_guard<std::mutex> lock(all.mutex);
    const auto found = all.publishers.find(subscription.getName());
    if (found == all.publishers.end())
        return told;
    const std::set<std::string> standing = connected(subscription);
    std::set<std::string> kept;
    for (const std::string &uri : found->second)
        if (standing.count(uri) > 0 && std::find(told.begin(), told.end(), uri) == told.end())
            kept.insert(uri);
    told.insert(told.end(), kept.begin(), kept.end());
    if (kept.empty())
        all.publishers.erase(found);
    else
        found->second = std::move(kept);
    return told;
}

Uris uris_of(XmlRpcValue &list)
{
    Uris uris;
    for (int i = 0; list.getType() == XmlRpcValue::TypeArray && i < list.size(); i++)
        uris.push_back(list[i]);
    return uris;
}

void on_publisher_update(XmlRpcValue &params, XmlRpcValue &result)
{
    const std::string topic = params[1];
    bool done = connector_update(topic, uris_of(params[2]), false);
    for (const ros::SubscriptionPtr &subscription : subscriptions())
        if (!done && !subscription->isDropped() && subscription->getName() == topic)
            done = subscription->pubUpdate(with_carried(*subscription, uris_of(params[2])));
    result[0] = done ? 1 : 0;
    result[1] = std::string(done ? "" : "this node does not subscribe to " + topic);
    result[2] = 0;
}

bool call(const char *method, const std::string &name, const std::string &second,
          const std::string &third, XmlRpcValue &answer)
{
    XmlRpcValue request;
    XmlRpcValue response;
    request[0] = ros::this_node::getName();
    request[1] = name;
    request[2] = second;
    if (!third.empty())
        request[3] = third;
    return ros::master::execute(method, request, response, answer, false);
}

const std::string &own_uri()
{
    return ros::XMLRPCManager::instance()->getServerURI();
}

bool register_subscription(const ros::SubscriptionPtr &subscription)
{
    const std::string topic = subscription->getName();
    // Before the master is asked, who may tell of other publishers at once.
    const bool ours = connector_carry(topic);
    if (!ours) {
        Carried &all = carried();
        const std::lock_guard<std::mutex> lock(all.mutex);
        const std::set<std::string> standing = connected(*subscription);
        all.publishers[topic].insert(standing.begin(), standing.end());
    }
    XmlRpcValue answer;
    if (!call("registerSubscriber", topic, subscription->datatype(), own_uri(), answer))
        return false;
    Uris told = uris_of(answer);
    told.erase(std::remove(told.begin(), told.end(), own_uri()), told.end());
    if (!ours || !connector_update(topic, told, true))
        (void)subscription->pubUpdate(with_carried(*subscription, told));
    if (!has(subscriptions(), topic)) // ended meanwhile
        (void)call("unregisterSubscriber", topic, own_uri(), "", answer);
    return true;
}

bool register_publication(const ros::PublicationPtr &publication)
{
    const std::string topic = publication->getName();
    XmlRpcValue answer;
    if (!call("registerPublisher", topic, publication->getDataType(), own_uri(), answer))
        return false;
    if (!has(publications(), topic))
        (void)call("unregisterPublisher", topic, own_uri(), "", answer);
    return true;
}

bool register_service(const ros::ServicePublicationPtr &service)
{
    const std::string uri = "rosrpc://" + ros::network::getHost() + ":" +
                            std::to_string(ros::ConnectionManager::instance()->getTCPPort());
    XmlRpcValue answer;
    if (!call("registerService", service->getName(), uri, own_uri(), answer))
        return false;
    if (!has(services(), service->getName()))
        (void)call("unregisterService", service->getName(), uri, "", answer);
    return true;
}

template <typename List, typename Register>
bool register_all(const List &list, const Register &register_one, size_t &count)
{
    for (const auto &one : list) {
        if (one->isDropped())
            continue;
        if (!register_one(one))
            return false;
        count++;
    }
    return true;
}

} // namespace

// Services first: who finds a node's topics may ask for its services.
bool register_again(Registered &registered)
{
    return register_all(services(), register_service, registered.services) &&
           register_all(publications(), register_publication, registered.topics) &&
           register_all(subscriptions(), register_subscription, registered.topics);
}

void registration_start()
{
    ros::XMLRPCManager::instance()->bind("publisherUpdate", on_publisher_update);
}

} // namespace rosc
