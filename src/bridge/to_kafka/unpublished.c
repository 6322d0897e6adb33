#include "bridge/to_kafka/unpublished.h"

#include "base/nearest.h"
#include "bridge/flow/names.h"

#include <rosc/rosc.h>
#include <stdio.h>
#include <string.h>

#define SECOND      INT64_C(1000000000)
#define HINT_SIZE   (2 * NAMES_ROS_SIZE)
#define EDITS_LEAST 2
#define EDITS_SHARE 4 /* of a name's length may be another's */

static const char *last_word(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

/* The log's topics and this node's own are nobody's who looks for something. */
static bool is_eligible(const char *topic)
{
    const char *own = rosc_node_name();
    size_t length = strlen(own);
    return !names_is_internal_ros(topic) &&
           !(strncmp(topic, own, length) == 0 && topic[length] == '/');
}

const struct rosc_topic_info *unpublished_nearest(const char *name,
                                                  const struct rosc_topic_list *list)
{
    const struct rosc_topic_info *alike = NULL;
    struct nearest nearest;
    size_t edits = strlen(name) / EDITS_SHARE;
    nearest_begin(&nearest, name, edits > EDITS_LEAST ? edits : EDITS_LEAST);
    for (size_t i = 0; i < list->count; i++) {
        const struct rosc_topic_info *topic = &list->topics[i];
        const char *before = nearest.found;
        if (!is_eligible(topic->name))
            continue;
        nearest_offer(&nearest, topic->name);
        if (nearest.found != before ||
            (!nearest.found && !alike && strcmp(last_word(topic->name), last_word(name)) == 0))
            alike = topic;
    }
    return alike;
}

/* What would be right instead of `name`; `hint` holds HINT_SIZE bytes. */
static void find_hint(const char *name, const struct rosc_topic_list *list, char *hint)
{
    const struct rosc_topic_info *alike = unpublished_nearest(name, list);
    size_t others = 0;
    for (size_t i = 0; i < list->count; i++)
        others += is_eligible(list->topics[i].name);
    if (alike)
        (void)snprintf(hint, HINT_SIZE, "did you mean %s (%s)?", alike->name, alike->type);
    else if (others > 0)
        (void)snprintf(hint, HINT_SIZE,
                       "none of the %zu topics that are published is like it (rostopic list)",
                       others);
    else
        (void)snprintf(hint, HINT_SIZE,
                       "no topic is published at all: does the robot run, with ROS_MASTER_URI %s?",
                       rosc_master_uri());
}

static bool is_published(const char *ros_topic)
{
    struct rosc_publishers found = rosc_topic_publishers(ros_topic);
    return found.connected + found.waiting > 0;
}

static bool is_listed(const char *ros_topic, const struct rosc_topic_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->topics[i].name, ros_topic) == 0)
            return true;
    return false;
}

static void say_unlisted(struct stream *stream, const struct rosc_topic_list *list)
{
    char hint[HINT_SIZE];
    find_hint(stream->ros_topic, list, hint);
    ROSC_LOG_WARN("nobody publishes %s (%s): nothing of it can go to Kafka until somebody does; %s",
                  stream->ros_topic, stream->route->path, hint);
}

/* Whoever begins to publish just now is listed a moment before the master tells this node: that is
 * believed after as long again. */
static void say(struct stream *stream, const struct rosc_topic_list *list)
{
    struct stream_publishing *state = &stream->publishing;
    bool listed = is_listed(stream->ros_topic, list);
    if (listed && !state->listed) {
        state->listed = true;
        state->since = rosc_time_steady();
        return;
    }
    state->said = true;
    if (!listed) {
        say_unlisted(stream, list);
        return;
    }
    ROSC_LOG_WARN("%s (%s): the ROS master lists a publisher of it, but did not tell this node. If "
                  "that is another node, the master cannot reach this one: set ROS_IP here to an "
                  "address that the master's machine reaches, and start this node again",
                  stream->ros_topic, stream->route->path);
}

/* Whether the stream's topic is to be said now; takes back what was. */
static bool look_at(struct stream *stream, int64_t now)
{
    struct stream_publishing *state = &stream->publishing;
    if (state->seen || !stream->route->ros_topic)
        return false;
    if (is_published(stream->ros_topic)) {
        state->seen = true;
        if (state->said)
            ROSC_LOG_INFO("%s is published now (%s)", stream->ros_topic, stream->route->path);
        return false;
    }
    if (state->since == 0)
        state->since = now;
    return !state->said && now - state->since >= UNPUBLISHED_SECONDS * SECOND;
}

static void say_pattern(const struct to_kafka_route *route, const struct rosc_topic_list *list)
{
    char hint[HINT_SIZE];
    find_hint(route->ros_topic_pattern, list, hint);
    ROSC_LOG_WARN("no topic matches ros_topic_pattern \"%s\" (%s): nothing of it can go to Kafka "
                  "until one does; %s",
                  route->ros_topic_pattern, route->path, hint);
}

/* Those of which `due` is set, and patterns. */
static void say_all(struct stream *streams, struct discovery *discovery,
                    const struct rosc_topic_list *list)
{
    const struct to_kafka_route *route;
    while ((route = discovery_unmatched(discovery, UNPUBLISHED_SECONDS * SECOND))) {
        discovery_told(discovery, route);
        say_pattern(route, list);
    }
    for (struct stream *stream = streams; stream; stream = stream->next) {
        if (stream->publishing.due)
            say(stream, list);
    }
}

void unpublished_look(struct stream *streams, struct discovery *discovery)
{
    struct rosc_topic_list list;
    struct rosc_error error;
    int64_t now = rosc_time_steady();
    bool any = discovery_unmatched(discovery, UNPUBLISHED_SECONDS * SECOND) != NULL;
    for (struct stream *stream = streams; stream; stream = stream->next) {
        stream->publishing.due = look_at(stream, now);
        any = any || stream->publishing.due;
    }
    /* A master that is away is said elsewhere. */
    if (!any || rosc_topic_list_init(&list, &error) != ROSC_OK)
        return;
    say_all(streams, discovery, &list);
    rosc_topic_list_fini(&list);
}
