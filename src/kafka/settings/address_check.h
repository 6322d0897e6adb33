/* bootstrap.servers, looked into before anything connects: librdkafka leaves out the addresses that
 * it cannot read, with no more than a line in its log, and then waits for ever. */
#ifndef KAFKA_BRIDGE_KAFKA_SETTINGS_ADDRESS_CHECK_H
#define KAFKA_BRIDGE_KAFKA_SETTINGS_ADDRESS_CHECK_H

#include "base/error.h"
#include "kafka/settings/properties.h"

/* Checks of addresses that kafka_property_check has taken that they are parted by ',' and name no
 * protocol, or that which security.protocol says. ERROR_RANGE: the path is the property. */
enum error_code kafka_address_check(const struct kafka_properties *properties,
                                    struct error *error) MUST_CHECK;

#endif
