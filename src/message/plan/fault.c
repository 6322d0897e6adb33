#include "message/plan/fault.h"

#include "message/definitions/field_size.h"
#include "message/definitions/type_name.h"
#include "message/plan/layout.h"
#include "message/values/bytes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct walk {
    const uint8_t *bytes;
    size_t length;
    size_t position;
    struct error *error;
    size_t path_length;
    char path[ERROR_PATH_SIZE];
};

static size_t rest(const struct walk *walk)
{
    return walk->length - walk->position;
}

static enum error_code truncated(struct walk *walk, uint64_t needed, const char *what)
{
    return error_set(walk->error, ERROR_TRUNCATED, walk->path, walk->position,
                     "%s needs %" PRIu64 " bytes, %zu are left", what, needed, rest(walk));
}

/* Appends to the path; what does not fit is cut. */
static void enter(struct walk *walk, const char *before, const char *name)
{
    int added = snprintf(walk->path + walk->path_length, sizeof walk->path - walk->path_length,
                         "%s%s", before, name);
    if (added > 0)
        walk->path_length += (size_t)added;
    if (walk->path_length >= sizeof walk->path)
        walk->path_length = sizeof walk->path - 1;
}

static void enter_index(struct walk *walk, uint64_t index)
{
    char text[32];
    (void)snprintf(text, sizeof text, "[%" PRIu64 "]", index);
    enter(walk, "", text);
}

static void leave(struct walk *walk, size_t path_length)
{
    walk->path_length = path_length;
    walk->path[path_length] = '\0';
}

static enum error_code walk_type(struct walk *walk, const struct message_type *type);

static enum error_code walk_value(struct walk *walk, const struct field *field)
{
    if (field->kind == KIND_MESSAGE)
        return walk_type(walk, field->message);
    uint64_t size = field_kind_size(field->kind);
    if (field->kind == KIND_STRING) {
        if (rest(walk) < sizeof(uint32_t))
            return truncated(walk, sizeof(uint32_t), "the string's length");
        size = sizeof(uint32_t) + (uint64_t)bytes_u32(walk->bytes + walk->position);
    }
    if (rest(walk) < size)
        return truncated(walk, size, field_kind_name(field->kind));
    walk->position += (size_t)size;
    return ERROR_NONE;
}

static enum error_code walk_elements(struct walk *walk, const struct field *field, uint64_t count)
{
    uint64_t i = 0;
    size_t size = field_value_size(field);
    if (size == 0) {
        if (field->array != ARRAY_VARIABLE || count <= LAYOUT_EMPTY_LIMIT)
            return ERROR_NONE;
        return error_set(walk->error, ERROR_LIMIT, walk->path, walk->position,
                         "the array has %" PRIu64 " elements without any bytes; %u are allowed",
                         count, LAYOUT_EMPTY_LIMIT);
    }
    if (size != SIZE_MAX) {
        /* Straight to the end, or to the element that is not whole. */
        i = rest(walk) / size < count ? rest(walk) / size : count;
        walk->position += (size_t)i * size;
    }
    size_t path_length = walk->path_length;
    for (; i < count; i++) {
        enter_index(walk, i);
        enum error_code code = walk_value(walk, field);
        if (code != ERROR_NONE)
            return code;
        leave(walk, path_length);
    }
    return ERROR_NONE;
}

static enum error_code walk_field(struct walk *walk, const struct field *field)
{
    if (field->array == ARRAY_NONE)
        return walk_value(walk, field);
    if (field->array != ARRAY_VARIABLE)
        return walk_elements(walk, field, (uint64_t)field->array);
    if (rest(walk) < sizeof(uint32_t))
        return truncated(walk, sizeof(uint32_t), "the array's length");
    uint32_t count = bytes_u32(walk->bytes + walk->position);
    walk->position += sizeof(uint32_t);
    return walk_elements(walk, field, count);
}

static enum error_code walk_type(struct walk *walk, const struct message_type *type)
{
    size_t path_length = walk->path_length;
    for (size_t i = 0; i < type->field_count; i++) {
        enter(walk, ".", type->fields[i].name);
        enum error_code code = walk_field(walk, &type->fields[i]);
        if (code != ERROR_NONE)
            return code;
        leave(walk, path_length);
    }
    return ERROR_NONE;
}

enum error_code fault_describe(const struct message_type *type, const uint8_t *bytes, size_t length,
                               struct error *error)
{
    struct walk walk = {.bytes = bytes, .length = length, .error = error};
    enter(&walk, "$", "");
    enum error_code code = walk_type(&walk, type);
    if (code == ERROR_NONE && walk.position != length)
        return error_set(error, ERROR_TRAILING, "$", walk.position,
                         "%zu bytes follow the end of the %s, which has %zu", rest(&walk),
                         type->name, walk.position);
    return code;
}
