#include "kafka/settings/conf.h"

#include "kafka/settings/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct setting {
    const char *name;
    const char *value;
};

/* Where this package differs from librdkafka's own defaults, and why. docs/configuration.md
 * repeats these. A user's property replaces them. */
static const struct setting both_defaults[] = {
    {"client.id", "kafka_bridge"}, /* so that the broker's logs and quotas name us */
    /* A robot's link dies without a word: let the kernel find out. */
    {"socket.keepalive.enable", "true"},
    /* A certificate of another host is refused; librdkafka before 2.0 takes any. */
    {"ssl.endpoint.identification.algorithm", "https"},
    /* A broker that is back is found within two seconds, not ten. */
    {"reconnect.backoff.max.ms", "2000"},
};

static const struct setting producer_defaults[] = {
    {"enable.idempotence", "true"}, /* no duplicate and no change of order after a retry */
    {"acks", "all"},                /* delivered means: on every in-sync replica */
    {"message.timeout.ms", "0"},    /* an outage of any length is waited out */
    {"linger.ms", "5"},             /* full batches at high rates, not felt at low ones */
    {"compression.codec", "lz4"},   /* JSON shrinks to a fraction for 1.5 us a record */
    /* The queue is bounded by bytes, which is what a robot runs out of. */
    {"queue.buffering.max.kbytes", "262144"},
    {"queue.buffering.max.messages", "1000000"},
};

static const struct setting consumer_defaults[] = {
    /* An offset is stored once its message has left the process (kafka_consumer_store). */
    {"enable.auto.offset.store", "false"},
    /* What is read again after a crash is at most what one second brought. */
    {"auto.commit.interval.ms", "1000"},
    /* A group that is new starts at the beginning: nothing is passed over. */
    {"auto.offset.reset", "earliest"},
    /* A topic that appears later is found after a second, not 5 minutes. */
    {"topic.metadata.refresh.interval.ms", "1000"},
    /* A partition that has come, or is not paused any more, waits for the request that the broker
     * holds for all others: no longer than this. */
    {"fetch.wait.max.ms", "100"},
};

enum error_code kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value,
                               struct error *error)
{
    char words[ERROR_TEXT_SIZE] = "";
    if (rd_kafka_conf_set(conf, name, value, words, sizeof words) == RD_KAFKA_CONF_OK)
        return ERROR_NONE;
    return error_set(error, ERROR_RANGE, name, 0, "%s", words);
}

static enum error_code set_all(rd_kafka_conf_t *conf, const struct setting *settings, size_t count,
                               struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        enum error_code code = kafka_conf_set(conf, settings[i].name, settings[i].value, error);
        if (code != ERROR_NONE)
            return code;
    }
    return ERROR_NONE;
}

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static enum error_code set_defaults(rd_kafka_conf_t *conf, enum kafka_role role,
                                    struct error *error)
{
    enum error_code code = set_all(conf, both_defaults, COUNT_OF(both_defaults), error);
    if (code != ERROR_NONE)
        return code;
    if (role == KAFKA_ROLE_PRODUCER)
        return set_all(conf, producer_defaults, COUNT_OF(producer_defaults), error);
    return set_all(conf, consumer_defaults, COUNT_OF(consumer_defaults), error);
}

/* One section of properties serves both nodes: a property of the other role is no mistake, and
 * librdkafka would warn of it at each start. */
static bool is_for_role(const char *name, enum kafka_role role)
{
    enum kafka_scope scope = kafka_catalog_scope(name);
    if (scope == KAFKA_SCOPE_PRODUCER)
        return role == KAFKA_ROLE_PRODUCER;
    if (scope == KAFKA_SCOPE_CONSUMER)
        return role == KAFKA_ROLE_CONSUMER;
    return true;
}

static enum error_code set_user(rd_kafka_conf_t *conf, enum kafka_role role,
                                const struct kafka_properties *properties, struct error *error)
{
    for (size_t i = 0; i < properties->count; i++) {
        const char *name = properties->items[i].name;
        const char *value = properties->items[i].value;
        enum error_code code = kafka_property_check(name, value, error);
        if (code == ERROR_NONE && is_for_role(name, role))
            code = kafka_conf_set(conf, name, value, error);
        if (code != ERROR_NONE)
            return code;
    }
    return ERROR_NONE;
}

