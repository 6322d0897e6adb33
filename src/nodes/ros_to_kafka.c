/* ros_to_kafka: carries ROS topics of any type into Kafka. Parameters: docs/configuration.md. */
#include "bridge/metrics.h"
#include "bridge/pace.h"
#include "bridge/status.h"
#include "bridge/to_kafka.h"
#include "nodes/setup.h"

#include <inttypes.h>
#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOTALS_SIZE       1024
#define PUBLISHERS_PERIOD 1.0 /* seconds */

static void add_waiting(const struct account *account, void *user)
{
    uint64_t *waiting = user;
    *waiting += account->waiting_publishers;
}

static bool say_totals(char *message, size_t size, void *user)
{
    struct totals totals;
    uint64_t waiting = 0;
    to_kafka_totals(user, &totals);
    totals_format(&totals, true, message, size);
    to_kafka_accounts(user, add_waiting, &waiting);
    size_t length = strlen(message);
    if (waiting > 0)
        (void)snprintf(message + length, size - length,
                       ", publishers without a connection %" PRIu64, waiting);
    return true;
}

static void get_state(void *flow, struct flow_state *state)
{
    to_kafka_state(flow, state);
}

static void get_accounts(void *flow, account_visitor visit, void *user)
{
    to_kafka_accounts(flow, visit, user);
}

static void look_for_topics(const struct rosc_timer_event *event, void *user)
{
    static struct pace pace;
    (void)event;
    if (!pace_begin(&pace))
        return;
    to_kafka_discover(user);
    pace_end(&pace);
}

static void look_for_publishers(const struct rosc_timer_event *event, void *user)
{
    (void)event;
    to_kafka_look_for_publishers(user);
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

/* Serves discovery and ~totals on this thread until shutdown is asked for. */
static enum rosc_status serve(const struct config *config, struct to_kafka *flow,
                              struct rosc_error *error)
{
    struct rosc_service *service = NULL;
    struct rosc_timer *timer = NULL;
    struct rosc_timer *publishers = NULL;
    enum rosc_status status =
        rosc_service_create_trigger(NULL, "~totals", say_totals, flow, &service, error);
    if (status == ROSC_OK && to_kafka_discovers(flow))
        status = rosc_timer_create(NULL, ROSC_CLOCK_WALL, config->discovery_period, false,
                                   look_for_topics, flow, &timer, error);
    if (status == ROSC_OK)
        status = rosc_timer_create(NULL, ROSC_CLOCK_WALL, PUBLISHERS_PERIOD, false,
                                   look_for_publishers, flow, &publishers, error);
    if (status == ROSC_OK)
        rosc_queue_spin(NULL);
    rosc_timer_destroy(publishers);
    rosc_timer_destroy(timer);
    rosc_service_destroy(service);
    return status;
}

static enum setup_result prepare(struct setup *setup)
{
    struct to_kafka *flow = NULL;
    struct error error;
    if (setup->config->to_kafka_count == 0) {
        ROSC_LOG_INFO("the configuration has no ros_to_kafka: nothing to do here");
        return SETUP_DONE;
    }
    if (to_kafka_create(setup->config, &flow, &error) != ERROR_NONE) {
        ROSC_LOG_FATAL("%s%s%s", error_place(&error), error_parting(&error), error.text);
        return SETUP_FAILED;
    }
    setup->flow = flow;
    return SETUP_READY;
}

static void discard(const struct setup *setup)
{
    struct totals totals;
    to_kafka_stop(setup->flow, &totals);
    to_kafka_destroy(setup->flow);
}

static int run(const struct setup *setup)
{
    const struct config *config = setup->config;
    struct to_kafka *flow = setup->flow;
    struct error error;
    struct rosc_error ros_error;
    struct totals totals;
    char text[TOTALS_SIZE];
    if (to_kafka_start(flow, &error) != ERROR_NONE) {
        ROSC_LOG_FATAL("%s%s%s", error_place(&error), error_parting(&error), error.text);
        discard(setup);
        return EXIT_FAILURE;
    }
    warn(config);
    const struct flow_source source = {get_state, get_accounts, flow};
    struct status *report = NULL;
    if (status_create(config, "ros_to_kafka", &source, &report, &error) != ERROR_NONE)
        ROSC_LOG_ERROR("%s: %s", error.path, error.text);
    struct metrics *metrics = NULL;
    if (metrics_create(config, "ros_to_kafka", &source, &metrics, &error) != ERROR_NONE)
        ROSC_LOG_ERROR("%s: %s", error.path, error.text);
    enum rosc_status status = serve(config, flow, &ros_error);
    if (status != ROSC_OK)
        ROSC_LOG_FATAL("%s", ros_error.text);
    to_kafka_stop(flow, &totals);
    totals_format(&totals, true, text, sizeof text);
    ROSC_LOG_INFO("%s", text);
    status_destroy(report);
    metrics_destroy(metrics);
    to_kafka_destroy(flow);
    return status == ROSC_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    const struct node node = {"ros_to_kafka", prepare, run, discard};
    return setup_main(argc, argv, &node);
}
