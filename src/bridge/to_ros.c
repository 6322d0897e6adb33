#include "bridge/to_ros.h"

#include "bridge/binding.h"
#include "bridge/ledger.h"
#include "bridge/letterbox.h"
#include "bridge/loop_guard.h"
#include "kafka/consumer.h"
#include "kafka/contact.h"

#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define POLL_MS             100
#define SHORT_POLL_MS       20
#define LINGER_MS           200
#define SETTLE              INT64_C(1000000000) /* ns: for subscribers to connect */
#define UNPOLLED            INT64_C(5000000000) /* ns without a poll, of the group's 5 minutes */
#define LOG_PERIOD_SECONDS  10.0
#define UNHEARD_LOG_SECONDS 60.0

struct to_ros {
    const struct config *config;
    struct kafka_consumer *consumer;
    struct letterbox *letterbox;
    struct types *types;
    struct bindings *bindings;
    struct publications publications;
    struct buffer message;
    struct ledger ledger;
};

static enum error_code subscribe(struct to_ros *flow, const char *group, struct error *error)
{
    size_t count = flow->config->to_ros_count;
    struct kafka_subscription *subscriptions = calloc(count, sizeof *subscriptions);
    if (!subscriptions)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    for (size_t i = 0; i < count; i++) {
        const struct to_ros_route *route = &flow->config->to_ros[i];
        subscriptions[i] = (struct kafka_subscription){.topic = route->kafka_topic,
                                                       .start = route->start,
                                                       .timestamp = route->start_timestamp};
    }
    enum error_code code = kafka_consumer_create(&flow->config->kafka, group, subscriptions, count,
                                                 &flow->consumer, error);
    free(subscriptions);
    return code;
}

/* Advertises what is known before any record: subscribers are connected by the time one comes. What
 * does not work now is told when a record comes. */
static void advertise_known(struct to_ros *flow)
{
    for (size_t i = 0; i < flow->config->to_ros_count; i++) {
        const struct to_ros_route *route = &flow->config->to_ros[i];
        const struct plan *plan = NULL;
        struct publication *publication = NULL;
        char ros_topic[NAMES_ROS_SIZE];
        if (route->kafka_topic[0] == '^' || strstr(route->ros_topic, "{ros_topic}") ||
            binding_ros_topic(flow->config, route, route->kafka_topic, "", ros_topic, NULL) !=
                ERROR_NONE)
            continue;
        (void)ledger_open(&flow->ledger, route->path, route->kafka_topic, ros_topic);
        if (route->ros_type && !loop_guard_is_own_status(ros_topic) &&
            types_find(flow->types, route->ros_type, NULL, 0, &plan, NULL) == ERROR_NONE &&
            publications_get(&flow->publications, ros_topic, plan, route->latched,
                             route->queue_size, &publication, NULL) != ERROR_NONE)
            ROSC_LOG_WARN("%s cannot be advertised yet", ros_topic);
    }
}

enum error_code to_ros_create(const struct config *config, struct packages *packages,
                              const char *group, struct to_ros **flow, struct error *error)
{
    struct to_ros *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    made->config = config;
    ledger_init(&made->ledger);
    buffer_init(&made->message, config->message_max_bytes);
    enum error_code code = letterbox_create(config, &made->letterbox, error);
    if (code == ERROR_NONE)
        code =
            types_create(&config->kafka, config->definitions_topic, packages, &made->types, error);
    if (code == ERROR_NONE)
        code = bindings_create(config, made->types, &made->bindings, error);
    if (code == ERROR_NONE)
        code = subscribe(made, group, error);
    if (code != ERROR_NONE) {
        to_ros_destroy(made);
        return code;
    }
    advertise_known(made);
    *flow = made;
    return ERROR_NONE;
}

void to_ros_destroy(struct to_ros *flow)
{
    if (!flow)
        return;
    kafka_consumer_destroy(flow->consumer);
    letterbox_destroy(flow->letterbox);
    bindings_destroy(flow->bindings);
    /* roscpp has no flush: what its sockets still hold would go with the publishers. */
    if (flow->publications.first)
        (void)nanosleep(&(struct timespec){.tv_nsec = LINGER_MS * 1000000L}, NULL);
    publications_fini(&flow->publications);
    types_destroy(flow->types);
    buffer_fini(&flow->message);
    ledger_fini(&flow->ledger);
    free(flow);
}

