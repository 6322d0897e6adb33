#include "bridge/publish/route_matcher.h"

#include "bridge/flow/names.h"

#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct route_matcher *route_matchers_find(const struct route_matchers *matchers,
                                          const char *kafka_topic)
{
    struct route_matcher *matched = NULL;
    for (size_t i = 0; i < matchers->count; i++) {
        struct route_matcher *matcher = &matchers->all[i];
        if (!matcher->is_pattern && strcmp(matcher->route->kafka_topic, kafka_topic) == 0)
            return matcher;
        if (matcher->is_pattern && !matched &&
            regexec(&matcher->regex, kafka_topic, 0, NULL, 0) == 0)
            matched = matcher;
    }
    if (matched && names_is_internal_kafka(kafka_topic, matchers->config->definitions_topic))
        return NULL;
    return matched;
}

bool route_matcher_allows(const struct route_matcher *matcher, const char *ros_topic)
{
    char name[NAMES_ROS_SIZE];
    return !matcher->has_allowed ||
           (rosc_name_resolve(ros_topic, name, sizeof name, NULL) == ROSC_OK &&
            regexec(&matcher->allowed, name, 0, NULL, 0) == 0);
}

static enum error_code refuse_regex(const struct to_ros_route *route, const char *regex,
                                    struct error *error)
{
    return error_set(error, ERROR_SYNTAX, route->path, 0,
                     "found \"%s\"; a POSIX extended regular expression is expected", regex);
}

/* The whole name is to match. */
static enum error_code compile_allowed(struct route_matcher *matcher, struct error *error)
{
    const char *pattern = matcher->route->ros_topic_pattern;
    size_t size = strlen(pattern) + sizeof "^()$";
    char *whole = malloc(size);
    if (!whole)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    (void)snprintf(whole, size, "^(%s)$", pattern);
    matcher->has_allowed = regcomp(&matcher->allowed, whole, REG_EXTENDED | REG_NOSUB) == 0;
    free(whole);
    return matcher->has_allowed ? ERROR_NONE : refuse_regex(matcher->route, pattern, error);
}

static enum error_code compile(struct route_matcher *matcher, struct error *error)
{
    const char *topic = matcher->route->kafka_topic;
    if (topic[0] == '^' && regcomp(&matcher->regex, topic, REG_EXTENDED | REG_NOSUB) != 0)
        return refuse_regex(matcher->route, topic, error);
    matcher->is_pattern = topic[0] == '^';
    return matcher->route->ros_topic_pattern ? compile_allowed(matcher, error) : ERROR_NONE;
}

enum error_code route_matchers_init(struct route_matchers *matchers, const struct config *config,
                                    struct error *error)
{
    *matchers = (struct route_matchers){.config = config};
    matchers->all = calloc(config->to_ros_count + 1, sizeof *matchers->all);
    if (!matchers->all)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    enum error_code code = ERROR_NONE;
    while (code == ERROR_NONE && matchers->count < config->to_ros_count) {
        struct route_matcher *matcher = &matchers->all[matchers->count];
        matcher->route = &config->to_ros[matchers->count++];
        code = compile(matcher, error);
    }
    if (code != ERROR_NONE)
        route_matchers_fini(matchers);
    return code;
}

void route_matchers_fini(struct route_matchers *matchers)
{
    for (size_t i = 0; i < matchers->count; i++) {
        if (matchers->all[i].is_pattern)
            regfree(&matchers->all[i].regex);
        if (matchers->all[i].has_allowed)
            regfree(&matchers->all[i].allowed);
    }
    free(matchers->all);
}
