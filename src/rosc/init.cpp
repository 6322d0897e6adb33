#include "connector.hpp"
#include "file_limit.hpp"
#include "guard.hpp"
#include "log.hpp"
#include "master_probe.hpp"
#include "master_watch.hpp"
#include "name.hpp"
#include "private_params.hpp"
#include "registration.hpp"
#include "signal.hpp"

#include <rosc/init.h>
#include <rosc/log.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include <ros/init.h>
#include <ros/master.h>
#include <ros/network.h>
#include <ros/node_handle.h>
#include <ros/this_node.h>
#include <ros/xmlrpc_manager.h>

namespace
{

using rosc::Phase;

constexpr double probe_seconds = 1.0;         // for one try to reach the master
constexpr double retry_seconds = 0.2;         // between two tries
constexpr double master_limit_seconds = 10.0; // for a call whose master went away meanwhile

// roscpp aborts the process where the master's URI is missing or makes no sense.
rosc_status master_uri_check(int argc, char **argv, rosc_error *error)
{
    const char *uri = std::getenv("ROS_MASTER_URI");
    const char *origin = "ROS_MASTER_URI";
    static const char remapping[] = "__master:=";
    for (int i = 0; i < argc; i++)
        if (std::strncmp(argv[i], remapping, sizeof remapping - 1) == 0) {
            uri = argv[i] + sizeof remapping - 1;
            origin = "__master";
        }
    if (uri == nullptr)
        return rosc::fail(error, ROSC_ERROR_MASTER,
                          "rosc_init: ROS_MASTER_URI is not set; it says where the master is, as "
                          "in: export ROS_MASTER_URI=http://localhost:11311");
    std::string host;
    uint32_t port = 0;
    if (!ros::network::splitURI(uri, host, port))
        return rosc::fail(error, ROSC_ERROR_MASTER,
                          "rosc_init: %s is '%s'; it must look like http://host:11311", origin,
                          uri);
    return ROSC_OK;
}

rosc_status init(int *argc, char **argv, const char *name, unsigned options, rosc_error *error)
{
    if (rosc::phase() != Phase::none)
        return rosc::fail(error, ROSC_ERROR_STATE, "rosc_init: called a second time");
    if (argc == nullptr || (argv == nullptr && *argc > 0))
        return rosc::fail(error, ROSC_ERROR_ARGUMENT, "rosc_init: argc or argv is NULL");
    if (name == nullptr || name[0] == '\0')
        return rosc::fail(error, ROSC_ERROR_NAME, "rosc_init: the node has no name");
    const unsigned known = ROSC_INIT_ANONYMOUS | ROSC_INIT_NO_SIGINT_HANDLER | ROSC_INIT_NO_ROSOUT;
    if ((options & ~known) != 0)
        return rosc::fail(error, ROSC_ERROR_ARGUMENT, "rosc_init: the options 0x%x are not known",
                          options & ~known);
    const rosc_status status = master_uri_check(*argc, argv, error);
    if (status != ROSC_OK)
        return status;
    rosc::log_lines_at_once();
    rosc::private_params_take(argc, argv);
    uint32_t ros_options = ros::init_options::NoSigintHandler;
    if ((options & ROSC_INIT_ANONYMOUS) != 0)
        ros_options |= ros::init_options::AnonymousName;
    if ((options & ROSC_INIT_NO_ROSOUT) != 0)
        ros_options |= ros::init_options::NoRosout;
    ros::init(*argc, argv, name, ros_options);
    if ((options & ROSC_INIT_NO_SIGINT_HANDLER) == 0)
        rosc::signals_install();
    rosc::phase_set(Phase::initialized);
    return ROSC_OK;
}

bool master_answers(double timeout)
{
    return rosc::tcp_reachable(ros::master::getHost(), ros::master::getPort(), timeout) &&
           ros::master::check();
}

rosc_status master_wait(double timeout, const char *what, rosc_error *error)
{
    using clock = std::chrono::steady_clock;
    const auto begin = clock::now();
    bool told = false;
    while (!rosc::shutdown_requested()) {
        const double left = timeout - std::chrono::duration<double>(clock::now() - begin).count();
        if (master_answers(timeout < 0 ? probe_seconds
                                       : std::min(probe_seconds, std::max(left, 0.01)))) {
            if (told)
                ROSC_LOG_INFO("the ROS master at %s answers", ros::master::getURI().c_str());
            return ROSC_OK;
        }
        if (timeout >= 0 && left <= 0)
            return rosc::fail(error, ROSC_ERROR_TIMEOUT,
                              "%s: no ROS master answers at %s within %g s; is roscore running, "
                              "and ROS_MASTER_URI right?",
                              what, ros::master::getURI().c_str(), timeout);
        if (!told)
            ROSC_LOG_WARN("waiting for the ROS master at %s (ROS_MASTER_URI); start it with "
                          "roscore",
                          ros::master::getURI().c_str());
        told = true;
        (void)rosc::sleep_unless_shutdown(
            timeout < 0 ? retry_seconds : std::min(retry_seconds, std::max(left, 0.)));
    }
    return rosc::fail(error, ROSC_ERROR_STATE,
                      "%s: shutdown was asked for while waiting for the master at %s", what,
                      ros::master::getURI().c_str());
}

// What the master calls when a node of the same name comes, and what `rosnode kill` calls. Bound
// before roscpp can bind its own, which would stop the node without asking it.
void on_master_shutdown(XmlRpc::XmlRpcValue &params, XmlRpc::XmlRpcValue &result)
{
    if (params.getType() == XmlRpc::XmlRpcValue::TypeArray && params.size() > 1 &&
        params[1].getType() == XmlRpc::XmlRpcValue::TypeString)
        ROSC_LOG_WARN("shutdown was asked for over the network: %s",
                      static_cast<std::string &>(params[1]).c_str());
    rosc::shutdown_request();
    result[0] = 1;
    result[1] = std::string();
    result[2] = 0;
}

std::unique_ptr<ros::NodeHandle> &node_handle()
{
    static std::unique_ptr<ros::NodeHandle> handle;
    return handle;
}

rosc_status connect(double timeout, const char *what, rosc_error *error)
{
    rosc_status status = rosc::require(Phase::initialized, what, error);
    if (status != ROSC_OK)
        return status;
    if (rosc::phase() == Phase::started)
        return rosc::fail(error, ROSC_ERROR_STATE, "%s: called a second time, or after rosc_start",
                          what);
    if (timeout != timeout)
        return rosc::fail(error, ROSC_ERROR_ARGUMENT, "%s: the timeout is not a number", what);
    status = master_wait(timeout, what, error);
    // From here on a call to a master that went away ends with an error instead of never.
    if (status == ROSC_OK)
        ros::master::setRetryTimeout(ros::WallDuration(master_limit_seconds));
    return status;
}

rosc_status start(double timeout, rosc_error *error)
{
    const rosc_status status = connect(timeout, "rosc_start", error);
    if (status != ROSC_OK)
        return status;
    rosc::private_params_set();
    rosc::file_limit_raise();
    ros::XMLRPCManager::instance()->bind("shutdown", on_master_shutdown);
    rosc::registration_start();
    rosc::master_watch_start();
    ros::start();
    node_handle().reset(new ros::NodeHandle);
    rosc::connector_start();
    rosc::master_watch_begin();
    rosc::phase_set(Phase::started);
    return ROSC_OK;
}

} // namespace

