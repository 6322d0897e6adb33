#include "bridge/to_kafka/encoder.h"

#include "bridge/flow/template.h"
#include "message/mapping/field_text.h"
#include "message/values/base64.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NANOSECONDS 1000000000LL

/* One part of the key: a text that never changes, or a field of the message. */
struct key_part {
    const char *text;
    struct field_text *field;
};

struct encoder {
    const struct to_kafka_route *route;
    const struct plan *plan; /* NULL: the messages' definition is not known */
    const char *type;
    const char *robot;
    char *ros_topic;
    struct to_record *record; /* FORMAT_FIELDS */
    struct field_text *text;  /* FORMAT_TEXT */
    struct template key;
    struct key_part *key_parts; /* as many as the template's */
};

static enum error_code add_path(enum error_code code, const struct to_kafka_route *route,
                                const char *key, struct error *error)
{
    struct error inner = *error;
    char path[2 * ERROR_PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s.%s%s%s", route->path, key, *inner.path ? "." : "",
                   inner.path);
    return error_set(error, code, path, inner.position, "%s", inner.text);
}

static enum error_code compile_key(struct encoder *encoder, struct error *error)
{
    enum error_code code = template_init(&encoder->key, encoder->route->key, error);
    if (code != ERROR_NONE)
        return code;
    encoder->key_parts = calloc(encoder->key.count + 1, sizeof *encoder->key_parts);
    if (!encoder->key_parts)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    for (size_t i = 0; i < encoder->key.count; i++) {
        const struct template_part *part = &encoder->key.parts[i];
        struct key_part *compiled = &encoder->key_parts[i];
        if (!part->is_name)
            compiled->text = part->text;
        else if (strcmp(part->text, "robot") == 0)
            compiled->text = encoder->robot;
        else if (strcmp(part->text, "topic") == 0)
            compiled->text = encoder->ros_topic;
        else if (strcmp(part->text, "type") == 0)
            compiled->text = encoder->type;
        else if (!encoder->plan)
            code = error_set(error, ERROR_MISSING, "", 0, "{%s} needs the type's definition",
                             part->text);
        else
            code = field_text_create(encoder->plan, part->text, &compiled->field, error);
        if (code != ERROR_NONE)
            return code;
    }
    return ERROR_NONE;
}

static enum error_code compile(struct encoder *encoder, struct error *error)
{
    const struct to_kafka_route *route = encoder->route;
    enum error_code code = compile_key(encoder, error);
    if (code != ERROR_NONE)
        return add_path(code, route, "key", error);
    if (route->format == FORMAT_FIELDS) {
        code = to_record_create(encoder->plan, route->fields, route->field_count, &route->json,
                                &encoder->record, error);
        return code == ERROR_NONE ? code : add_path(code, route, "fields", error);
    }
    if (route->format == FORMAT_TEXT) {
        code = field_text_create(encoder->plan, route->text_field, &encoder->text, error);
        return code == ERROR_NONE ? code : add_path(code, route, "text_field", error);
    }
    return ERROR_NONE;
}

static enum error_code create(const struct config *config, const struct to_kafka_route *route,
                              const char *ros_topic, const struct plan *plan, const char *type,
                              struct encoder **encoder, struct error *error)
{
    struct error found = {0};
    struct encoder *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, route->path, 0, "out of memory");
    made->route = route;
    made->plan = plan;
    made->type = type;
    made->robot = config->robot;
    made->ros_topic = strdup(ros_topic);
    enum error_code code = made->ros_topic ? compile(made, &found) : ERROR_MEMORY;
    if (code != ERROR_NONE) {
        if (error)
            *error = found;
        encoder_destroy(made);
        return code;
    }
    *encoder = made;
    return ERROR_NONE;
}

enum error_code encoder_create(const struct config *config, const struct to_kafka_route *route,
                               const char *ros_topic, const struct plan *plan,
                               struct encoder **encoder, struct error *error)
{
    return create(config, route, ros_topic, plan, plan_type(plan), encoder, error);
}

enum error_code encoder_create_blind(const struct config *config,
                                     const struct to_kafka_route *route, const char *ros_topic,
                                     const char *type, struct encoder **encoder,
                                     struct error *error)
{
    if (route->format != FORMAT_ROS1 || route->each)
        return error_set(error, ERROR_MISSING, route->path, 0, "the type's definition is needed");
    return create(config, route, ros_topic, NULL, type, encoder, error);
}

void encoder_destroy(struct encoder *encoder)
{
    if (!encoder)
        return;
    for (size_t i = 0; encoder->key_parts && i < encoder->key.count; i++)
        field_text_destroy(encoder->key_parts[i].field);
    free(encoder->key_parts);
    template_fini(&encoder->key);
    to_record_destroy(encoder->record);
    field_text_destroy(encoder->text);
    free(encoder->ros_topic);
    free(encoder);
}

