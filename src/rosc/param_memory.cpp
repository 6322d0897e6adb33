#include "param_memory.hpp"

#include <map>
#include <mutex>

#include <ros/master.h>
#include <ros/this_node.h>

namespace rosc
{

namespace
{

using XmlRpc::XmlRpcValue;

struct Memory {
    std::mutex mutex;
    std::map<std::string, XmlRpcValue> params;
};

Memory &memory()
{
    static Memory &instance = *new Memory; // outlives every thread
    return instance;
}

} // namespace

void param_remember(const std::string &name, const XmlRpcValue &value)
{
    const std::lock_guard<std::mutex> lock(memory().mutex);
    memory().params[name] = value;
}

void param_forget(const std::string &name)
{
    const std::string below = name + "/";
    const std::lock_guard<std::mutex> lock(memory().mutex);
    auto &params = memory().params;
    for (auto i = params.begin(); i != params.end();)
        i = i->first == name || i->first.compare(0, below.size(), below) == 0 ? params.erase(i)
                                                                              : std::next(i);
}

bool params_set_again(size_t &count)
{
    const std::lock_guard<std::mutex> lock(memory().mutex);
    for (const auto &param : memory().params) {
        XmlRpcValue request;
        XmlRpcValue response;
        XmlRpcValue there;
        request[0] = ros::this_node::getName();
        request[1] = param.first;
        if (!ros::master::execute("hasParam", request, response, there, false))
            return false;
        if (there.getType() == XmlRpcValue::TypeBoolean && static_cast<bool &>(there))
            continue;
        request[2] = param.second;
        if (!ros::master::execute("setParam", request, response, there, false))
            return false;
        count++;
    }
    return true;
}

} // namespace rosc
