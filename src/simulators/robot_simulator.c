/* robot_simulator: a robot that drives, for trying things out and for tests.
 *
 * Publishes warty/odom, and on request a robot's worth of other topics. Its parameters are those of
 * robot_simulator_options.h.
 */
#include "base/help.h"
#include "simulators/node.h"
#include "simulators/simulation.h"

#include <inttypes.h>
#include <math.h>
#include <rosc/rosc.h>
#include <stdlib.h>
#include <time.h>

#define SHORTEST_SLEEP 0.001 /* s: faster messages go out several at a time */
#define LONGEST_SLEEP  0.05  /* s, so that a request to stop is soon seen */

static void sleep_for(double seconds)
{
    double time = fmin(fmax(seconds, SHORTEST_SLEEP), LONGEST_SLEEP);
    (void)nanosleep(&(struct timespec){.tv_nsec = (long)(time * 1e9)}, NULL);
}

static bool read_options(const cJSON *parameters, void *target, struct buffer *problems)
{
    return robot_simulator_options_read(parameters, target, problems);
}

/* Waits for the first message of /clock, where time is simulated, and for a subscriber, where one
 * is asked for. */
static void wait_to_begin(struct simulation *simulation, bool wait_for_subscriber)
{
    if (wait_for_subscriber && !simulation_has_subscriber(simulation))
        ROSC_LOG_INFO("waiting for a subscriber of the odometry");
    while (rosc_ok() && (rosc_time_now() == 0 ||
                         (wait_for_subscriber && !simulation_has_subscriber(simulation))))
        sleep_for(0.01);
}

static void run(struct simulation *simulation, const struct robot_simulator_options *options)
{
    wait_to_begin(simulation, options->wait_for_subscriber);
    if (!rosc_ok())
        return;
    ROSC_LOG_INFO("driving: %s/odom %g times a second, %zu topics in all, seed %" PRIu64,
                  options->robot, options->rate, options->topics, options->seed);
    simulation_start(simulation);
    while (rosc_ok() && !simulation_is_done(simulation))
        sleep_for(simulation_step(simulation));
    ROSC_LOG_INFO("published %" PRIu64 " odometry messages, %" PRIu64 " messages in all%s",
                  simulation_odometry_published(simulation), simulation_published(simulation),
                  rosc_ok()
                      ? "; quiet from here on, as ~count asks; it stays for its latched topics, "
                        "Ctrl-C ends it"
                      : "");
    while (rosc_ok())
        sleep_for(LONGEST_SLEEP);
}

static const char help[] =
    "usage: robot_simulator [_NAME:=VALUE...]\n"
    "\n"
    "A robot that drives: publishes ROBOT/odom, and up to a few hundred topics more.\n"
    "It stays when it has published all, for its latched topics: Ctrl-C ends it.\n"
    "\n"
    "parameters:\n"
    "  _robot:=NAME                 before its topics (warty)\n"
    "  _rate:=N                     odometry messages a second (50)\n"
    "  _topics:=N                   how many topics it publishes (1)\n"
    "  _seed:=N                     its path (1)\n"
    "  _count:=N                    odometry messages, then it is quiet (0: without end)\n"
    "  _queue_size:=N               messages that wait for a slow subscriber (100000; 0: no\n"
    "                               bound)\n"
    "  _wait_for_subscriber:=true   begins with the first one (false)\n" HELP_OF_NODES;

int main(int argc, char **argv)
{
    int result;
    if (!node_begin(argc, argv, "robot_simulator", help, &result))
        return result;
    result = EXIT_FAILURE;
    cJSON *tree = NULL;
    struct simulation *simulation = NULL;
    struct robot_simulator_options options;
    struct error why;
    if (!node_read_parameters(&tree, read_options, &options))
        goto cleanup;
    if (simulation_create(&options, &simulation, &why) != ERROR_NONE) {
        ROSC_LOG_FATAL("%s: %s", why.path, why.text);
        goto cleanup;
    }
    run(simulation, &options);
    result = EXIT_SUCCESS;
cleanup:
    simulation_destroy(simulation);
    cJSON_Delete(tree);
    rosc_shutdown();
    return result;
}
