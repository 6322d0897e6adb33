#include "message/record_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTED_BYTES 300 /* of field names in a message */

static enum error_code fail_unknown(const struct record_target *target, const char *name,
                                    const struct message_type *type, struct error *error)
{
    char names[LISTED_BYTES];
    size_t used = 0;
    names[0] = '\0';
    for (size_t i = 0; i < type->field_count && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "",
                                 type->fields[i].name);
    return error_set(error, ERROR_UNKNOWN, target->path, 0, "found \"%.64s\", %s %s%s%s", name,
                     type->name, type->field_count > 0 ? "has the fields " : "has no fields", names,
                     used < sizeof names ? "" : "…");
}

static enum error_code take_name(struct record_target *target, const char *name,
                                 const struct message_type *type, struct error *error)
{
    for (size_t i = 0; i < type->field_count; i++) {
        if (strcmp(type->fields[i].name, name) == 0) {
            target->field = &type->fields[i];
            target->single = false;
            target->positions[target->count++] = i;
            return ERROR_NONE;
        }
    }
    return fail_unknown(target, name, type, error);
}

static enum error_code take_index(struct record_target *target, size_t index, struct error *error)
{
    const struct field *field = target->field;
    if (!field || target->single || field->array == ARRAY_NONE)
        return error_set(error, ERROR_TYPE, target->path, 0,
                         "found the index [%zu] on a single value, only fixed arrays take one",
                         index);
    if (field->array == ARRAY_VARIABLE)
        return error_set(error, ERROR_TYPE, target->path, 0,
                         "found the index [%zu] on %s[], only fixed arrays take one: map all of %s",
                         index, field->type_text, field->name);
    if (index >= (size_t)field->array)
        return error_set(error, ERROR_RANGE, target->path, 0,
                         "found the index [%zu], %s[%lld] takes 0…%lld", index, field->type_text,
                         (long long)field->array, (long long)field->array - 1);
    target->single = true;
    target->positions[target->count++] = index;
    return ERROR_NONE;
}

/* The type whose fields a name may follow with; NULL where none may. */
static const struct message_type *inner_type(const struct record_target *target)
{
    const struct field *field = target->field;
    bool whole_array = field->array != ARRAY_NONE && !target->single;
    return whole_array ? NULL : field->message;
}

enum error_code record_target_resolve(struct record_target *target, const struct message_type *type,
                                      struct arena *arena, struct error *error)
{
    struct json_path path;
    enum error_code code = json_path_parse(target->path, target->path, arena, &path, error);
    if (code != ERROR_NONE)
        return code;
    if (path.count == 0)
        return error_set(error, ERROR_SYNTAX, target->path, 0,
                         "found the path of the whole message, a field's path stands here");
    target->positions = arena_alloc(arena, path.count, sizeof *target->positions);
    if (!target->positions)
        return error_set(error, ERROR_MEMORY, target->path, 0, "no memory for the path");
    for (size_t i = 0; i < path.count; i++) {
        const char *name = path.steps[i].name;
        const struct message_type *within = target->field ? inner_type(target) : type;
        if (!name)
            code = take_index(target, path.steps[i].index, error);
        else if (within)
            code = take_name(target, name, within, error);
        else
            code = error_set(error, ERROR_TYPE, target->path, 0,
                             "found \".%.64s\" behind %s, which is %s and has no fields", name,
                             target->field->name,
                             target->field->array == ARRAY_NONE || target->single
                                 ? target->field->type_text
                                 : "an array");
        if (code != ERROR_NONE)
            return code;
    }
    return ERROR_NONE;
}

/* Whether the shorter of the two is where the longer begins. */
static bool overlap(const struct record_target *one, const struct record_target *other)
{
    size_t count = one->count < other->count ? one->count : other->count;
    return memcmp(one->positions, other->positions, count * sizeof *one->positions) == 0;
}

static int compare(const void *left, const void *right)
{
    const struct record_target *one = left, *other = right;
    for (size_t i = 0; i < one->count && i < other->count; i++)
        if (one->positions[i] != other->positions[i])
            return one->positions[i] < other->positions[i] ? -1 : 1;
    return one->count == other->count ? 0 : one->count < other->count ? -1 : 1;
}

enum error_code record_targets_sort(struct record_target *targets, size_t count,
                                    struct error *error)
{
    if (count > 1)
        qsort(targets, count, sizeof *targets, compare);
    for (size_t i = 1; i < count; i++)
        if (overlap(&targets[i - 1], &targets[i]))
            return error_set(error, ERROR_DUPLICATE, targets[i].path, 0,
                             "the field is mapped already, by \"%.100s\"", targets[i - 1].path);
    return ERROR_NONE;
}
