// The queue of one node: which of its topics it is asked for next, and how long it is left alone
// after a failure. With the roster's mutex, as the node itself.
#ifndef ROSC_NODE_QUEUE_HPP
#define ROSC_NODE_QUEUE_HPP

#include "want.hpp"

#include <memory>
#include <string>

namespace rosc
{

// How long a publisher may take to answer at first: the kernel sends again what found the node's
// queue full.
constexpr std::chrono::seconds first_patience{1};

// The node with that URI, and nothing wanted of it yet.
std::unique_ptr<Node> node_open(const std::string &uri);

// Takes the first whose time has come out of the queue; NULL where there is none.
WantPtr node_next(Node &node);

// The node cannot be asked: what it was asked for goes back, and all its topics wait.
void node_failed(Node &node, const std::string &trouble);

// The try has failed: the want goes to the queue's end, and waits longer than the last time.
void node_put_back(const WantPtr &want, const std::string &trouble);

// Whether every topic that is wanted of it is connected, and nothing is under way.
bool node_is_done(const Node &node);

// All that is left of the queue are wants that are gone: empties it.
void node_rest(Node &node);

} // namespace rosc

#endif
