#include "kafka/connection/events.h"

#include "kafka/connection/fatal.h"
#include "kafka/connection/log.h"
#include "kafka/connection/producer_id.h"
#include "kafka/settings/conf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define PROBE_INTERVAL_MS 1000
#define PATIENCE_MIN_MS   100
#define PATIENCE_MAX_MS   1500
#define SETTLING_MS       30000 /* librdkafka's default */
#define SILENCE_MS        10000 /* of a broker that is connected: it does not answer */
#define ADDRESS_SIZE      256

enum error_code kafka_events_init(struct kafka_events *events, const char *client,
                                  const struct kafka_properties *properties, void *owner)
{
    const char *bootstrap = kafka_conf_bootstrap(properties);
    const char *settling = kafka_properties_get(properties, "topic.metadata.propagation.max.ms");
    *events =
        (struct kafka_events){.owner = owner,
                              .client = client,
                              .bootstrap = strdup(bootstrap ? bootstrap : ""),
                              .settling_ms = settling ? strtoll(settling, NULL, 10) : SETTLING_MS,
                              .patience_ms = PATIENCE_MIN_MS};
    if (!events->bootstrap)
        return ERROR_MEMORY;
    if (kafka_connect_errors_init(&events->refusal, properties) != ERROR_NONE) {
        free(events->bootstrap);
        return ERROR_MEMORY;
    }
    kafka_introduction_init(&events->introduction, properties);
    (void)pthread_mutex_init(&events->mutex, NULL);
    return ERROR_NONE;
}

void kafka_events_fini(struct kafka_events *events)
{
    free(events->bootstrap);
    kafka_connect_errors_fini(&events->refusal);
    (void)pthread_mutex_destroy(&events->mutex);
}

static enum kafka_log_level log_level(int level)
{
    if (level <= LOG_ERR)
        return KAFKA_LOG_ERROR;
    if (level == LOG_WARNING)
        return KAFKA_LOG_WARN;
    return level == LOG_DEBUG ? KAFKA_LOG_DEBUG : KAFKA_LOG_INFO;
}

static bool admit(struct kafka_events *events, const char *kind, uint64_t *held_back)
{
    (void)pthread_mutex_lock(&events->mutex);
    bool admitted = kafka_flood_admit(&events->flood, kind, kafka_now_ms(), held_back);
    (void)pthread_mutex_unlock(&events->mutex);
    return admitted;
}

bool kafka_events_admit(struct kafka_events *events, const char *kind)
{
    uint64_t held_back;
    return admit(events, kind, &held_back);
}

static void write_line(struct kafka_events *events, int level, const char *kind, const char *text)
{
    uint64_t held_back;
    if (!admit(events, kind, &held_back))
        return;
    if (held_back > 0)
        kafka_log_write(log_level(level), "%s: %s (%llu more like this in between)", events->client,
                        text, (unsigned long long)held_back);
    else
        kafka_log_write(log_level(level), "%s: %s", events->client, text);
}

void kafka_events_say(struct kafka_events *events, int level, const char *format, ...)
{
    char text[2 * ERROR_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    write_line(events, level, text, text);
}

/* With debug: conf librdkafka lists every property; its old versions list passwords too. */
static bool shows_secret(const char *facility, const char *text)
{
    return strcmp(facility, "CONF") == 0 && kafka_property_is_secret(text) && strstr(text, " = ");
}

static void on_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    struct kafka_events *events = rd_kafka_opaque(client);
    if (events->hear && kafka_producer_id_is_lost(facility, text))
        events->hear(events->owner, facility, text);
    if (level == LOG_DEBUG) { /* asked for with `debug`: all of it */
        if (!shows_secret(facility, text))
            kafka_log_write(KAFKA_LOG_DEBUG, "%s: %s: %s", events->client, facility, text);
        return;
    }
    if (events->hear)
        events->hear(events->owner, facility, text);
    /* These come as error events too, which tell more, or are told by who ends a transaction. */
    static const char *const told[] = {"FAIL", "ERROR", "FATAL", "SSLCERTVRFY", "TXNERR"};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        if (strcmp(facility, told[i]) == 0)
            return;
    }
    /* The first request to a broker: that it failed comes as an error, and tells more. */
    if (strcmp(facility, "REQTMOUT") == 0 &&
        (strstr(text, "ApiVersionRequest") || strstr(text, "/bootstrap: Timed out"))) {
        kafka_log_write(KAFKA_LOG_DEBUG, "%s: %s: %s", events->client, facility, text);
        return;
    }
    /* A broker that has just started is busy with its own topics, and is asked again at once. */
    bool passing = strcmp(facility, "GETPID") == 0 && strstr(text, "retrying");
    kafka_events_say(events, passing ? LOG_INFO : level, "%s: %s", facility, text);
}