extern "C" {

rosc_status rosc_init(int *argc, char **argv, const char *name, unsigned options, rosc_error *error)
{
    return rosc::guard("rosc_init", error, [&] { return init(argc, argv, name, options, error); });
}

bool rosc_master_check(void)
{
    const Phase phase = rosc::phase();
    if (phase == Phase::none || phase == Phase::stopped)
        return false;
    return rosc::guard_value("rosc_master_check", false,
                             [] { return master_answers(probe_seconds); });
}

const char *rosc_master_uri(void)
{
    return ros::master::getURI().c_str();
}

rosc_status rosc_connect(double timeout, rosc_error *error)
{
    return rosc::guard("rosc_connect", error,
                       [&] { return connect(timeout, "rosc_connect", error); });
}

rosc_status rosc_start(double timeout, rosc_error *error)
{
    return rosc::guard("rosc_start", error, [&] { return start(timeout, error); });
}

bool rosc_ok(void)
{
    const Phase phase = rosc::phase();
    if (phase != Phase::initialized && phase != Phase::started)
        return false;
    return !rosc::shutdown_requested() && ros::ok();
}

void rosc_request_shutdown(void)
{
    rosc::shutdown_request();
}

void rosc_shutdown(void)
{
    const Phase phase = rosc::phase();
    if (phase != Phase::initialized && phase != Phase::started)
        return;
    rosc::shutdown_request();
    rosc::guard_void("rosc_shutdown", [phase] {
        rosc::phase_set(Phase::stopped);
        if (phase == Phase::started) {
            rosc::master_watch_end();
            rosc::connector_stop();
        }
        node_handle().reset();
        ros::shutdown();
    });
}

const char *rosc_node_name(void)
{
    return ros::this_node::getName().c_str();
}

const char *rosc_namespace(void)
{
    return ros::this_node::getNamespace().c_str();
}
}
