#include "bridge/report/status.h"

#include "base/hash.h"
#include "bridge/flow/pace.h"
#include "rosc/bridge_status.h"

#include <math.h>
#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NANOSECONDS        1e9
#define LINGER_NANOSECONDS 200000000L
#define LOG_PERIOD_SECONDS 60.0
#define TOPIC_SIZE         64
#define QUEUE_SIZE         10 /* messages for a subscriber that does not keep up */

/* Its texts are known by where they are. */
struct account_key {
    const char *route;
    const char *ros_topic;
    const char *kafka_topic;
};

/* What an account had in the message before. */
struct reading {
    UT_hash_handle hh;
    struct account_key key;
    uint64_t received;
    uint64_t delivered;
};

struct status {
    const struct config *config;
    char topic[TOPIC_SIZE]; /* "~status" */
    const char *direction;
    struct flow_view source;
    struct rosc_publisher *publisher; /* NULL while there is none yet */
    struct rosc_timer *timer;
    struct pace pace;
    struct rosc_throttle failure_log;
    uint32_t seq;
    struct reading *readings; /* by key */
    int64_t taken;  /* nanoseconds of the steady clock: when the readings were; 0: never */
    double seconds; /* from then to now; 0 for the first message */
};

/* NULL: it is new, and could not be added. */
static struct reading *find_reading(struct status *status, const struct account *account)
{
    struct reading *found = NULL;
    const struct account_key key = {account->route, account->ros_topic, account->kafka_topic};
    HASH_FIND(hh, status->readings, &key, sizeof key, found);
    if (found)
        return found;
    found = calloc(1, sizeof *found);
    if (!found)
        return NULL;
    found->key = key;
    HASH_ADD(hh, status->readings, key, sizeof found->key, found);
    if (hash_has(found))
        return found;
    free(found);
    return NULL;
}

/* Per second, to one decimal. */
static double rate(uint64_t now, uint64_t before, double seconds)
{
    return seconds > 0 && now > before ? round((double)(now - before) / seconds * 10) / 10 : 0;
}

/* A message in the making. */
struct making {
    struct status *status;
    struct rosc_status_message *message;
    const char *drop_reasons[DROP_COUNT];
    enum rosc_status code; /* the first that is not ROSC_OK, with its error */
    struct rosc_error error;
};

static void add(const struct account *account, void *user)
{
    struct making *making = user;
    const struct totals *totals = &account->totals;
    const double seconds = making->status->seconds;
    struct rosc_route_status route = {.route = account->route,
                                      .ros_topic = account->ros_topic,
                                      .kafka_topic = account->kafka_topic,
                                      .received = totals->received,
                                      .restored = totals->restored,
                                      .delivered = totals->delivered,
                                      .dead_lettered = totals->dead_lettered,
                                      .dropped = totals_dropped(totals),
                                      .spooled = totals->spooled,
                                      .pending = totals_pending(totals),
                                      .drop_count = DROP_COUNT,
                                      .drop_reasons = making->drop_reasons,
                                      .drop_counts = totals->dropped,
                                      .missed = totals->missed,
                                      .invalid_utf8 = totals->invalid_utf8,
                                      .non_finite = totals->non_finite,
                                      .restamped = totals->restamped,
                                      .unheard = totals->unheard,
                                      .publishers = (uint32_t)account->publishers,
                                      .waiting_publishers = (uint32_t)account->waiting_publishers,
                                      .waiting_seconds = account->waiting_seconds};
    struct reading *reading = find_reading(making->status, account);
    if (reading) {
        route.received_rate = rate(totals->received, reading->received, seconds);
        route.delivered_rate = rate(totals->delivered, reading->delivered, seconds);
        reading->received = totals->received;
        reading->delivered = totals->delivered;
    }
    if (making->code == ROSC_OK)
        making->code = rosc_status_message_add(making->message, &route, &making->error);
}

static enum error_code advertise(struct status *status, struct error *error)
{
    struct rosc_publisher_options options = {.queue_size = QUEUE_SIZE, .latched = true};
    struct rosc_error ros_error;
    rosc_status_message_describe(&options);
    if (status->publisher ||
        rosc_publisher_create(status->topic, &options, &status->publisher, &ros_error) == ROSC_OK)
        return ERROR_NONE;
    return error_set(error, ERROR_IO, status->topic, 0, "%s", ros_error.text);
}

