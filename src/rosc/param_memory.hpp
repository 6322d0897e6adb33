// The parameters that this process has set, to be set again where a master has lost them.
#ifndef ROSC_PARAM_MEMORY_HPP
#define ROSC_PARAM_MEMORY_HPP

#include <cstddef>
#include <string>

#include <xmlrpcpp/XmlRpcValue.h>

namespace rosc
{

// `name` is resolved. Any thread.
void param_remember(const std::string &name, const XmlRpc::XmlRpcValue &value);
void param_forget(const std::string &name);

// Sets those that the master does not have: one that is there is somebody else's by now. False
// where the master did not answer.
bool params_set_again(size_t &count);

} // namespace rosc

#endif
