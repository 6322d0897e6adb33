#include "guard.hpp"
#include "signal.hpp"

#include <rosc/init.h>
#include <rosc/time.h>

#include <chrono>

#include <ros/time.h>

namespace
{

using namespace std::chrono;

template <typename Clock> int64_t nanoseconds_of()
{
    return duration_cast<nanoseconds>(Clock::now().time_since_epoch()).count();
}

// Where the simulated clock is read again while somebody sleeps in it.
constexpr double simulated_slice = 0.001;

bool sleep_simulated(double seconds)
{
    int64_t begin = rosc_time_now();
    const int64_t whole = static_cast<int64_t>(seconds * 1e9);
    while (rosc_ok()) {
        const int64_t now = rosc_time_now();
        if (begin == 0 || now < begin) // the clock has just begun, or the simulation was restarted
            begin = now;
        if (begin != 0 && now - begin >= whole)
            return true;
        if (!rosc::sleep_unless_shutdown(simulated_slice))
            return false;
    }
    return false;
}

} // namespace

extern "C" {

int64_t rosc_time_now(void)
{
    if (rosc::phase() != rosc::Phase::started)
        return 0;
    try {
        return static_cast<int64_t>(ros::Time::now().toNSec());
    } catch (...) {
        return 0; // roscpp's clock is not there any more
    }
}

int64_t rosc_time_wall(void)
{
    return nanoseconds_of<system_clock>();
}

int64_t rosc_time_steady(void)
{
    return nanoseconds_of<steady_clock>();
}

bool rosc_time_is_simulated(void)
{
    return rosc::phase() == rosc::Phase::started && ros::Time::isSimTime();
}

bool rosc_time_sleep(double seconds)
{
    if (rosc_time_is_simulated())
        return sleep_simulated(seconds);
    return rosc::sleep_unless_shutdown(seconds) && rosc_ok();
}
}
