#include "bridge/to_kafka/discovery.h"

#include "base/hash.h"
#include "bridge/flow/names.h"

#include <regex.h>
#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pattern {
    const struct to_kafka_route *route;
    regex_t *regexes; /* the pattern, then what it excludes */
    size_t count;
    bool matched; /* something, at some time */
    bool told;    /* that it matches nothing */
};

/* A topic that was looked at: there is nothing new about it until its type is another. */
struct known_topic {
    UT_hash_handle hh; /* by name */
    uint64_t run;      /* the last in which it was there */
    char *type;        /* behind the name */
    char name[];
};

struct discovery {
    struct pattern *patterns;
    size_t count;
    struct known_topic *known;
    uint64_t run;
    int64_t since; /* nanoseconds of the steady clock: the first run; 0: there was none */
};

/* Compiles `text` so that it matches whole names only. */
static enum error_code add_regex(struct pattern *pattern, const char *text, struct error *error)
{
    struct buffer whole;
    buffer_init(&whole, 1U << 16);
    enum error_code code = buffer_append_format(&whole, "^(%s)$", text);
    if (code == ERROR_NONE)
        code = buffer_append(&whole, "", 1);
    if (code != ERROR_NONE)
        code = error_set(error, code, pattern->route->path, 0, "the pattern is too long");
    else if (regcomp(&pattern->regexes[pattern->count], whole.data, REG_EXTENDED | REG_NOSUB) != 0)
        code = error_set(error, ERROR_SYNTAX, pattern->route->path, 0,
                         "found \"%s\"; a POSIX extended regular expression is expected", text);
    else
        pattern->count++;
    buffer_fini(&whole);
    return code;
}

static enum error_code compile(struct pattern *pattern, const struct to_kafka_route *route,
                               struct error *error)
{
    pattern->route = route;
    size_t excludes = route->exclude ? (size_t)cJSON_GetArraySize(route->exclude) : 0;
    pattern->regexes = calloc(excludes + 1, sizeof *pattern->regexes);
    if (!pattern->regexes)
        return error_set(error, ERROR_MEMORY, route->path, 0, "out of memory");
    enum error_code code = add_regex(pattern, route->ros_topic_pattern, error);
    const cJSON *item;
    cJSON_ArrayForEach(item, route->exclude)
    {
        if (code == ERROR_NONE)
            code = add_regex(pattern, item->valuestring, error);
    }
    return code;
}

enum error_code discovery_create(const struct config *config, struct discovery **discovery,
                                 struct error *error)
{
    struct discovery *made = calloc(1, sizeof *made);
    struct pattern *patterns = calloc(config->to_kafka_count + 1, sizeof *patterns);
    if (!made || !patterns) {
        free(made);
        free(patterns);
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    }
    made->patterns = patterns;
    for (size_t i = 0; i < config->to_kafka_count; i++) {
        if (!config->to_kafka[i].ros_topic_pattern)
            continue;
        enum error_code code = compile(&made->patterns[made->count++], &config->to_kafka[i], error);
        if (code != ERROR_NONE) {
            discovery_destroy(made);
            return code;
        }
    }
    *discovery = made;
    return ERROR_NONE;
}

static void forget(struct discovery *discovery, struct known_topic *topic)
{
    HASH_DEL(discovery->known, topic);
    free(topic);
}

void discovery_destroy(struct discovery *discovery)
{
    if (!discovery)
        return;
    while (discovery->known)
        forget(discovery, discovery->known);
    for (size_t i = 0; i < discovery->count; i++) {
        struct pattern *pattern = &discovery->patterns[i];
        for (size_t k = 0; k < pattern->count; k++)
            regfree(&pattern->regexes[k]);
        free(pattern->regexes);
    }
    free(discovery->patterns);
    free(discovery);
}

bool discovery_is_needed(const struct discovery *discovery)
{
    return discovery->count > 0;
}

