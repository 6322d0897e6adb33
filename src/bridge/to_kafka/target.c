#include "bridge/to_kafka/target.h"

#include "bridge/flow/template.h"

#include <pthread.h>
#include <rosc/init.h>
#include <stdlib.h>
#include <string.h>

struct targets {
    const struct config *config;
    pthread_mutex_t mutex; /* guards the tables */
    struct target *by_name;
    struct target *by_metric;
};

/* Expands the route's template; '/' of a type or topic becomes '.'. */
static enum error_code target_name(const struct targets *targets,
                                   const struct to_kafka_route *route, const char *ros_topic,
                                   const char *type, char *name, struct error *error)
{
    char topic[NAMES_KAFKA_TOPIC_SIZE], dotted_type[NAMES_KAFKA_TOPIC_SIZE];
    if (!names_ros_to_kafka(ros_topic, topic) || !names_ros_to_kafka(type, dotted_type))
        return error_set(error, ERROR_RANGE, route->path, 0,
                         "%s (%s) is too long for a Kafka topic; give it a kafka_topic", ros_topic,
                         type);
    struct template_value values[] = {
        {"robot", targets->config->robot}, {"topic", topic}, {"type", dotted_type}};
    struct template parsed;
    struct buffer text;
    enum error_code code =
        template_init(&parsed, route->kafka_topic ? route->kafka_topic : "{topic}", error);
    if (code != ERROR_NONE)
        return code;
    buffer_init(&text, NAMES_KAFKA_TOPIC_SIZE);
    code = template_expand(&parsed, values, 3, &text, error);
    if (code == ERROR_NONE)
        code = buffer_append(&text, "", 1);
    if (code == ERROR_NONE) {
        memcpy(name, text.data, text.length);
        code = names_check_kafka_topic(name, error);
    }
    buffer_fini(&text);
    template_fini(&parsed);
    return code;
}

static struct target *find(struct targets *targets, const char *name)
{
    struct target *found = NULL;
    HASH_FIND_STR(targets->by_name, name, found);
    return found;
}

static void target_destroy(struct target *target)
{
    free(target->kafka_topic);
    free(target->ros_topic);
    free(target);
}

static struct target *add(struct targets *targets, const struct to_kafka_route *route,
                          const char *ros_topic, const char *name)
{
    struct target *target = calloc(1, sizeof *target);
    if (!target)
        return NULL;
    target->kafka_topic = strdup(name);
    target->route = route;
    target->ros_topic = strdup(ros_topic);
    if (!target->kafka_topic || !target->ros_topic) {
        target_destroy(target);
        return NULL;
    }
    names_metric(name, target->metric);
    HASH_ADD_KEYPTR(hh, targets->by_name, target->kafka_topic, strlen(target->kafka_topic), target);
    if (hash_has(target))
        HASH_ADD(hh_metric, targets->by_metric, metric, strlen(target->metric), target);
    if (target->hh_metric.tbl)
        return target;
    if (hash_has(target))
        HASH_DEL(targets->by_name, target);
    target_destroy(target);
    return NULL;
}

/* Whether several ROS topics may share what the route's template makes: only where it was written
 * so that they do. */
static bool may_share(const struct to_kafka_route *route)
{
    return route->kafka_topic && !strstr(route->kafka_topic, "{topic}");
}

static bool clashes(const struct target *target, const struct to_kafka_route *route,
                    const char *ros_topic)
{
    return target->route != route ||
           (strcmp(target->ros_topic, ros_topic) != 0 && !may_share(route));
}

/* The target that Kafka cannot tell from `name`; NULL: there is none. */
static const struct target *find_rival(const struct targets *targets, const char *name)
{
    char rivals[NAMES_RIVALS][NAMES_KAFKA_TOPIC_SIZE];
    size_t count = names_rivals(name, rivals);
    for (size_t i = 0; i < count; i++) {
        struct target *found = NULL;
        HASH_FIND(hh_metric, targets->by_metric, rivals[i], strlen(rivals[i]), found);
        if (found && names_collide(name, found->kafka_topic))
            return found;
    }
    return NULL;
}