/* Takes "GroupCoordinator: host:9092: Connect to ..." apart, as `parse` does: a group's coordinator
 * is known only by what the broker advertises. */
static const char *parse_coordinator(const char *text, char address[ADDRESS_SIZE])
{
    static const char role[] = "GroupCoordinator: ";
    if (strncmp(text, role, strlen(role)) != 0)
        return NULL;
    const char *begin = text + strlen(role);
    const char *end = strstr(begin, ": ");
    if (!end || (size_t)(end - begin) >= ADDRESS_SIZE)
        return NULL;
    memcpy(address, begin, (size_t)(end - begin));
    address[end - begin] = '\0';
    return end + 2;
}

/* Takes "ssl://host:9092/1: Connect to ... failed: Connection refused (after 1ms in state CONNECT)"
 * apart: `address` host:port, `advertised` where the broker has a number, else it is the bootstrap
 * one; what is left begins at the returned place. NULL: another form. */
static const char *parse(const char *text, char address[ADDRESS_SIZE], bool *advertised)
{
    const char *coordinator = parse_coordinator(text, address);
    if (coordinator) {
        *advertised = true;
        return coordinator;
    }
    const char *scheme = strstr(text, "://");
    const char *begin = scheme && scheme < strchr(text, ' ') ? scheme + 3 : text;
    const char *slash = strchr(begin, '/');
    const char *colon = slash ? strstr(slash, ": ") : NULL;
    if (!colon || (size_t)(slash - begin) >= ADDRESS_SIZE ||
        memchr(text, ' ', (size_t)(slash - text)))
        return NULL;
    memcpy(address, begin, (size_t)(slash - begin));
    address[slash - begin] = '\0';
    *advertised = strspn(slash + 1, "0123456789") == (size_t)(colon - slash - 1);
    return colon + 2;
}

static bool is_bootstrap(const struct kafka_events *events, const char *address)
{
    size_t length = strlen(address);
    for (const char *at = strstr(events->bootstrap, address); at; at = strstr(at + 1, address)) {
        bool begins = at == events->bootstrap || strchr(", /", at[-1]);
        bool ends = at[length] == '\0' || strchr(", ", at[length]);
        if (begins && ends)
            return true;
    }
    return false;
}

static void begin_trouble(struct kafka_events *events, enum kafka_trouble trouble)
{
    (void)pthread_mutex_lock(&events->mutex);
    if (atomic_load(&events->trouble) == KAFKA_TROUBLE_NONE)
        events->since = kafka_now_ms();
    atomic_store(&events->trouble, (int)trouble);
    (void)pthread_mutex_unlock(&events->mutex);
}

/* Without librdkafka's "(after 0ms in state CONNECT, 3 identical error(s) suppressed)". */
static void copy_reason(const char *text, char *reason, size_t size)
{
    const char *after = strstr(text, " (after ");
    size_t length = after ? (size_t)(after - text) : strlen(text);
    (void)snprintf(reason, size, "%.*s", (int)length, text);
}

static const char *advice(rd_kafka_resp_err_t reason)
{
    switch (reason) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
        return "; look at security.protocol, sasl.mechanisms, sasl.username and sasl.password";
    case RD_KAFKA_RESP_ERR__SSL:
        return "; look at security.protocol and ssl.ca.location";
    case RD_KAFKA_RESP_ERR__RESOLVE:
        return "; look at bootstrap.servers";
    case RD_KAFKA_RESP_ERR__BAD_MSG:
        return "; what answers there does not speak Kafka as it is spoken to: look at "
               "bootstrap.servers and security.protocol";
    default:
        return "; still trying";
    }
}

static void keep_failure(struct kafka_events *events, const char *address, const char *reason)
{
    (void)pthread_mutex_lock(&events->mutex);
    (void)snprintf(events->failure, sizeof events->failure, "%s%s%s", address, *address ? ": " : "",
                   reason);
    (void)pthread_mutex_unlock(&events->mutex);
}

