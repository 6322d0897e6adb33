// How many nodes subscribe to a topic, as the master knows it.
#ifndef ROSC_KNOWN_SUBSCRIBERS_HPP
#define ROSC_KNOWN_SUBSCRIBERS_HPP

#include <cstdint>
#include <string>

namespace rosc
{

// Nodes that subscribe to `topic` (resolved), this one among them unless `others_only`; 0 where the
// master does not answer. It is asked for its whole state at most once a second: topics that are
// advertised one after the other share the answer. Any thread.
//
// (roscpp throws away the list that registerPublisher answers. To register once more would give it,
// but the master then tells the subscribers again, and rospy connects twice and drops one of the
// two connections with what has come over it.)
uint32_t known_subscribers(const std::string &topic, bool others_only);

} // namespace rosc

#endif