/* Waits a moment with the record at hand. The group allows minutes between two polls, so that only
 * a wait that began a while ago (`since`, of the steady clock) needs one: each costs what was
 * fetched. */
static void wait_a_moment(struct to_ros *flow, int64_t since, int moment_ms)
{
    if (rosc_time_steady() - since < UNPOLLED)
        (void)nanosleep(&(struct timespec){.tv_nsec = moment_ms * 1000000L}, NULL);
    else
        kafka_consumer_keep_alive(flow->consumer, moment_ms);
}

/* Waits until somebody listens, staying a member of the group: for as long as that takes where the
 * route says so, else only as long as subscribers need to find a topic that was just advertised.
 * False where shutdown came first. */
static bool await_subscriber(struct to_ros *flow, const struct to_ros_route *route,
                             struct publication *publication)
{
    bool said = false;
    int64_t begun = rosc_time_steady();
    while (!publication->heard && rosc_publisher_subscriber_count(publication->publisher) == 0) {
        if (!rosc_ok())
            return false;
        if (!route->wait_for_subscriber &&
            (publication->latched || rosc_time_steady() - publication->advertised > SETTLE))
            return true;
        if (route->wait_for_subscriber && !said)
            ROSC_LOG_INFO("%s: waiting for a subscriber", publication->ros_topic);
        said = true;
        wait_a_moment(flow, begun, SHORT_POLL_MS);
    }
    publication->heard = true;
    return true;
}

/* Counts what is published to nobody: roscpp discards it. */
static void count_unheard(struct binding *binding, struct publication *publication)
{
    if (publication->latched || rosc_publisher_subscriber_count(publication->publisher) > 0)
        return;
    counter_add(&binding->counters->unheard, 1);
    if (rosc_throttle_pass(&publication->unheard_log, UNHEARD_LOG_SECONDS, NULL))
        ROSC_LOG_WARN("%s has no subscriber: what is published there is lost; latched keeps the "
                      "last message, wait_for_subscriber waits",
                      publication->ros_topic);
}

static enum error_code publish_once(struct to_ros *flow, struct binding *binding, bool *again,
                                    struct error *error)
{
    struct publication *publication = NULL;
    struct rosc_error ros_error;
    const struct to_ros_route *route = binding->route;
    enum error_code code = publications_get(&flow->publications, binding->ros_topic, binding->plan,
                                            route->latched || binding->latched, route->queue_size,
                                            &publication, error);
    if (code != ERROR_NONE)
        return code;
    if (!await_subscriber(flow, route, publication)) {
        *again = true;
        return ERROR_NONE;
    }
    count_unheard(binding, publication);
    if (rosc_publisher_publish(publication->publisher, flow->message.data, flow->message.length,
                               &ros_error) != ROSC_OK)
        return error_set(error, ERROR_IO, publication->ros_topic, 0, "%s", ros_error.text);
    return ERROR_NONE;
}

/* Publishes, however long ROS needs. `*again`: not published, shutdown came; the record is read
 * again next time. */
static enum error_code publish(struct to_ros *flow, struct binding *binding, bool *again,
                               struct error *error)
{
    for (int64_t begun = rosc_time_steady();;) {
        enum error_code code = publish_once(flow, binding, again, error);
        if (code != ERROR_IO)
            return code;
        if (!rosc_ok()) {
            *again = true;
            return ERROR_NONE;
        }
        ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_WARN, "%s: %s; trying again", binding->ros_topic,
                          error->text);
        wait_a_moment(flow, begun, POLL_MS);
    }
}

/* A type's definition may come to Kafka a moment after the first record of the type, and Kafka may
 * be away: it is waited for, staying a member of the group. False where shutdown came first. */
static bool await_definition(struct to_ros *flow, struct binding *binding)
{
    bool said = false;
    int64_t begun = rosc_time_steady();
    while (!binding->decoder &&
           (binding->error.code == ERROR_UNKNOWN || binding->error.code == ERROR_IO)) {
        if (!rosc_ok())
            return false;
        if (!said)
            ROSC_LOG_INFO("Kafka topic %s: waiting for the definition of its type: %s",
                          binding->kafka_topic, binding->error.text);
        said = true;
        wait_a_moment(flow, begun, POLL_MS);
        bindings_bind(flow->bindings, binding);
    }
    if (said && !binding->decoder)
        ROSC_LOG_ERROR("Kafka topic %s: %s; its records go to the dead-letter topic",
                       binding->kafka_topic, binding->error.text);
    return true;
}