static void begin(struct status *status, struct making *making)
{
    struct flow_state state;
    int64_t now = rosc_time_steady();
    status->seconds = status->taken > 0 ? (double)(now - status->taken) / NANOSECONDS : 0;
    status->taken = now;
    status->source.state(status->source.flow, &state);
    const struct rosc_bridge_status head = {.seq = status->seq++,
                                            .stamp = rosc_time_now(),
                                            .robot = status->config->robot,
                                            .direction = status->direction,
                                            .connected = state.connected,
                                            .trouble = state.trouble,
                                            .queue_bytes = state.queue_bytes,
                                            .in_flight_bytes = state.in_flight_bytes,
                                            .spool_records = state.spool_records,
                                            .spool_bytes = state.spool_bytes,
                                            .spool_max_bytes = state.spool_max_bytes};
    for (int i = 0; i < DROP_COUNT; i++)
        making->drop_reasons[i] = drop_reason_name((enum drop_reason)i);
    making->code = rosc_status_message_create(&head, &making->message, &making->error);
}

static enum error_code publish(struct status *status, struct error *error)
{
    const void *bytes;
    size_t size;
    struct making making = {.status = status};
    enum error_code code = advertise(status, error);
    if (code != ERROR_NONE)
        return code;
    begin(status, &making);
    status->source.accounts(status->source.flow, add, &making);
    if (making.code == ROSC_OK)
        making.code = rosc_status_message_bytes(making.message, &bytes, &size, &making.error);
    if (making.code == ROSC_OK)
        making.code = rosc_publisher_publish(status->publisher, bytes, size, &making.error);
    rosc_status_message_destroy(making.message);
    return making.code == ROSC_OK
               ? ERROR_NONE
               : error_set(error, ERROR_IO, status->topic, 0, "%s", making.error.text);
}

static void publish_or_say(struct status *status)
{
    struct error error;
    if (publish(status, &error) != ERROR_NONE &&
        rosc_throttle_pass(&status->failure_log, LOG_PERIOD_SECONDS, NULL))
        ROSC_LOG_WARN("%s cannot be published: %s", status->topic, error.text);
}

static void on_timer(const struct rosc_timer_event *event, void *user)
{
    struct status *status = user;
    (void)event;
    if (!pace_begin(&status->pace))
        return;
    publish_or_say(status);
    pace_end(&status->pace);
}

static void free_status(struct status *status)
{
    struct reading *reading, *next;
    rosc_publisher_destroy(status->publisher);
    HASH_ITER(hh, status->readings, reading, next)
    {
        HASH_DEL(status->readings, reading);
        free(reading);
    }
    free(status);
}

enum error_code status_create(const struct config *config, const char *topic, const char *direction,
                              const struct flow_view *source, struct status **status,
                              struct error *error)
{
    struct rosc_error ros_error;
    *status = NULL;
    if (config->status_period <= 0)
        return ERROR_NONE;
    struct status *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, topic, 0, "out of memory");
    made->config = config;
    (void)snprintf(made->topic, sizeof made->topic, "%s", topic);
    made->direction = direction;
    made->source = *source;
    publish_or_say(made);
    if (rosc_timer_create(NULL, ROSC_CLOCK_WALL, config->status_period, false, on_timer, made,
                          &made->timer, &ros_error) != ROSC_OK) {
        free_status(made);
        return error_set(error, ERROR_IO, topic, 0, "%s", ros_error.text);
    }
    *status = made;
    return ERROR_NONE;
}

void status_destroy(struct status *status)
{
    if (!status)
        return;
    rosc_timer_destroy(status->timer);
    publish_or_say(status);
    /* roscpp has no flush. */
    if (status->publisher && rosc_publisher_subscriber_count(status->publisher) > 0)
        (void)nanosleep(&(struct timespec){.tv_nsec = LINGER_NANOSECONDS}, NULL);
    free_status(status);
}
