#include "kafka/settings/login_check.h"

#include "kafka/settings/catalog.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <strings.h>

#define TOKEN_METHOD "sasl.oauthbearer.method"

/* Whether the property has one of two values, the second of which may be NULL. */
static bool is(const struct kafka_properties *properties, const char *name, const char *value,
               const char *other)
{
    const char *found = kafka_properties_get(properties, name);
    return found && (strcasecmp(found, value) == 0 || (other && strcasecmp(found, other) == 0));
}

static bool logs_in(const struct kafka_properties *properties)
{
    return is(properties, "security.protocol", "sasl_ssl", "sasl_plaintext");
}

/* Which of the two names of the property is set; NULL: neither. */
static const char *mechanism_name(const struct kafka_properties *properties)
{
    static const char *const names[] = {"sasl.mechanisms", "sasl.mechanism"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (kafka_properties_get(properties, names[i]))
            return names[i];
    }
    return NULL;
}

static bool has_tokens(const struct kafka_properties *properties)
{
    return is(properties, TOKEN_METHOD, "oidc", NULL) ||
           is(properties, "enable.sasl.oauthbearer.unsecure.jwt", "true", "1") ||
           kafka_properties_get(properties, "plugin.library.paths");
}

/* Who is to log in, where security.protocol says that nobody does. */
static enum error_code check_unused(const struct kafka_properties *properties, struct error *error)
{
    static const char *const names[] = {"sasl.username", "sasl.password"};
    const char *protocol = kafka_properties_get(properties, "security.protocol");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = kafka_properties_get(properties, names[i]);
        if (value && *value)
            return error_set(error, ERROR_RANGE, names[i], 0,
                             "is never used, as security.protocol is %s: for a login set that to "
                             "SASL_SSL (or SASL_PLAINTEXT), else leave this out",
                             protocol ? protocol : "plaintext, by default");
    }
    return ERROR_NONE;
}

enum error_code kafka_login_check(const struct kafka_properties *properties, struct error *error)
{
    if (!logs_in(properties))
        return check_unused(properties, error);
    const char *mechanism = mechanism_name(properties);
    if (!mechanism || !is(properties, mechanism, "OAUTHBEARER", NULL) || has_tokens(properties))
        return ERROR_NONE;
    if (kafka_catalog_scope(TOKEN_METHOD) == KAFKA_SCOPE_UNKNOWN)
        return error_set(
            error, ERROR_RANGE, mechanism, 0,
            "OAUTHBEARER has nowhere to get a token: librdkafka fetches them from 1.9 on "
            "(" TOKEN_METHOD ": oidc), this is %s: take another mechanism",
            rd_kafka_version_str());
    return error_set(error, ERROR_RANGE, mechanism, 0,
                     "OAUTHBEARER has nowhere to get a token: set " TOKEN_METHOD
                     ": oidc, and sasl.oauthbearer.token.endpoint.url, "
                     "sasl.oauthbearer.client.id and sasl.oauthbearer.client.secret");
}
