#include "bridge/binding.h"

#include "bridge/loop_guard.h"
#include "bridge/names.h"
#include "bridge/template.h"

#include <regex.h>
#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS               1024 /* a power of two */
#define DEFINITION_TIMEOUT_MS 5000
#define RETRY_NANOSECONDS     INT64_C(30000000000)

struct route_matcher {
    const struct to_ros_route *route;
    bool is_pattern;
    regex_t regex;
};

struct bindings {
    const struct config *config;
    struct types *types;
    struct route_matcher *matchers;
    size_t matcher_count;
    struct binding *buckets[BUCKETS];
};

/* What a record's headers say of its type; each at most as long as its array. */
struct labels {
    char type[256];
    char md5sum[64];
    char origin[NAMES_ROS_SIZE];
    bool latched;
};

static void copy_header(const struct kafka_record *record, const char *name, char *text,
                        size_t size)
{
    const struct kafka_header *header = kafka_record_header(record, name);
    size_t length = header && header->value && header->size < size ? header->size : 0;
    if (length > 0)
        memcpy(text, header->value, length);
    text[length] = '\0';
}

static void read_labels(const struct kafka_record *record, struct labels *labels)
{
    char latched[8];
    copy_header(record, KAFKA_HEADER_TYPE, labels->type, sizeof labels->type);
    copy_header(record, KAFKA_HEADER_MD5SUM, labels->md5sum, sizeof labels->md5sum);
    copy_header(record, KAFKA_HEADER_TOPIC, labels->origin, sizeof labels->origin);
    copy_header(record, KAFKA_HEADER_LATCHED, latched, sizeof latched);
    labels->latched = strcmp(latched, "true") == 0;
}

/* FNV-1a (Fowler, Noll, Vo), 32 bits. */
static uint32_t hash_text(uint32_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619U;
    return hash;
}

static struct binding **bucket_of(struct bindings *bindings, const char *kafka_topic,
                                  const struct labels *labels)
{
    uint32_t hash = hash_text(hash_text(2166136261U, kafka_topic), labels->origin);
    return &bindings->buckets[hash & (BUCKETS - 1)];
}

static bool is_of(const struct binding *binding, const char *kafka_topic,
                  const struct labels *labels)
{
    return binding->latched == labels->latched && strcmp(binding->kafka_topic, kafka_topic) == 0 &&
           strcmp(binding->md5sum, labels->md5sum) == 0 &&
           strcmp(binding->type, labels->type) == 0 && strcmp(binding->origin, labels->origin) == 0;
}

/* A plainly named route goes before a pattern that matches too. */
const struct to_ros_route *bindings_route(const struct bindings *bindings, const char *kafka_topic)
{
    const struct to_ros_route *matched = NULL;
    for (size_t i = 0; i < bindings->matcher_count; i++) {
        const struct route_matcher *matcher = &bindings->matchers[i];
        if (!matcher->is_pattern && strcmp(matcher->route->kafka_topic, kafka_topic) == 0)
            return matcher->route;
        if (matcher->is_pattern && !matched &&
            regexec(&matcher->regex, kafka_topic, 0, NULL, 0) == 0)
            matched = matcher->route;
    }
    if (matched && names_is_internal_kafka(kafka_topic, bindings->config->definitions_topic))
        return NULL;
    return matched;
}

enum error_code binding_ros_topic(const struct config *config, const struct to_ros_route *route,
                                  const char *kafka_topic, const char *origin, char *ros_topic,
                                  struct error *error)
{
    char topic[NAMES_ROS_SIZE];
    names_kafka_to_ros(kafka_topic, topic);
    const char *stripped = origin + (origin[0] == '/');
    struct template_value values[] = {
        {"topic", topic}, {"ros_topic", *stripped ? stripped : topic}, {"robot", config->robot}};
    struct template parsed;
    struct buffer name;
    enum error_code code = template_init(&parsed, route->ros_topic, error);
    if (code != ERROR_NONE)
        return code;
    buffer_init(&name, NAMES_ROS_SIZE);
    code = template_expand(&parsed, values, 3, &name, error);
    if (code == ERROR_NONE && buffer_append(&name, "", 1) != ERROR_NONE)
        code = error_set(error, ERROR_LIMIT, route->path, 0, "the ROS topic's name is too long");
    if (code == ERROR_NONE) {
        memcpy(ros_topic, name.data, name.length);
        code = names_check_ros(ros_topic, error);
    }
    buffer_fini(&name);
    template_fini(&parsed);
    return code;
}

/* The type that the route says goes before the headers'; their md5sum counts where they agree. */
static enum error_code find_plan(struct bindings *bindings, struct binding *binding)
{
    const char *wanted = binding->route->ros_type;
    const char *type = wanted ? wanted : binding->type;
    if (!*type)
        return error_set(&binding->error, ERROR_MISSING, binding->route->path, 0,
                         "the record has no header " KAFKA_HEADER_TYPE
                         "; say the type with ros_type");
    bool agree = strcmp(type, binding->type) == 0 && *binding->md5sum;
    return types_find(bindings->types, type, agree ? binding->md5sum : NULL, DEFINITION_TIMEOUT_MS,
                      &binding->plan, &binding->error);
}

