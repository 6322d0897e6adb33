/* `kafka_to_ros:` of the configuration. */
#include "bridge/config/config_check.h"
#include "bridge/config/config_routes.h"
#include "bridge/flow/names.h"
#include "bridge/flow/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KAFKA_TOPIC_TEXT_LIMIT 4096
#define MAX_TOPICS_DEFAULT     2000
#define MAX_TOPICS_LIMIT       100000

static const char *const formats[] = {"json", "fields", "text", "ros1", "long"};

static bool is_pattern(const struct to_ros_route *route)
{
    return route->kafka_topic && route->kafka_topic[0] == '^';
}

static void check_ros_topic(struct config_reader *reader, const struct to_ros_route *route)
{
    static const struct template_value sample[] = {
        {"topic", "topic"}, {"ros_topic", "topic"}, {"robot", "robot"}};
    struct template parsed;
    struct error error;
    if (template_init(&parsed, route->ros_topic, &error) != ERROR_NONE) {
        config_reader_problem(reader, "ros_topic", "%s", error.text);
        return;
    }
    struct buffer name;
    buffer_init(&name, NAMES_ROS_SIZE);
    if (template_expand(&parsed, sample, 3, &name, &error) != ERROR_NONE)
        config_reader_problem(reader, "ros_topic",
                              "%s; {topic}, {ros_topic} and {robot} are known here", error.text);
    else if (buffer_append(&name, "", 1) != ERROR_NONE ||
             names_check_ros(name.data, &error) != ERROR_NONE)
        config_reader_problem(reader, "ros_topic", "%s", error.text);
    buffer_fini(&name);
    template_fini(&parsed);
}

/* `text` with the robot's name for each {robot}; in an expression other braces are its own, and a
 * '.' of the name stands for itself. NULL where memory ran out. */
static const char *fill_robot(struct config *config, const char *text)
{
    static const char name[] = "{robot}";
    struct buffer filled;
    buffer_init(&filled, KAFKA_TOPIC_TEXT_LIMIT);
    enum error_code code = ERROR_NONE;
    for (const char *at = text; *at && code == ERROR_NONE;) {
        if (strncmp(at, name, sizeof name - 1) != 0) {
            code = buffer_append(&filled, at++, 1);
            continue;
        }
        for (const char *letter = config->robot; *letter && code == ERROR_NONE; letter++)
            code = *text == '^' && *letter == '.' ? buffer_append_text(&filled, "[.]")
                                                  : buffer_append(&filled, letter, 1);
        at += sizeof name - 1;
    }
    if (code == ERROR_NONE)
        code = buffer_append(&filled, "", 1);
    const char *kept = code == ERROR_NONE ? config_own(config, strdup(filled.data)) : NULL;
    buffer_fini(&filled);
    return kept;
}

static void read_topics(struct config *config, struct config_reader *reader,
                        struct to_ros_route *route)
{
    route->kafka_topic = config_read_text(reader, "kafka_topic", NULL);
    if (route->kafka_topic && strstr(route->kafka_topic, "{robot}") && config->robot) {
        const char *filled = fill_robot(config, route->kafka_topic);
        if (!filled)
            config_reader_problem(reader, "kafka_topic",
                                  "longer than %d bytes with the robot's name",
                                  KAFKA_TOPIC_TEXT_LIMIT);
        route->kafka_topic = filled ? filled : route->kafka_topic;
    }
    if (!route->kafka_topic)
        config_reader_problem(reader, "kafka_topic",
                              "missing; the topic to read, or a regular "
                              "expression that begins with ^");
    else if (is_pattern(route))
        config_check_kafka_pattern(reader, "kafka_topic", route->kafka_topic);
    else if (strchr(route->kafka_topic, '{'))
        config_reader_problem(reader, "kafka_topic", "found \"%s\"; {robot} alone is known here",
                              route->kafka_topic);
    else
        config_check_kafka_topic(reader, "kafka_topic", route->kafka_topic);
    route->ros_topic = config_read_text(reader, "ros_topic", "{topic}");
    check_ros_topic(reader, route);
    route->ros_topic_pattern = config_read_text(reader, "ros_topic_pattern", NULL);
    if (route->ros_topic_pattern)
        config_check_ros_pattern(reader, "ros_topic_pattern", route->ros_topic_pattern);
}

