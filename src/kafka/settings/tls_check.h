/* The files and texts of TLS properties, looked into before anything connects: librdkafka tells
 * only that one of them failed, when the client is made. */
#ifndef KAFKA_BRIDGE_KAFKA_SETTINGS_TLS_CHECK_H
#define KAFKA_BRIDGE_KAFKA_SETTINGS_TLS_CHECK_H

#include "base/error.h"
#include "kafka/settings/properties.h"

/* Checks that ssl.ca.location (where it is a file), ssl.certificate.location and ssl.key.location
 * or ssl.key.pem are PEM, that ssl.key.password opens the key, and that the key is the
 * certificate's. ERROR_RANGE: the path is the property, the text never holds a password or a key.
 */
enum error_code kafka_tls_check(const struct kafka_properties *properties,
                                struct error *error) MUST_CHECK;

#endif
