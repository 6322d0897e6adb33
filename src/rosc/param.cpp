#include "guard.hpp"
#include "name.hpp"
#include "param_memory.hpp"
#include "param_tree.hpp"
#include "private_params.hpp"

#include <rosc/param.h>

#include <stdexcept>
#include <string>

#include <ros/master.h>
#include <ros/this_node.h>

namespace
{

using rosc::fail;
using XmlRpc::XmlRpcValue;

// What the master said besides "done": its reason, or nothing where it did not answer.
struct Answer {
    bool done = false;
    bool refused = false; // it answered, with a status that says no
    std::string reason;
    XmlRpcValue payload;
};

// One call of the parameter API. ros::param would tell "no such parameter" from "no master" by a
// log line only.
Answer call_master(const char *method, const std::string &name, const XmlRpcValue *value)
{
    XmlRpcValue request;
    XmlRpcValue response;
    request[0] = ros::this_node::getName();
    request[1] = name;
    if (value != nullptr)
        request[2] = *value;
    Answer answer;
    answer.done = ros::master::execute(method, request, response, answer.payload, false);
    if (answer.done)
        return answer;
    if (response.getType() == XmlRpcValue::TypeArray && response.size() >= 2 &&
        response[1].getType() == XmlRpcValue::TypeString) {
        answer.refused = true;
        answer.reason = static_cast<std::string &>(response[1]);
    } else if (response.getType() == XmlRpcValue::TypeStruct && response.hasMember("faultString")) {
        answer.reason = "it failed with: " + static_cast<std::string &>(response["faultString"]);
    } else {
        answer.reason = "it did not answer, or with something that cannot be read";
    }
    return answer;
}

rosc_status fail_master(const char *what, const std::string &name, const Answer &answer,
                        rosc_error *error)
{
    return fail(error, ROSC_ERROR_MASTER, "%s: %s: the master at %s: %s", what, name.c_str(),
                ros::master::getURI().c_str(), answer.reason.c_str());
}

rosc_status prepare(const char *what, const char *name, std::string &resolved, rosc_error *error)
{
    const rosc_status status = rosc::require(rosc::Phase::initialized, what, error);
    return status == ROSC_OK ? rosc::resolve(what, name, resolved, error) : status;
}

rosc_status get_tree(const char *name, cJSON **tree, rosc_error *error)
{
    static const char what[] = "rosc_param_get_tree";
    if (tree == nullptr)
        return fail(error, ROSC_ERROR_ARGUMENT, "%s: there is no place for the tree", what);
    std::string resolved;
    const rosc_status status = prepare(what, name, resolved, error);
    if (status != ROSC_OK)
        return status;
    Answer answer = call_master("getParam", resolved, nullptr);
    if (!answer.done && !answer.refused)
        return fail_master(what, resolved, answer, error);
    if (!rosc::private_params_overlay(resolved, answer.payload, answer.done))
        return fail(error, ROSC_ERROR_NOT_FOUND, "%s: there is no parameter %s", what,
                    resolved.c_str());
    *tree = rosc::json_from_param(answer.payload).release();
    return ROSC_OK;
}

rosc_status set(const char *what, const char *name, const XmlRpcValue &value, rosc_error *error)
{
    std::string resolved;
    const rosc_status status = prepare(what, name, resolved, error);
    if (status != ROSC_OK)
        return status;
    const Answer answer = call_master("setParam", resolved, &value);
    if (!answer.done)
        return fail_master(what, resolved, answer, error);
    rosc::param_remember(resolved, value);
    return ROSC_OK;
}

rosc_status set_tree(const char *name, const cJSON *tree, rosc_error *error)
{
    static const char what[] = "rosc_param_set_tree";
    if (tree == nullptr)
        return fail(error, ROSC_ERROR_ARGUMENT, "%s: the tree is NULL", what);
    XmlRpcValue value;
    try {
        value = rosc::param_from_json(*tree);
    } catch (const std::invalid_argument &e) {
        return fail(error, ROSC_ERROR_ARGUMENT, "%s: %s: %s", what, name == nullptr ? "" : name,
                    e.what());
    }
    return set(what, name, value, error);
}

rosc_status remove(const char *name, rosc_error *error)
{
    static const char what[] = "rosc_param_delete";
    std::string resolved;
    const rosc_status status = prepare(what, name, resolved, error);
    if (status != ROSC_OK)
        return status;
    rosc::param_forget(resolved);
    const Answer answer = call_master("deleteParam", resolved, nullptr);
    if (answer.refused)
        return fail(error, ROSC_ERROR_NOT_FOUND, "%s: there is no parameter %s", what,
                    resolved.c_str());
    return answer.done ? ROSC_OK : fail_master(what, resolved, answer, error);
}

} // namespace

extern "C" {

rosc_status rosc_param_get_tree(const char *name, cJSON **tree, rosc_error *error)
{
    return rosc::guard("rosc_param_get_tree", error, [&] { return get_tree(name, tree, error); });
}

rosc_status rosc_param_set_tree(const char *name, const cJSON *tree, rosc_error *error)
{
    return rosc::guard("rosc_param_set_tree", error, [&] { return set_tree(name, tree, error); });
}

rosc_status rosc_param_set_string(const char *name, const char *value, rosc_error *error)
{
    return rosc::guard("rosc_param_set_string", error, [&] {
        static const char what[] = "rosc_param_set_string";
        if (value == nullptr)
            return fail(error, ROSC_ERROR_ARGUMENT, "%s: the value is NULL", what);
        return set(what, name, XmlRpcValue(std::string(value)), error);
    });
}

rosc_status rosc_param_delete(const char *name, rosc_error *error)
{
    return rosc::guard("rosc_param_delete", error, [&] { return remove(name, error); });
}
}