const char *kafka_conf_bootstrap(const struct kafka_properties *properties)
{
    const char *servers = kafka_properties_get(properties, "bootstrap.servers");
    return servers ? servers : kafka_properties_get(properties, "metadata.broker.list");
}

enum error_code kafka_conf_create(enum kafka_role role, const struct kafka_properties *properties,
                                  rd_kafka_conf_t **conf, struct error *error)
{
    if (!kafka_conf_bootstrap(properties))
        return error_set(error, ERROR_MISSING, "bootstrap.servers", 0,
                         "is not set: give the brokers' addresses, host:port, separated by commas");
    rd_kafka_conf_t *made = rd_kafka_conf_new();
    enum error_code code = set_defaults(made, role, error);
    if (code == ERROR_NONE)
        code = set_user(made, role, properties, error);
    if (code != ERROR_NONE) {
        rd_kafka_conf_destroy(made);
        return code;
    }
    *conf = made;
    return ERROR_NONE;
}

enum error_code kafka_conf_bound_batch(rd_kafka_conf_t *conf, size_t bytes, struct error *error)
{
    static const char name[] = "batch.size";
    if (bytes == 0)
        return ERROR_NONE;
    if (kafka_catalog_scope(name) == KAFKA_SCOPE_UNKNOWN)
        return kafka_conf_set(conf, "batch.num.messages", "1", error);
    char value[32] = "";
    size_t size = sizeof value;
    if (rd_kafka_conf_get(conf, name, value, &size) == RD_KAFKA_CONF_OK &&
        strtoull(value, NULL, 10) <= bytes)
        return ERROR_NONE;
    (void)snprintf(value, sizeof value, "%zu", bytes);
    return kafka_conf_set(conf, name, value, error);
}

enum error_code kafka_conf_await_topics(rd_kafka_conf_t *conf,
                                        const struct kafka_properties *properties, int missing_ms,
                                        struct error *error)
{
    static const char name[] = "topic.metadata.propagation.max.ms";
    char value[16];
    if (kafka_properties_get(properties, name) || kafka_catalog_scope(name) == KAFKA_SCOPE_UNKNOWN)
        return ERROR_NONE;
    (void)snprintf(value, sizeof value, "%d", missing_ms);
    return kafka_conf_set(conf, name, value, error);
}

/* librdkafka would wait for an answer as long as the whole transaction may last; it may not be
 * more than that. */
static enum error_code shorten_socket_timeout(rd_kafka_conf_t *conf, struct error *error)
{
    static const char usual[] = "10000";
    char value[32] = "";
    size_t size = sizeof value;
    bool shorter =
        rd_kafka_conf_get(conf, "transaction.timeout.ms", value, &size) == RD_KAFKA_CONF_OK &&
        strtol(value, NULL, 10) < strtol(usual, NULL, 10);
    return kafka_conf_set(conf, "socket.timeout.ms", shorter ? value : usual, error);
}

enum error_code kafka_conf_make_transactional(rd_kafka_conf_t *conf,
                                              const struct kafka_properties *properties,
                                              const char *id, struct error *error)
{
    static const char name[] = "transactional.id";
    static const char idempotence[] = "enable.idempotence";
    if (kafka_catalog_scope(name) == KAFKA_SCOPE_UNKNOWN)
        return error_set(error, ERROR_UNKNOWN, name, 0,
                         "exactly-once needs librdkafka 1.4 or newer; this is %s",
                         rd_kafka_version_str());
    char value[8] = "";
    size_t size = sizeof value;
    if (rd_kafka_conf_get(conf, idempotence, value, &size) == RD_KAFKA_CONF_OK &&
        strcmp(value, "false") == 0)
        return error_set(error, ERROR_RANGE, idempotence, 0,
                         "exactly-once is not possible without it: leave it out, or set true");
    enum error_code code = kafka_conf_set(conf, name, id, error);
    if (code == ERROR_NONE && !kafka_properties_get(properties, "socket.timeout.ms"))
        code = shorten_socket_timeout(conf, error);
    return code;
}
