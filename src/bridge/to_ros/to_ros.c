#include "bridge/to_ros/to_ros.h"

#include "bridge/flow/loop_guard.h"
#include "bridge/to_ros/carrier.h"
#include "bridge/to_ros/lanes.h"
#include "bridge/to_ros/restorer.h"
#include "kafka/connection/contact.h"
#include "kafka/consumer/consumer.h"

#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define POLL_MS            100
#define SHORT_POLL_MS      10                      /* while offsets wait to be stored */
#define SLICE              (20 * TASK_MILLISECOND) /* of one lane, and of one round of reading */
#define SLOW               (2 * TASK_MILLISECOND)  /* a record that took so long gives way */
#define LETTERS_AT_END     (5000 * TASK_MILLISECOND)
#define READ_SHARE         8 /* of what may wait: no more is put to it in one round of reading */
#define MEMORY_MS          100
#define LOG_PERIOD_SECONDS 10.0

struct to_ros {
    const struct config *config;
    const char *group;
    struct kafka_consumer *consumer;
    struct carrier carrier;
    struct lanes lanes;
    struct restorer restorer;
};

/* Reading goes on elsewhere: what was deleted before it was read is missed. */
static void on_gap(const struct kafka_gap *gap, void *user)
{
    struct to_ros *flow = user;
    const struct to_ros_route *route = bindings_route(flow->carrier.bindings, gap->topic);
    if (route && gap->lost > 0)
        counter_add(
            &ros_accounts_of_kafka(&flow->carrier.ros_accounts, route->path, gap->topic)->missed,
            gap->lost);
}

static void on_backlog(const char *topic, uint64_t records, void *user)
{
    struct to_ros *flow = user;
    const struct to_ros_route *route = bindings_route(flow->carrier.bindings, topic);
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
    ros_delivery_release(partitions, count, lost, &flow->carrier.ros_delivery);
}

static bool on_text(const char *topic, int32_t partition, char *text, void *user)
{
    const struct to_ros *flow = user;
    return latches_text(&flow->carrier.ros_delivery.latches, topic, partition, text,
                        KAFKA_TEXT_SIZE);
}

/* Records that another member of the group has by now are not this node's to account for. */
static void forget_lane(struct to_ros *flow, const char *topic, int32_t partition)
{
    struct lane *lane = lanes_get(&flow->lanes, topic, partition);
    if (!lane)
        return;
    restorer_forget(&flow->restorer, lane);
    if (lane->first && lane->first->task.counters)
        counter_add(&lane->first->task.counters->given_back, 1);
    lanes_forget(&flow->lanes, topic, partition);
}