void encoded_init(struct encoded *encoded, size_t max_bytes)
{
    buffer_init(&encoded->key, max_bytes);
    buffer_init(&encoded->value, max_bytes);
    encoded->timestamp = 0;
}

void encoded_fini(struct encoded *encoded)
{
    buffer_fini(&encoded->key);
    buffer_fini(&encoded->value);
}

static enum error_code encode_key(const struct encoder *encoder, const uint8_t *bytes,
                                  size_t length, struct buffer *key, struct error *error)
{
    for (size_t i = 0; i < encoder->key.count; i++) {
        const struct key_part *part = &encoder->key_parts[i];
        enum error_code code = part->text
                                   ? buffer_append_text(key, part->text)
                                   : field_text_append(part->field, bytes, length, key, error);
        if (code != ERROR_NONE)
            return code;
    }
    return ERROR_NONE;
}

enum error_code encoder_key(const struct encoder *encoder, const struct encoder_input *input,
                            struct buffer *key, struct error *error)
{
    return encode_key(encoder, input->bytes, input->size, key, error);
}

size_t encoder_room(const struct encoder *encoder, size_t size)
{
    const struct to_kafka_route *route = encoder->route;
    if (route->format == FORMAT_ROS1)
        return size + ENCODER_SLACK;
    if (route->format != FORMAT_JSON || route->json.bytes_as_array)
        return 0;
    return base64_encoded_length(size) + ENCODER_SLACK;
}

int64_t encoder_stamp(const struct plan *plan, const uint8_t *bytes, size_t size)
{
    struct plan_header header;
    if (!plan || !plan_read_header(plan, bytes, size, &header))
        return 0;
    return (int64_t)header.secs * NANOSECONDS + header.nsecs;
}

static int64_t stamp_of(const struct encoder *encoder, const struct encoder_input *input)
{
    int64_t stamp =
        input->stamp ? input->stamp : encoder_stamp(encoder->plan, input->bytes, input->size);
    return stamp ? stamp : input->receipt;
}

static enum error_code encode_raw(const struct encoder *encoder, const uint8_t *bytes,
                                  size_t length, struct buffer *value, struct error *error)
{
    enum error_code code =
        encoder->plan ? plan_validate(encoder->plan, bytes, length, error) : ERROR_NONE;
    if (code != ERROR_NONE)
        return code;
    code = buffer_append(value, bytes, length);
    return code == ERROR_NONE
               ? code
               : error_set(error, code, "$", 0, "%zu bytes; message_max_bytes is %zu", length,
                           value->limit);
}

static enum error_code encode_text(const struct encoder *encoder, const uint8_t *bytes,
                                   size_t length, struct buffer *value, struct error *error)
{
    enum error_code code = plan_validate(encoder->plan, bytes, length, error);
    return code == ERROR_NONE ? field_text_append(encoder->text, bytes, length, value, error)
                              : code;
}

enum error_code encoder_encode(const struct encoder *encoder, const struct encoder_input *input,
                               struct encoded *encoded, struct to_json_counts *counts,
                               struct error *error)
{
    const struct to_kafka_route *route = encoder->route;
    const uint8_t *bytes = input->bytes;
    size_t length = input->size;
    int64_t stamp = stamp_of(encoder, input), receipt = input->receipt;
    enum error_code code = ERROR_ARGUMENT;
    buffer_clear(&encoded->key);
    buffer_clear(&encoded->value);
    encoded->timestamp = (route->stamp_from_receipt ? receipt : stamp) / 1000000;

    switch (route->format) {
    case FORMAT_JSON:
        code = to_json(encoder->plan, bytes, length, &route->json, &encoded->value, counts, error);
        break;
    case FORMAT_FIELDS: {
        struct record_context context = {.sequence = input->sequence,
                                         .index = input->index,
                                         .stamp = stamp,
                                         .receipt = receipt,
                                         .topic = encoder->ros_topic,
                                         .robot = encoder->robot};
        code = to_record(encoder->record, bytes, length, &context, &encoded->value, counts, error);
        break;
    }
    case FORMAT_TEXT:
        code = encode_text(encoder, bytes, length, &encoded->value, error);
        break;
    case FORMAT_ROS1:
        code = encode_raw(encoder, bytes, length, &encoded->value, error);
        break;
    case FORMAT_LONG: /* comes from Kafka only; the configuration refuses it here */
        break;
    }
    return code == ERROR_NONE ? encode_key(encoder, bytes, length, &encoded->key, error) : code;
}
