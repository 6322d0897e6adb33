// Whether the master can be reached, found out within a given time.
#ifndef ROSC_MASTER_PROBE_HPP
#define ROSC_MASTER_PROBE_HPP

#include <string>

namespace rosc
{

// Whether a TCP connection to host:port comes about within `timeout` seconds. roscpp's own calls
// have no limit: a master behind a firewall that drops packets would hold them for minutes.
bool tcp_reachable(const std::string &host, unsigned port, double timeout) noexcept;

// Whether the master answers a call within `seconds`, or at once with 0. roscpp gives a call up
// when it fails once, which on a busy machine says little. Once shutdown was asked for it is tried
// once.
bool master_answers_within(double seconds);

} // namespace rosc

#endif
