#include "guard.hpp"

#include <rosc/log.h>

#include <atomic>
#include <cstdarg>
#include <cstdio>

namespace rosc
{

namespace
{
std::atomic<Phase> current{Phase::none};
} // namespace

rosc_status fail(rosc_error *error, rosc_status status, const char *format, ...) noexcept
{
    if (error != nullptr) {
        error->status = status;
        std::va_list arguments;
        va_start(arguments, format);
        (void)std::vsnprintf(error->text, sizeof error->text, format, arguments);
        va_end(arguments);
        for (char *c = error->text; *c != '\0'; c++)
            if (*c == '\n' || *c == '\r')
                *c = ' ';
    }
    return status;
}

Phase phase() noexcept
{
    return current.load();
}

void phase_set(Phase phase) noexcept
{
    current.store(phase);
}

rosc_status require(Phase least, const char *what, rosc_error *error) noexcept
{
    const Phase now = phase();
    if (now == Phase::stopped)
        return fail(error, ROSC_ERROR_STATE, "%s: called after rosc_shutdown", what);
    if (now >= least)
        return ROSC_OK;
    return fail(error, ROSC_ERROR_STATE, "%s: called before %s", what,
                least == Phase::started && now == Phase::initialized ? "rosc_start" : "rosc_init");
}

void log_swallowed(const char *what, const char *text) noexcept
{
    ROSC_LOG_ERROR("%s: %s", what, text);
}

} // namespace rosc
