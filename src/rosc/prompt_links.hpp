// Connections to subscribers that send each message at once (TCP_NODELAY). roscpp sets that only
// where the subscriber asks for it, and neither roscpp's nor rospy's do by themselves: a message
// would wait for up to 40 ms until the one before it is acknowledged.
#ifndef ROSC_PROMPT_LINKS_HPP
#define ROSC_PROMPT_LINKS_HPP

#include <ros/advertise_options.h>

namespace rosc
{

// Every subscriber of what is advertised so gets such a connection. Any thread.
void prompt_links_make(ros::AdvertiseOptions &options);

} // namespace rosc

#endif