static void on_forget(const struct kafka_partition *partitions, size_t count, void *user)
{
    struct to_ros *flow = user;
    ros_delivery_forget(partitions, count, &flow->carrier.ros_delivery);
    for (size_t i = 0; i < count; i++)
        forget_lane(flow, partitions[i].topic, partitions[i].number);
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
                                             /* a group that the user named may have others */
                                             .alone = flow->config->spool.is_trial && !own_group,
                                             .release = on_release,
                                             .forget = on_forget,
                                             .text = on_text,
                                             .gap = on_gap,
                                             .backlog = on_backlog,
                                             .user = flow};
    enum error_code code = kafka_consumer_create(&options, &flow->consumer, error);
    flow->carrier.ros_delivery.consumer = flow->consumer;
    flow->lanes.consumer = flow->consumer;
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
        (void)ros_accounts_open(&flow->carrier.ros_accounts, route->path, route->kafka_topic,
                                ros_topic);
        if (route->ros_type && !loop_guard_is_own_status(ros_topic) &&
            types_find(flow->carrier.types, route->ros_type, NULL, 0, TYPES_PATIENCE, &plan,
                       NULL) == ERROR_NONE &&
            publications_get(&flow->carrier.ros_delivery.publications,
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
    lanes_init(&made->lanes, config->in_flight_max_bytes);
    made->restorer = (struct restorer){
        .properties = &config->kafka, .carrier = &made->carrier, .lanes = &made->lanes};
    enum error_code code = carrier_init(&made->carrier, config, packages, error);
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
        ros_delivery_drain(&flow->carrier.ros_delivery);
    kafka_consumer_destroy(flow->consumer);
    restorer_fini(&flow->restorer);
    lanes_fini(&flow->lanes);
    carrier_fini(&flow->carrier);
    free(flow);
}

/* Tries the lane's first records until one is to wait, or its time is over. */
static void serve_lane(struct to_ros *flow, struct lane *lane)
{
    bool published;
    int64_t now = rosc_time_steady(), end = now + SLICE;
    lane->due = 0;
    lane_served(lane, 0, 0, true);
    if (!restorer_serve(&flow->restorer, lane))
        return;
    bool waits = false;
    int64_t begun = now;
    unsigned count = 0;
    for (; lane->first && now < end && !waits; now = rosc_time_steady()) {
        struct task *task = &lane->first->task;
        waits = !carrier_try(&flow->carrier, task, &published);
        if (waits) {
            lane->due = task->due;
        } else {
            lanes_pop(&flow->lanes, lane);
            count++;
        }
    }
    lane_served(lane, count, now - begun, waits);
    lanes_relax(&flow->lanes, lane);
}

/* Each in its turn, for a moment at most. While the group has taken all partitions away and not
 * said which of them stay, their records wait. */
static void serve_lanes(struct to_ros *flow)
{
    if (!flow->lanes.busy || kafka_consumer_is_undecided(flow->consumer))
        return;
    int64_t now = rosc_time_steady(), end = now + SLICE;
    const struct lane *last = flow->lanes.busy->prev;
    for (struct lane *lane = flow->lanes.busy; lane && now < end; now = rosc_time_steady()) {
        struct lane *next = lane == last ? NULL : lane->next;
        if (lane->due <= now) {
            lanes_turn(&flow->lanes, lane);
            serve_lane(flow, lane);
        }
        lane = next;
    }
}

/* Puts the record, with what was done with it, behind those of its partition that wait. */
static void keep(struct to_ros *flow, struct lane *lane, const struct task *task)
{
    lanes_open(&flow->lanes, lane);
    while (!lanes_push(&flow->lanes, lane, task) && rosc_ok()) {
        ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_ERROR_LEVEL,
                          "Kafka topic %s: out of memory; trying again", task->record->topic);
        (void)nanosleep(&(struct timespec){.tv_nsec = MEMORY_MS * 1000000L}, NULL);
    }
}

/* Deals with a record that has just come, at once where its partition does not wait. */
static void take(struct to_ros *flow, const struct kafka_record *record)
{
    bool published;
    struct lane *lane = NULL;
    while (!(lane = lanes_get(&flow->lanes, record->topic, record->partition)) && rosc_ok())
        (void)nanosleep(&(struct timespec){.tv_nsec = MEMORY_MS * 1000000L}, NULL);
    if (!lane)
        return;
    struct task task = {.record = record, .patience = &lane->patience};
    if (lane->busy) {
        keep(flow, lane, &task);
        return;
    }
    int64_t begun = rosc_time_steady();
    if (!carrier_try(&flow->carrier, &task, &published)) {
        lane->due = task.due;
        keep(flow, lane, &task);
    } else if (rosc_time_steady() - begun > SLOW) {
        lane->due = 0;
        lanes_open(&flow->lanes, lane); /* what comes behind it gives way to the others */
    }
}

static void begin_partitions(struct to_ros *flow)
{
    struct kafka_begin begin;
    struct error error;
    enum error_code code;
    while ((code = kafka_consumer_begin(flow->consumer, &begin, &error)) == ERROR_NONE)
        restorer_begin(&flow->restorer, &begin);
    if (code != ERROR_MISSING)
        ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_WARN, "Kafka: %s", error.text);
}

