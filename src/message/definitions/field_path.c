#include "message/definitions/field_path.h"

#include "message/definitions/field_names.h"
#include "message/definitions/field_skip.h"
#include "message/definitions/type_name.h"
#include "message/values/bytes.h"

#include <string.h>

static const struct field *find_field(const struct message_type *type, const char *name,
                                      size_t length)
{
    for (size_t i = 0; i < type->field_count; i++) {
        if (strlen(type->fields[i].name) == length &&
            memcmp(type->fields[i].name, name, length) == 0)
            return &type->fields[i];
    }
    return NULL;
}

static enum error_code unknown_field(const struct message_type *type, const char *name,
                                     size_t length, const char *where, struct error *error)
{
    char names[FIELD_NAMES_SIZE];
    return error_set(error, ERROR_UNKNOWN, where, 0, "%s has no field \"%.*s\"; it has %s",
                     type->name, length > 80 ? 80 : (int)length, name, field_names(type, names));
}

/* Reads "[n]" at `*text`, where there is one. */
static enum error_code parse_index(const char **text, const char *where,
                                   struct field_path_part *part, struct error *error)
{
    const struct field *field = part->field;
    const char *at = *text + 1;
    part->index = 0;
    for (; *at >= '0' && *at <= '9' && part->index <= UINT32_MAX; at++)
        part->index = part->index * 10 + (*at - '0');
    if (at == *text + 1 || *at != ']')
        return error_set(error, ERROR_SYNTAX, where, 0,
                         "\"%.40s\" is no index; a number between brackets is, as in %s[0]", *text,
                         field->name);
    *text = at + 1;
    if (field->array == ARRAY_NONE)
        return error_set(error, ERROR_TYPE, where, 0,
                         "%s is a single %s and takes no index; leave [%lld] out", field->name,
                         field->type_text, (long long)part->index);
    if (field->array != ARRAY_VARIABLE && part->index >= field->array)
        return error_set(error, ERROR_RANGE, where, 0,
                         "%s has %lld elements: the index is 0 to %lld, not %lld", field->name,
                         (long long)field->array, (long long)field->array - 1,
                         (long long)part->index);
    return ERROR_NONE;
}

/* Goes on behind '.'. */
static enum error_code descend(const struct field_path_part *part, const char *where,
                               const struct message_type **type, struct error *error)
{
    const struct field *field = part->field;
    if (field->kind != KIND_MESSAGE)
        return error_set(error, ERROR_TYPE, where, 0,
                         "%s is a %s, which has no fields: end the path there", field->name,
                         field->type_text);
    if (field->array != ARRAY_NONE && part->index == FIELD_PATH_WHOLE)
        return error_set(error, ERROR_TYPE, where, 0,
                         "%s is an array: say which element, as in %s[0]", field->name,
                         field->name);
    *type = field->message;
    return ERROR_NONE;
}

enum error_code field_path_parse(const struct message_type *type, const char *text,
                                 const char *where, struct field_path *path, struct error *error)
{
    path->count = 0;
    for (;;) {
        size_t length = strcspn(text, ".[");
        if (length == 0 || !type_name_is_plain(text, length))
            return error_set(error, ERROR_SYNTAX, where, 0,
                             "\"%.80s\" is no path to a field; names with '.' between, and [index] "
                             "behind an array's, are",
                             text);
        /* A path is no longer than the types are deep. */
        struct field_path_part *part = &path->parts[path->count++];
        part->field = find_field(type, text, length);
        part->index = FIELD_PATH_WHOLE;
        if (!part->field)
            return unknown_field(type, text, length, where, error);
        text += length;
        if (*text == '[') {
            enum error_code code = parse_index(&text, where, part, error);
            if (code != ERROR_NONE)
                return code;
        }
        if (*text == '\0')
            return ERROR_NONE;
        if (*text != '.')
            return error_set(error, ERROR_SYNTAX, where, 0,
                             "\"%.40s\" follows %s; '.' or the end must", text, part->field->name);
        text++;
        enum error_code code = descend(part, where, &type, error);
        if (code != ERROR_NONE)
            return code;
    }
}

const uint8_t *field_path_follow(const struct field_path *path, size_t part, const uint8_t *bytes)
{
    for (;; part++) {
        const struct field *field = path->parts[part].field;
        int64_t index = path->parts[part].index;
        if (index != FIELD_PATH_WHOLE) {
            if (field->array == ARRAY_VARIABLE) {
                if (index >= (int64_t)bytes_u32(bytes))
                    return NULL;
                bytes += sizeof(uint32_t);
            }
            bytes = field_skip_elements(field, (uint64_t)index, bytes);
        }
        if (part + 1 == path->count)
            return bytes;
        const struct field *next = path->parts[part + 1].field;
        for (const struct field *before = field->message->fields; before != next; before++)
            bytes = field_skip(before, bytes);
    }
}
