#include "gate.hpp"
#include "guard.hpp"
#include "queue.hpp"

#include <rosc/time.h>
#include <rosc/timer.h>

#include <limits>
#include <memory>

#include <ros/node_handle.h>

namespace
{

using rosc::fail;

constexpr char timer_what[] = "rosc_timer_create";
constexpr double period_max = std::numeric_limits<int32_t>::max(); // ros::Duration's seconds

struct Call {
    rosc_timer_callback callback;
    void *user;
    rosc::Gate gate;

    Call(rosc_timer_callback called, void *with) : callback(called), user(with) {}

    void run(int64_t expected, int64_t real)
    {
        (void)gate.pass([&] {
            const rosc_timer_event event = {expected, real};
            callback(&event, user);
        });
    }
};

} // namespace

struct rosc_timer {
    std::shared_ptr<Call> call; // shared with roscpp
    ros::Timer in_ros_time;
    ros::SteadyTimer in_wall_time;
};

namespace
{

ros::Timer start_in_ros_time(const std::shared_ptr<Call> &call, ros::CallbackQueue *queue,
                             double period, bool oneshot)
{
    const ros::TimerCallback callback = [call](const ros::TimerEvent &event) {
        call->run(static_cast<int64_t>(event.current_expected.toNSec()),
                  static_cast<int64_t>(event.current_real.toNSec()));
    };
    ros::TimerOptions options(ros::Duration(period), callback, queue, oneshot);
    return ros::NodeHandle().createTimer(options);
}

// On roscpp's steady timer, since its wall timer stands still where the clock is set back; the
// times that it reports are turned into wall time.
ros::SteadyTimer start_in_wall_time(const std::shared_ptr<Call> &call, ros::CallbackQueue *queue,
                                    double period, bool oneshot)
{
    const ros::SteadyTimerCallback callback = [call](const ros::SteadyTimerEvent &event) {
        const int64_t real = rosc_time_wall();
        call->run(real - (event.current_real - event.current_expected).toNSec(), real);
    };
    ros::SteadyTimerOptions options(ros::WallDuration(period), callback, queue, oneshot);
    return ros::NodeHandle().createSteadyTimer(options);
}

rosc_status create(rosc_queue *queue, rosc_clock clock, double period, bool oneshot,
                   rosc_timer_callback callback, void *user, rosc_timer **timer, rosc_error *error)
{
    const rosc_status status = rosc::require(rosc::Phase::started, timer_what, error);
    if (status != ROSC_OK)
        return status;
    if (callback == nullptr || timer == nullptr)
        return fail(error, ROSC_ERROR_ARGUMENT, "%s: the callback or the result's place is NULL",
                    timer_what);
    if (!(period > 0 && period <= period_max))
        return fail(error, ROSC_ERROR_ARGUMENT,
                    "%s: the period is %g s; it must be above 0 and at most %g", timer_what, period,
                    period_max);
    std::unique_ptr<rosc_timer> made(new rosc_timer);
    made->call = std::make_shared<Call>(callback, user);
    if (clock == ROSC_CLOCK_ROS)
        made->in_ros_time =
            start_in_ros_time(made->call, rosc::callbacks_of(queue), period, oneshot);
    else
        made->in_wall_time =
            start_in_wall_time(made->call, rosc::callbacks_of(queue), period, oneshot);
    *timer = made.release();
    return ROSC_OK;
}

} // namespace

extern "C" {

rosc_status rosc_timer_create(rosc_queue *queue, rosc_clock clock, double period, bool oneshot,
                              rosc_timer_callback callback, void *user, rosc_timer **timer,
                              rosc_error *error)
{
    return rosc::guard(timer_what, error, [&] {
        return create(queue, clock, period, oneshot, callback, user, timer, error);
    });
}

void rosc_timer_destroy(rosc_timer *timer)
{
    if (timer == nullptr)
        return;
    rosc::guard_void("rosc_timer_destroy", [timer] {
        const std::unique_ptr<rosc_timer> owned(timer);
        owned->call->gate.shut();
    });
}
}
