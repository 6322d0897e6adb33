/* Where the lines of librdkafka and of this room go. Set once, before the first client is made;
 * called from librdkafka's threads. */
#ifndef KAFKA_BRIDGE_KAFKA_CONNECTION_LOG_H
#define KAFKA_BRIDGE_KAFKA_CONNECTION_LOG_H

#include "base/error.h"

enum kafka_log_level { KAFKA_LOG_DEBUG, KAFKA_LOG_INFO, KAFKA_LOG_WARN, KAFKA_LOG_ERROR };

typedef void (*kafka_log_callback)(enum kafka_log_level level, const char *text, void *user);

/* NULL: stderr, as librdkafka does. */
void kafka_log_set(kafka_log_callback callback, void *user);

/* A line of this room. Any thread. */
void kafka_log_write(enum kafka_log_level level, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
