// One TCPROS connection to a publisher of a topic, in the place of roscpp's TransportPublisherLink.
//
// It differs in three ways. It says when the publisher has answered and when it ends, which is what
// the connector goes by. It does not connect again by itself: the connector does. And it asks for
// any type (md5sum *) whatever roscpp has bound the subscription to meanwhile, so that publishers
// of different types on one topic are all heard.
#ifndef ROSC_PUBLISHER_LINK_HPP
#define ROSC_PUBLISHER_LINK_HPP

#include <atomic>
#include <functional>
#include <string>

#include <boost/shared_ptr.hpp>
#include <ros/connection.h>
#include <ros/publisher_link.h>
#include <ros/subscription.h>

namespace rosc
{

// Lets the subscription take any type again. roscpp binds it to the type of each publisher that
// connects.
void unbind_type(ros::Subscription &subscription);

class PublisherLink : public ros::PublisherLink
{
  public:
    // Both are called at most once, without a lock of ours, on roscpp's network thread; `ended`
    // also on the thread that drops the link. `ended` comes without `opened` where the publisher
    // refused.
    struct Listener {
        std::function<void(const std::string &caller_id)> opened;
        std::function<void(const std::string &why)> ended;
    };

    // Begins to connect to `host`:`port` and adds the link to the subscription; `nodelay`: the
    // publisher is asked for TCP_NODELAY. NULL where the
    // system has no socket or `host` no address.
    static boost::shared_ptr<PublisherLink> open(const ros::SubscriptionPtr &subscription,
                                                 const std::string &uri, const std::string &host,
                                                 int port, bool nodelay, Listener listener);

    PublisherLink(const ros::SubscriptionPtr &subscription, const std::string &uri,
                  Listener listener);
    ~PublisherLink() override;

    void handleMessage(const ros::SerializedMessage &message, bool serialize,
                       bool no_copy) override;
    std::string getTransportType() override;
    std::string getTransportInfo() override;
    void drop() override;

  private:
    void start(const ros::TransportPtr &transport, bool nodelay);
    void on_header(const ros::Header &header);
    void on_length(const boost::shared_array<uint8_t> &buffer);
    void on_message(const boost::shared_array<uint8_t> &buffer, uint32_t size);
    void on_ended(ros::Connection::DropReason reason);

    Listener listener_;
    std::atomic<bool> ended_{false};
    ros::ConnectionPtr connection_;
    ros::ReadFinishedFunc read_length_;
    ros::ReadFinishedFunc read_message_;
};

} // namespace rosc

#endif
