// XmlRpcValue, what parameters are on the wire, to and from cJSON trees.
#ifndef ROSC_PARAM_TREE_HPP
#define ROSC_PARAM_TREE_HPP

#include <memory>
#include <string>

#include <cjson/cJSON.h>
#include <ros/datatypes.h>
#include <xmlrpcpp/XmlRpcValue.h>

namespace rosc
{

struct JsonDelete {
    void operator()(cJSON *json) const noexcept
    {
        cJSON_Delete(json);
    }
};
using JsonPtr = std::unique_ptr<cJSON, JsonDelete>;

// Throws std::bad_alloc, and std::runtime_error for a tree deeper than cJSON's own limit.
JsonPtr json_from_param(const XmlRpc::XmlRpcValue &value);

// Throws std::invalid_argument, with the place in the tree, for what the server cannot hold.
XmlRpc::XmlRpcValue param_from_json(const cJSON &json);

} // namespace rosc

#endif
