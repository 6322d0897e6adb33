#include "known_subscribers.hpp"

#include <chrono>
#include <map>
#include <mutex>

#include <ros/master.h>
#include <ros/this_node.h>

namespace rosc
{

namespace
{

struct Count {
    uint32_t nodes;
    bool own; // this node is one of them
};
using Counts = std::map<std::string, Count>;

Count count(XmlRpc::XmlRpcValue &nodes)
{
    Count found = {static_cast<uint32_t>(nodes.size()), false};
    for (int i = 0; i < nodes.size(); i++)
        found.own = found.own || static_cast<std::string>(nodes[i]) == ros::this_node::getName();
    return found;
}

// The master's API: getSystemState answers [publishers, subscribers, services], each a list of
// [topic, [node, ...]].
Counts ask()
{
    Counts counts;
    XmlRpc::XmlRpcValue arguments, answer, state;
    arguments[0] = ros::this_node::getName();
    if (!ros::master::execute("getSystemState", arguments, answer, state, false) ||
        state.getType() != XmlRpc::XmlRpcValue::TypeArray || state.size() < 2)
        return counts;
    XmlRpc::XmlRpcValue &subscribers = state[1];
    for (int i = 0; i < subscribers.size(); i++)
        counts[static_cast<std::string>(subscribers[i][0])] = count(subscribers[i][1]);
    return counts;
}

struct Known {
    std::mutex mutex;
    std::chrono::steady_clock::time_point until;
    Counts counts;
};

} // namespace

uint32_t known_subscribers(const std::string &topic, bool others_only)
{
    static Known &known = *new Known; // outlives every thread
    const std::lock_guard<std::mutex> lock(known.mutex);
    const auto now = std::chrono::steady_clock::now();
    if (now >= known.until) {
        known.counts = ask();
        known.until = now + std::chrono::seconds(1);
    }
    const auto found = known.counts.find(topic);
    if (found == known.counts.end())
        return 0;
    return found->second.nodes - (others_only && found->second.own ? 1 : 0);
}

} // namespace rosc
