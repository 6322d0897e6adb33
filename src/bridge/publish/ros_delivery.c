#include "bridge/publish/ros_delivery.h"

#include <rosc/rosc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TURN_MS             2
#define SUBSCRIBER_MS       20  /* between two looks for one */
#define MASTER_MS           100 /* between two tries, at first */
#define MASTER_LONGEST_MS   2000
#define SETTLE_PERIOD       (10 * TASK_MILLISECOND)
#define CONNECT_PATIENCE    (1000 * TASK_MILLISECOND)  /* for subscribers of a topic that is new */
#define KNOWN_PATIENCE      (10000 * TASK_MILLISECOND) /* for those that the master knows */
#define RELEASE_PATIENCE    (1000 * TASK_MILLISECOND)
#define STANDSTILL          (100 * TASK_MILLISECOND) /* nothing left: nor will the rest soon */
#define DRAIN_PATIENCE      (2000 * TASK_MILLISECOND)
#define SLOW_PATIENCE       (5000 * TASK_MILLISECOND) /* until a slow subscriber is worth a line */
#define HALVINGS_MAX        20
#define LOG_PERIOD_SECONDS  10.0
#define RARE_PERIOD_SECONDS 60.0

void ros_delivery_init(struct ros_delivery *ros_delivery, size_t in_flight_max_bytes)
{
    *ros_delivery = (struct ros_delivery){0};
    in_flight_init(&ros_delivery->in_flight, in_flight_max_bytes, publication_is_written);
}

void ros_delivery_fini(struct ros_delivery *ros_delivery)
{
    in_flight_fini(&ros_delivery->in_flight);
    latches_fini(&ros_delivery->latches);
    publications_fini(&ros_delivery->publications);
}

static void nap(int milliseconds)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = milliseconds * TASK_MILLISECOND}, NULL);
}

static void store(const char *topic, int32_t partition, int64_t offset, void *user)
{
    struct ros_delivery *ros_delivery = user;
    kafka_consumer_store(ros_delivery->consumer, topic, partition, offset);
}

void ros_delivery_settle(struct ros_delivery *ros_delivery)
{
    int64_t now = rosc_time_steady();
    if (in_flight_is_empty(&ros_delivery->in_flight) ||
        now - ros_delivery->settled < SETTLE_PERIOD ||
        kafka_consumer_is_undecided(ros_delivery->consumer))
        return;
    ros_delivery->settled = now;
    in_flight_settle(&ros_delivery->in_flight, store, ros_delivery);
}

static bool are_settled(const struct ros_delivery *ros_delivery,
                        const struct kafka_partition *partitions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!in_flight_is_settled(&ros_delivery->in_flight, partitions[i].topic,
                                  partitions[i].number))
            return false;
    return true;
}

void ros_delivery_release(const struct kafka_partition *partitions, size_t count, bool lost,
                          void *user)
{
    struct ros_delivery *ros_delivery = user;
    int64_t now = rosc_time_steady(), begun = now, moved = now;
    in_flight_settle(&ros_delivery->in_flight, store, ros_delivery);
    while (!lost && !are_settled(ros_delivery, partitions, count) &&
           now - begun < RELEASE_PATIENCE && now - moved < STANDSTILL) {
        size_t before = ros_delivery->in_flight.bytes;
        nap(TURN_MS);
        in_flight_settle(&ros_delivery->in_flight, store, ros_delivery);
        now = rosc_time_steady();
        if (ros_delivery->in_flight.bytes < before)
            moved = now;
    }
}

void ros_delivery_forget(const struct kafka_partition *partitions, size_t count, void *user)
{
    struct ros_delivery *ros_delivery = user;
    for (size_t i = 0; i < count; i++) {
        in_flight_forget(&ros_delivery->in_flight, partitions[i].topic, partitions[i].number);
        latches_forget(&ros_delivery->latches, partitions[i].topic, partitions[i].number);
    }
}

void ros_delivery_drain(struct ros_delivery *ros_delivery)
{
    int64_t begun = rosc_time_steady();
    in_flight_settle(&ros_delivery->in_flight, store, ros_delivery);
    while (!in_flight_is_empty(&ros_delivery->in_flight) &&
           rosc_time_steady() - begun < DRAIN_PATIENCE) {
        nap(TURN_MS);
        in_flight_settle(&ros_delivery->in_flight, store, ros_delivery);
    }
    if (!in_flight_is_empty(&ros_delivery->in_flight))
        ROSC_LOG_WARN("subscribers have not taken all that was published: it is published again "
                      "at the next start");
}

