#include "kafka/connection/log.h"

#include "base/one_line.h"

#include <stdarg.h>
#include <stdio.h>

#define LINE_SIZE 1024

static kafka_log_callback log_callback;
static void *log_user;

void kafka_log_set(kafka_log_callback callback, void *user)
{
    log_callback = callback;
    log_user = user;
}

void kafka_log_write(enum kafka_log_level level, const char *format, ...)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    char line[LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    one_line(line);
    if (log_callback)
        log_callback(level, line, log_user);
    else
        (void)fprintf(stderr, "kafka %s: %s\n", names[level], line);
}
