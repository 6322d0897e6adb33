#include "bridge/flow/pace.h"
#include "bridge/to_kafka/to_kafka.h"
#include "nodes/direction.h"

#include <inttypes.h>
#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PUBLISHERS_PERIOD 1.0 /* seconds */

struct outward {
    struct to_kafka *flow;
    struct rosc_timer *discovery;  /* NULL without a pattern route */
    struct rosc_timer *publishers; /* says which topics nobody publishes */
    struct pace pace;
};

static bool is_configured(const struct config *config)
{
    return config->to_kafka_count > 0;
}

static enum error_code prepare(const struct setup *setup, void **flow, struct error *error)
{
    struct outward *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    enum error_code code = to_kafka_create(setup->config, &made->flow, error);
    if (code != ERROR_NONE) {
        free(made);
        return code;
    }
    *flow = made;
    return ERROR_NONE;
}

/* What a user had better know before data flows. */
static void warn(const struct config *config)
{
    bool stamped = false;
    for (size_t i = 0; i < config->to_kafka_count; i++)
        stamped = stamped || !config->to_kafka[i].stamp_from_receipt;
    if (stamped && rosc_time_is_simulated())
        ROSC_LOG_WARN("time is simulated: records carry header.stamp, by which Kafka may take them "
                      "for old and delete them; timestamp: receipt gives them the time of day");
}

static void look_for_topics(const struct rosc_timer_event *event, void *user)
{
    struct outward *outward = user;
    (void)event;
    if (!pace_begin(&outward->pace))
        return;
    to_kafka_discover(outward->flow);
    pace_end(&outward->pace);
}

static void look_for_publishers(const struct rosc_timer_event *event, void *user)
{
    struct outward *outward = user;
    (void)event;
    to_kafka_look_for_publishers(outward->flow);
}

static enum error_code start_timers(const struct config *config, struct outward *outward,
                                    struct error *error)
{
    struct rosc_error ros_error;
    enum rosc_status status =
        rosc_timer_create(NULL, ROSC_CLOCK_WALL, PUBLISHERS_PERIOD, false, look_for_publishers,
                          outward, &outward->publishers, &ros_error);
    if (status == ROSC_OK && to_kafka_discovers(outward->flow))
        status = rosc_timer_create(NULL, ROSC_CLOCK_WALL, config->discovery_period, false,
                                   look_for_topics, outward, &outward->discovery, &ros_error);
    return status == ROSC_OK ? ERROR_NONE : error_set(error, ERROR_IO, "", 0, "%s", ros_error.text);
}

static enum error_code start(const struct setup *setup, void **flow, struct error *error)
{
    struct outward *outward = *flow;
    enum error_code code = to_kafka_start(outward->flow, error);
    if (code != ERROR_NONE)
        return code;
    warn(setup->config);
    return start_timers(setup->config, outward, error);
}

static void add_waiting(const struct account *account, void *user)
{
    uint64_t *waiting = user;
    *waiting += account->waiting_publishers;
}

static void describe(void *flow, char *text, size_t size)
{
    struct outward *outward = flow;
    struct totals totals;
    uint64_t waiting = 0;
    to_kafka_totals(outward->flow, &totals);
    totals_format(&totals, true, text, size);
    to_kafka_accounts(outward->flow, add_waiting, &waiting);
    size_t length = strlen(text);
    if (waiting > 0)
        (void)snprintf(text + length, size - length, ", publishers without a connection %" PRIu64,
                       waiting);
}

static void get_state(void *flow, struct flow_state *state)
{
    struct outward *outward = flow;
    to_kafka_state(outward->flow, state);
}

static void get_accounts(void *flow, account_visitor visit, void *user)
{
    struct outward *outward = flow;
    to_kafka_accounts(outward->flow, visit, user);
}

static void stop(void *flow)
{
    struct outward *outward = flow;
    struct totals totals;
    rosc_timer_destroy(outward->discovery);
    rosc_timer_destroy(outward->publishers);
    to_kafka_stop(outward->flow, &totals);
}

static void destroy(void *flow)
{
    struct outward *outward = flow;
    to_kafka_destroy(outward->flow);
    free(outward);
}

const struct direction direction_to_kafka = {.name = "ros_to_kafka",
                                             .is_configured = is_configured,
                                             .prepare = prepare,
                                             .start = start,
                                             .describe = describe,
                                             .state = get_state,
                                             .accounts = get_accounts,
                                             .stop = stop,
                                             .destroy = destroy};