/* Whether those who are to hear the topic's first message are there. */
static bool are_there(const struct publication_topic *topic, uint32_t connected)
{
    return connected > 0 && connected >= topic->expected;
}

/* For how long after it was advertised. Subscribers that the master knows get the time that a
 * loaded machine needs; once that was in vain (they died unnoticed), the others' no more than the
 * time in which one finds a topic that was just advertised. */
static int64_t patience_of(const struct publication_topic *topic, const struct patience *patience)
{
    if (topic->expected > 0)
        return patience->vain ? CONNECT_PATIENCE : KNOWN_PATIENCE;
    unsigned halvings = patience->unheard < HALVINGS_MAX ? patience->unheard : HALVINGS_MAX;
    return CONNECT_PATIENCE >> halvings;
}

/* Whether nobody is waited for any longer. */
static bool is_over(struct task *task, const struct to_ros_route *route,
                    const struct publication *publication, uint32_t connected)
{
    struct publication_topic *topic = publication->topic;
    if (connected == 0 && route->wait_for_subscriber)
        return false;
    if (topic->expected == 0 && publication->latched)
        return true;
    if (rosc_time_steady() - topic->advertised <= patience_of(topic, task->patience))
        return false;
    if (topic->expected == 0 && task->said && connected == 0)
        task->patience->unheard++;
    if (connected < topic->expected && !topic->told) {
        ROSC_LOG_WARN("%s: %u of the %u subscribers that the master knows have not connected: what "
                      "is published until they do they do not get; rosnode cleanup makes the "
                      "master forget those that have died",
                      topic->ros_topic, topic->expected - connected, topic->expected);
        topic->told = true;
        task->patience->vain = true;
    }
    return true;
}

/* Whether those listen whom the master knew as the topic was advertised, or are waited for no
 * longer; where the route says so, whether somebody does. */
static bool is_heard(struct task *task, const struct to_ros_route *route,
                     struct publication *publication)
{
    struct publication_topic *topic = publication->topic;
    if (topic->heard)
        return true;
    uint32_t connected = publication_subscribers(publication);
    topic->heard = are_there(topic, connected);
    if (topic->heard) {
        task->patience->unheard = 0;
        task->patience->vain = task->patience->vain && topic->expected == 0;
        return true;
    }
    if (is_over(task, route, publication, connected))
        return true;
    if (route->wait_for_subscriber && connected == 0 && !task->said)
        ROSC_LOG_INFO("%s: waiting for a subscriber", topic->ros_topic);
    task->said = true;
    return false;
}

static void tell_stuck(const struct ros_delivery *ros_delivery, struct task *task)
{
    if (task->patience->stuck)
        return;
    task->patience->stuck = true;
    if (rosc_throttle_pass(&task->patience->stuck_log, RARE_PERIOD_SECONDS, NULL))
        ROSC_LOG_WARN("reading from Kafka topic %s, partition %d, waits for subscribers: %zu bytes "
                      "that were published are not taken; a route's queue_size lets roscpp drop "
                      "them",
                      task->record->topic, (int)task->record->partition,
                      ros_delivery->in_flight.bytes);
}

/* Whether the subscribers have taken so much of what was published before that the message has
 * room: roscpp would hold any amount. */
static enum error_code reserve(struct ros_delivery *ros_delivery, struct task *task, size_t size)
{
    const struct kafka_record *record = task->record;
    if (task->restoring)
        return ERROR_NONE;
    ros_delivery_settle(ros_delivery);
    enum error_code code =
        in_flight_reserve(&ros_delivery->in_flight, record->topic, record->partition, size);
    if (code == ERROR_FULL && task_waited(task) > SLOW_PATIENCE)
        tell_stuck(ros_delivery, task);
    if (code == ERROR_NONE && task->patience->stuck && task->since == 0) {
        ROSC_LOG_INFO("Kafka topic %s, partition %d: subscribers take again what is published",
                      record->topic, (int)record->partition);
        task->patience->stuck = false;
    }
    return code;
}

