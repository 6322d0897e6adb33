#include "nodes/part.h"

#include "bridge/report/metrics_endpoint.h"
#include "bridge/report/status.h"

#include <rosc/rosc.h>
#include <signal.h>
#include <stdio.h>

#define TOTALS_SIZE 1024
#define NAME_SIZE   64

static void say(const struct error *error)
{
    ROSC_LOG_FATAL("%s%s%s", error_place(error), error_parting(error), error->text);
}

bool part_prepare(struct part *part)
{
    struct error error;
    if (!part->direction->prepare ||
        part->direction->prepare(part->setup, &part->flow, &error) == ERROR_NONE)
        return true;
    say(&error);
    return false;
}

void part_discard(struct part *part)
{
    if (part->flow && part->direction->stop)
        part->direction->stop(part->flow);
    if (part->flow)
        part->direction->destroy(part->flow);
    part->flow = NULL;
}

static bool say_totals(char *message, size_t size, void *user)
{
    const struct part *part = user;
    part->direction->describe(part->flow, message, size);
    return true;
}

/* What shows it; the work goes on without, where that fails. */
static void show(struct part *part)
{
    const struct direction *direction = part->direction;
    const struct config *config = part->setup->config;
    const struct flow_view source = {direction->state, direction->accounts, part->flow};
    char name[NAME_SIZE];
    struct error error;
    (void)snprintf(name, sizeof name, "%sstatus", part->place);
    if (status_create(config, name, direction->name, &source, &part->status, &error) != ERROR_NONE)
        ROSC_LOG_ERROR("%s: %s", error.path, error.text);
    if (metrics_endpoint_create(config, direction->name, &source, &part->metrics, &error) !=
        ERROR_NONE)
        ROSC_LOG_ERROR("%s: %s", error.path, error.text);
}

static enum error_code serve_totals(struct part *part, struct error *error)
{
    char name[NAME_SIZE];
    struct rosc_error ros_error;
    (void)snprintf(name, sizeof name, "%stotals", part->place);
    if (rosc_service_create_trigger(NULL, name, say_totals, part, &part->service, &ros_error) !=
        ROSC_OK)
        return error_set(error, ERROR_IO, "", 0, "%s", ros_error.text);
    return ERROR_NONE;
}

static void finish(struct part *part)
{
    char text[TOTALS_SIZE];
    rosc_service_destroy(part->service);
    if (part->direction->stop)
        part->direction->stop(part->flow);
    part->direction->describe(part->flow, text, sizeof text);
    ROSC_LOG_INFO("%s", text);
    status_destroy(part->status);
    metrics_endpoint_destroy(part->metrics);
    part->direction->destroy(part->flow);
}

static void *work(void *argument)
{
    struct part *part = argument;
    part->gave_up = !part->direction->run(part->flow);
    if (part->gave_up)
        rosc_request_shutdown();
    finish(part);
    return NULL;
}

/* Signals are main's. */
static enum error_code start_thread(struct part *part, struct error *error)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    part->threaded = pthread_create(&part->thread, NULL, work, part) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return part->threaded ? ERROR_NONE
                          : error_set(error, ERROR_MEMORY, "", 0, "no thread can be started");
}

bool part_begin(struct part *part)
{
    struct error error;
    if (part->direction->start(part->setup, &part->flow, &error) != ERROR_NONE) {
        say(&error);
        part_discard(part);
        return false;
    }
    show(part);
    enum error_code code = serve_totals(part, &error);
    if (code == ERROR_NONE && part->direction->run)
        code = start_thread(part, &error);
    if (code == ERROR_NONE)
        return true;
    say(&error);
    finish(part);
    return false;
}

bool part_end(struct part *part)
{
    if (part->threaded)
        (void)pthread_join(part->thread, NULL);
    else
        finish(part);
    return !part->gave_up;
}
