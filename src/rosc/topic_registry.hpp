// What this process subscribes to through rosc, by topic: hands out the slots that keep several
// subscriptions of one topic apart, and keeps roscpp's subscription open to any type.
#ifndef ROSC_TOPIC_REGISTRY_HPP
#define ROSC_TOPIC_REGISTRY_HPP

#include <cstddef>
#include <functional>
#include <string>
#include <typeinfo>

namespace rosc
{

// As many subscriptions can one topic have.
constexpr size_t topic_slots = 64;

// A type of its own for each slot. roscpp deserializes a message once for all callbacks of a type;
// callbacks of different types each get the bytes.
const std::type_info &topic_slot_type(size_t slot);

// Subscribes to `topic`: takes a free slot, runs `subscribe` with it (which returns false where
// roscpp refused) and returns the slot, or topic_slots where none is free or `subscribe` returned
// false (`*full` says which). Throws what `subscribe` throws. Nothing else subscribes or
// unsubscribes meanwhile.
size_t topic_subscribe(const std::string &topic, const std::function<bool(size_t)> &subscribe,
                       bool *full);

// Runs `unsubscribe` and gives the slot back.
void topic_unsubscribe(const std::string &topic, size_t slot,
                       const std::function<void()> &unsubscribe);

// The md5sum to which a subscription of this process that is not rosc's holds `topic` (/clock with
// simulated time is one); empty where there is none.
std::string topic_foreign_md5sum(const std::string &topic);

// roscpp binds a subscription that takes any type to the type of the first publisher, and the
// publishers refuse it from then on where theirs is another. This takes the binding off again; it
// is done from roscpp's own network thread, between registry_start and registry_stop.
void topic_registry_unbind_types();
void topic_registry_start();
void topic_registry_stop();

} // namespace rosc

#endif
