#include "bridge/report/status.h"

#include "bridge/flow/pace.h"
#include "bridge/report/status_message.h"

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

/* What an account had in the message before. Its texts are known by where they are. */
struct reading {
    const char *route;
    const char *ros_topic;
    const char *kafka_topic;
    uint64_t received;
    uint64_t delivered;
};

struct status {
    const struct config *config;
    char topic[TOPIC_SIZE]; /* "~status" */
    const char *direction;
    struct flow_view source;
    struct status_message *message;
    struct rosc_publisher *publisher; /* NULL while there is none yet */
    struct rosc_timer *timer;
    struct pace pace;
    struct rosc_throttle failure_log;
    uint32_t seq;
    struct reading *readings;
    size_t count;
    size_t next;    /* where the next account is looked for first: the order seldom changes */
    int64_t taken;  /* nanoseconds of the steady clock: when the readings were; 0: never */
    double seconds; /* from then to now; 0 for the first message */
};

/* NULL: it is new, and could not be added. */
static struct reading *find_reading(struct status *status, const struct account *account)
{
    for (size_t i = 0; i < status->count; i++) {
        size_t at = (status->next + i) % status->count;
        struct reading *reading = &status->readings[at];
        if (reading->route != account->route || reading->ros_topic != account->ros_topic ||
            reading->kafka_topic != account->kafka_topic)
            continue;
        status->next = at + 1;
        return reading;
    }
    struct reading *grown =
        realloc(status->readings, (status->count + 1) * sizeof *status->readings);
    if (!grown)
        return NULL;
    status->readings = grown;
    grown[status->count] = (struct reading){.route = account->route,
                                            .ros_topic = account->ros_topic,
                                            .kafka_topic = account->kafka_topic};
    return &grown[status->count++];
}

/* Per second, to one decimal. */
static double rate(uint64_t now, uint64_t before, double seconds)
{
    return seconds > 0 && now > before ? round((double)(now - before) / seconds * 10) / 10 : 0;
}

static void add(const struct account *account, void *user)
{
    struct status *status = user;
    const struct totals *totals = &account->totals;
    struct status_rates rates = {0};
    struct reading *reading = find_reading(status, account);
    if (reading) {
        rates.received = rate(totals->received, reading->received, status->seconds);
        rates.delivered = rate(totals->delivered, reading->delivered, status->seconds);
        reading->received = totals->received;
        reading->delivered = totals->delivered;
    }
    status_message_add(status->message, account, &rates);
}

static enum error_code advertise(struct status *status, struct error *error)
{
    const struct plan *plan = status_message_plan(status->message);
    const struct rosc_publisher_options options = {.type = plan_type(plan),
                                                   .md5sum = plan_md5sum(plan),
                                                   .definition = plan_text(plan),
                                                   .queue_size = QUEUE_SIZE,
                                                   .latched = true};
    struct rosc_error ros_error;
    if (status->publisher ||
        rosc_publisher_create(status->topic, &options, &status->publisher, &ros_error) == ROSC_OK)
        return ERROR_NONE;
    return error_set(error, ERROR_IO, status->topic, 0, "%s", ros_error.text);
}

static enum error_code publish(struct status *status, struct error *error)
{
    const void *bytes;
    size_t size;
    struct flow_state state;
    struct rosc_error ros_error;
    enum error_code code = advertise(status, error);
    if (code != ERROR_NONE)
        return code;
    int64_t now = rosc_time_steady();
    status->seconds = status->taken > 0 ? (double)(now - status->taken) / NANOSECONDS : 0;
    status->taken = now;
    status->source.state(status->source.flow, &state);
    const struct status_head head = {.seq = status->seq++,
                                     .stamp = rosc_time_now(),
                                     .robot = status->config->robot,
                                     .direction = status->direction,
                                     .state = &state};
    status_message_begin(status->message, &head);
    status->source.accounts(status->source.flow, add, status);
    code = status_message_end(status->message, &bytes, &size, error);
    if (code == ERROR_NONE &&
        rosc_publisher_publish(status->publisher, bytes, size, &ros_error) != ROSC_OK)
        code = error_set(error, ERROR_IO, status->topic, 0, "%s", ros_error.text);
    return code;
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
    rosc_publisher_destroy(status->publisher);
    status_message_destroy(status->message);
    free(status->readings);
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
    enum error_code code = status_message_create(&made->message, error);
    if (code == ERROR_NONE)
        publish_or_say(made);
    if (code == ERROR_NONE &&
        rosc_timer_create(NULL, ROSC_CLOCK_WALL, config->status_period, false, on_timer, made,
                          &made->timer, &ros_error) != ROSC_OK)
        code = error_set(error, ERROR_IO, topic, 0, "%s", ros_error.text);
    if (code != ERROR_NONE) {
        free_status(made);
        return code;
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
