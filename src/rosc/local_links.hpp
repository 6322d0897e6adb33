// The connections that roscpp makes within the process between a publication and a subscription of
// one topic, and the publications that are to have none.
#ifndef ROSC_LOCAL_LINKS_HPP
#define ROSC_LOCAL_LINKS_HPP

#include <string>

namespace rosc
{

// Whether the topic's publication may have any, from now on. Any thread.
void local_links_allow(const std::string &topic, bool allowed);
bool local_links_are_allowed(const std::string &topic);

// Cuts those that roscpp has just made for the topic, where they are not allowed. Any thread.
void local_links_cut(const std::string &topic);

} // namespace rosc

#endif
