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

using Counts = std::map<std::string, uint32_t>;

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
        counts[static_cast<std::string>(subscribers[i][0])] =
            static_cast<uint32_t>(subscribers[i][1].size());
    return counts;
}

struct Known {
    std::mutex mutex;
    std::chrono::steady_clock::time_point until;
    Counts counts;
};

} // namespace

uint32_t known_subscribers(const std::string &topic)
{
    static Known &known = *new Known; // outlives every thread
    const std::lock_guard<std::mutex> lock(known.mutex);
    const auto now = std::chrono::steady_clock::now();
    if (now >= known.until) {
        known.counts = ask();
        known.until = now + std::chrono::seconds(1);
    }
    const auto found = known.counts.find(topic);
    return found == known.counts.end() ? 0 : found->second;
}

} // namespace rosc