/* Kafka would refuse the topic that comes later, without a word to who writes it. */
static enum error_code check_collision(const struct targets *targets,
                                       const struct to_kafka_route *route, const char *ros_topic,
                                       const char *name, struct error *error)
{
    if (names_collide(name, targets->config->definitions_topic))
        return error_set(error, ERROR_RANGE, route->path, 0,
                         "%s would go to Kafka topic %s, which Kafka does not tell from the "
                         "definitions topic %s ('.' and '_' are one in its metrics); give one of "
                         "them another name",
                         ros_topic, name, targets->config->definitions_topic);
    const struct target *target = find_rival(targets, name);
    if (target)
        return error_set(error, ERROR_RANGE, route->path, 0,
                         "%s would go to Kafka topic %s, which Kafka does not tell from %s or "
                         "its dead letters ('.' and '_' are one in its metrics), where %s (%s) "
                         "goes already; give one of them another kafka_topic",
                         ros_topic, name, target->kafka_topic, target->ros_topic,
                         target->route->path);
    return ERROR_NONE;
}

enum error_code targets_get(struct targets *targets, const struct to_kafka_route *route,
                            const char *ros_topic, const char *type, struct target **target,
                            struct error *error)
{
    char name[NAMES_KAFKA_TOPIC_SIZE];
    enum error_code code = target_name(targets, route, ros_topic, type, name, error);
    if (code != ERROR_NONE)
        return code;
    pthread_mutex_lock(&targets->mutex);
    struct target *found = find(targets, name);
    if (!found)
        code = check_collision(targets, route, ros_topic, name, error);
    if (code != ERROR_NONE)
        found = NULL;
    else if (!found && !(found = add(targets, route, ros_topic, name)))
        code = error_set(error, ERROR_MEMORY, route->path, 0, "out of memory");
    else if (clashes(found, route, ros_topic))
        code = error_set(error, ERROR_DUPLICATE, route->path, 0,
                         "%s would go to Kafka topic %s, where %s (%s) goes already; give one of "
                         "them another kafka_topic",
                         ros_topic, name, found->ros_topic, found->route->path);
    pthread_mutex_unlock(&targets->mutex);
    if (code == ERROR_NONE)
        *target = found;
    return code;
}

/* The topic of an explicit route is known before any message where its template needs no type. */
static enum error_code reserve(struct targets *targets, const struct to_kafka_route *route,
                               struct error *error)
{
    struct rosc_error ros_error;
    char ros_topic[NAMES_ROS_SIZE];
    struct target *target = NULL;
    if (!route->ros_topic || (route->kafka_topic && strstr(route->kafka_topic, "{type}")))
        return ERROR_NONE;
    if (rosc_name_resolve(route->ros_topic, ros_topic, sizeof ros_topic, &ros_error) != ROSC_OK)
        return error_set(error, ERROR_RANGE, route->path, 0, "%s", ros_error.text);
    return targets_get(targets, route, ros_topic, "any", &target, error);
}

enum error_code targets_create(const struct config *config, struct targets **targets,
                               struct error *error)
{
    struct targets *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    made->config = config;
    pthread_mutex_init(&made->mutex, NULL);
    for (size_t i = 0; i < config->to_kafka_count; i++) {
        enum error_code code = reserve(made, &config->to_kafka[i], error);
        if (code != ERROR_NONE) {
            targets_destroy(made);
            return code;
        }
    }
    *targets = made;
    return ERROR_NONE;
}

void targets_destroy(struct targets *targets)
{
    if (!targets)
        return;
    struct target *next = targets->by_name;
    HASH_CLEAR(hh_metric, targets->by_metric);
    HASH_CLEAR(hh, targets->by_name);
    while (next) {
        struct target *target = next;
        next = target->hh.next;
        target_destroy(target);
    }
    pthread_mutex_destroy(&targets->mutex);
    free(targets);
}
