/* rosc: logging through rosconsole, so that levels, files and /rosout work as for any ROS node.
 * Any thread, also before rosc_init. After rosc_shutdown rosconsole is closed: lines of ROSC_INFO
 * and above then go to stdout, of ROSC_WARN and above to stderr, in its format. */
#ifndef ROSC_LOG_H
#define ROSC_LOG_H

#include <rosc/error.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum rosc_level { ROSC_DEBUG, ROSC_INFO, ROSC_WARN, ROSC_ERROR_LEVEL, ROSC_FATAL };

/* Names the logger of all later lines "ros.<package>"; without it, the package is the one that
 * rosc was built in. The text is copied. From main, before the first line; later it does nothing.
 */
ROSC_EXPORT void rosc_log_set_package(const char *package);

/* One line to the logger "ros.<package>"; `file`, `line`, `function` are where it came from. Use
 * the macros. */
ROSC_EXPORT void rosc_log(enum rosc_level level, const char *file, int line, const char *function,
                          const char *format, ...) ROSC_PRINTF_LIKE(5, 6);

/* Whether a line of that level would be written; follows the node's set_logger_level service. */
ROSC_EXPORT bool rosc_log_enabled(enum rosc_level level);

/* The state of one throttled place; static storage, zero at first. */
struct rosc_throttle {
    int64_t next;        /* nanoseconds of the monotonic clock; managed by rosc */
    uint64_t suppressed; /* lines not written since the last that was */
};

/* True where a line may be written now: at most one per `seconds`. `*suppressed` (may be NULL) gets
 * how many were held back since. Several threads may share one `throttle`. */
ROSC_EXPORT bool rosc_throttle_pass(struct rosc_throttle *throttle, double seconds,
                                    uint64_t *suppressed);

#define ROSC_LOG(level, ...) rosc_log((level), __FILE__, __LINE__, __func__, __VA_ARGS__)
#define ROSC_LOG_DEBUG(...)                                                                        \
    do {                                                                                           \
        if (rosc_log_enabled(ROSC_DEBUG))                                                          \
            ROSC_LOG(ROSC_DEBUG, __VA_ARGS__);                                                     \
    } while (0)
#define ROSC_LOG_INFO(...)  ROSC_LOG(ROSC_INFO, __VA_ARGS__)
#define ROSC_LOG_WARN(...)  ROSC_LOG(ROSC_WARN, __VA_ARGS__)
#define ROSC_LOG_ERROR(...) ROSC_LOG(ROSC_ERROR_LEVEL, __VA_ARGS__)
#define ROSC_LOG_FATAL(...) ROSC_LOG(ROSC_FATAL, __VA_ARGS__)
#define ROSC_LOG_THROTTLE(seconds, level, ...)                                                     \
    do {                                                                                           \
        static struct rosc_throttle rosc_throttle_here;                                            \
        if (rosc_throttle_pass(&rosc_throttle_here, (seconds), NULL))                              \
            ROSC_LOG((level), __VA_ARGS__);                                                        \
    } while (0)

#ifdef __cplusplus
}
#endif

#endif
