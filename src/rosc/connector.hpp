// Connects the subscriptions of rosc to their publishers, a few at a time.
//
// roscpp connects to all publishers at once. A rospy node has room for five connections that it has
// not accepted yet; those that find none are tried again by the kernel after a second, two, four,
// up to a minute, and what is published meanwhile is lost without a word. So this takes the place
// of roscpp's own connecting: the master's lists of publishers come here, one thread asks each node
// topic by topic, over one HTTP connection, and has no more than a few connections to it under way.
// What fails or ends is tried again for as long as the master lists the publisher; who waits longer
// than a moment is said. Any thread may call; none of these functions waits for a network.
#ifndef ROSC_CONNECTOR_HPP
#define ROSC_CONNECTOR_HPP

#include <cstdint>
#include <string>
#include <vector>

#include <ros/subscription.h>

namespace rosc
{

// The thread runs between these two.
void connector_start();
void connector_stop();

// Between these two no new connection begins; they nest.
void connector_hold();
void connector_release();

// From now on the publishers of this subscription's topic are the connector's. `nodelay`: they are
// asked for TCP_NODELAY; connector_ask_nodelay: from now on, until the topic is removed.
void connector_add(const ros::SubscriptionPtr &subscription, bool nodelay);
void connector_ask_nodelay(const std::string &topic);
void connector_remove(const std::string &topic);

// The publishers of `topic`, as URIs of their nodes, as the master lists them now: connects to
// those that are new, drops those that have left. `registered` is the list that came with the
// registration: an update that came before it is newer. False where the topic is not the
// connector's.
bool connector_update(const std::string &topic, const std::vector<std::string> &uris,
                      bool registered);

// Before `topic` is registered with a master that was started anew: publishers that are connected
// stay as long as their connections do, whether it knows them or not. False where the topic is not
// the connector's.
bool connector_carry(const std::string &topic);

struct Publishers {
    uint32_t connected = 0;
    uint32_t waiting = 0; // the master lists them, and there is no connection
    double seconds = 0;   // for which the first of those waits
};
Publishers connector_publishers(const std::string &topic);

} // namespace rosc

#endif
