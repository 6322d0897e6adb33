#include "message/mapping/field_text.h"

#include "message/json/json_write.h"
#include "message/plan/fault.h"
#include "message/plan/layout.h"
#include "message/values/bytes.h"
#include "message/values/time_text.h"

#include <stdlib.h>

struct field_text {
    const struct plan *plan;
    struct layout *layout;
    struct field_path path;
    struct layout_target target;
};

enum error_code field_text_create(const struct plan *plan, const char *path,
                                  struct field_text **field, struct error *error)
{
    struct field_text *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, path, 0, "out of memory");
    made->plan = plan;
    made->target.path = &made->path;
    enum error_code code = field_path_parse(plan_message(plan), path, path, &made->path, error);
    if (code == ERROR_NONE &&
        (field_path_is_array(&made->path) || field_path_field(&made->path)->kind == KIND_MESSAGE))
        code = error_set(error, ERROR_TYPE, path, 0,
                         "%s is %s; a text needs a single value that is no message",
                         field_path_field(&made->path)->name,
                         field_path_is_array(&made->path) ? "an array" : "a message");
    if (code == ERROR_NONE) {
        code = layout_create(plan_message(plan), &made->target, 1, &made->layout);
        if (code != ERROR_NONE)
            (void)error_set(error, code, path, 0, "out of memory");
    }
    if (code == ERROR_NONE)
        *field = made;
    else
        field_text_destroy(made);
    return code;
}

void field_text_destroy(struct field_text *field)
{
    if (!field)
        return;
    layout_destroy(field->layout);
    free(field);
}

/* Writes a value that is no string at `at`. */
static char *write_value(char *at, enum field_kind kind, const uint8_t *bytes)
{
    const struct json_style style = {.options.non_finite_as_string = false,
                                     .precision = JSON_EVERY_DIGIT};
    struct to_json_counts counts = {0};
    switch (kind) {
    case KIND_TIME:
        return time_text_write(
            at, (int64_t)bytes_u32(bytes) * 1000000000 + (int64_t)bytes_u32(bytes + 4),
            TIME_SECONDS);
    case KIND_DURATION:
        return time_text_write(
            at, (int64_t)(int32_t)bytes_u32(bytes) * 1000000000 + (int32_t)bytes_u32(bytes + 4),
            TIME_SECONDS);
    default:
        return json_write_value(at, kind, bytes, &style, &counts);
    }
}

static enum error_code append(enum field_kind kind, const uint8_t *bytes, struct buffer *out)
{
    if (kind == KIND_STRING)
        return buffer_append(out, bytes + sizeof(uint32_t), bytes_u32(bytes));
    char text[TIME_TEXT_SIZE];
    return buffer_append(out, text, (size_t)(write_value(text, kind, bytes) - text));
}

enum error_code field_text_append(const struct field_text *field, const uint8_t *bytes,
                                  size_t length, struct buffer *out, struct error *error)
{
    const uint8_t *slot = NULL;
    if (layout_walk(field->layout, bytes, length, &slot) != ERROR_NONE)
        return fault_describe(plan_message(field->plan), bytes, length, error);
    const uint8_t *value =
        field_path_follow(&field->path, field->target.part, slot + field->target.offset);
    if (!value)
        return ERROR_NONE;
    enum error_code code = append(field_path_field(&field->path)->kind, value, out);
    if (code == ERROR_NONE)
        return code;
    return error_set(error, code, "$", 0, "the text of %s does not fit: %s",
                     field_path_field(&field->path)->name, error_code_name(code));
}