/* Counts what is published to nobody: roscpp discards it. */
static void count_unheard(struct ros_delivery *ros_delivery, struct counters *counters,
                          struct publication *publication)
{
    struct publication_topic *topic = publication->topic;
    if (publication->latched || publication_subscribers(publication) > 0)
        return;
    counter_add(&counters->unheard, 1);
    if (rosc_throttle_pass(&topic->unheard_log, RARE_PERIOD_SECONDS, NULL) &&
        lines_pass(&ros_delivery->unheard_lines, "topics without a subscriber"))
        ROSC_LOG_WARN("%s has no subscriber: what is published there is lost; latched keeps the "
                      "last message, wait_for_subscriber waits",
                      topic->ros_topic);
}

/* Whose message the record was; "" where it is not said. */
static void read_publisher(const struct kafka_record *record, char *name, size_t size)
{
    const struct kafka_header *header = kafka_record_header(record, KAFKA_HEADER_PUBLISHER);
    size_t length = header && header->value && header->size < size ? header->size : 0;
    if (length > 0)
        memcpy(name, header->value, length);
    name[length] = '\0';
}

/* What does not work now is tried again; the master, less and less often. */
static void wait_for_master(struct task *task, const char *ros_topic, const struct error *error)
{
    int64_t pause = task_waited(task) / 2 / TASK_MILLISECOND;
    ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_WARN, "%s: %s; trying again", ros_topic,
                      error->text);
    task_wait(task, pause < MASTER_MS           ? MASTER_MS
                    : pause < MASTER_LONGEST_MS ? (int)pause
                                                : MASTER_LONGEST_MS);
}

/* As it is told outside: what is tried again waits. */
static enum error_code answer(struct task *task, const char *ros_topic, enum error_code code,
                              const struct error *error)
{
    if (code != ERROR_IO && code != ERROR_MEMORY)
        return code;
    wait_for_master(task, ros_topic, error);
    return ERROR_FULL;
}

enum error_code ros_delivery_prepare(struct ros_delivery *ros_delivery, struct task *task,
                                     struct binding *binding, struct publication **publication,
                                     struct error *error)
{
    const struct to_ros_route *route = binding->route;
    char source[NAMES_ROS_SIZE] = "";
    struct publication_request request = {.ros_topic = binding->ros_topic,
                                          .plan = binding->plan,
                                          .source = source,
                                          .latched = route->latched || binding->latched,
                                          .queue_size = route->queue_size};
    if (request.latched)
        read_publisher(task->record, source, sizeof source);
    enum error_code code =
        publications_get(&ros_delivery->publications, &request, publication, error);
    if (code != ERROR_NONE)
        return answer(task, binding->ros_topic, code, error);
    bool heard = is_heard(task, route, *publication);
    code = heard ? reserve(ros_delivery, task, task->size) : ERROR_FULL;
    if (code == ERROR_MEMORY)
        (void)error_set(error, code, binding->ros_topic, 0, "out of memory");
    if (code == ERROR_FULL)
        task_wait(task, heard ? TURN_MS : SUBSCRIBER_MS);
    return answer(task, binding->ros_topic, code, error);
}

enum error_code ros_delivery_publish(struct ros_delivery *ros_delivery, struct task *task,
                                     struct binding *binding, struct publication *publication,
                                     const struct buffer *message, struct error *error)
{
    const struct kafka_record *record = task->record;
    struct rosc_error ros_error;
    if (task->restoring && publication_has_published(publication))
        return ERROR_NONE;
    if (rosc_publisher_publish(publication->publisher, message->data, message->length,
                               &ros_error) != ROSC_OK)
        return answer(
            task, binding->ros_topic,
            error_set(error, ERROR_IO, publication->topic->ros_topic, 0, "%s", ros_error.text),
            error);
    if (publication->latched)
        latches_note(&ros_delivery->latches, record->topic, record->partition, record->offset,
                     publication);
    if (task->restoring)
        return ERROR_NONE;
    count_unheard(ros_delivery, task->counters, publication);
    in_flight_add(&ros_delivery->in_flight, record->topic, record->partition, record->offset,
                  publication, publication_number(publication), message->length);
    return ERROR_NONE;
}

bool ros_delivery_may_pass(struct ros_delivery *ros_delivery, struct task *task)
{
    if (reserve(ros_delivery, task, 0) == ERROR_NONE)
        return true;
    task_wait(task, TURN_MS);
    return false;
}

void ros_delivery_pass(struct ros_delivery *ros_delivery, const struct kafka_record *record)
{
    in_flight_add(&ros_delivery->in_flight, record->topic, record->partition, record->offset, NULL,
                  0, 0);
}
