/* librdkafka properties: what the user wrote, on top of this package's defaults.
 *
 * Every property of librdkafka's CONFIGURATION is passed through verbatim. Ours differ from
 * librdkafka's defaults only where no loss asks for it; conf.c lists them with the reason,
 * and docs/configuration.md repeats them.
 */
#ifndef KAFKA_BRIDGE_KAFKA_SETTINGS_PROPERTIES_H
#define KAFKA_BRIDGE_KAFKA_SETTINGS_PROPERTIES_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct kafka_property {
    char *name;
    char *value;
};

/* An ordered set; the caller owns the struct. Later values of a name replace earlier ones. */
struct kafka_properties {
    struct kafka_property *items;
    size_t count;
};

void kafka_properties_init(struct kafka_properties *properties);
/* Wipes the values: some are passwords. */
void kafka_properties_fini(struct kafka_properties *properties);

/* Copies both texts. ERROR_MEMORY, ERROR_ARGUMENT. */
enum error_code kafka_properties_set(struct kafka_properties *properties, const char *name,
                                     const char *value) MUST_CHECK;
/* NULL where it is not set. */
const char *kafka_properties_get(const struct kafka_properties *properties, const char *name);

/* Checks one property as librdkafka would, without connecting: ERROR_UNKNOWN for a name it does not
 * have (with the nearest that it has, if one is near), ERROR_RANGE for a value it refuses, with
 * librdkafka's own words. The value of a secret is never part of the text, nor is a piece of it. */
enum error_code kafka_property_check(const char *name, const char *value,
                                     struct error *error) MUST_CHECK;

/* Whether a property's value must not be seen: passwords, private keys, SASL and OAuth secrets. */
bool kafka_property_is_secret(const char *name);

#endif
