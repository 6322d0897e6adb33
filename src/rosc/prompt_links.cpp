#include "prompt_links.hpp"

#include "reveal.hpp"

#include <ros/callback_queue_interface.h>
#include <ros/connection.h>
#include <ros/single_subscriber_publisher.h>
#include <ros/transport/transport_tcp.h>
#include <ros/transport_subscriber_link.h>

namespace rosc
{

namespace
{

ROSC_REVEAL(SubscribersLink, ros::SubscriberLinkPtr, ros::SingleSubscriberPublisher, link_);

// What is added to it is called there and then, on roscpp's network thread: before any message.
class ImmediateQueue : public ros::CallbackQueueInterface
{
  public:
    void addCallback(const ros::CallbackInterfacePtr &callback, uint64_t /*id*/) override
    {
        callback->call();
    }
    void removeByID(uint64_t /*id*/) override {}
};

ImmediateQueue &immediate_queue()
{
    static ImmediateQueue &instance = *new ImmediateQueue; // outlives every thread
    return instance;
}

void hasten(const ros::SingleSubscriberPublisher &subscriber)
{
    const auto link = boost::dynamic_pointer_cast<ros::TransportSubscriberLink>(
        subscriber.*reveal(SubscribersLink()));
    if (link == nullptr || link->getConnection() == nullptr)
        return; // within this process
    const auto tcp =
        boost::dynamic_pointer_cast<ros::TransportTCP>(link->getConnection()->getTransport());
    if (tcp != nullptr)
        tcp->setNoDelay(true);
}

} // namespace

void prompt_links_make(ros::AdvertiseOptions &options)
{
    options.connect_cb = hasten;
    options.callback_queue = &immediate_queue();
}

} // namespace rosc
