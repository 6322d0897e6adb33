// What this process subscribes to through rosc, by topic: hands out the slots that keep several
// subscriptions of one topic apart, and registers with the master.
#ifndef ROSC_TOPIC_REGISTRY_HPP
#define ROSC_TOPIC_REGISTRY_HPP

#include <cstddef>
#include <functional>
#include <string>
#include <typeinfo>

#include <ros/subscribe_options.h>

namespace rosc
{

// As many subscriptions can one topic have.
constexpr size_t topic_slots = 64;

// A type of its own for each slot. roscpp deserializes a message once for all callbacks of a type;
// callbacks of different types each get the bytes.
const std::type_info &topic_slot_type(size_t slot);

// What to subscribe with in that slot.
using topic_options = std::function<ros::SubscribeOptions(size_t slot)>;

// Subscribes to `topic` with what `options_for` says for a free slot; the first subscription of a
// topic is registered with the master, and the connector connects it. Returns the slot, or
// topic_slots where none is free or roscpp refused (`*full` says which). Throws what roscpp and
// `options_for` throw. Nothing else subscribes or unsubscribes meanwhile.
size_t topic_subscribe(const topic_options &options_for, const std::string &topic, bool *full);

// Runs `unsubscribe` and gives the slot back.
void topic_unsubscribe(const std::string &topic, size_t slot,
                       const std::function<void()> &unsubscribe);

// The md5sum to which a subscription of this process that is not rosc's holds `topic` (/clock with
// simulated time is one); empty where there is none.
std::string topic_foreign_md5sum(const std::string &topic);

// roscpp binds a subscription that takes any type to the type of the first publisher of this
// process. This takes the binding off again.
void topic_unbind_type(const std::string &topic);

} // namespace rosc

#endif
