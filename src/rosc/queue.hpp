// Callback queues.
#ifndef ROSC_QUEUE_HPP
#define ROSC_QUEUE_HPP

#include <rosc/queue.h>

#include <ros/callback_queue.h>

struct rosc_queue {
    ros::CallbackQueue callbacks;
};

namespace rosc
{

// roscpp's queue behind `queue`; the global one where it is NULL (which is there from rosc_init
// on).
ros::CallbackQueue *callbacks_of(rosc_queue *queue) noexcept;

} // namespace rosc

#endif
