/* `ros_to_kafka:` of the configuration. */
#include "bridge/config/config_check.h"
#include "bridge/config/config_routes.h"
#include "bridge/flow/names.h"
#include "bridge/flow/template.h"
#include "message/mapping/field_text.h"
#include "message/plan/elements.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const formats[] = {"json", "fields", "text", "ros1"};

static void read_source(struct config_reader *reader, struct to_kafka_route *route)
{
    struct error error;
    route->ros_topic = config_read_text(reader, "ros_topic", NULL);
    route->ros_topic_pattern = config_read_text(reader, "ros_topic_pattern", NULL);
    route->exclude = config_read_array(reader, "exclude");
    if (!route->ros_topic == !route->ros_topic_pattern)
        config_reader_problem(reader, "ros_topic", "%s; write ros_topic or ros_topic_pattern",
                              route->ros_topic ? "found both" : "missing");
    if (route->ros_topic && names_check_ros(route->ros_topic, &error) != ERROR_NONE)
        config_reader_problem(reader, "ros_topic", "%s", error.text);
    if (route->ros_topic_pattern)
        config_check_ros_pattern(reader, "ros_topic_pattern", route->ros_topic_pattern);
    if (route->exclude && !route->ros_topic_pattern)
        config_reader_problem(reader, "exclude", "goes with ros_topic_pattern only");
    const cJSON *item;
    size_t index = 0;
    cJSON_ArrayForEach(item, route->exclude)
    {
        char key[32], found[64];
        (void)snprintf(key, sizeof key, "exclude[%zu]", index++);
        if (cJSON_IsString(item))
            config_check_ros_pattern(reader, key, item->valuestring);
        else
            config_reader_problem(reader, key, "found %s; a regular expression is expected",
                                  config_describe(item, found, sizeof found));
    }
}

/* Checks a template's names: those of `known`, or else fields of the message (where it is known).
 */
static void check_template(struct config_reader *reader, const char *key, const char *text,
                           const char *const *known, size_t known_count, const struct plan *plan,
                           bool fields_allowed)
{
    struct template parsed;
    struct error error;
    if (template_init(&parsed, text, &error) != ERROR_NONE) {
        config_reader_problem(reader, key, "%s", error.text);
        return;
    }
    for (size_t i = 0; i < parsed.count; i++) {
        const char *name = parsed.parts[i].text;
        bool found = !parsed.parts[i].is_name;
        for (size_t k = 0; !found && k < known_count; k++)
            found = strcmp(name, known[k]) == 0;
        if (found)
            continue;
        struct field_text *field = NULL;
        if (!fields_allowed)
            config_reader_problem(reader, key,
                                  "{%s} names nothing; {robot}, {topic} and {type} "
                                  "are known here",
                                  name);
        else if (plan && field_text_create(plan, name, &field, &error) != ERROR_NONE)
            config_reader_problem(reader, key, "{%s}: %s", name, error.text);
        field_text_destroy(field);
    }
    template_fini(&parsed);
}

static void read_target(struct config_reader *reader, struct to_kafka_route *route,
                        const struct plan *plan)
{
    static const char *const names[] = {"robot", "topic", "type"};
    route->kafka_topic = config_read_text(reader, "kafka_topic", NULL);
    route->key = config_read_text(reader, "key", "{topic}");
    check_template(reader, "key", route->key, names, 3, plan, true);
    if (!route->kafka_topic)
        return;
    check_template(reader, "kafka_topic", route->kafka_topic, names, 3, NULL, false);
    if (!strchr(route->kafka_topic, '{'))
        config_check_kafka_topic(reader, "kafka_topic", route->kafka_topic);
}

static bool fields_fit(struct config_reader *reader, const struct to_kafka_route *route,
                       const struct plan *plan, size_t first, size_t count)
{
    struct to_record *record = NULL;
    struct error error;
    const struct to_record_field *fields = &route->fields[first];
    enum error_code code = to_record_create(plan, fields, count, &route->json, &record, &error);
    if (code != ERROR_NONE)
        config_field_problem(reader, count == 1 ? fields->name : error.path, &error);
    to_record_destroy(record);
    return code == ERROR_NONE;
}

/* Each field alone, so that all mistakes are found, and then all of them together. */
static void check_fields(struct config_reader *reader, const struct to_kafka_route *route,
                         const struct plan *plan)
{
    bool right = route->field_count > 0;
    for (size_t i = 0; i < route->field_count; i++) {
        const struct to_record_field *field = &route->fields[i];
        if (!field->path == !field->constant) /* which is told */
            right = false;
        else if (!fields_fit(reader, route, plan, i, 1))
            right = false;
    }
    if (right)
        (void)fields_fit(reader, route, plan, 0, route->field_count);
}

static void read_value(struct config *config, struct config_reader *reader,
                       struct to_kafka_route *route, const struct plan *plan)
{
    static const char *const non_finite[] = {"null", "string"};
    static const char *const bytes[] = {"base64", "array"};
    struct error error;
    route->format = (enum config_format)config_read_choice(reader, "format", FORMAT_JSON, formats,
                                                           sizeof formats / sizeof *formats);
    route->json.non_finite_as_string = config_read_choice(reader, "non_finite", 0, non_finite, 2);
    route->json.bytes_as_array = config_read_choice(reader, "bytes", 0, bytes, 2);
    config_read_to_record_fields(config, reader, &route->fields, &route->field_count);
    route->text_field = config_read_text(reader, "text_field", "data");
    if (route->format != FORMAT_FIELDS && route->field_count > 0)
        config_reader_problem(reader, "fields", "goes with format: fields only");
    if (route->format == FORMAT_FIELDS && route->field_count == 0)
        config_reader_problem(reader, "fields",
                              "missing; format: fields needs at least one `name: path`");
    if (!plan)
        return;
    struct field_text *text = NULL;
    if (route->format == FORMAT_FIELDS)
        check_fields(reader, route, plan);
    if (route->format == FORMAT_TEXT &&
        field_text_create(plan, route->text_field, &text, &error) != ERROR_NONE)
        config_reader_problem(reader, "text_field", "%s", error.text);
    field_text_destroy(text);
}

