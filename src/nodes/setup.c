#include "nodes/setup.h"

#include "base/help.h"
#include "nodes/config_source.h"
#include "nodes/kafka_lines.h"
#include "nodes/part.h"
#include "nodes/setup_help.h"

#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EMBEDDED           "embedded"
#define EMBEDDED_PARAMETER "/embedded_broker/bootstrap_servers"
#define WAIT_NANOSECONDS   200000000L
#define WAITS_BEFORE_LOG   5
#define ORIGIN_SIZE        8192
#define PLACE_SIZE         32

enum setup_result {
    SETUP_READY,   /* go on */
    SETUP_DONE,    /* nothing is wrong, and there is nothing to do */
    SETUP_STOPPED, /* shutdown was asked for meanwhile */
    SETUP_FAILED,  /* said what is wrong */
};

/* The directions at work. */
struct parts {
    struct part items[2];
    char places[2][PLACE_SIZE];
    size_t count;
};

/* Makes and checks the configuration of `tree`, which it takes; prints every problem. */
static bool make_config(struct setup *setup, cJSON *tree, const struct config_source *source)
{
    struct error error;
    struct problems problems;
    char origin[ORIGIN_SIZE];
    if (packages_create(NULL, &setup->packages, &error) != ERROR_NONE) {
        ROSC_LOG_FATAL("%s", error.text);
        cJSON_Delete(tree);
        return false;
    }
    problems_init(&problems);
    problems.places = source->places.list;
    problems.place_count = source->places.count;
    setup->config = config_create(tree, setup->packages, &problems);
    if (setup->config && !problems_any(&problems) && setup->config->to_kafka_count == 0 &&
        setup->config->to_ros_count == 0)
        problems_add(&problems, "", "no route: write ros_to_kafka or kafka_to_ros");
    bool right = setup->config && !problems_any(&problems);
    for (size_t i = 0; i < problems.count; i++)
        ROSC_LOG_ERROR("%s", problems.lines[i]);
    config_source_name(source, &problems, origin, sizeof origin);
    if (!right)
        ROSC_LOG_FATAL("%zu problem%s in %s: nothing was started", problems_count(&problems),
                       problems_count(&problems) == 1 ? "" : "s", origin);
    problems_fini(&problems);
    return right;
}

static enum setup_result say_checked(const struct setup *setup, const char *origin)
{
    ROSC_LOG_INFO("%s is right: %zu route%s to Kafka, %zu to ROS", origin,
                  setup->config->to_kafka_count, setup->config->to_kafka_count == 1 ? "" : "s",
                  setup->config->to_ros_count);
    return SETUP_DONE;
}

/* `_check:=true _config:=FILE`: without ROS, so that it works in an editor or a build. */
static enum setup_result check_file(struct setup *setup, struct config_source *source)
{
    cJSON *tree = NULL;
    struct error error;
    if (config_source_read_file(source, &tree, &error) != ERROR_NONE) {
        ROSC_LOG_FATAL("%s: %s", error.path, error.text);
        return SETUP_FAILED;
    }
    return make_config(setup, tree, source) ? say_checked(setup, source->file) : SETUP_FAILED;
}

/* The mock cluster keeps a member that left until its session is over: kept short, a node that
 * starts again does not wait for the one before. It answers nothing else on a connection while a
 * fetch waits for records, nor that fetch before its time is over. */
static bool use_embedded(struct setup *setup, const char *address)
{
    static const char *const quick[][2] = {{"session.timeout.ms", "6000"},
                                           {"fetch.wait.max.ms", "20"}};
    struct kafka_properties *kafka = &setup->config->kafka;
    setup->config->spool.is_trial = true;
    for (size_t i = 0; i < sizeof quick / sizeof quick[0]; i++)
        if (!kafka_properties_get(kafka, quick[i][0]) &&
            kafka_properties_set(kafka, quick[i][0], quick[i][1]) != ERROR_NONE)
            return false;
    return kafka_properties_set(kafka, "bootstrap.servers", address) == ERROR_NONE;
}

/* The embedded broker's address, waited for. False where shutdown came first. */
static bool find_embedded(struct setup *setup)
{
    const struct timespec pause = {.tv_nsec = WAIT_NANOSECONDS};
    for (int waits = 0; rosc_ok(); waits++) {
        cJSON *value = NULL;
        if (rosc_param_get_tree(EMBEDDED_PARAMETER, &value, NULL) == ROSC_OK) {
            bool set = cJSON_IsString(value) && use_embedded(setup, value->valuestring);
            if (set)
                ROSC_LOG_INFO(
                    "bootstrap.servers is embedded: %s, as the parameter " EMBEDDED_PARAMETER
                    " says",
                    value->valuestring);
            cJSON_Delete(value);
            if (set)
                return true;
        }
        if (waits == WAITS_BEFORE_LOG)
            ROSC_LOG_WARN("bootstrap.servers is embedded: waiting for " EMBEDDED_PARAMETER
                          "; start it with: rosrun kafka_bridge embedded_broker");
        (void)nanosleep(&pause, NULL);
    }
    return false;
}

