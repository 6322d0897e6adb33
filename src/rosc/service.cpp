#include "gate.hpp"
#include "guard.hpp"
#include "master_probe.hpp"
#include "name.hpp"
#include "queue.hpp"

#include <rosc/service.h>

#include <memory>
#include <string>

#include <ros/advertise_service_options.h>
#include <ros/master.h>
#include <ros/service_manager.h>
#include <ros/service_publication.h>
#include <std_srvs/Empty.h>
#include <std_srvs/SetBool.h>
#include <std_srvs/Trigger.h>

struct rosc_service {
    std::string name;
    std::shared_ptr<rosc::Gate> gate;
};

namespace
{

using rosc::fail;

constexpr size_t message_size = 1024; // what a callback has room for
constexpr double patience = 10;       // seconds, of a master that does not answer

// Advertises `Service` under `name`; `run` answers a request, behind the gate.
template <typename Service, typename Run>
rosc_status create(const char *what, rosc_queue *queue, const char *name, bool has_callback,
                   const Run &run, rosc_service **service, rosc_error *error)
{
    rosc_status status = rosc::require(rosc::Phase::started, what, error);
    if (status != ROSC_OK)
        return status;
    if (!has_callback || service == nullptr)
        return fail(error, ROSC_ERROR_ARGUMENT, "%s: the callback or the result's place is NULL",
                    what);
    std::unique_ptr<rosc_service> made(new rosc_service);
    status = rosc::resolve(what, name, made->name, error);
    if (status != ROSC_OK)
        return status;
    // roscpp does not say whether the registration went well.
    if (!rosc::master_answers_within(patience))
        return fail(error, ROSC_ERROR_MASTER, "%s: %s: the master at %s does not answer", what,
                    made->name.c_str(), ros::master::getURI().c_str());
    made->gate = std::make_shared<rosc::Gate>();
    const boost::function<bool(typename Service::Request &, typename Service::Response &)> answer =
        [gate = made->gate, run](typename Service::Request &request,
                                 typename Service::Response &response) {
            return gate->pass([&] { run(request, response); });
        };
    ros::AdvertiseServiceOptions options;
    options.init<typename Service::Request, typename Service::Response>(made->name, answer);
    options.callback_queue = rosc::callbacks_of(queue);
    // Not through a node handle, which would apply remappings a second time.
    if (!ros::ServiceManager::instance()->advertiseService(options))
        return fail(error, ROSC_ERROR_TYPE, "%s: this node offers the service %s already", what,
                    made->name.c_str());
    *service = made.release();
    return ROSC_OK;
}

} // namespace

extern "C" {

rosc_status rosc_service_create_empty(rosc_queue *queue, const char *name,
                                      rosc_empty_callback callback, void *user,
                                      rosc_service **service, rosc_error *error)
{
    static const char what[] = "rosc_service_create_empty";
    return rosc::guard(what, error, [&] {
        const auto run = [callback, user](std_srvs::Empty::Request &, std_srvs::Empty::Response &) {
            callback(user);
        };
        return create<std_srvs::Empty>(what, queue, name, callback != nullptr, run, service, error);
    });
}

rosc_status rosc_service_create_trigger(rosc_queue *queue, const char *name,
                                        rosc_trigger_callback callback, void *user,
                                        rosc_service **service, rosc_error *error)
{
    static const char what[] = "rosc_service_create_trigger";
    return rosc::guard(what, error, [&] {
        const auto run = [callback, user](std_srvs::Trigger::Request &,
                                          std_srvs::Trigger::Response &response) {
            char message[message_size] = "";
            response.success = callback(message, sizeof message, user);
            response.message = message;
        };
        return create<std_srvs::Trigger>(what, queue, name, callback != nullptr, run, service,
                                         error);
    });
}

rosc_status rosc_service_create_set_bool(rosc_queue *queue, const char *name,
                                         rosc_set_bool_callback callback, void *user,
                                         rosc_service **service, rosc_error *error)
{
    static const char what[] = "rosc_service_create_set_bool";
    return rosc::guard(what, error, [&] {
        const auto run = [callback, user](std_srvs::SetBool::Request &request,
                                          std_srvs::SetBool::Response &response) {
            char message[message_size] = "";
            response.success = callback(request.data != 0, message, sizeof message, user);
            response.message = message;
        };
        return create<std_srvs::SetBool>(what, queue, name, callback != nullptr, run, service,
                                         error);
    });
}

void rosc_service_destroy(rosc_service *service)
{
    if (service == nullptr)
        return;
    rosc::guard_void("rosc_service_destroy", [service] {
        const std::unique_ptr<rosc_service> owned(service);
        owned->gate->shut();
        ros::ServiceManager::instance()->unadvertiseService(owned->name);
    });
}
}