static enum error_code convert_and_publish(struct to_ros *flow, struct binding *binding,
                                           const struct kafka_record *record, bool *again,
                                           struct error *error)
{
    if (!binding->decoder && !await_definition(flow, binding)) {
        *again = true;
        return ERROR_NONE;
    }
    if (!binding->decoder) {
        *error = binding->error;
        return binding->error.code;
    }
    enum error_code code = decoder_decode(binding->decoder, record, &flow->message, error);
    return code == ERROR_NONE ? publish(flow, binding, again, error) : code;
}

/* Writes the dead letter and settles the record's account. False: not settled, shutdown came. */
static bool bury(struct to_ros *flow, const struct binding *binding, struct counters *counters,
                 const struct kafka_record *record, const struct error *error)
{
    ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_ERROR_LEVEL,
                      "Kafka topic %s, partition %d, offset %lld cannot be published: %s: %s",
                      record->topic, (int)record->partition, (long long)record->offset, error->path,
                      error->text);
    switch (letterbox_post(flow->letterbox, flow->consumer, binding, record, error)) {
    case LETTER_DELIVERED:
        counter_add(&counters->dead_lettered, 1);
        return true;
    case LETTER_REFUSED:
        counter_add(&counters->dropped[DROP_UNDECODABLE], 1);
        return true;
    case LETTER_INTERRUPTED:
        break;
    }
    return false;
}

/* `binding` is NULL where memory ran out. */
static struct counters *counters_of(struct to_ros *flow, struct binding *binding)
{
    if (!binding)
        return &flow->ledger.others;
    if (!binding->counters)
        binding->counters = ledger_open(&flow->ledger, binding->route->path, binding->kafka_topic,
                                        binding->ros_topic);
    return binding->counters;
}

static void handle(struct to_ros *flow, const struct kafka_record *record)
{
    struct error error = {0};
    struct binding *binding = bindings_get(flow->bindings, record, &error);
    if (!binding && error.code == ERROR_UNKNOWN)
        return; /* an internal topic that a pattern matched */
    struct counters *counters = counters_of(flow, binding);
    counter_add(&counters->received, 1);
    if (binding && binding->looped) {
        counter_add(&counters->dropped[DROP_LOOP], 1);
        kafka_consumer_store(flow->consumer, record);
        return;
    }
    bool again = false;
    enum error_code code =
        binding ? convert_and_publish(flow, binding, record, &again, &error) : error.code;
    if (again)
        return;
    if (code == ERROR_NONE)
        counter_add(&counters->delivered, 1);
    else if (!bury(flow, binding, counters, record, &error))
        return;
    kafka_consumer_store(flow->consumer, record);
}

bool to_ros_run(struct to_ros *flow)
{
    while (rosc_ok()) {
        struct kafka_record record;
        struct error error;
        enum error_code code = kafka_consumer_next(flow->consumer, POLL_MS, &record, &error);
        if (code == ERROR_NONE) {
            handle(flow, &record);
        } else if (code != ERROR_MISSING) {
            if (kafka_consumer_is_fatal(flow->consumer, &error)) {
                ROSC_LOG_FATAL("the consumer cannot go on: %s", error.text);
                return false;
            }
            ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_ERROR_LEVEL, "Kafka: %s", error.text);
            (void)nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
        }
    }
    return true;
}

void to_ros_totals(struct to_ros *flow, struct totals *totals)
{
    *totals = (struct totals){0};
    ledger_totals(&flow->ledger, totals);
}

void to_ros_accounts(struct to_ros *flow, account_visitor visit, void *user)
{
    ledger_visit(&flow->ledger, visit, user);
}

void to_ros_state(struct to_ros *flow, struct flow_state *state)
{
    struct kafka_contact contact;
    kafka_consumer_contact(flow->consumer, &contact);
    *state = (struct flow_state){.connected = contact.answers};
    (void)snprintf(state->trouble, sizeof state->trouble, "%s", contact.trouble);
}
