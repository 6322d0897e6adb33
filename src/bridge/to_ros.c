#include "bridge/to_ros.h"

#include "bridge/binding.h"
#include "bridge/ledger.h"
#include "bridge/letterbox.h"
#include "bridge/loop_guard.h"
#include "bridge/outlet.h"
#include "kafka/consumer.h"
#include "kafka/contact.h"
#include "kafka/lookup.h"

#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define POLL_MS            100
#define SHORT_POLL_MS      10 /* while offsets wait to be stored */
#define LOG_PERIOD_SECONDS 10.0
#define LOOKUP_TIMEOUT_MS  10000

struct to_ros {
    const struct config *config;
    const char *group;
    struct kafka_consumer *consumer;
    struct letterbox *letterbox;
    struct types *types;
    struct bindings *bindings;
    struct outlet outlet;
    struct buffer message;
    struct ledger ledger;
};

/* Reading goes on elsewhere: what was deleted before it was read is missed. */
static void on_gap(const struct kafka_gap *gap, void *user)
{
    struct to_ros *flow = user;
    const struct to_ros_route *route = bindings_route(flow->bindings, gap->topic);
    if (route && gap->lost > 0)
        counter_add(&ledger_of_kafka(&flow->ledger, route->path, gap->topic)->missed, gap->lost);
}

static void on_backlog(const char *topic, uint64_t records, void *user)
{
    struct to_ros *flow = user;
    const struct to_ros_route *route = bindings_route(flow->bindings, topic);
    char old[64] = "; max_age leaves out old records";
    if (!route)
        return;
    if (route->max_age > 0)
        (void)snprintf(old, sizeof old, "; its max_age leaves out what is older than %g s",
                       route->max_age);
    ROSC_LOG_INFO("%s: the group %s has no place in Kafka topic %s yet: the %llu records there "
                  "are published from the first on; to begin at the end, give the route "
                  "start: latest for its first start%s",
                  route->path, flow->group, topic, (unsigned long long)records, old);
}

static void on_release(const struct kafka_partition *partitions, size_t count, bool lost,
                       void *user)
{
    struct to_ros *flow = user;
    outlet_release(partitions, count, lost, &flow->outlet);
}

static bool on_text(const char *topic, int32_t partition, char *text, void *user)
{
    const struct to_ros *flow = user;
    return latches_text(&flow->outlet.latches, topic, partition, text, KAFKA_TEXT_SIZE);
}

static void on_forget(const struct kafka_partition *partitions, size_t count, void *user)
{
    struct to_ros *flow = user;
    outlet_forget(partitions, count, &flow->outlet);
}

/* Topics that no pattern is to match: each that is made would cost the group a rebalance. NULL
 * where a route asks for one by its name, as librdkafka would hide that too. */
static const char *ignored_topics(const struct config *config, char *pattern)
{
    bool patterns = false;
    for (size_t i = 0; i < config->to_ros_count; i++) {
        const char *topic = config->to_ros[i].kafka_topic;
        patterns = patterns || topic[0] == '^';
        if (topic[0] != '^' && names_is_internal_kafka(topic, config->definitions_topic))
            return NULL;
    }
    names_internal_kafka_pattern(config->definitions_topic, pattern);
    return patterns ? pattern : NULL;
}

