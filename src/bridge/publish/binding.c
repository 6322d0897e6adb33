#include "bridge/publish/binding.h"

#include "bridge/flow/loop_guard.h"
#include "bridge/flow/names.h"
#include "bridge/flow/template.h"
#include "bridge/publish/route_matcher.h"

#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFUSED_PERIOD        60.0 /* seconds */
#define DEFINITION_MS         50   /* for the definitions topic, at first */
#define DEFINITION_LONGEST_MS 5000
#define AWAITED_NANOSECONDS   INT64_C(100000000)
#define RETRY_NANOSECONDS     INT64_C(30000000000)

/* A Kafka topic that records came of. */
struct topic_bindings {
    UT_hash_handle hh;
    struct route_matcher *matcher; /* NULL: no route reads it */
    struct binding *refused;       /* of records whose ROS topic the route does not allow */
    struct binding *beyond;        /* of records that would be one binding too many */
    struct binding *bindings;      /* by labels */
    char name[];
};

struct bindings {
    const struct config *config;
    struct types *types;
    struct route_matchers matchers;
    struct topic_bindings *topics, *recent;
    int definition_ms;
};

/* What a record's headers say of its type. */
struct labels {
    const char *type, *md5sum, *header_topic; /* in the key, one behind the other */
    bool latched;
    size_t size; /* of the key */
    char key[1 + 256 + 64 + NAMES_ROS_SIZE];
};

static size_t text_length(const struct kafka_header *header)
{
    return header && header->value ? strnlen(header->value, header->size) : 0;
}

static bool holds(const struct kafka_header *header, const char *text)
{
    size_t length = text_length(header);
    return length == strlen(text) && (length == 0 || memcmp(header->value, text, length) == 0);
}

/* "" where the header is not there, or longer than `size` allows. */
static const char *add_label(struct labels *labels, const struct kafka_header *header, size_t size)
{
    char *text = labels->key + labels->size;
    size_t length = text_length(header) < size ? text_length(header) : 0;
    if (length > 0)
        memcpy(text, header->value, length);
    text[length] = '\0';
    labels->size += length + 1;
    return text;
}

/* Only what makes a difference to the route. */
static void read_labels(const struct kafka_record *record, const struct to_ros_route *route,
                        struct labels *labels)
{
    const struct kafka_header *type = kafka_record_header(record, KAFKA_HEADER_TYPE),
                              *md5sum = kafka_record_header(record, KAFKA_HEADER_MD5SUM),
                              *latched = kafka_record_header(record, KAFKA_HEADER_LATCHED);
    const char *wanted = route->ros_type;
    if (wanted && !holds(type, wanted))
        type = md5sum = NULL;
    labels->latched = holds(latched, "true");
    labels->key[0] = labels->latched ? '1' : '0';
    labels->size = 1;
    labels->type = add_label(labels, type, 256);
    labels->md5sum = add_label(labels, md5sum, 64);
    labels->header_topic = add_label(labels,
                                     strstr(route->ros_topic, "{ros_topic}")
                                         ? kafka_record_header(record, KAFKA_HEADER_TOPIC)
                                         : NULL,
                                     NAMES_ROS_SIZE);
}

const struct to_ros_route *bindings_route(const struct bindings *bindings, const char *kafka_topic)
{
    const struct route_matcher *matcher = route_matchers_find(&bindings->matchers, kafka_topic);
    return matcher ? matcher->route : NULL;
}

/* NULL: no memory. */
static struct topic_bindings *topic_of(struct bindings *bindings, const char *name)
{
    struct topic_bindings *topic = bindings->recent; /* records come in runs of one topic */
    if (topic && strcmp(topic->name, name) == 0)
        return topic;
    size_t length = strlen(name);
    HASH_FIND(hh, bindings->topics, name, length, topic);
    if (!topic) {
        topic = calloc(1, sizeof *topic + length + 1);
        if (!topic)
            return NULL;
        memcpy(topic->name, name, length);
        topic->matcher = route_matchers_find(&bindings->matchers, name);
        HASH_ADD_KEYPTR(hh, bindings->topics, topic->name, length, topic);
        if (!hash_has(topic)) {
            free(topic);
            return NULL;
        }
    }
    bindings->recent = topic;
    return topic;
}

