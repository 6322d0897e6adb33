// The border between C++ and C: exceptions become statuses, and calls are let in only in the states
// that they are made for.
#ifndef ROSC_GUARD_HPP
#define ROSC_GUARD_HPP

#include <rosc/error.h>

#include <exception>
#include <new>

#include <ros/exceptions.h>

namespace rosc
{

// Fills `error` (may be NULL) and returns `status`.
rosc_status fail(rosc_error *error, rosc_status status, const char *format, ...) noexcept
    ROSC_PRINTF_LIKE(3, 4);

// What the process has done of rosc_init, rosc_start, rosc_shutdown. Only ever goes up.
enum class Phase { none, initialized, started, stopped };
Phase phase() noexcept;
void phase_set(Phase phase) noexcept;

// ROSC_OK in the phases `least`..started, else ROSC_ERROR_STATE with the reason.
rosc_status require(Phase least, const char *what, rosc_error *error) noexcept;

// Runs `body` (a callable that returns a rosc_status) for the public function `what`. Nothing it
// throws gets out.
template <typename Body>
rosc_status guard(const char *what, rosc_error *error, Body &&body) noexcept
{
    try {
        return body();
    } catch (const ros::InvalidNameException &e) {
        return fail(error, ROSC_ERROR_NAME, "%s: %s", what, e.what());
    } catch (const std::bad_alloc &) {
        return fail(error, ROSC_ERROR_MEMORY, "%s: out of memory", what);
    } catch (const std::exception &e) {
        return fail(error, ROSC_ERROR_ROS, "%s: roscpp says: %s", what, e.what());
    } catch (...) {
        return fail(error, ROSC_ERROR_ROS, "%s: roscpp threw something that has no text", what);
    }
}

// The same for functions that have no status to return: the fault is logged and `otherwise` is
// returned.
void log_swallowed(const char *what, const char *text) noexcept;
template <typename Result, typename Body>
Result guard_value(const char *what, Result otherwise, Body &&body) noexcept
{
    try {
        return body();
    } catch (const std::exception &e) {
        log_swallowed(what, e.what());
    } catch (...) {
        log_swallowed(what, "an exception that has no text");
    }
    return otherwise;
}
template <typename Body> void guard_void(const char *what, Body &&body) noexcept
{
    (void)guard_value(what, 0, [&body] {
        body();
        return 0;
    });
}

} // namespace rosc

#endif