static bool matches(const struct pattern *pattern, const char *topic)
{
    if (regexec(&pattern->regexes[0], topic, 0, NULL, 0) != 0)
        return false;
    for (size_t i = 1; i < pattern->count; i++)
        if (regexec(&pattern->regexes[i], topic, 0, NULL, 0) == 0)
            return false;
    return true;
}

static bool is_own(const char *topic)
{
    const char *node = rosc_node_name();
    size_t length = strlen(node);
    return strncmp(topic, node, length) == 0 && topic[length] == '/';
}

/* Whether it was there before, of the same type. */
static bool is_known(struct discovery *discovery, const struct rosc_topic_info *topic)
{
    struct known_topic *known = NULL;
    HASH_FIND_STR(discovery->known, topic->name, known);
    if (!known || strcmp(known->type, topic->type) != 0)
        return false;
    known->run = discovery->run;
    return true;
}

/* Where memory ran out it is looked at once more. */
static void remember(struct discovery *discovery, const struct rosc_topic_info *topic)
{
    struct known_topic *known = NULL;
    HASH_FIND_STR(discovery->known, topic->name, known);
    if (known)
        forget(discovery, known);
    size_t name_size = strlen(topic->name) + 1, type_size = strlen(topic->type) + 1;
    known = calloc(1, sizeof *known + name_size + type_size);
    if (!known)
        return;
    known->run = discovery->run;
    known->type = known->name + name_size;
    memcpy(known->name, topic->name, name_size);
    memcpy(known->type, topic->type, type_size);
    HASH_ADD_KEYPTR(hh, discovery->known, known->name, name_size - 1, known);
    if (!hash_has(known))
        free(known);
}

static void forget_gone(struct discovery *discovery)
{
    struct known_topic *next = discovery->known;
    while (next) {
        struct known_topic *topic = next;
        next = topic->hh.next;
        if (topic->run != discovery->run)
            forget(discovery, topic);
    }
}

static enum error_code look_at(struct discovery *discovery, const struct rosc_topic_info *topic,
                               discovery_callback callback, void *user, struct error *error)
{
    enum error_code code = ERROR_NONE;
    if (names_is_internal_ros(topic->name) || is_own(topic->name))
        return ERROR_NONE;
    for (size_t k = 0; k < discovery->count && code == ERROR_NONE; k++) {
        struct pattern *pattern = &discovery->patterns[k];
        if (!matches(pattern, topic->name))
            continue;
        pattern->matched = true;
        code = callback(pattern->route, topic->name, topic->type, user, error);
    }
    return code;
}

enum error_code discovery_run(struct discovery *discovery, discovery_callback callback, void *user,
                              struct error *error)
{
    struct rosc_topic_list list;
    struct rosc_error ros_error;
    if (rosc_topic_list_init(&list, &ros_error) != ROSC_OK)
        return error_set(error, ERROR_IO, "", 0, "%s", ros_error.text);
    enum error_code code = ERROR_NONE;
    discovery->run++;
    if (discovery->since == 0)
        discovery->since = rosc_time_steady();
    for (size_t i = 0; i < list.count && code == ERROR_NONE; i++) {
        const struct rosc_topic_info *topic = &list.topics[i];
        if (is_known(discovery, topic))
            continue;
        code = look_at(discovery, topic, callback, user, error);
        if (code == ERROR_NONE)
            remember(discovery, topic);
    }
    if (code == ERROR_NONE)
        forget_gone(discovery);
    rosc_topic_list_fini(&list);
    return code;
}

const struct to_kafka_route *discovery_unmatched(const struct discovery *discovery,
                                                 int64_t patience)
{
    if (discovery->since == 0 || rosc_time_steady() - discovery->since < patience)
        return NULL;
    for (size_t i = 0; i < discovery->count; i++) {
        const struct pattern *pattern = &discovery->patterns[i];
        if (!pattern->matched && !pattern->told)
            return pattern->route;
    }
    return NULL;
}

void discovery_told(struct discovery *discovery, const struct to_kafka_route *route)
{
    for (size_t i = 0; i < discovery->count; i++)
        if (discovery->patterns[i].route == route)
            discovery->patterns[i].told = true;
}