void bindings_bind(struct bindings *bindings, struct binding *binding)
{
    binding->retry = rosc_time_steady() + RETRY_NANOSECONDS;
    enum error_code code = binding_ros_topic(bindings->config, binding->route, binding->kafka_topic,
                                             binding->origin, binding->ros_topic, &binding->error);
    binding->looped = code == ERROR_NONE && loop_guard_is_own_status(binding->ros_topic);
    if (binding->looped) {
        ROSC_LOG_INFO("Kafka topic %s: %s is this node's own: its records are dropped",
                      binding->kafka_topic, binding->ros_topic);
        return;
    }
    if (code == ERROR_NONE)
        code = find_plan(bindings, binding);
    if (code == ERROR_NONE)
        code = decoder_create(binding->route, binding->plan, &binding->decoder, &binding->error);
    if (code == ERROR_NONE)
        ROSC_LOG_INFO("Kafka topic %s (%s) -> %s", binding->kafka_topic, plan_type(binding->plan),
                      binding->ros_topic);
}

static void binding_destroy(struct binding *binding)
{
    decoder_destroy(binding->decoder);
    free(binding->kafka_topic);
    free(binding->type);
    free(binding->md5sum);
    free(binding->origin);
    free(binding);
}

static struct binding *binding_create(const struct to_ros_route *route, const char *kafka_topic,
                                      const struct labels *labels)
{
    struct binding *binding = calloc(1, sizeof *binding);
    if (!binding)
        return NULL;
    binding->route = route;
    binding->kafka_topic = strdup(kafka_topic);
    binding->type = strdup(labels->type);
    binding->md5sum = strdup(labels->md5sum);
    binding->origin = strdup(labels->origin);
    binding->latched = labels->latched;
    if (!binding->kafka_topic || !binding->type || !binding->md5sum || !binding->origin) {
        binding_destroy(binding);
        return NULL;
    }
    return binding;
}

struct binding *bindings_get(struct bindings *bindings, const struct kafka_record *record,
                             struct error *error)
{
    struct labels labels;
    read_labels(record, &labels);
    struct binding **bucket = bucket_of(bindings, record->topic, &labels);
    struct binding *found = *bucket;
    while (found && !is_of(found, record->topic, &labels))
        found = found->next;
    if (!found) {
        const struct to_ros_route *route = bindings_route(bindings, record->topic);
        if (!route) {
            (void)error_set(error, ERROR_UNKNOWN, record->topic, 0, "no route reads this topic");
            return NULL;
        }
        found = binding_create(route, record->topic, &labels);
        if (!found) {
            (void)error_set(error, ERROR_MEMORY, record->topic, 0, "out of memory");
            return NULL;
        }
        found->next = *bucket;
        *bucket = found;
    }
    if (!found->decoder && !found->looped && rosc_time_steady() >= found->retry)
        bindings_bind(bindings, found);
    return found;
}

static enum error_code compile(struct bindings *bindings, struct error *error)
{
    for (size_t i = 0; i < bindings->config->to_ros_count; i++) {
        struct route_matcher *matcher = &bindings->matchers[i];
        matcher->route = &bindings->config->to_ros[i];
        if (matcher->route->kafka_topic[0] == '^' &&
            regcomp(&matcher->regex, matcher->route->kafka_topic, REG_EXTENDED | REG_NOSUB) != 0)
            return error_set(error, ERROR_SYNTAX, matcher->route->path, 0,
                             "found \"%s\"; a POSIX extended regular expression is expected",
                             matcher->route->kafka_topic);
        matcher->is_pattern = matcher->route->kafka_topic[0] == '^';
        bindings->matcher_count++;
    }
    return ERROR_NONE;
}

enum error_code bindings_create(const struct config *config, struct types *types,
                                struct bindings **bindings, struct error *error)
{
    struct bindings *made = calloc(1, sizeof *made);
    if (made)
        made->matchers = calloc(config->to_ros_count + 1, sizeof *made->matchers);
    if (!made || !made->matchers) {
        free(made);
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    }
    made->config = config;
    made->types = types;
    enum error_code code = compile(made, error);
    if (code != ERROR_NONE) {
        bindings_destroy(made);
        return code;
    }
    *bindings = made;
    return ERROR_NONE;
}

void bindings_destroy(struct bindings *bindings)
{
    if (!bindings)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (bindings->buckets[i]) {
            struct binding *binding = bindings->buckets[i];
            bindings->buckets[i] = binding->next;
            binding_destroy(binding);
        }
    }
    for (size_t i = 0; i < bindings->matcher_count; i++)
        if (bindings->matchers[i].is_pattern)
            regfree(&bindings->matchers[i].regex);
    free(bindings->matchers);
    free(bindings);
}
