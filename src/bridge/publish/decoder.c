#include "bridge/publish/decoder.h"

#include <stdio.h>
#include <stdlib.h>

struct decoder {
    const struct to_ros_route *route;
    const struct plan *plan;
    struct from_json_options options;
    struct from_record *record; /* where fields are mapped */
};

static enum record_form form_of(enum config_format format)
{
    if (format == FORMAT_TEXT)
        return RECORD_TEXT;
    return format == FORMAT_LONG ? RECORD_LONG : RECORD_JSON;
}

enum error_code decoder_create(const struct to_ros_route *route, const struct plan *plan,
                               struct decoder **decoder, struct error *error)
{
    struct decoder *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, route->path, 0, "out of memory");
    made->route = route;
    made->plan = plan;
    made->options.strict = route->strict;
    if (route->field_count > 0) {
        struct error found = {0};
        enum error_code code =
            from_record_create(plan, route->fields, route->field_count, form_of(route->format),
                               &made->options, &made->record, &found);
        if (code != ERROR_NONE) {
            char path[2 * ERROR_PATH_SIZE];
            (void)snprintf(path, sizeof path, "%s.fields.%s", route->path, found.path);
            free(made);
            return error_set(error, code, path, found.position, "%s", found.text);
        }
    }
    *decoder = made;
    return ERROR_NONE;
}

void decoder_destroy(struct decoder *decoder)
{
    if (!decoder)
        return;
    from_record_destroy(decoder->record);
    free(decoder);
}

static enum error_code decode_raw(const struct decoder *decoder, const struct kafka_record *record,
                                  struct buffer *out, struct error *error)
{
    enum error_code code = plan_validate(decoder->plan, record->value, record->value_size, error);
    if (code == ERROR_NONE)
        code = buffer_append(out, record->value, record->value_size);
    return code;
}

enum error_code decoder_decode(const struct decoder *decoder, const struct kafka_record *record,
                               struct buffer *out, struct error *error)
{
    buffer_clear(out);
    /* An empty message has no bytes, which some producers write as no value. */
    if (decoder->route->format == FORMAT_ROS1)
        return decode_raw(decoder, record, out, error);
    if (!record->value)
        return error_set(error, ERROR_MISSING, "$", 0, "the record has no value (a tombstone)");
    if (!decoder->record)
        return from_json(decoder->plan, record->value, record->value_size, &decoder->options, out,
                         error);
    struct record_origin origin = {.key = record->key,
                                   .key_length = record->key_size,
                                   .timestamp = record->timestamp,
                                   .topic = record->topic,
                                   .partition = record->partition,
                                   .offset = record->offset};
    return from_record(decoder->record, record->value, record->value_size, &origin, out, error);
}
