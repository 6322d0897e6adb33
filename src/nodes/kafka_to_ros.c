/* kafka_to_ros: publishes Kafka's records as ROS messages of any type. Parameters:
 * docs/configuration.md. */
#include "bridge/metrics.h"
#include "bridge/status.h"
#include "bridge/to_ros.h"
#include "nodes/setup.h"

#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>

#define TOTALS_SIZE 1024
#define GROUP_SIZE  768

static void format_totals(struct to_ros *flow, char *text, size_t size)
{
    struct totals totals;
    to_ros_totals(flow, &totals);
    totals_format(&totals, false, text, size);
}

static bool say_totals(char *message, size_t size, void *user)
{
    format_totals(user, message, size);
    return true;
}

static void get_state(void *flow, struct flow_state *state)
{
    to_ros_state(flow, state);
}

static void get_accounts(void *flow, account_visitor visit, void *user)
{
    to_ros_accounts(flow, visit, user);
}

/* The consumer group: each robot's each node has its own, so that every robot gets every result. */
static void make_group(const struct config *config, char *group)
{
    (void)snprintf(group, GROUP_SIZE, "kafka_bridge.%s%s", config->robot, rosc_node_name());
    for (char *at = group; *at; at++)
        if (*at == '/')
            *at = '.';
}

static enum rosc_status serve(struct to_ros *flow, bool *ran, struct rosc_error *error)
{
    struct rosc_service *service = NULL;
    struct rosc_spinner *spinner = NULL;
    enum rosc_status status =
        rosc_service_create_trigger(NULL, "~totals", say_totals, flow, &service, error);
    if (status == ROSC_OK)
        status = rosc_spinner_create(NULL, 1, &spinner, error);
    if (status == ROSC_OK)
        *ran = to_ros_run(flow);
    rosc_spinner_destroy(spinner);
    rosc_service_destroy(service);
    return status;
}

static enum setup_result prepare(struct setup *setup)
{
    if (setup->config->to_ros_count > 0)
        return SETUP_READY;
    ROSC_LOG_INFO("the configuration has no kafka_to_ros: nothing to do here");
    return SETUP_DONE;
}

static int run(const struct setup *setup)
{
    struct to_ros *flow = NULL;
    struct error error;
    struct rosc_error ros_error;
    char group[GROUP_SIZE];
    char text[TOTALS_SIZE];
    make_group(setup->config, group);
    if (to_ros_create(setup->config, setup->packages, group, &flow, &error) != ERROR_NONE) {
        ROSC_LOG_FATAL("%s%s%s", error_place(&error), error_parting(&error), error.text);
        return EXIT_FAILURE;
    }
    const struct flow_source source = {get_state, get_accounts, flow};
    struct status *report = NULL;
    if (status_create(setup->config, "kafka_to_ros", &source, &report, &error) != ERROR_NONE)
        ROSC_LOG_ERROR("%s: %s", error.path, error.text);
    struct metrics *metrics = NULL;
    if (metrics_create(setup->config, "kafka_to_ros", &source, &metrics, &error) != ERROR_NONE)
        ROSC_LOG_ERROR("%s: %s", error.path, error.text);
    bool ran = false;
    enum rosc_status status = serve(flow, &ran, &ros_error);
    if (status != ROSC_OK)
        ROSC_LOG_FATAL("%s", ros_error.text);
    format_totals(flow, text, sizeof text);
    ROSC_LOG_INFO("%s", text);
    status_destroy(report);
    metrics_destroy(metrics);
    to_ros_destroy(flow);
    return status == ROSC_OK && ran ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    const struct node node = {"kafka_to_ros", prepare, run, NULL};
    return setup_main(argc, argv, &node);
}
