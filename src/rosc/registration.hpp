// What this node has told the master, told once more: to a master that was started anew and knows
// nothing.
#ifndef ROSC_REGISTRATION_HPP
#define ROSC_REGISTRATION_HPP

#include <cstddef>

namespace rosc
{

struct Registered {
    size_t topics = 0; // published and subscribed
    size_t services = 0;
};

// Registers all publications, subscriptions and services of the process. False where the master did
// not take one: to be done again. Connections stay: a new master does not know publishers that did
// not register with it, and what they publish must go on. One thread at a time.
bool register_again(Registered &registered);

// The master's publisherUpdate is answered here from now on, so that connections to publishers
// which it does not know stay as long as they live. Before ros::start, which would bind roscpp's
// own.
void registration_start();

} // namespace rosc

#endif
