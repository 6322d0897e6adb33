// What the connector keeps of publishers: a want is one publisher of one topic, a node where it is.
#ifndef ROSC_WANT_HPP
#define ROSC_WANT_HPP

#include "publisher_link.hpp"
#include "topic_request.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/weak_ptr.hpp>
#include <ros/subscription.h>

namespace rosc
{

using Clock = std::chrono::steady_clock;

struct Node;

struct Want {
    enum class State {
        waiting,    // for its turn
        asked,      // the node was asked where it publishes the topic
        connecting, // the publisher has not answered yet
        connected,
        gone, // nobody wants it any more; a list may still hold it
    };

    std::string topic;
    Node *node = nullptr;
    boost::weak_ptr<ros::Subscription> subscription;
    State state = State::waiting;
    Clock::time_point since;      // when it became connected, or ceased to be
    Clock::time_point not_before; // when it may be tried again
    Clock::time_point deadline;   // when the try under way has failed
    Clock::duration pause{0};     // between the last two tries
    bool carried = false;         // a master that was started anew may not know of it
    uint64_t attempt = 0;         // of which link what is heard counts
    boost::weak_ptr<PublisherLink> link;
    std::string trouble; // why the last try failed
};
using WantPtr = std::shared_ptr<Want>;

struct Node {
    std::string uri; // of its slave API
    std::string host;
    uint32_t port = 0;
    std::string name; // "" until it has answered for the first time
    std::deque<WantPtr> waiting;
    std::vector<WantPtr> connecting;
    WantPtr asked;
    std::unique_ptr<TopicRequest> request; // kept for the next question
    size_t wants = 0;
    size_t connected = 0;
    Clock::time_point not_before; // when the node may be asked again
    Clock::time_point deadline;   // of the question
    Clock::duration pause{0};
    Clock::duration patience{0}; // how long a publisher may take to answer
    std::string trouble;         // why the node could not be asked
    bool said = false;           // that some of its topics wait
    Clock::time_point said_at;
};
using Nodes = std::map<std::string, std::unique_ptr<Node>>; // by URI

struct Topic {
    boost::weak_ptr<ros::Subscription> subscription;
    bool nodelay = false;                 // publishers are asked for TCP_NODELAY
    bool updated = false;                 // the master has said who publishes it
    std::map<std::string, WantPtr> wants; // by the node's URI
};

} // namespace rosc

#endif
