#include "simulators/simulation.h"

#include "simulators/node.h"
#include "simulators/robot.h"
#include "simulators/type_table.h"

#include <math.h>
#include <rosc/rosc.h>
#include <stdlib.h>

#define MESSAGE_LIMIT    (1U << 20) /* bytes; the largest, a picture, has about 20,000 */
#define OTHER_QUEUE_SIZE 100        /* messages per topic besides odometry */
#define LATE_LIMIT       1.0        /* s */
#define SECOND           1e9        /* ns */

struct publication {
    const struct robot_topic *topic;
    struct rosc_publisher *publisher;
    double rate;
    double offset; /* s: when the first message is due, so that topics do not all fall together */
    uint64_t sent;
};

struct simulation {
    struct robot_simulator_options options;
    struct drive drive;
    struct robot robot;
    struct publication *publications; /* one per topic of the robot; the first is the odometry */
    size_t publication_count;
    struct buffer message;
    int64_t stamp_at_start;  /* ns, ROS time */
    int64_t steady_at_start; /* ns */
    double delay;            /* s that the schedule was moved by */
    uint64_t failed;
};

static enum error_code advertise(struct simulation *simulation, struct type_table *types,
                                 const struct robot_topic *topic, struct error *error)
{
    struct publication *made = &simulation->publications[simulation->publication_count];
    bool is_odometry = simulation->publication_count == 0;
    const struct plan *plan;
    enum error_code code = type_table_find(types, topic->kind->type, &plan, error);
    if (code != ERROR_NONE)
        return code;
    struct rosc_publisher_options options = {
        .type = plan_type(plan),
        .md5sum = plan_md5sum(plan),
        .definition = plan_text(plan),
        .queue_size = is_odometry ? simulation->options.queue_size : OTHER_QUEUE_SIZE,
    };
    struct rosc_error why;
    if (rosc_publisher_create(topic->name, &options, &made->publisher, &why) != ROSC_OK)
        return error_set(error, ERROR_IO, topic->name, 0, "cannot be advertised: %s", why.text);
    struct noise noise;
    noise_init(&noise, simulation->publication_count);
    made->topic = topic;
    made->rate = is_odometry ? simulation->options.rate : topic->kind->rate;
    made->offset = is_odometry ? 0 : noise_between(&noise, 0, fmin(1.0, 1.0 / made->rate));
    simulation->publication_count++;
    return ERROR_NONE;
}

enum error_code simulation_create(const struct robot_simulator_options *options,
                                  struct simulation **simulation, struct error *error)
{
    struct type_table *types = NULL;
    struct simulation *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, NULL, 0, "out of memory");
    made->options = *options;
    drive_init(&made->drive, options->seed);
    buffer_init(&made->message, MESSAGE_LIMIT);
    enum error_code code = robot_init(&made->robot, options->robot, options->topics, error);
    if (code != ERROR_NONE)
        goto cleanup;
    made->publications = calloc(made->robot.count, sizeof *made->publications);
    if (!made->publications) {
        code = error_set(error, ERROR_MEMORY, NULL, 0, "out of memory");
        goto cleanup;
    }
    code = type_table_create(&types, error);
    for (size_t i = 0; code == ERROR_NONE && i < made->robot.count; i++)
        code = advertise(made, types, &made->robot.topics[i], error);
cleanup:
    type_table_destroy(types);
    if (code != ERROR_NONE) {
        simulation_destroy(made);
        return code;
    }
    *simulation = made;
    return ERROR_NONE;
}

void simulation_destroy(struct simulation *simulation)
{
    if (!simulation)
        return;
    bool heard = true;
    for (size_t i = 0; simulation->publications && i < simulation->publication_count; i++) {
        struct rosc_publisher *publisher = simulation->publications[i].publisher;
        heard = heard && publisher && node_flush(publisher);
        rosc_publisher_destroy(publisher);
    }
    free(simulation->publications);
    robot_fini(&simulation->robot);
    buffer_fini(&simulation->message);
    free(simulation);
}

