#include "guard.hpp"
#include "name.hpp"
#include "service_probe.hpp"
#include "signal.hpp"

#include <rosc/init.h>
#include <rosc/service.h>

#include <chrono>
#include <cstdio>
#include <string>

#include <ros/service_client.h>
#include <std_srvs/Empty.h>
#include <std_srvs/SetBool.h>
#include <std_srvs/Trigger.h>

namespace
{

using rosc::fail;

constexpr double look_again_seconds = 0.05;

// Waits until `service` is there, up to `timeout` seconds, and checks that it is a `Service`.
rosc_status wait_for(const char *what, const std::string &service, const char *type,
                     const char *md5sum, double timeout, rosc_error *error)
{
    using clock = std::chrono::steady_clock;
    const auto begin = clock::now();
    rosc::ServiceOffer offer = rosc::service_probe(service);
    while (!offer.reachable &&
           std::chrono::duration<double>(clock::now() - begin).count() < timeout) {
        if (!rosc::sleep_unless_shutdown(look_again_seconds))
            return fail(error, ROSC_ERROR_STATE,
                        "%s: shutdown was asked for while waiting for the service %s", what,
                        service.c_str());
        offer = rosc::service_probe(service);
    }
    if (!offer.reachable)
        return fail(error, ROSC_ERROR_NOT_FOUND, "%s: no service %s was offered within %g s", what,
                    service.c_str(), timeout > 0 ? timeout : 0.0);
    if (offer.md5sum != md5sum)
        return fail(error, ROSC_ERROR_TYPE,
                    "%s: the service %s is %s (md5sum %s), not %s (md5sum %s)", what,
                    service.c_str(), offer.type.empty() ? "of another type" : offer.type.c_str(),
                    offer.md5sum.c_str(), type, md5sum);
    return ROSC_OK;
}

template <typename Service>
rosc_status call(const char *what, const char *name, double timeout, Service &service,
                 rosc_error *error)
{
    namespace traits = ros::service_traits;
    rosc_status status = rosc::require(rosc::Phase::started, what, error);
    if (status != ROSC_OK)
        return status;
    std::string resolved;
    status = rosc::resolve(what, name, resolved, error);
    if (status == ROSC_OK)
        status = wait_for(what, resolved, traits::datatype<Service>(), traits::md5sum<Service>(),
                          timeout, error);
    if (status != ROSC_OK)
        return status;
    ros::ServiceClient client(resolved, false, ros::M_string(), traits::md5sum<Service>());
    if (!client.call(service.request, service.response))
        return fail(error, ROSC_ERROR_CALL,
                    "%s: the service %s failed, or its server went away; its log says more", what,
                    resolved.c_str());
    return ROSC_OK;
}

template <typename Service>
void hand_over(const Service &service, bool *success, char *message, size_t size)
{
    if (success != nullptr)
        *success = service.response.success != 0;
    if (message != nullptr && size > 0)
        (void)std::snprintf(message, size, "%s", service.response.message.c_str());
}

} // namespace

extern "C" {

rosc_status rosc_call_empty(const char *name, double timeout, rosc_error *error)
{
    return rosc::guard("rosc_call_empty", error, [&] {
        std_srvs::Empty service;
        return call("rosc_call_empty", name, timeout, service, error);
    });
}

rosc_status rosc_call_trigger(const char *name, double timeout, bool *success, char *message,
                              size_t size, rosc_error *error)
{
    return rosc::guard("rosc_call_trigger", error, [&] {
        std_srvs::Trigger service;
        const rosc_status status = call("rosc_call_trigger", name, timeout, service, error);
        if (status == ROSC_OK)
            hand_over(service, success, message, size);
        return status;
    });
}

rosc_status rosc_call_set_bool(const char *name, double timeout, bool data, bool *success,
                               char *message, size_t size, rosc_error *error)
{
    return rosc::guard("rosc_call_set_bool", error, [&] {
        std_srvs::SetBool service;
        service.request.data = data;
        const rosc_status status = call("rosc_call_set_bool", name, timeout, service, error);
        if (status == ROSC_OK)
            hand_over(service, success, message, size);
        return status;
    });
}
}
