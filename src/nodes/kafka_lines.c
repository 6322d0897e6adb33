#include "nodes/kafka_lines.h"

#include "kafka/log.h"

#include <rosc/log.h>
#include <stddef.h>

static void write_line(enum kafka_log_level level, const char *text, void *user)
{
    static const enum rosc_level levels[] = {[KAFKA_LOG_DEBUG] = ROSC_DEBUG,
                                             [KAFKA_LOG_INFO] = ROSC_INFO,
                                             [KAFKA_LOG_WARN] = ROSC_WARN,
                                             [KAFKA_LOG_ERROR] = ROSC_ERROR_LEVEL};
    (void)user;
    ROSC_LOG(levels[level], "%s", text);
}

void kafka_lines_to_ros(void)
{
    kafka_log_set(write_line, NULL);
}