bool simulation_has_subscriber(const struct simulation *simulation)
{
    return rosc_publisher_subscriber_count(simulation->publications[0].publisher) > 0;
}

void simulation_start(struct simulation *simulation)
{
    simulation->stamp_at_start = rosc_time_now();
    simulation->steady_at_start = rosc_time_steady();
}

/* Seconds since the start: of ROS time where that is simulated, so that the robot drives as fast as
 * its world; else of a clock that nobody sets. */
static double elapsed(const struct simulation *simulation)
{
    int64_t since = rosc_time_is_simulated() ? rosc_time_now() - simulation->stamp_at_start
                                             : rosc_time_steady() - simulation->steady_at_start;
    return (double)since / SECOND;
}

static void publish(struct simulation *simulation, struct publication *publication)
{
    const struct robot_topic *topic = publication->topic;
    double time = publication->offset + (double)publication->sent / publication->rate;
    struct drive_state state;
    drive_at(&simulation->drive, time, &state);
    struct moment moment = {
        .seq = (uint32_t)publication->sent,
        .stamp = simulation->stamp_at_start + (int64_t)llround((time + simulation->delay) * SECOND),
        .time = time,
        .robot = simulation->options.robot,
        .instance = topic->instance,
        .state = &state,
    };
    size_t index = (size_t)(publication - simulation->publications);
    noise_init(&moment.noise, simulation->options.seed ^ (uint64_t)index << 40);
    moment.noise.state ^= noise_next(&moment.noise) + publication->sent;

    struct serial_writer writer;
    struct rosc_error why;
    buffer_clear(&simulation->message);
    serial_writer_init(&writer, &simulation->message);
    topic->kind->write(&writer, &moment);
    publication->sent++;
    if (writer.code != ERROR_NONE) {
        simulation->failed++;
        ROSC_LOG_THROTTLE(10, ROSC_ERROR_LEVEL, "%s: a message was not made: %s", topic->name,
                          error_code_name(writer.code));
    } else if (rosc_publisher_publish(publication->publisher, simulation->message.data,
                                      simulation->message.length, &why) != ROSC_OK) {
        simulation->failed++;
        if (rosc_ok())
            ROSC_LOG_THROTTLE(10, ROSC_ERROR_LEVEL, "%s: a message was not published: %s",
                              topic->name, why.text);
    }
}

/* When the publication's next message is due, seconds since the start as scheduled at first. */
static double due(const struct publication *publication)
{
    return publication->offset + (double)publication->sent / publication->rate;
}

double simulation_step(struct simulation *simulation)
{
    double now = elapsed(simulation) - simulation->delay;
    double late = now - due(&simulation->publications[0]);
    if (late > LATE_LIMIT) {
        simulation->delay += late;
        now -= late;
        ROSC_LOG_THROTTLE(10, ROSC_WARN,
                          "this machine does not keep up with %g odometry messages a second: the "
                          "schedule is %.1f s behind by now",
                          simulation->options.rate, simulation->delay);
    }
    double next = INFINITY;
    for (size_t i = 0; i < simulation->publication_count; i++) {
        struct publication *publication = &simulation->publications[i];
        while (due(publication) <= now && !simulation_is_done(simulation) && rosc_ok())
            publish(simulation, publication);
        next = fmin(next, due(publication));
    }
    double wait = next + simulation->delay - elapsed(simulation);
    return wait > 0 ? wait : 0;
}

bool simulation_is_done(const struct simulation *simulation)
{
    uint64_t count = simulation->options.count;
    return count > 0 && simulation->publications[0].sent >= count;
}

uint64_t simulation_odometry_published(const struct simulation *simulation)
{
    return simulation->publications[0].sent;
}

uint64_t simulation_published(const struct simulation *simulation)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < simulation->publication_count; i++)
        sum += simulation->publications[i].sent;
    return sum - simulation->failed;
}