static enum setup_result read_config(struct setup *setup, struct config_source *source)
{
    struct error error;
    cJSON *tree = NULL;
    if (config_source_read(source, &tree, &error) != ERROR_NONE) {
        ROSC_LOG_FATAL("%s: %s", error.path, error.text);
        return SETUP_FAILED;
    }
    if (!make_config(setup, tree, source))
        return SETUP_FAILED;
    if (source->check)
        return say_checked(setup, *source->file ? source->file : rosc_node_name());
    const char *servers = kafka_properties_get(&setup->config->kafka, "bootstrap.servers");
    if (strcmp(servers, EMBEDDED) == 0 && !find_embedded(setup))
        return SETUP_STOPPED;
    return SETUP_READY;
}

/* Why ROS could not be reached: shutdown, or what is wrong, which is said. */
static enum setup_result fail(const struct rosc_error *error)
{
    if (!rosc_ok())
        return SETUP_STOPPED;
    ROSC_LOG_FATAL("%s", error->text);
    return SETUP_FAILED;
}

/* Those of `directions` that the configuration has routes for. */
static void choose(struct parts *parts, const struct setup *setup,
                   const struct direction *const directions[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *place = parts->places[parts->count];
        if (!directions[i]->is_configured(setup->config)) {
            ROSC_LOG_INFO("the configuration has no %s: nothing to do here", directions[i]->name);
            continue;
        }
        (void)snprintf(place, PLACE_SIZE, count > 1 ? "~%s/" : "~", directions[i]->name);
        parts->items[parts->count++] =
            (struct part){.direction = directions[i], .setup = setup, .place = place};
    }
}

static void discard(struct parts *parts)
{
    for (size_t i = 0; i < parts->count; i++)
        part_discard(&parts->items[i]);
}

static enum setup_result prepare(struct parts *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        if (part_prepare(&parts->items[i]))
            continue;
        discard(parts);
        return SETUP_FAILED;
    }
    return parts->count > 0 ? SETUP_READY : SETUP_DONE;
}

/* The work, until shutdown; true where nothing went wrong. */
static bool work(struct parts *parts)
{
    size_t begun = 0;
    while (begun < parts->count && part_begin(&parts->items[begun]))
        begun++;
    bool good = begun == parts->count;
    if (good)
        rosc_queue_spin(NULL);
    else
        rosc_request_shutdown();
    for (size_t i = 0; i < parts->count; i++) {
        if (i < begun)
            good = part_end(&parts->items[i]) && good;
        else if (i > begun)
            part_discard(&parts->items[i]);
    }
    return good;
}

/* All that can go wrong before the node is registered. */
static enum setup_result begin(struct setup *setup, int *argc, char **argv, const char *name,
                               struct config_source *source)
{
    struct rosc_error error;
    if (config_source_init(source, name, *argc, argv) != ERROR_NONE) {
        ROSC_LOG_FATAL("out of memory");
        return SETUP_FAILED;
    }
    if (config_source_is_check(source))
        return check_file(setup, source);
    if (rosc_init(argc, argv, name, ROSC_INIT_DEFAULT, &error) != ROSC_OK) {
        ROSC_LOG_FATAL("%s", error.text);
        return SETUP_FAILED;
    }
    if (*argc > 1) {
        ROSC_LOG_FATAL("unknown argument %s; arguments are written _name:=value, see the README",
                       argv[1]);
        return SETUP_FAILED;
    }
    if (rosc_connect(-1, &error) != ROSC_OK)
        return fail(&error);
    kafka_lines_to_ros();
    return read_config(setup, source);
}

int setup_main(int argc, char **argv, const char *name, const struct direction *const directions[],
               size_t count)
{
    struct setup setup = {0};
    struct parts parts = {0};
    struct rosc_error error;
    struct config_source source;
    if (help_asked(argc, argv, setup_help(name)))
        return EXIT_SUCCESS;
    enum setup_result result = begin(&setup, &argc, argv, name, &source);
    config_source_fini(&source);
    if (result == SETUP_READY) {
        choose(&parts, &setup, directions, count);
        result = prepare(&parts);
    }
    if (result == SETUP_READY && rosc_start(-1, &error) != ROSC_OK) {
        result = fail(&error);
        discard(&parts);
    }
    if (result == SETUP_READY && !work(&parts))
        result = SETUP_FAILED;
    config_destroy(setup.config);
    packages_destroy(setup.packages);
    rosc_shutdown();
    return result == SETUP_FAILED ? EXIT_FAILURE : EXIT_SUCCESS;
}