static enum error_code subscribe(struct to_ros *flow, const char *group, struct error *error)
{
    char ignored[NAMES_INTERNAL_PATTERN_SIZE];
    size_t count = flow->config->to_ros_count;
    const char *own_group = kafka_properties_get(&flow->config->kafka, "group.id");
    flow->group = own_group ? own_group : group;
    struct kafka_subscription *subscriptions = calloc(count, sizeof *subscriptions);
    if (!subscriptions)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    for (size_t i = 0; i < count; i++) {
        const struct to_ros_route *route = &flow->config->to_ros[i];
        subscriptions[i] = (struct kafka_subscription){.topic = route->kafka_topic,
                                                       .start = route->start,
                                                       .timestamp = route->start_timestamp};
    }
    struct kafka_consumer_options options = {.properties = &flow->config->kafka,
                                             .group = group,
                                             .subscriptions = subscriptions,
                                             .subscription_count = count,
                                             .ignored = ignored_topics(flow->config, ignored),
                                             .release = on_release,
                                             .forget = on_forget,
                                             .text = on_text,
                                             .gap = on_gap,
                                             .backlog = on_backlog,
                                             .user = flow};
    enum error_code code = kafka_consumer_create(&options, &flow->consumer, error);
    flow->outlet.consumer = flow->consumer;
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
            publications_get(&flow->outlet.publications,
                             &(struct publication_request){.ros_topic = ros_topic,
                                                           .plan = plan,
                                                           .source = "",
                                                           .latched = route->latched,
                                                           .queue_size = route->queue_size},
                             &publication, NULL) != ERROR_NONE)
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
    outlet_init(&made->outlet, config->in_flight_max_bytes, &config->kafka);
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
    if (flow->consumer)
        outlet_drain(&flow->outlet);
    kafka_consumer_destroy(flow->consumer);
    letterbox_destroy(flow->letterbox);
    outlet_fini(&flow->outlet);
    bindings_destroy(flow->bindings);
    types_destroy(flow->types);
    buffer_fini(&flow->message);
    ledger_fini(&flow->ledger);
    free(flow);
}

/* A type's definition may come to Kafka a moment after the first record of the type, and Kafka may
 * be away: it is waited for, staying a member of the group. False where the record is not wanted
 * any more. */
