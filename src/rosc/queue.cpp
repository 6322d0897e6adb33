#include "queue.hpp"

#include "guard.hpp"

#include <rosc/init.h>

#include <ros/init.h>

namespace rosc
{

ros::CallbackQueue *callbacks_of(rosc_queue *queue) noexcept
{
    return queue == nullptr ? ros::getGlobalCallbackQueue() : &queue->callbacks;
}

} // namespace rosc

extern "C" {

rosc_status rosc_queue_create(rosc_queue **queue, rosc_error *error)
{
    return rosc::guard("rosc_queue_create", error, [&] {
        const rosc_status status =
            rosc::require(rosc::Phase::initialized, "rosc_queue_create", error);
        if (status != ROSC_OK)
            return status;
        if (queue == nullptr)
            return rosc::fail(error, ROSC_ERROR_ARGUMENT,
                              "rosc_queue_create: there is no place for the queue");
        *queue = new rosc_queue;
        return ROSC_OK;
    });
}

void rosc_queue_destroy(rosc_queue *queue)
{
    rosc::guard_void("rosc_queue_destroy", [queue] { delete queue; });
}

void rosc_queue_call(rosc_queue *queue, double timeout)
{
    const rosc::Phase phase = rosc::phase();
    if (phase != rosc::Phase::initialized && phase != rosc::Phase::started)
        return;
    rosc::guard_void("rosc_queue_call", [&] {
        rosc::callbacks_of(queue)->callAvailable(ros::WallDuration(timeout > 0 ? timeout : 0));
    });
}

void rosc_queue_spin(rosc_queue *queue)
{
    constexpr double slice = 0.1; // the longest time in which a request to stop goes unnoticed
    while (rosc_ok())
        rosc_queue_call(queue, slice);
}
}
