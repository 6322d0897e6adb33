#include "bridge/report/metrics_endpoint.h"

#include "bridge/report/exposition.h"
#include "metrics/process.h"
#include "metrics/server.h"

#include <rosc/rosc.h>
#include <stdlib.h>
#include <string.h>

struct metrics_endpoint {
    const struct config_metrics *config;
    uint16_t port;
    struct exposition exposition;  /* the server's thread's */
    struct metrics_server *server; /* NULL while its port is another's */
    struct rosc_timer *timer;      /* NULL where the first try was enough */
    bool said;
};

static void write(struct metrics_text *text, void *user)
{
    struct metrics_endpoint *metrics = user;
    exposition_write(&metrics->exposition, text);
    metrics_process_write(text);
}

/* True where it serves. */
static bool try_to_serve(struct metrics_endpoint *metrics)
{
    struct error error;
    const struct metrics_server_options options = {.address = metrics->config->address,
                                                   .port = metrics->port,
                                                   .name = metrics->exposition.direction,
                                                   .write = write,
                                                   .user = metrics};
    bool six = strchr(options.address, ':');
    if (metrics_server_create(&options, &metrics->server, &error) == ERROR_NONE) {
        ROSC_LOG_INFO("metrics at http://%s%s%s:%u/metrics", six ? "[" : "", options.address,
                      six ? "]" : "", (unsigned)metrics->port);
        return true;
    }
    if (!metrics->said)
        ROSC_LOG_ERROR("metrics: %s; messages flow all the same, and it is tried again every %d "
                       "s. Another port: metrics: {%s: PORT} or _metrics_port:=PORT",
                       error.text, METRICS_RETRY_SECONDS, options.name);
    metrics->said = true;
    return false;
}

static void on_timer(const struct rosc_timer_event *event, void *user)
{
    struct metrics_endpoint *metrics = user;
    (void)event;
    if (!metrics->server)
        (void)try_to_serve(metrics);
}

enum error_code metrics_endpoint_create(const struct config *config, const char *direction,
                                        const struct flow_view *source,
                                        struct metrics_endpoint **metrics, struct error *error)
{
    struct rosc_error ros_error;
    bool to_kafka = strcmp(direction, "ros_to_kafka") == 0;
    uint16_t port = to_kafka ? config->metrics.to_kafka_port : config->metrics.to_ros_port;
    *metrics = NULL;
    if (port == 0)
        return ERROR_NONE;
    struct metrics_endpoint *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, "metrics", 0, "out of memory");
    made->config = &config->metrics;
    made->port = port;
    exposition_init(&made->exposition, config->robot, direction, source);
    if (!try_to_serve(made) &&
        rosc_timer_create(NULL, ROSC_CLOCK_WALL, METRICS_RETRY_SECONDS, false, on_timer, made,
                          &made->timer, &ros_error) != ROSC_OK) {
        metrics_endpoint_destroy(made);
        return error_set(error, ERROR_IO, "metrics", 0, "%s", ros_error.text);
    }
    *metrics = made;
    return ERROR_NONE;
}

void metrics_endpoint_destroy(struct metrics_endpoint *metrics)
{
    if (!metrics)
        return;
    rosc_timer_destroy(metrics->timer);
    metrics_server_destroy(metrics->server);
    exposition_fini(&metrics->exposition);
    free(metrics);
}