static void read_start(struct config_reader *reader, struct to_ros_route *route)
{
    static const char *const starts[] = {"stored", "earliest", "latest"};
    const cJSON *value = config_read_any(reader, "start");
    if (cJSON_IsNumber(value) && value->valuedouble >= 0 && value->valuedouble < 1e12) {
        route->start = KAFKA_START_TIMESTAMP;
        route->start_timestamp = (int64_t)(value->valuedouble * 1000);
        return;
    }
    route->start = KAFKA_START_STORED;
    if (!value)
        return;
    for (size_t i = 0; cJSON_IsString(value) && i < 3; i++) {
        if (strcmp(value->valuestring, starts[i]) == 0) {
            route->start = (enum kafka_start)i;
            return;
        }
    }
    char found[64];
    config_describe(value, found, sizeof found);
    config_reader_problem(reader, "start",
                          "found %s; one of stored, earliest, latest, or seconds since the Unix "
                          "epoch is expected",
                          found);
}

/* Without `fields`, text and long records fill what std_msgs/String calls `data`, and what
 * kafka_bridge/WordCount calls `word` and `count`. */
static void default_fields(struct to_ros_route *route)
{
    static const struct from_record_field text[] = {{.path = "data", .source = "@value"}};
    static const struct from_record_field number[] = {{.path = "word", .source = "@key"},
                                                      {.path = "count", .source = "@value"}};
    const struct from_record_field *fields = route->format == FORMAT_TEXT ? text : number;
    size_t count = route->format == FORMAT_TEXT ? 1 : 2;
    route->fields = calloc(count, sizeof *route->fields);
    if (!route->fields)
        return;
    memcpy(route->fields, fields, count * sizeof *fields);
    route->field_count = count;
}

static enum record_form record_form(enum config_format format)
{
    return format == FORMAT_TEXT ? RECORD_TEXT : format == FORMAT_LONG ? RECORD_LONG : RECORD_JSON;
}

static bool fields_fit(struct config_reader *reader, const struct to_ros_route *route,
                       const struct plan *plan, size_t first, size_t count)
{
    struct from_record *record = NULL;
    struct error error;
    const struct from_record_field *fields = &route->fields[first];
    enum error_code code =
        from_record_create(plan, fields, count, record_form(route->format), NULL, &record, &error);
    if (code != ERROR_NONE)
        config_field_problem(reader, count == 1 ? fields->path : error.path, &error);
    from_record_destroy(record);
    return code == ERROR_NONE;
}

/* Each field alone, so that all mistakes are found, and then all of them together. */
static void check_fields(struct config_reader *reader, const struct to_ros_route *route,
                         struct packages *packages)
{
    struct plan *plan =
        route->ros_type ? config_plan(reader, "ros_type", route->ros_type, packages) : NULL;
    bool right = plan && route->field_count > 0;
    for (size_t i = 0; plan && i < route->field_count; i++) {
        const struct from_record_field *field = &route->fields[i];
        if (!field->source == !field->constant) /* which is told */
            right = false;
        else if (!fields_fit(reader, route, plan, i, 1))
            right = false;
    }
    if (right)
        (void)fields_fit(reader, route, plan, 0, route->field_count);
    plan_destroy(plan);
}

