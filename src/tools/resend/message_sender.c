#include "tools/resend/message_sender.h"

#include "bridge/publish/publication.h"
#include "bridge/publish/types.h"
#include "message/definitions/packages.h"
#include "tools/command/interrupt.h"

#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MASTER_SECONDS     5.0
#define TYPE_MS            10000
#define SUBSCRIBER_SECONDS INT64_C(10)
#define STUCK_SECONDS      INT64_C(30)
#define SECOND             INT64_C(1000000000)
#define PAUSE              20000000L /* nanoseconds */

struct message_sender {
    const struct options *options;
    const struct config *config;
    struct packages *packages;
    struct types *types;
    struct publications publications;
    bool started;
};

enum error_code message_sender_create(const struct options *options, const struct config *config,
                                      struct message_sender **sender, struct error *error)
{
    struct message_sender *self = calloc(1, sizeof *self);
    if (!self)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    self->options = options;
    self->config = config;
    *sender = self;
    return ERROR_NONE;
}

void message_sender_destroy(struct message_sender *sender)
{
    if (!sender)
        return;
    publications_fini(&sender->publications);
    types_destroy(sender->types);
    packages_destroy(sender->packages);
    if (sender->started)
        rosc_shutdown();
    free(sender);
}

/* The command line's remappings, as rosc_init takes them. */
static enum error_code init_ros(const struct options *options, struct error *error)
{
    char *arguments[OPTIONS_REMAPPINGS_LIMIT + 2] = {strdup("spool")};
    int count = 1;
    for (int i = 0; i < options->remapping_count; i++)
        arguments[count++] = strdup(options->remappings[i]);
    char *owned[OPTIONS_REMAPPINGS_LIMIT + 2];
    memcpy(owned, arguments, sizeof owned);
    int left = count;
    struct rosc_error ros_error;
    enum rosc_status status = rosc_init(
        &left, arguments, "spool",
        ROSC_INIT_ANONYMOUS | ROSC_INIT_NO_SIGINT_HANDLER | ROSC_INIT_NO_ROSOUT, &ros_error);
    for (int i = 0; i < count; i++)
        free(owned[i]);
    if (status != ROSC_OK)
        return error_set(error, ERROR_IO, "", 0, "ROS cannot be used: %s", ros_error.text);
    return ERROR_NONE;
}

static enum error_code start(struct message_sender *sender, struct error *error)
{
    struct rosc_error ros_error;
    enum error_code code = init_ros(sender->options, error);
    if (code != ERROR_NONE)
        return code;
    sender->started = true;
    if (rosc_start(MASTER_SECONDS, &ros_error) != ROSC_OK)
        return error_set(error, ERROR_IO, rosc_master_uri(), 0,
                         "the letter holds a ROS message, and no ROS master answers at %s: start "
                         "one, or set ROS_MASTER_URI",
                         rosc_master_uri());
    code = packages_create(NULL, &sender->packages, error);
    if (code == ERROR_NONE)
        code = types_create(&sender->config->kafka, sender->config->definitions_topic,
                            sender->packages, &sender->types, error);
    return code == ERROR_NONE ? code : ERROR_IO;
}

/* Waits for a subscriber, once for each topic. */
static bool is_heard(struct publication *publication)
{
    int64_t deadline = publication->topic->advertised + SUBSCRIBER_SECONDS * SECOND;
    while (publication_subscribers(publication) == 0) {
        if (rosc_time_steady() >= deadline || interrupt_asked())
            return false;
        (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE}, NULL);
    }
    publication->topic->heard = true;
    return true;
}

static enum error_code publish(struct message_sender *sender, const struct letter *letter,
                               const char **refusal, struct error *error)
{
    const struct plan *plan = NULL;
    struct publication *publication = NULL;
    struct rosc_error ros_error;
    enum error_code code = types_find(sender->types, letter->ros_type, letter->ros_md5sum, TYPE_MS,
                                      TYPES_PATIENCE, &plan, error);
    if (code == ERROR_NONE)
        code = publications_get(
            &sender->publications,
            &(struct publication_request){
                .ros_topic = letter->ros_topic, .plan = plan, .source = "", .original = true},
            &publication, error);
    if (code != ERROR_NONE) {
        *refusal = error->text;
        return code;
    }
    if (!is_heard(publication)) {
        *refusal = "nobody subscribes to the ROS topic; is ros_to_kafka running?";
        return error_set(error, ERROR_MISSING, letter->ros_topic, 0, "%s", *refusal);
    }
    if (rosc_publisher_publish(publication->publisher, letter->original.value,
                               letter->original.value_size, &ros_error) == ROSC_OK)
        return ERROR_NONE;
    *refusal = error->text;
    return error_set(error, ERROR_RANGE, letter->ros_topic, 0, "%s", ros_error.text);
}

enum error_code message_sender_send(struct message_sender *sender, const struct letter *letter,
                                    struct send_result *result, struct error *error)
{
    const char *refusal = "";
    enum error_code code = sender->types ? ERROR_NONE : start(sender, error);
    if (code == ERROR_NONE)
        code = publish(sender, letter, &refusal, error);
    bool away = code == ERROR_IO || (code != ERROR_NONE && interrupt_asked());
    if (code != ERROR_NONE)
        send_result_set(result, away ? SEND_NOT_DONE : SEND_FAILED, refusal);
    return away ? ERROR_IO : ERROR_NONE;
}

/* Whether a topic that was heard is heard no more: what waited for its subscriber is gone. */
static bool is_left(const struct message_sender *sender)
{
    for (const struct publication_topic *at = sender->publications.by_name; at; at = at->hh.next)
        if (at->heard && at->first && publication_subscribers(at->first) == 0)
            return true;
    return false;
}

static uint64_t unwritten_bytes(const struct message_sender *sender)
{
    uint64_t bytes = 0;
    for (const struct publication_topic *at = sender->publications.by_name; at; at = at->hh.next) {
        struct rosc_progress progress = {0};
        if (at->first && at->first->publisher) /* nothing is latched: a topic has one */
            progress = rosc_publisher_progress(at->first->publisher);
        /* One more for each message, since a message may have no bytes. */
        bytes += progress.unwritten_bytes + (progress.published - progress.written);
    }
    return bytes;
}

bool message_sender_wait(struct message_sender *sender)
{
    int64_t since = rosc_time_steady();
    uint64_t left = sender->types ? unwritten_bytes(sender) : 0;
    while (left > 0) {
        if (is_left(sender) || rosc_time_steady() - since > STUCK_SECONDS * SECOND)
            return false;
        (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE}, NULL);
        uint64_t now = unwritten_bytes(sender);
        if (now < left)
            since = rosc_time_steady();
        left = now;
    }
    return !sender->types || !is_left(sender);
}