enum error_code binding_ros_topic(const struct config *config, const struct to_ros_route *route,
                                  const char *kafka_topic, const char *header_topic,
                                  char *ros_topic, struct error *error)
{
    char topic[NAMES_ROS_SIZE];
    names_kafka_to_ros(kafka_topic, topic);
    const char *stripped = header_topic + (header_topic[0] == '/');
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
static enum error_code find_plan(struct bindings *bindings, struct binding *binding,
                                 int64_t patience)
{
    const char *wanted = binding->route->ros_type;
    const char *type = wanted ? wanted : binding->type;
    if (!*type)
        return error_set(&binding->error, ERROR_MISSING, binding->route->path, 0,
                         "the record has no header " KAFKA_HEADER_TYPE
                         "; say the type with ros_type");
    bool agree = strcmp(type, binding->type) == 0 && *binding->md5sum;
    enum error_code code =
        types_find(bindings->types, type, agree ? binding->md5sum : NULL, bindings->definition_ms,
                   patience, &binding->plan, &binding->error);
    /* A Kafka that is far away needs longer; the others wait meanwhile. */
    if (code == ERROR_IO && bindings->definition_ms < DEFINITION_LONGEST_MS)
        bindings->definition_ms *= 2;
    binding->awaited = code == ERROR_IO || code == ERROR_UNKNOWN;
    return code;
}

static void bind(struct bindings *bindings, struct route_matcher *matcher, struct binding *binding,
                 int64_t patience)
{
    enum error_code code = find_plan(bindings, binding, patience);
    binding->retry =
        rosc_time_steady() + (binding->awaited ? AWAITED_NANOSECONDS : RETRY_NANOSECONDS);
    if (code == ERROR_NONE)
        code = decoder_create(binding->route, binding->plan, &binding->decoder, &binding->error);
    if (code == ERROR_NONE && lines_pass(&matcher->lines, "kinds of records"))
        ROSC_LOG_INFO("Kafka topic %s (%s) -> %s", binding->kafka_topic, plan_type(binding->plan),
                      binding->ros_topic);
}

static void binding_destroy(struct binding *binding)
{
    if (binding)
        decoder_destroy(binding->decoder);
    free(binding);
}

static struct binding *binding_create(const struct topic_bindings *topic,
                                      const struct labels *labels)
{
    struct binding *binding = calloc(1, sizeof *binding + labels->size);
    if (!binding)
        return NULL;
    memcpy(binding->labels, labels->key, labels->size);
    binding->route = topic->matcher->route;
    binding->kafka_topic = topic->name;
    binding->type = binding->labels + (labels->type - labels->key);
    binding->md5sum = binding->labels + (labels->md5sum - labels->key);
    binding->header_topic = binding->labels + (labels->header_topic - labels->key);
    binding->latched = labels->latched;
    return binding;
}

/* Makes `*shared`, one for all such records of a Kafka topic, where it is not there yet. */
static struct binding *shared_binding(struct binding **shared, const struct topic_bindings *topic,
                                      struct error *error)
{
    struct labels none = {.size = 2, .key = "0"};
    none.type = none.md5sum = none.header_topic = &none.key[1]; /* "" */
    if (!*shared)
        *shared = binding_create(topic, &none);
    if (!*shared)
        (void)error_set(error, ERROR_MEMORY, topic->name, 0, "out of memory");
    return *shared;
}

static struct binding *refuse(struct topic_bindings *topic, const char *ros_topic,
                              struct error *error)
{
    uint64_t before;
    struct route_matcher *matcher = topic->matcher;
    struct binding *binding = shared_binding(&topic->refused, topic, error);
    if (rosc_throttle_pass(&matcher->refused_log, REFUSED_PERIOD, &before))
        ROSC_LOG_WARN(
            "Kafka topic %s: a record is for %s, which %s.ros_topic_pattern (\"%s\") does "
            "not allow: it is not published but counted as not_allowed, as %llu others "
            "since the last such line",
            topic->name, ros_topic, matcher->route->path, matcher->route->ros_topic_pattern,
            (unsigned long long)before);
    if (binding) {
        binding->left_out = true;
        binding->drop = DROP_NOT_ALLOWED;
    }
    return binding;
}

static struct binding *give_up(struct topic_bindings *topic, const char *ros_topic,
                               struct error *error)
{
    struct route_matcher *matcher = topic->matcher;
    struct binding *binding = shared_binding(&topic->beyond, topic, error);
    if (binding && binding->error.code == ERROR_NONE)
        (void)error_set(&binding->error, ERROR_LIMIT, matcher->route->path, 0,
                        "the route has its %zu ROS topics (and types of them) already: "
                        "max_topics allows more, ros_topic_pattern leaves out names",
                        matcher->count);
    if (!matcher->full)
        ROSC_LOG_ERROR("Kafka topic %s: a record is for %s (and a type of its own), and %s has its "
                       "%zu ROS topics already: its records and those for more names go to the "
                       "dead-letter topic until the next start; max_topics allows more, "
                       "ros_topic_pattern leaves out names",
                       topic->name, ros_topic, matcher->route->path, matcher->count);
    matcher->full = true;
    return binding;
}

static struct binding *add(struct bindings *bindings, struct topic_bindings *topic,
                           const struct labels *labels, struct error *error)
{
    char ros_topic[NAMES_ROS_SIZE];
    struct route_matcher *matcher = topic->matcher;
    if (binding_ros_topic(bindings->config, matcher->route, topic->name, labels->header_topic,
                          ros_topic, error) != ERROR_NONE)
        return NULL;
    if (!route_matcher_allows(matcher, ros_topic))
        return refuse(topic, ros_topic, error);
    if (matcher->count >= matcher->route->max_topics)
        return give_up(topic, ros_topic, error);
    struct binding *added = binding_create(topic, labels);
    if (added)
        HASH_ADD_KEYPTR(hh, topic->bindings, added->labels, labels->size, added);
    if (!added || !hash_has(added)) {
        free(added);
        (void)error_set(error, ERROR_MEMORY, topic->name, 0, "out of memory");
        return NULL;
    }
    memcpy(added->ros_topic, ros_topic, sizeof ros_topic);
    matcher->count++;
    added->left_out = loop_guard_is_own_status(ros_topic);
    added->drop = DROP_LOOP;
    if (added->left_out)
        ROSC_LOG_INFO("Kafka topic %s: %s is this node's own: its records are dropped", topic->name,
                      ros_topic);
    return added;
}

struct binding *bindings_get(struct bindings *bindings, const struct kafka_record *record,
                             int64_t patience, struct error *error)
{
    struct labels labels;
    struct topic_bindings *topic = topic_of(bindings, record->topic);
    if (!topic || !topic->matcher) {
        (void)error_set(error, topic ? ERROR_UNKNOWN : ERROR_MEMORY, record->topic, 0,
                        topic ? "no route reads this topic" : "out of memory");
        return NULL;
    }
    read_labels(record, topic->matcher->route, &labels);
    struct binding *found = NULL;
    HASH_FIND(hh, topic->bindings, labels.key, labels.size, found);
    if (!found)
        found = add(bindings, topic, &labels, error);
    if (found && !found->decoder && !found->left_out && found != topic->beyond &&
        rosc_time_steady() >= found->retry)
        bind(bindings, topic->matcher, found, patience);
    return found;
}

enum error_code bindings_create(const struct config *config, struct types *types,
                                struct bindings **bindings, struct error *error)
{
    struct bindings *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    made->config = config;
    made->types = types;
    made->definition_ms = DEFINITION_MS;
    enum error_code code = route_matchers_init(&made->matchers, config, error);
    if (code != ERROR_NONE) {
        free(made);
        return code;
    }
    *bindings = made;
    return ERROR_NONE;
}

void bindings_destroy(struct bindings *bindings)
{
    if (!bindings)
        return;
    while (bindings->topics) {
        struct topic_bindings *topic = bindings->topics;
        HASH_DEL(bindings->topics, topic);
        while (topic->bindings) {
            struct binding *binding = topic->bindings;
            HASH_DEL(topic->bindings, binding);
            binding_destroy(binding);
        }
        binding_destroy(topic->refused);
        binding_destroy(topic->beyond);
        free(topic);
    }
    route_matchers_fini(&bindings->matchers);
    free(bindings);
}
