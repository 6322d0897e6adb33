/* Whether something listens at an address: a TCP connection that is closed at once. */
#ifndef KAFKA_BRIDGE_KAFKA_PRODUCER_ADDRESS_PROBE_H
#define KAFKA_BRIDGE_KAFKA_PRODUCER_ADDRESS_PROBE_H

#include "base/error.h"

/* Tries every address of `host` for at most `timeout_ms` together. ERROR_IO: the text is the
 * system's reason. Any thread; does not bound the name server's own time. */
enum error_code kafka_probe_address(const char *host, int port, int timeout_ms,
                                    struct error *error) MUST_CHECK;

#endif