static bool await_definition(struct to_ros *flow, struct binding *binding)
{
    bool said = false;
    int64_t begun = rosc_time_steady();
    while (!binding->decoder &&
           (binding->error.code == ERROR_UNKNOWN || binding->error.code == ERROR_IO)) {
        if (!outlet_is_wanted(&flow->outlet))
            return false;
        if (!said)
            ROSC_LOG_INFO("Kafka topic %s: waiting for the definition of its type: %s",
                          binding->kafka_topic, binding->error.text);
        said = true;
        outlet_wait(&flow->outlet, begun, POLL_MS);
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
    if (code != ERROR_NONE)
        return code;
    return outlet_publish(&flow->outlet, binding, record, &flow->message, again, error);
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

/* A record that another member of the group has by now is not this node's to account for. At
 * shutdown it stays pending. */
static void give_back(struct to_ros *flow, struct counters *counters)
{
    if (!kafka_consumer_has(flow->consumer))
        counter_add(&counters->given_back, 1);
}

/* Seconds, by this machine's clock. */
static double age_of(const struct kafka_record *record)
{
    return (double)(rosc_time_wall() / 1000000 - record->timestamp) / 1000;
}

static bool exceeds_max_age(const struct binding *binding, const struct kafka_record *record)
{
    double limit = binding->route->max_age;
    return limit > 0 && record->timestamp > 0 && age_of(record) > limit;
}

/* Whether the route leaves the record out for its age; said with the first of its account. */
static bool is_too_old(const struct binding *binding, struct counters *counters,
                       const struct kafka_record *record)
{
    if (!exceeds_max_age(binding, record))
        return false;
    if (atomic_load(&counters->dropped[DROP_MAX_AGE]) == 0)
        ROSC_LOG_WARN("Kafka topic %s, partition %d, offset %lld: by this machine's clock the "
                      "record is %.0f s old, and %s.max_age is %g s: it is not published, nor are "
                      "others that are as old; they are counted as max_age",
                      record->topic, (int)record->partition, (long long)record->offset,
                      age_of(record), binding->route->path, binding->route->max_age);
    return true;
}

/* Drops the record for `reason`. */
static void pass_over(struct to_ros *flow, struct counters *counters, enum drop_reason reason,
                      const struct kafka_record *record)
{
    counter_add(&counters->dropped[reason], 1);
    outlet_pass(&flow->outlet, record);
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
        pass_over(flow, counters, DROP_LOOP, record);
        return;
    }
    if (binding && is_too_old(binding, counters, record)) {
        pass_over(flow, counters, DROP_MAX_AGE, record);
        return;
    }
    bool again = false;
    enum error_code code =
        binding ? convert_and_publish(flow, binding, record, &again, &error) : error.code;
    if (again) {
        give_back(flow, counters);
        return;
    }
    if (code == ERROR_NONE)
        counter_add(&counters->delivered, 1);
    else if (bury(flow, binding, counters, record, &error))
        outlet_pass(&flow->outlet, record);
}

/* Latches again what an earlier run latched. False: it cannot be. */
static bool restore_record(struct to_ros *flow, const struct kafka_record *record)
{
    struct error error;
    bool again = false;
    struct binding *binding = bindings_get(flow->bindings, record, &error);
    if (!binding || binding->looped || !(binding->latched || binding->route->latched) ||
        exceeds_max_age(binding, record))
        return false;
    enum error_code code = convert_and_publish(flow, binding, record, &again, &error);
    if (code != ERROR_NONE)
        ROSC_LOG_WARN("Kafka topic %s, partition %d, offset %lld is not latched again: %s",
                      record->topic, (int)record->partition, (long long)record->offset, error.text);
    return code == ERROR_NONE;
}

static void restore_partition(struct to_ros *flow, struct kafka_lookup *lookup,
                              const struct kafka_begin *begin)
{
    unsigned restored = 0, gone = 0;
    int64_t offset = -1;
    struct latches *latches = &flow->outlet.latches;
    for (int64_t begun = rosc_time_steady(); rosc_ok(); outlet_wait(&flow->outlet, begun, 0)) {
        struct kafka_record record;
        struct error error;
        offset = latches_next(latches, begin->topic, begin->partition, offset);
        if (offset < 0 || offset >= begin->offset) /* what is not published yet comes by itself */
            break;
        enum error_code code = kafka_lookup_read(lookup, begin->topic, begin->partition, offset,
                                                 LOOKUP_TIMEOUT_MS, &record, &error);
        if (code == ERROR_IO) {
            ROSC_LOG_WARN("Kafka topic %s, partition %d: latched messages of an earlier run are "
                          "not latched again until the next start: %s",
                          begin->topic, (int)begin->partition, error.text);
            break;
        }
        bool published = code == ERROR_NONE && restore_record(flow, &record);
        if (!published && rosc_ok())
            latches_drop(latches, begin->topic, begin->partition, offset);
        restored += published;
        gone += code == ERROR_MISSING;
    }
    if (restored + gone > 0)
        ROSC_LOG_INFO("Kafka topic %s, partition %d: %u latched messages of an earlier run are "
                      "latched again; %u are gone from Kafka",
                      begin->topic, (int)begin->partition, restored, gone);
}

/* Late subscribers get what was latched, whether this run published it or one before: for each
 * partition that has come the group says which records these are. */
static void restore(struct to_ros *flow)
{
    struct kafka_begin begin;
    struct kafka_lookup *lookup = NULL;
    struct error error;
    enum error_code code;
    while ((code = kafka_consumer_begin(flow->consumer, &begin, &error)) == ERROR_NONE) {
        latches_begin(&flow->outlet.latches, begin.topic, begin.partition, begin.text);
        if (latches_next(&flow->outlet.latches, begin.topic, begin.partition, -1) < 0)
            continue;
        flow->outlet.restoring = true;
        if (!lookup && kafka_lookup_create(&flow->config->kafka, &lookup, &error) != ERROR_NONE)
            ROSC_LOG_WARN("what an earlier run latched is not latched again: %s", error.text);
        if (lookup)
            restore_partition(flow, lookup, &begin);
        flow->outlet.restoring = false;
    }
    kafka_lookup_destroy(lookup);
    if (code != ERROR_MISSING)
        ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_WARN, "Kafka: %s", error.text);
}

bool to_ros_run(struct to_ros *flow)
{
    while (rosc_ok()) {
        struct kafka_record record;
        struct error error;
        outlet_settle(&flow->outlet);
        restore(flow);
        enum error_code code = kafka_consumer_next(
            flow->consumer, in_flight_is_empty(&flow->outlet.in_flight) ? POLL_MS : SHORT_POLL_MS,
            &record, &error);
        if (code == ERROR_NONE) {
            restore(flow); /* of partitions that came with it */
            if (kafka_consumer_has(flow->consumer))
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
    *state = (struct flow_state){.connected = contact.answers,
                                 .in_flight_bytes = flow->outlet.in_flight.bytes};
    (void)snprintf(state->trouble, sizeof state->trouble, "%s", contact.trouble);
}