/* Waits for a record, and takes what else is there, for a moment; less where it has to wait: what
 * is read beyond the bound is paused, thrown away by librdkafka and read again. False: the consumer
 * cannot go on.
 */
static bool read_on(struct to_ros *flow)
{
    struct kafka_record record;
    struct error error;
    size_t enough = flow->lanes.bytes + flow->lanes.limit / READ_SHARE;
    bool idle = in_flight_is_empty(&flow->carrier.ros_delivery.in_flight);
    int wait = kafka_consumer_is_undecided(flow->consumer)
                   ? SHORT_POLL_MS
                   : lanes_next(&flow->lanes, idle ? POLL_MS : SHORT_POLL_MS);
    enum error_code code = kafka_consumer_next(flow->consumer, wait, &record, &error);
    for (int64_t end = rosc_time_steady() + SLICE; code == ERROR_NONE;) {
        begin_partitions(flow); /* that came with it */
        if (kafka_consumer_has(flow->consumer, record.topic, record.partition))
            take(flow, &record);
        if (rosc_time_steady() >= end || flow->lanes.bytes > enough || !rosc_ok())
            return true;
        ros_delivery_settle(&flow->carrier.ros_delivery);
        code = kafka_consumer_next(flow->consumer, 0, &record, &error);
    }
    if (code == ERROR_MISSING)
        return true;
    if (kafka_consumer_is_fatal(flow->consumer, &error)) {
        ROSC_LOG_FATAL("the consumer cannot go on: %s", error.text);
        return false;
    }
    ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_ERROR_LEVEL, "Kafka: %s", error.text);
    (void)nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
    return true;
}

/* Whether a letter is under way; takes away the records whose letters are not any more. */
static bool serve_letters(struct to_ros *flow)
{
    bool published, under_way = false;
    for (struct lane *lane = flow->lanes.busy, *next; lane; lane = next) {
        next = lane->next;
        if (!lane->first || !lane->first->task.letter)
            continue;
        if (carrier_try(&flow->carrier, &lane->first->task, &published)) {
            lanes_pop(&flow->lanes, lane);
            lanes_relax(&flow->lanes, lane);
        } else {
            under_way = true;
        }
    }
    return under_way;
}

/* What is on its way to a dead-letter topic would be written again at the next start. */
static void finish_letters(struct to_ros *flow)
{
    int64_t end = rosc_time_steady() + LETTERS_AT_END;
    while (serve_letters(flow) && rosc_time_steady() < end)
        (void)nanosleep(&(struct timespec){.tv_nsec = SHORT_POLL_MS * 1000000L}, NULL);
}

bool to_ros_run(struct to_ros *flow)
{
    while (rosc_ok()) {
        ros_delivery_settle(&flow->carrier.ros_delivery);
        begin_partitions(flow);
        serve_lanes(flow);
        bool first = lanes_are_quick(&flow->lanes) && !kafka_consumer_is_undecided(flow->consumer);
        if (!first && !read_on(flow))
            return false;
    }
    finish_letters(flow);
    return true;
}

void to_ros_totals(struct to_ros *flow, struct totals *totals)
{
    *totals = (struct totals){0};
    ros_accounts_totals(&flow->carrier.ros_accounts, totals);
}

void to_ros_accounts(struct to_ros *flow, account_visitor visit, void *user)
{
    ros_accounts_visit(&flow->carrier.ros_accounts, visit, user);
}

void to_ros_state(struct to_ros *flow, struct flow_state *state)
{
    struct kafka_contact contact;
    kafka_consumer_contact(flow->consumer, &contact);
    *state = (struct flow_state){.connected = contact.answers,
                                 .in_flight_bytes = flow->carrier.ros_delivery.in_flight.bytes};
    (void)snprintf(state->trouble, sizeof state->trouble, "%s", contact.trouble);
}
