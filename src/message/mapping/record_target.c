#include "message/mapping/record_target.h"

#include <stdlib.h>

enum error_code record_target_resolve(struct record_target *target, const struct message_type *type,
                                      const char *text, struct error *error)
{
    target->text = text;
    enum error_code code = field_path_parse(type, text, text, &target->path, error);
    for (size_t i = 0; code == ERROR_NONE && i < target->path.count; i++) {
        const struct field_path_part *part = &target->path.parts[i];
        if (part->field->array == ARRAY_VARIABLE && part->index != FIELD_PATH_WHOLE)
            code = error_set(error, ERROR_TYPE, text, 0,
                             "found the index [%lld] on %s[], only fixed arrays take one here: "
                             "map all of %s",
                             (long long)part->index, part->field->type_text, part->field->name);
    }
    return code;
}

/* Fields of one type lie in one array, in wire order; a whole array comes before its elements. */
static int compare_parts(const struct field_path_part *one, const struct field_path_part *other)
{
    if (one->field != other->field)
        return one->field < other->field ? -1 : 1;
    return (one->index > other->index) - (one->index < other->index);
}

static int compare(const void *left, const void *right)
{
    const struct field_path *one = &((const struct record_target *)left)->path;
    const struct field_path *other = &((const struct record_target *)right)->path;
    for (size_t i = 0; i < one->count && i < other->count; i++) {
        int sign = compare_parts(&one->parts[i], &other->parts[i]);
        if (sign != 0)
            return sign;
    }
    return (one->count > other->count) - (one->count < other->count);
}

/* Whether `inner` is `outer` or inside it; `outer` comes first in wire order. */
static bool is_inside(const struct field_path *inner, const struct field_path *outer)
{
    if (inner->count < outer->count)
        return false;
    for (size_t i = 0; i < outer->count; i++) {
        const struct field_path_part *in = &inner->parts[i], *out = &outer->parts[i];
        bool holds = out->index == in->index || out->index == FIELD_PATH_WHOLE;
        if (in->field != out->field || !holds)
            return false;
    }
    return true;
}

enum error_code record_targets_sort(struct record_target *targets, size_t count,
                                    struct error *error)
{
    if (count > 1)
        qsort(targets, count, sizeof *targets, compare);
    for (size_t i = 1; i < count; i++)
        if (is_inside(&targets[i].path, &targets[i - 1].path))
            return error_set(error, ERROR_DUPLICATE, targets[i].text, 0,
                             "the field is mapped already, by \"%.100s\"", targets[i - 1].text);
    return ERROR_NONE;
}

size_t record_targets_of_field(const struct record_target *targets, size_t count, size_t part)
{
    const struct field *field = targets->path.parts[part].field;
    size_t length = 1;
    while (length < count && targets[length].path.parts[part].field == field)
        length++;
    return length;
}

size_t record_targets_of_element(const struct record_target *targets, size_t count, size_t part)
{
    const struct field_path_part *first = &targets->path.parts[part];
    size_t length = 1;
    while (length < count && compare_parts(&targets[length].path.parts[part], first) == 0)
        length++;
    return length;
}
