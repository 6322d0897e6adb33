// The request to shut down, and the signals that make it.
#ifndef ROSC_SIGNAL_HPP
#define ROSC_SIGNAL_HPP

namespace rosc
{

// Whether shutdown was asked for.
bool shutdown_requested() noexcept;
// Asks for it. Async-signal-safe.
void shutdown_request() noexcept;

// Makes SIGINT (roslaunch, Ctrl-C) and SIGTERM (docker stop, systemd) ask for shutdown.
void signals_install() noexcept;

// Sleeps in wall time, in short pieces; false where shutdown was asked for before the end.
bool sleep_unless_shutdown(double seconds) noexcept;

} // namespace rosc

#endif
