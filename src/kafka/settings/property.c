/* One property on its own: is it known, is its value taken, may it be printed. */
#include "kafka/settings/catalog.h"
#include "kafka/settings/properties.h"

#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 6 /* bytes of a secret that may not be seen in words about it */

bool kafka_property_is_secret(const char *name)
{
    static const char *const words[] = {"password", "passphrase", "secret", "jaas",
                                        "key.pem",  "ssl_key",    "token",  "oauthbearer.config"};
    if (strstr(name, ".url"))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strstr(name, words[i]))
            return true;
    }
    return false;
}

/* Whether `words` show `value`, or a piece of one that was cut. */
static bool gives_away(const char *words, const char *value)
{
    size_t length = strlen(value);
    size_t piece = length < PIECE ? length : PIECE;
    for (size_t i = 0; length > 0 && i <= length - piece; i++) {
        if (memmem(words, strlen(words), value + i, piece))
            return true;
    }
    return false;
}

/* Properties that take a C function or object, or that librdkafka keeps for itself. */
static bool is_for_code(const char *name)
{
    static const char *const names[] = {"opaque",         "default_topic_conf",      "interceptors",
                                        "enabled_events", "ssl_certificate",         "ssl_key",
                                        "ssl_ca",         "ssl_engine_callback_data"};
    size_t length = strlen(name);
    if (length > 3 && strcmp(name + length - 3, "_cb") == 0)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

/* Properties with which a promise of this package could not be kept. */
static const char *why_refused(const char *name, const char *value)
{
    bool off = strcmp(value, "false") == 0 || strcmp(value, "f") == 0 || strcmp(value, "0") == 0;
    if (strcmp(name, "enable.auto.offset.store") == 0 && !off)
        return "must stay false: an offset is stored once its record was dealt with, else records "
               "are lost at a restart";
    if (strcmp(name, "delivery.report.only.error") == 0 && !off)
        return "must stay false: the delivery of every record is counted";
    bool acks = strcmp(name, "acks") == 0 || strcmp(name, "request.required.acks") == 0;
    if (acks && value[0] != '\0' && strspn(value, "0xX+- ") == strlen(value))
        return "must not be 0: nothing would be acknowledged, and what a broker loses would count "
               "as "
               "delivered; leave it out (all)";
    if (strcmp(name, "transactional.id") == 0 && value[0] != '\0')
        return "cannot be set: `delivery: exactly_once` opens transactions, with an id of the "
               "robot's; leave it out";
    if (strcmp(name, "group.id") == 0 && value[0] == '\0')
        return "is empty: give the group's name, or leave it out";
    if (strcmp(name, "log.queue") == 0 && !off)
        return "must stay false: librdkafka's lines would be kept and never read";
    if (strcmp(name, "internal.termination.signal") == 0 && !off)
        return "must stay 0: librdkafka would send this signal to the node as it ends";
    return NULL;
}

/* "host", "host:port", "[::1]:port", each with an optional "protocol://". */
static bool is_address(const char *text, size_t length)
{
    const char *end = text + length;
    const char *scheme = memmem(text, length, "://", 3);
    const char *host = scheme ? scheme + 3 : text;
    const char *close = memchr(host, ']', (size_t)(end - host));
    const char *colon = memchr(close ? close : host, ':', (size_t)(end - (close ? close : host)));
    if (colon == host || host == end)
        return false;
    if (!colon)
        return true;
    unsigned long port = 0;
    for (const char *digit = colon + 1; digit < end; digit++) {
        if (*digit < '0' || *digit > '9' || port > UINT16_MAX)
            return false;
        port = port * 10 + (unsigned long)(*digit - '0');
    }
    return port > 0 && port <= UINT16_MAX;
}

static enum error_code check_addresses(const char *name, const char *value, struct error *error)
{
    if (strspn(value, " ,") == strlen(value))
        return error_set(error, ERROR_RANGE, name, 0,
                         "is empty: give the brokers' addresses, host:port, separated by commas");
    for (const char *item = value; *item;) {
        item += strspn(item, " ,");
        size_t length = strcspn(item, " ,");
        if (length > 0 && !is_address(item, length))
            return error_set(error, ERROR_RANGE, name, (size_t)(item - value),
                             "\"%.*s\" is not an address of the form host:port with a port from 1 "
                             "to 65535",
                             (int)length, item);
        item += length;
    }
    return ERROR_NONE;
}

static enum error_code unknown(const char *name, struct error *error)
{
    const char *nearest = kafka_catalog_nearest(name);
    if (nearest)
        return error_set(error, ERROR_UNKNOWN, name, 0,
                         "librdkafka %s has no property \"%s\"; did you mean \"%s\"?",
                         rd_kafka_version_str(), name, nearest);
    return error_set(error, ERROR_UNKNOWN, name, 0,
                     "librdkafka %s has no property \"%s\"; see its CONFIGURATION.md",
                     rd_kafka_version_str(), name);
}

enum error_code kafka_property_check(const char *name, const char *value, struct error *error)
{
    if (!name || !value)
        return error_set(error, ERROR_ARGUMENT, name, 0, "a property has a name and a value");
    if (is_for_code(name))
        return error_set(error, ERROR_RANGE, name, 0,
                         "takes a function of a program: it cannot be set in a configuration");
    const char *refused = why_refused(name, value);
    if (refused)
        return error_set(error, ERROR_RANGE, name, 0, "%s", refused);
    if (strcmp(name, "bootstrap.servers") == 0 || strcmp(name, "metadata.broker.list") == 0) {
        enum error_code code = check_addresses(name, value, error);
        if (code != ERROR_NONE)
            return code;
    }
    char words[ERROR_TEXT_SIZE] = "";
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_res_t result = rd_kafka_conf_set(conf, name, value, words, sizeof words);
    rd_kafka_conf_destroy(conf);
    if (result == RD_KAFKA_CONF_OK)
        return ERROR_NONE;
    if (result == RD_KAFKA_CONF_UNKNOWN)
        return unknown(name, error);
    if (kafka_property_is_secret(name))
        return error_set(error, ERROR_RANGE, name, 0, "%s",
                         gives_away(words, value) ? "the value is refused" : words);
    return error_set(error, ERROR_RANGE, name, 0, "\"%s\": %s", value, words);
}
