#include "bridge/to_ros/to_ros.h"
#include "nodes/direction.h"

#include <rosc/rosc.h>
#include <stdio.h>

#define GROUP_SIZE 768

static bool is_configured(const struct config *config)
{
    return config->to_ros_count > 0;
}

/* The consumer group: each robot's each node has its own, so that every robot gets every result. */
static void make_group(const struct config *config, char *group)
{
    (void)snprintf(group, GROUP_SIZE, "kafka_bridge.%s%s", config->robot, rosc_node_name());
    for (char *at = group; *at; at++)
        if (*at == '/')
            *at = '.';
}

static enum error_code start(const struct setup *setup, void **flow, struct error *error)
{
    static char group[GROUP_SIZE]; /* outlives the flow */
    struct to_ros *made = NULL;
    make_group(setup->config, group);
    enum error_code code = to_ros_create(setup->config, setup->packages, group, &made, error);
    *flow = made;
    return code;
}

static bool run(void *flow)
{
    return to_ros_run(flow);
}

static void describe(void *flow, char *text, size_t size)
{
    struct totals totals;
    to_ros_totals(flow, &totals);
    totals_format(&totals, false, text, size);
}

static void get_state(void *flow, struct flow_state *state)
{
    to_ros_state(flow, state);
}

static void get_accounts(void *flow, account_visitor visit, void *user)
{
    to_ros_accounts(flow, visit, user);
}

static void destroy(void *flow)
{
    to_ros_destroy(flow);
}

const struct direction direction_to_ros = {.name = "kafka_to_ros",
                                           .is_configured = is_configured,
                                           .start = start,
                                           .run = run,
                                           .describe = describe,
                                           .state = get_state,
                                           .accounts = get_accounts,
                                           .destroy = destroy};
