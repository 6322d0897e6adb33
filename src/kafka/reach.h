/* Whether something listens at an address: a TCP connection that is closed at once. */
#ifndef KAFKA_BRIDGE_KAFKA_REACH_H
#define KAFKA_BRIDGE_KAFKA_REACH_H

#include "base/error.h"

/* Tries every address of `host` for at most `timeout_ms` together. ERROR_IO: the text is the
 * system's reason. Any thread; does not bound the name server's own time. */
enum error_code kafka_reach(const char *host, int port, int timeout_ms,
                            struct error *error) MUST_CHECK;

#endif