void kafka_events_end(struct kafka_events *events)
{
    atomic_store(&events->ended, true);
}

static void connection_failed(struct kafka_events *events, rd_kafka_resp_err_t cause,
                              const char *text)
{
    char address[ADDRESS_SIZE] = "";
    char reason[KAFKA_REFUSAL_TEXT_SIZE];
    char line[2 * ERROR_TEXT_SIZE];
    bool advertised = false;
    const char *rest = parse(text, address, &advertised);
    const char *place = rest ? address : events->bootstrap;
    const char *words = rest ? rest : text;
    bool refused =
        kafka_connect_errors_explain(&events->refusal, place, words, reason, sizeof reason);
    if (!refused)
        copy_reason(words, reason, sizeof reason);
    keep_failure(events, address, reason);
    atomic_store(&events->suspect, true);
    if (refused) {
        (void)snprintf(line, sizeof line, "Kafka broker %s cannot be reached: %s", place, reason);
    } else if (rest && advertised && !is_bootstrap(events, address)) {
        begin_trouble(events, KAFKA_TROUBLE_MISLED);
        (void)snprintf(line, sizeof line,
                       "the Kafka broker at %s answered, but the address that it advertises, %s, "
                       "cannot be reached: %s; set advertised.listeners in the broker's "
                       "configuration to an address that this machine can reach",
                       events->bootstrap, address, reason);
    } else {
        (void)snprintf(line, sizeof line, "Kafka broker %s cannot be reached: %s%s", place, reason,
                       advice(cause));
    }
    if (!atomic_load(&events->ended))
        write_line(events, LOG_WARNING, rest ? address : reason, line);
}

static void on_error(rd_kafka_t *client, int reason, const char *text, void *opaque)
{
    struct kafka_events *events = opaque;
    struct error fatal;
    /* Brokers close idle connections as a matter of course; what else ends one that was up is told
     * by the next try. Where it may be for want of a login librdkafka says more. */
    if (strstr(text, "Disconnected (") && strstr(text, "in state UP"))
        return;
    switch (reason) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__BAD_MSG:
        connection_failed(events, (rd_kafka_resp_err_t)reason, text);
        return;
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
        if (atomic_load(&events->trouble) == KAFKA_TROUBLE_NONE)
            begin_trouble(events, KAFKA_TROUBLE_DOWN);
        return;
    case RD_KAFKA_RESP_ERR__FATAL:
        if (kafka_fatal_describe(client, &fatal) && !kafka_fatal_is_wanted(client))
            kafka_log_write(KAFKA_LOG_ERROR, "%s: %s", events->client, fatal.text);
        return;
    default:
        kafka_events_say(events, LOG_ERR, "%s: %s", rd_kafka_err2name((rd_kafka_resp_err_t)reason),
                         text);
        return;
    }
}

static int on_certificate(rd_kafka_t *client, const char *address, int32_t broker, int *x509_error,
                          int depth, const char *der, size_t length, char *words, size_t size,
                          void *opaque)
{
    struct kafka_events *events = opaque;
    (void)client, (void)broker, (void)words, (void)size;
    return kafka_connect_errors_verify(&events->refusal, address, *x509_error, depth, der, length);
}

void kafka_events_listen(struct kafka_events *events, rd_kafka_conf_t *conf)
{
    rd_kafka_conf_set_opaque(conf, events);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_log_cb(conf, on_log);
    /* Without TLS in librdkafka there is none to set. */
    (void)rd_kafka_conf_set_ssl_cert_verify_cb(conf, on_certificate);
}

void kafka_events_over(struct kafka_events *events)
{
    (void)pthread_mutex_lock(&events->mutex);
    int64_t lasted = kafka_now_ms() - events->since;
    atomic_store(&events->back_at, kafka_now_ms());
    bool over = atomic_exchange(&events->trouble, KAFKA_TROUBLE_NONE) != KAFKA_TROUBLE_NONE;
    if (over) {
        kafka_flood_reset(&events->flood);
        events->failure[0] = '\0';
    }
    (void)pthread_mutex_unlock(&events->mutex);
    if (over)
        kafka_log_write(KAFKA_LOG_INFO, "%s: Kafka is back at %s after %lld s", events->client,
                        events->bootstrap, (long long)((lasted + 999) / 1000));
}

