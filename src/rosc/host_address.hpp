// What is wrong with the name of a host that another node gives out.
#ifndef ROSC_HOST_ADDRESS_HPP
#define ROSC_HOST_ADDRESS_HPP

#include <string>

namespace rosc
{

// "" where the host has an address on this machine; else why not, and what would be right there.
// May take as long as the name server does.
std::string host_trouble(const std::string &host);

// "" but where the host is this machine's loopback, which a node on another machine has to itself:
// what would be right there, to go behind the reason of a failure.
std::string host_hint(const std::string &host);

} // namespace rosc

#endif
