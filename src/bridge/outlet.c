#include "bridge/outlet.h"

#include <rosc/rosc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MILLISECOND         INT64_C(1000000)
#define POLL_MS             100
#define SHORT_POLL_MS       20
#define TURN_MS             2
#define SETTLE_PERIOD       (10 * MILLISECOND)
#define CONNECT_PATIENCE    (1000 * MILLISECOND)  /* for subscribers of what was just advertised */
#define KNOWN_PATIENCE      (10000 * MILLISECOND) /* for those that the master knows */
#define UNPOLLED_MAX        (5000 * MILLISECOND)  /* of the group's 5 minutes by default */
#define RELEASE_PATIENCE    (1000 * MILLISECOND)
#define DRAIN_PATIENCE      (2000 * MILLISECOND)
#define SLOW_PATIENCE       (5000 * MILLISECOND) /* until a slow subscriber is worth a line */
#define LOG_PERIOD_SECONDS  10.0
#define RARE_PERIOD_SECONDS 60.0

void outlet_init(struct outlet *outlet, size_t in_flight_max_bytes,
                 const struct kafka_properties *properties)
{
    const char *interval = kafka_properties_get(properties, "max.poll.interval.ms");
    *outlet = (struct outlet){.unpolled = UNPOLLED_MAX};
    if (interval && strtol(interval, NULL, 10) * MILLISECOND / 3 < UNPOLLED_MAX)
        outlet->unpolled = strtol(interval, NULL, 10) * MILLISECOND / 3;
    in_flight_init(&outlet->in_flight, in_flight_max_bytes, publication_is_written);
}

void outlet_fini(struct outlet *outlet)
{
    in_flight_fini(&outlet->in_flight);
    latches_fini(&outlet->latches);
    publications_fini(&outlet->publications);
}

static void nap(int milliseconds)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = milliseconds * MILLISECOND}, NULL);
}

static void store(const char *topic, int32_t partition, int64_t offset, void *user)
{
    struct outlet *outlet = user;
    kafka_consumer_store(outlet->consumer, topic, partition, offset);
}

void outlet_settle(struct outlet *outlet)
{
    int64_t now = rosc_time_steady();
    if (in_flight_is_empty(&outlet->in_flight) || now - outlet->settled < SETTLE_PERIOD ||
        kafka_consumer_is_undecided(outlet->consumer))
        return;
    outlet->settled = now;
    in_flight_settle(&outlet->in_flight, store, outlet);
}

static bool are_settled(const struct outlet *outlet, const struct kafka_partition *partitions,
                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!in_flight_is_settled(&outlet->in_flight, partitions[i].topic, partitions[i].number))
            return false;
    return true;
}

void outlet_release(const struct kafka_partition *partitions, size_t count, bool lost, void *user)
{
    struct outlet *outlet = user;
    int64_t begun = rosc_time_steady();
    in_flight_settle(&outlet->in_flight, store, outlet);
    while (!lost && !are_settled(outlet, partitions, count) &&
           rosc_time_steady() - begun < RELEASE_PATIENCE) {
        nap(TURN_MS);
        in_flight_settle(&outlet->in_flight, store, outlet);
    }
}

void outlet_forget(const struct kafka_partition *partitions, size_t count, void *user)
{
    struct outlet *outlet = user;
    for (size_t i = 0; i < count; i++) {
        in_flight_forget(&outlet->in_flight, partitions[i].topic, partitions[i].number);
        latches_forget(&outlet->latches, partitions[i].topic, partitions[i].number);
    }
}

void outlet_drain(struct outlet *outlet)
{
    int64_t begun = rosc_time_steady();
    in_flight_settle(&outlet->in_flight, store, outlet);
    while (!in_flight_is_empty(&outlet->in_flight) && rosc_time_steady() - begun < DRAIN_PATIENCE) {
        nap(TURN_MS);
        in_flight_settle(&outlet->in_flight, store, outlet);
    }
    if (!in_flight_is_empty(&outlet->in_flight))
        ROSC_LOG_WARN("subscribers have not taken all that was published: it is published again "
                      "at the next start");
}

bool outlet_is_wanted(const struct outlet *outlet)
{
    return rosc_ok() && (outlet->restoring || kafka_consumer_has(outlet->consumer));
}

/* A poll costs what was fetched, so that short waits do without. */
void outlet_wait(struct outlet *outlet, int64_t since, int moment_ms)
{
    if (rosc_time_steady() - since < outlet->unpolled)
        nap(moment_ms);
    else
        kafka_consumer_keep_alive(outlet->consumer, moment_ms);
    while (kafka_consumer_is_undecided(outlet->consumer) && outlet_is_wanted(outlet))
        kafka_consumer_keep_alive(outlet->consumer, moment_ms);
    outlet_settle(outlet);
}

/* Whether those who are to hear the topic's first message are there. */
static bool are_there(const struct publication_topic *topic, uint32_t connected)
{
    return connected > 0 && connected >= topic->expected;
}

/* Whether nobody is waited for any longer. Subscribers that the master knows get the time that a
 * loaded machine needs; once that was in vain (they died unnoticed), the others' no more than the
 * time in which one finds a topic that was just advertised. */
static bool is_over(struct outlet *outlet, const struct to_ros_route *route,
                    const struct publication *publication, uint32_t connected)
{
    struct publication_topic *topic = publication->topic;
    if (connected == 0 && route->wait_for_subscriber)
        return false;
    if (topic->expected == 0 && publication->latched)
        return true;
    int64_t patience =
        connected < topic->expected && !outlet->vain ? KNOWN_PATIENCE : CONNECT_PATIENCE;
    if (rosc_time_steady() - topic->advertised <= patience)
        return false;
    if (connected < topic->expected && !topic->told) {
        ROSC_LOG_WARN("%s: %u of the %u subscribers that the master knows have not connected: what "
                      "is published until they do they do not get; rosnode cleanup makes the "
                      "master forget those that have died",
                      topic->ros_topic, topic->expected - connected, topic->expected);
        topic->told = true;
        outlet->vain = true;
    }
    return true;
}