/* What librdkafka tells as ALL_BROKERS_DOWN is not enough: where a group's coordinator is lost
 * before its broker it never comes. */
void kafka_events_probe(struct kafka_events *events, rd_kafka_t *client)
{
    int trouble = atomic_load_explicit(&events->trouble, memory_order_relaxed);
    bool suspect = atomic_load_explicit(&events->suspect, memory_order_relaxed);
    if (events->introduces && trouble == KAFKA_TROUBLE_NONE)
        kafka_introduction_look(&events->introduction, client, PATIENCE_MAX_MS);
    if (trouble == KAFKA_TROUBLE_MISLED || (trouble == KAFKA_TROUBLE_NONE && !suspect))
        return;
    int64_t now = kafka_now_ms();
    if (now - events->probed < PROBE_INTERVAL_MS)
        return;
    events->probed = now;
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t failure =
        rd_kafka_metadata(client, 0, NULL, &metadata, events->patience_ms);
    if (failure == RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_metadata_destroy(metadata);
        atomic_store(&events->suspect, false);
        kafka_events_over(events);
    } else if (failure == RD_KAFKA_RESP_ERR__TIMED_OUT && events->patience_ms < PATIENCE_MAX_MS) {
        events->patience_ms *= 2; /* connected, but the answer was not there yet */
    } else if (trouble == KAFKA_TROUBLE_NONE) {
        begin_trouble(events, KAFKA_TROUBLE_DOWN);
    }
}

bool kafka_events_is_settling(struct kafka_events *events)
{
    int64_t back_at = atomic_load(&events->back_at);
    return atomic_load(&events->trouble) != KAFKA_TROUBLE_NONE || atomic_load(&events->suspect) ||
           (back_at != 0 && kafka_now_ms() - back_at < events->settling_ms);
}

void kafka_events_failure(struct kafka_events *events, char *text, size_t size)
{
    (void)pthread_mutex_lock(&events->mutex);
    (void)snprintf(text, size, "%s", events->failure);
    (void)pthread_mutex_unlock(&events->mutex);
}

/* librdkafka asks every broker that it connects to for the cluster's id; brokers before 0.10 have
 * none, and are known by the first delivery. */
static bool has_answered(struct kafka_events *events, rd_kafka_t *client)
{
    if (atomic_load(&events->answered))
        return true;
    char *cluster = rd_kafka_clusterid(client, 0);
    if (cluster)
        atomic_store(&events->answered, true);
    rd_kafka_mem_free(client, cluster);
    return cluster != NULL;
}

void kafka_events_progress(struct kafka_events *events, uint64_t pending, uint64_t reported)
{
    if (pending == 0 || reported != events->reported || !atomic_load(&events->busy))
        atomic_store(&events->idle_since, kafka_now_ms());
    atomic_store(&events->busy, pending > 0);
    events->reported = reported;
}

/* Milliseconds for which a broker that is connected has said nothing of the records that wait. */
static int64_t silence(struct kafka_events *events)
{
    return atomic_load(&events->busy) ? kafka_now_ms() - atomic_load(&events->idle_since) : 0;
}

void kafka_events_contact(struct kafka_events *events, rd_kafka_t *client,
                          struct kafka_contact *contact)
{
    char failure[ERROR_TEXT_SIZE];
    kafka_events_failure(events, failure, sizeof failure);
    int64_t silent = silence(events);
    bool trouble = atomic_load(&events->trouble) != KAFKA_TROUBLE_NONE;
    bool answered = has_answered(events, client);
    bool connected = !trouble && answered;
    *contact =
        (struct kafka_contact){.connected = connected, .answers = connected && silent < SILENCE_MS};
    if (contact->answers)
        return;
    if (connected)
        (void)snprintf(contact->trouble, sizeof contact->trouble,
                       "%s is connected, and has acknowledged nothing for %lld s",
                       events->bootstrap, (long long)(silent / 1000));
    else if (failure[0] != '\0')
        (void)snprintf(contact->trouble, sizeof contact->trouble, "%s", failure);
    else
        (void)snprintf(contact->trouble, sizeof contact->trouble,
                       trouble ? "no broker is connected" : "no broker has answered yet");
}
