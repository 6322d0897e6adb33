// Notices that the master was started anew, or has forgotten this node, and registers all again:
// roscpp itself registers once.
#ifndef ROSC_MASTER_WATCH_HPP
#define ROSC_MASTER_WATCH_HPP

namespace rosc
{

// From main: start once the master has answered and before anything is registered, begin once
// roscpp's threads run, end before they are stopped. Between begin and end a thread looks once a
// second.
void master_watch_start();
void master_watch_begin();
void master_watch_end();

} // namespace rosc

#endif