static void read_value(struct config *config, struct config_reader *reader,
                       struct to_ros_route *route, struct packages *packages)
{
    route->format = (enum config_format)config_read_choice(reader, "format", FORMAT_JSON, formats,
                                                           sizeof formats / sizeof *formats);
    route->ros_type = config_read_text(reader, "ros_type", NULL);
    config_read_from_record_fields(config, reader, &route->fields, &route->field_count);
    bool mapped = route->format == FORMAT_FIELDS || route->format == FORMAT_TEXT ||
                  route->format == FORMAT_LONG;
    if (!mapped && route->field_count > 0)
        config_reader_problem(reader, "fields", "goes with format: fields, text or long only");
    if (route->format == FORMAT_FIELDS && route->field_count == 0)
        config_reader_problem(reader, "fields",
                              "missing; format: fields needs at least one `ros_field: json_path`");
    if (mapped && !route->ros_type)
        config_reader_problem(reader, "ros_type", "missing; the type that the fields are of");
    if (route->format != FORMAT_FIELDS && mapped && route->field_count == 0)
        default_fields(route);
    check_fields(reader, route, packages);
}

static void read_route(struct config *config, const cJSON *item, size_t index,
                       struct packages *packages, struct problems *problems)
{
    struct to_ros_route *route = &config->to_ros[index];
    struct config_reader reader;
    (void)snprintf(route->path, sizeof route->path, "kafka_to_ros[%zu]", index);
    config_reader_init(&reader, item, route->path, problems);
    if (!reader.object)
        return;
    read_topics(config, &reader, route);
    read_value(config, &reader, route, packages);
    read_start(&reader, route);
    route->latched = config_read_bool(&reader, "latched", false);
    route->strict = config_read_bool(&reader, "strict", false);
    route->wait_for_subscriber = config_read_bool(&reader, "wait_for_subscriber", false);
    route->queue_size = (uint32_t)config_read_number(&reader, "queue_size", 0, 0, 1e6);
    route->max_age = config_read_number(&reader, "max_age", 0, 0, 1e9);
    route->max_topics =
        (size_t)config_read_number(&reader, "max_topics", MAX_TOPICS_DEFAULT, 1, MAX_TOPICS_LIMIT);
    config_reader_finish(&reader);
}

static bool same_text(const char *one, const char *other)
{
    return one && other && strcmp(one, other) == 0;
}

static void check_pair(const struct to_ros_route *one, const struct to_ros_route *other,
                       struct problems *problems)
{
    char path[CONFIG_PATH_SIZE + 16];
    if (same_text(one->kafka_topic, other->kafka_topic)) {
        (void)snprintf(path, sizeof path, "%s.kafka_topic", one->path);
        problems_add(problems, path, "found \"%s\", which %s reads already; one route a topic",
                     one->kafka_topic, other->path);
    }
    if (same_text(one->ros_topic, other->ros_topic) && !strchr(one->ros_topic, '{') &&
        one->ros_type && other->ros_type && strcmp(one->ros_type, other->ros_type) != 0) {
        (void)snprintf(path, sizeof path, "%s.ros_topic", one->path);
        problems_add(problems, path,
                     "found \"%s\" with %s, which %s publishes as %s; one type a ROS topic",
                     one->ros_topic, one->ros_type, other->path, other->ros_type);
    }
}

static void check_duplicates(const struct config *config, struct problems *problems)
{
    for (size_t i = 0; i < config->to_ros_count; i++)
        for (size_t j = 0; j < i; j++)
            check_pair(&config->to_ros[i], &config->to_ros[j], problems);
}

void config_read_to_ros(struct config *config, const cJSON *list, struct packages *packages,
                        struct problems *problems)
{
    size_t count = list ? (size_t)cJSON_GetArraySize(list) : 0;
    if (count == 0)
        return;
    if (count > CONFIG_ENTRIES_LIMIT) {
        problems_add(problems, "kafka_to_ros", "found %zu routes; up to %d are possible", count,
                     CONFIG_ENTRIES_LIMIT);
        return;
    }
    config->to_ros = calloc(count, sizeof *config->to_ros);
    if (!config->to_ros) {
        problems_add(problems, "kafka_to_ros", "out of memory");
        return;
    }
    config->to_ros_count = count;
    size_t index = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        read_route(config, item, index++, packages, problems);
    }
    check_duplicates(config, problems);
}
