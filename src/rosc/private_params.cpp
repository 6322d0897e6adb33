#include "private_params.hpp"

#include "param_memory.hpp"

#include <algorithm>
#include <cstring>

#include <boost/lexical_cast.hpp>
#include <ros/common.h>
#include <ros/names.h>
#include <ros/param.h>

namespace rosc
{

namespace
{

using XmlRpc::XmlRpcValue;

ros::M_string &given()
{
    static ros::M_string params;
    return params;
}

bool are_set = false;

// The types that roscpp gives to texts from the command line.
XmlRpcValue value_of(const std::string &text)
{
    int integer = 0;
    double real = 0;
    if (boost::conversion::try_lexical_convert(text, integer))
        return {integer};
    if (boost::conversion::try_lexical_convert(text, real))
        return {real};
    if (text == "true" || text == "True" || text == "TRUE")
        return {true};
    if (text == "false" || text == "False" || text == "FALSE")
        return {false};
    return {text};
}

// Sets the member at `path` ("a/b") of a dictionary; what stands in the way goes, as at the master.
void put(XmlRpcValue &tree, const std::string &path, const XmlRpcValue &value)
{
    if (tree.valid() && tree.getType() != XmlRpcValue::TypeStruct)
        tree.clear();
    const size_t slash = path.find('/');
    if (slash == std::string::npos)
        tree[path] = value;
    else
        put(tree[path.substr(0, slash)], path.substr(slash + 1), value);
}

} // namespace

void private_params_take(int *argc, char **argv)
{
    for (int i = 0; i < *argc;) {
        const char *assign = std::strstr(argv[i], ":=");
        if (assign == nullptr || argv[i][0] != '_' || argv[i][1] == '_' || assign == argv[i] + 1) {
            i++;
            continue;
        }
        given()["~" + std::string(argv[i] + 1, static_cast<size_t>(assign - argv[i] - 1))] =
            assign + 2;
        std::rotate(argv + i, argv + i + 1, argv + *argc);
        (*argc)--;
    }
}

void private_params_set()
{
    for (const auto &param : given()) {
        const XmlRpcValue value = value_of(param.second);
        ros::param::set(param.first, value);
        param_remember(ros::names::resolve(param.first), value);
    }
    are_set = true;
}

bool private_params_overlay(const std::string &name, XmlRpcValue &value, bool found)
{
    const std::string below = name + "/";
    if (!found)
        value.clear();
    if (are_set)
        return found;
    for (const auto &param : given()) {
        const std::string full = ros::names::resolve(param.first);
        if (full == name)
            value = value_of(param.second);
        else if (full.compare(0, below.size(), below) == 0)
            put(value, full.substr(below.size()), value_of(param.second));
    }
    return value.valid();
}

} // namespace rosc