/* The elements that become records; NULL where messages do, or their type is not known yet. */
static struct elements *read_each(struct config_reader *reader, struct to_kafka_route *route,
                                  const struct plan *plan)
{
    struct elements *elements = NULL;
    struct error error;
    route->each = config_read_text(reader, "each", NULL);
    if (route->each && !*route->each)
        config_reader_problem(reader, "each", "found \"\"; the path of an array is expected");
    else if (route->each && plan &&
             elements_create(plan, route->each, &elements, &error) != ERROR_NONE)
        config_reader_problem(reader, "each", "%s", error.text);
    return elements;
}

static void check_index(struct config_reader *reader, const struct to_kafka_route *route)
{
    for (size_t i = 0; i < route->field_count && !route->each; i++) {
        const char *path = route->fields[i].path;
        if (path && strcmp(path, "@index") == 0)
            config_field_problem(
                reader, route->fields[i].name,
                &(struct error){.text = "found \"@index\", which goes with each only"});
    }
}

static void read_route(struct config *config, const cJSON *item, size_t index,
                       struct packages *packages, struct problems *problems)
{
    static const char *const headers[] = {"all", "none"};
    static const char *const timestamps[] = {"stamp", "receipt"};
    struct to_kafka_route *route = &config->to_kafka[index];
    struct config_reader reader;
    (void)snprintf(route->path, sizeof route->path, "ros_to_kafka[%zu]", index);
    config_reader_init(&reader, item, route->path, problems);
    if (!reader.object)
        return;
    read_source(&reader, route);
    route->ros_type = config_read_text(&reader, "ros_type", NULL);
    struct plan *plan =
        route->ros_type ? config_plan(&reader, "ros_type", route->ros_type, packages) : NULL;
    struct elements *elements = read_each(&reader, route, plan);
    const struct plan *record = elements ? elements_plan(elements) : route->each ? NULL : plan;
    read_target(&reader, route, record);
    read_value(config, &reader, route, record);
    check_index(&reader, route);
    elements_destroy(elements);
    plan_destroy(plan);
    route->headers = config_read_choice(&reader, "headers", 0, headers, 2) == 0;
    route->stamp_from_receipt = config_read_choice(&reader, "timestamp", 0, timestamps, 2) == 1;
    route->max_rate = config_read_number(&reader, "max_rate", 0, 0, 1e6);
    route->tcp_nodelay = config_read_bool(&reader, "tcp_nodelay", true);
    config_reader_finish(&reader);
}

/* What an explicit route without a template writes to; "" where only the namespace or the message
 * says it (the rest is found when names are resolved). */
static void target_of(const struct to_kafka_route *route, char *target)
{
    *target = '\0';
    if (route->kafka_topic && !strchr(route->kafka_topic, '{'))
        (void)snprintf(target, NAMES_KAFKA_TOPIC_SIZE, "%s", route->kafka_topic);
    else if (!route->kafka_topic && route->ros_topic && route->ros_topic[0] == '/')
        (void)names_ros_to_kafka(route->ros_topic, target);
}

static void check_duplicates(const struct config *config, struct problems *problems)
{
    char one[NAMES_KAFKA_TOPIC_SIZE], other[NAMES_KAFKA_TOPIC_SIZE];
    for (size_t i = 0; i < config->to_kafka_count; i++) {
        char path[CONFIG_PATH_SIZE + 16];
        (void)snprintf(path, sizeof path, "%s.kafka_topic", config->to_kafka[i].path);
        target_of(&config->to_kafka[i], one);
        if (*one && names_collide(one, config->definitions_topic))
            problems_add(problems, path,
                         "found \"%s\", which Kafka does not tell from definitions_topic \"%s\": "
                         "'.' and '_' are one in its metrics; give one of them another name",
                         one, config->definitions_topic);
        for (size_t j = 0; *one && j < i; j++) {
            target_of(&config->to_kafka[j], other);
            if (strcmp(one, other) == 0)
                problems_add(problems, path,
                             "found \"%s\", which %s writes already; give each route a topic of "
                             "its own",
                             one, config->to_kafka[j].path);
            else if (names_collide(one, other))
                problems_add(problems, path,
                             "found \"%s\", which Kafka does not tell from \"%s\" of %s or its "
                             "dead letters: '.' and '_' are one in its metrics; give one of them "
                             "another name",
                             one, other, config->to_kafka[j].path);
        }
    }
}

void config_read_to_kafka(struct config *config, const cJSON *list, struct packages *packages,
                          struct problems *problems)
{
    size_t count = list ? (size_t)cJSON_GetArraySize(list) : 0;
    if (count == 0)
        return;
    if (count > CONFIG_ENTRIES_LIMIT) {
        problems_add(problems, "ros_to_kafka", "found %zu routes; up to %d are possible", count,
                     CONFIG_ENTRIES_LIMIT);
        return;
    }
    config->to_kafka = calloc(count, sizeof *config->to_kafka);
    if (!config->to_kafka) {
        problems_add(problems, "ros_to_kafka", "out of memory");
        return;
    }
    config->to_kafka_count = count;
    size_t index = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        read_route(config, item, index++, packages, problems);
    }
    check_duplicates(config, problems);
}
