#include "publisher_link.hpp"

#include "reveal.hpp"

#include <rosc/log.h>

#include <cstring>
#include <utility>
#include <vector>

#include <boost/make_shared.hpp>
#include <boost/weak_ptr.hpp>
#include <ros/connection_manager.h>
#include <ros/header.h>
#include <ros/poll_manager.h>
#include <ros/this_node.h>
#include <ros/transport/transport_tcp.h>
#include <ros/transport_hints.h>

namespace rosc
{

namespace
{

using RosLinks = std::vector<ros::PublisherLinkPtr>;

ROSC_REVEAL(Md5sum, std::string, ros::Subscription, md5sum_);
ROSC_REVEAL(Md5sumMutex, boost::mutex, ros::Subscription, md5sum_mutex_);
ROSC_REVEAL(PublisherLinks, RosLinks, ros::Subscription, publisher_links_);
ROSC_REVEAL(PublisherLinksMutex, boost::mutex, ros::Subscription, publisher_links_mutex_);

const char any_md5sum[] = "*";
constexpr uint32_t length_size = 4;            // bytes that say how long a message is
constexpr uint32_t message_limit = 1000000000; // bytes; roscpp's own

} // namespace

void unbind_type(ros::Subscription &subscription)
{
    const boost::mutex::scoped_lock lock(subscription.*reveal(Md5sumMutex()));
    std::string &md5sum = subscription.*reveal(Md5sum());
    if (md5sum != any_md5sum)
        md5sum = any_md5sum;
}

boost::shared_ptr<PublisherLink> PublisherLink::open(const ros::SubscriptionPtr &subscription,
                                                     const std::string &uri,
                                                     const std::string &host, int port,
                                                     bool nodelay, Listener listener)
{
    const auto transport =
        boost::make_shared<ros::TransportTCP>(&ros::PollManager::instance()->getPollSet());
    if (!transport->connect(host, port))
        return nullptr;
    const auto link = boost::make_shared<PublisherLink>(subscription, uri, std::move(listener));
    link->start(transport, nodelay);
    return link;
}

PublisherLink::PublisherLink(const ros::SubscriptionPtr &subscription, const std::string &uri,
                             Listener listener)
    : ros::PublisherLink(subscription, uri, ros::TransportHints()), listener_(std::move(listener))
{
}

PublisherLink::~PublisherLink()
{
    if (connection_ != nullptr)
        connection_->drop(ros::Connection::Destructing);
}

// The connection's callbacks hold the link weakly: whoever drops it on another thread does not take
// it from under a callback that runs.
void PublisherLink::start(const ros::TransportPtr &transport, bool nodelay)
{
    const ros::SubscriptionPtr parent = parent_.lock();
    const boost::weak_ptr<PublisherLink> weak =
        boost::static_pointer_cast<PublisherLink>(shared_from_this());
    read_length_ = [weak](const ros::ConnectionPtr &, const boost::shared_array<uint8_t> &buffer,
                          uint32_t, bool success) {
        const auto link = weak.lock();
        if (link != nullptr && success)
            link->on_length(buffer);
    };
    read_message_ = [weak](const ros::ConnectionPtr &, const boost::shared_array<uint8_t> &buffer,
                           uint32_t size, bool success) {
        const auto link = weak.lock();
        if (link != nullptr && success)
            link->on_message(buffer, size);
    };
    {
        const boost::mutex::scoped_lock lock((*parent).*reveal(PublisherLinksMutex()));
        ((*parent).*reveal(PublisherLinks())).push_back(shared_from_this());
    }
    connection_ = boost::make_shared<ros::Connection>();
    connection_->initialize(transport, false, ros::HeaderReceivedFunc());
    (void)connection_->addDropListener(
        [weak](const ros::ConnectionPtr &, ros::Connection::DropReason reason) {
            const auto link = weak.lock();
            if (link != nullptr)
                link->on_ended(reason);
        });
    connection_->setHeaderReceivedCallback(
        [weak](const ros::ConnectionPtr &, const ros::Header &header) {
            const auto link = weak.lock();
            if (link != nullptr)
                link->on_header(header);
            return link != nullptr;
        });
    ros::M_string header;
    header["topic"] = parent->getName();
    header["md5sum"] = any_md5sum;
    header["type"] = any_md5sum;
    header["callerid"] = ros::this_node::getName();
    header["tcp_nodelay"] = nodelay ? "1" : "0";
    connection_->writeHeader(header, [](const ros::ConnectionPtr &) {});
    ros::ConnectionManager::instance()->addConnection(connection_);
}

void PublisherLink::on_header(const ros::Header &header)
{
    if (!setHeader(header)) {
        drop();
        return;
    }
    const ros::SubscriptionPtr parent = parent_.lock();
    if (parent != nullptr)
        unbind_type(*parent);
    listener_.opened(getCallerID());
    connection_->read(length_size, read_length_);
}

void PublisherLink::on_length(const boost::shared_array<uint8_t> &buffer)
{
    uint32_t length = 0;
    std::memcpy(&length, buffer.get(), sizeof length);
    if (length > message_limit) {
        ROSC_LOG_ERROR("%s announces a message of %u bytes, more than ROS has: its connection is "
                       "out of step and is made anew",
                       getCallerID().c_str(), length);
        drop();
        return;
    }
    connection_->read(length, read_message_);
}

void PublisherLink::on_message(const boost::shared_array<uint8_t> &buffer, uint32_t size)
{
    handleMessage(ros::SerializedMessage(buffer, size), true, false);
    connection_->read(length_size, read_length_);
}

void PublisherLink::handleMessage(const ros::SerializedMessage &message, bool serialize,
                                  bool no_copy)
{
    stats_.bytes_received_ += message.num_bytes;
    stats_.messages_received_++;
    const ros::SubscriptionPtr parent = parent_.lock();
    if (parent != nullptr)
        stats_.drops_ += parent->handleMessage(
            message, serialize, no_copy, connection_->getHeader().getValues(), shared_from_this());
}

std::string PublisherLink::getTransportType()
{
    return connection_->getTransport()->getType();
}

std::string PublisherLink::getTransportInfo()
{
    return connection_->getTransport()->getTransportInfo();
}

void PublisherLink::drop()
{
    connection_->drop(ros::Connection::Destructing); // calls on_ended, unless it ended before
}

void PublisherLink::on_ended(ros::Connection::DropReason reason)
{
    if (ended_.exchange(true))
        return;
    const ros::PublisherLinkPtr self = shared_from_this();
    const ros::SubscriptionPtr parent = parent_.lock();
    if (parent != nullptr)
        parent->removePublisherLink(self);
    std::string why;
    if (reason != ros::Connection::HeaderError || !connection_->getHeader().getValue("error", why))
        why = "the connection ended";
    listener_.ended(why);
}

} // namespace rosc