/* Waits until those listen whom the master knew as the topic was advertised; where the route says
 * so, until somebody does, for as long as that takes. */
static bool await_subscriber(struct outlet *outlet, const struct to_ros_route *route,
                             struct publication *publication)
{
    bool said = false;
    int64_t begun = rosc_time_steady();
    struct publication_topic *topic = publication->topic;
    for (uint32_t connected = 0; !topic->heard;) {
        connected = publication_subscribers(publication);
        topic->heard = are_there(topic, connected);
        if (topic->heard || is_over(outlet, route, publication, connected))
            break;
        if (!outlet_is_wanted(outlet))
            return false;
        if (route->wait_for_subscriber && connected == 0 && !said)
            ROSC_LOG_INFO("%s: waiting for a subscriber", topic->ros_topic);
        said = true;
        outlet_wait(outlet, begun, SHORT_POLL_MS);
    }
    outlet->vain = outlet->vain && !(topic->heard && topic->expected > 0);
    return true;
}

/* Waits until the subscribers have taken so much of what was published before that the message has
 * room: roscpp would hold any amount. */
static bool await_room(struct outlet *outlet, size_t size)
{
    int64_t begun = rosc_time_steady();
    outlet_settle(outlet);
    while (!in_flight_has_room(&outlet->in_flight, size)) {
        if (!outlet_is_wanted(outlet))
            return false;
        if (rosc_time_steady() - begun > SLOW_PATIENCE)
            ROSC_LOG_THROTTLE(RARE_PERIOD_SECONDS, ROSC_WARN,
                              "reading from Kafka waits for subscribers: %zu bytes that were "
                              "published are not taken; a route's queue_size lets roscpp drop them",
                              outlet->in_flight.bytes);
        outlet_wait(outlet, begun, TURN_MS);
    }
    return true;
}

/* Counts what is published to nobody: roscpp discards it. */
static void count_unheard(struct binding *binding, struct publication *publication)
{
    struct publication_topic *topic = publication->topic;
    if (publication->latched || publication_subscribers(publication) > 0)
        return;
    counter_add(&binding->counters->unheard, 1);
    if (rosc_throttle_pass(&topic->unheard_log, RARE_PERIOD_SECONDS, NULL))
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

/* ERROR_IO and ERROR_MEMORY: to be tried again. */
static enum error_code publish_once(struct outlet *outlet, struct binding *binding,
                                    const struct kafka_record *record, const struct buffer *message,
                                    bool *again, struct error *error)
{
    struct publication *publication = NULL;
    struct rosc_error ros_error;
    const struct to_ros_route *route = binding->route;
    char source[NAMES_ROS_SIZE] = "";
    struct publication_request request = {.ros_topic = binding->ros_topic,
                                          .plan = binding->plan,
                                          .source = source,
                                          .latched = route->latched || binding->latched,
                                          .queue_size = route->queue_size};
    if (request.latched)
        read_publisher(record, source, sizeof source);
    enum error_code code = publications_get(&outlet->publications, &request, &publication, error);
    if (code != ERROR_NONE)
        return code;
    if (!await_subscriber(outlet, route, publication) || !await_room(outlet, message->length)) {
        *again = true;
        return ERROR_NONE;
    }
    if (outlet->restoring && publication_has_published(publication))
        return ERROR_NONE;
    if (!outlet->restoring &&
        in_flight_reserve(&outlet->in_flight, record->topic, record->partition) != ERROR_NONE)
        return error_set(error, ERROR_MEMORY, publication->topic->ros_topic, 0, "out of memory");
    count_unheard(binding, publication);
    if (rosc_publisher_publish(publication->publisher, message->data, message->length,
                               &ros_error) != ROSC_OK)
        return error_set(error, ERROR_IO, publication->topic->ros_topic, 0, "%s", ros_error.text);
    if (publication->latched)
        latches_note(&outlet->latches, record->topic, record->partition, record->offset,
                     publication);
    if (!outlet->restoring)
        in_flight_add(&outlet->in_flight, record->topic, record->partition, record->offset,
                      publication, publication_number(publication), message->length);
    return ERROR_NONE;
}

enum error_code outlet_publish(struct outlet *outlet, struct binding *binding,
                               const struct kafka_record *record, const struct buffer *message,
                               bool *again, struct error *error)
{
    for (int64_t begun = rosc_time_steady();;) {
        enum error_code code = publish_once(outlet, binding, record, message, again, error);
        if (code != ERROR_IO && code != ERROR_MEMORY)
            return code;
        if (!outlet_is_wanted(outlet)) {
            *again = true;
            return ERROR_NONE;
        }
        ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_WARN, "%s: %s; trying again", binding->ros_topic,
                          error->text);
        outlet_wait(outlet, begun, POLL_MS);
    }
}

void outlet_pass(struct outlet *outlet, const struct kafka_record *record)
{
    int64_t begun = rosc_time_steady();
    while (in_flight_reserve(&outlet->in_flight, record->topic, record->partition) != ERROR_NONE) {
        if (!outlet_is_wanted(outlet))
            return;
        outlet_wait(outlet, begun, POLL_MS);
    }
    in_flight_add(&outlet->in_flight, record->topic, record->partition, record->offset, NULL, 0, 0);
}
