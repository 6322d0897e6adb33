// The `_name:=value` of the command line. roscpp would set them in ros::init, and wait there for
// the master for as long as there is none, and a node that then finds its configuration wrong would
// have changed that of the node which runs under its name. Here rosc_start sets them; until then
// they are seen over what the master has.
#ifndef ROSC_PRIVATE_PARAMS_HPP
#define ROSC_PRIVATE_PARAMS_HPP

#include <string>

#include <xmlrpcpp/XmlRpcValue.h>

namespace rosc
{

// Takes them out of `argv`: as roscpp does with remappings, to the end, beyond `*argc`.
void private_params_take(int *argc, char **argv);

// Sets them at the master. Throws what roscpp throws.
void private_params_set();

// Puts those that are not set yet over `value`, the parameter `name` (resolved) with all below it;
// `found`: the master has it. Returns whether there is a value now. From main's thread.
bool private_params_overlay(const std::string &name, XmlRpc::XmlRpcValue &value, bool found);

} // namespace rosc

#endif
