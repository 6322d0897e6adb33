#include "message/plan/elements.h"

#include "message/definitions/field_size.h"
#include "message/definitions/field_skip.h"
#include "message/plan/fault.h"
#include "message/plan/layout.h"
#include "message/values/bytes.h"

#include <stdio.h>
#include <stdlib.h>

#define NAMES_SIZE 300

struct elements {
    const struct plan *plan;
    struct plan *element;
    struct layout *layout;
    struct field_path path;
    struct layout_target target;
    const struct field *field; /* the array */
};

/* The message of std_msgs that holds one value of a kind. `byte` and `char` are int8 and uint8. */
static const struct {
    const char *type;
    const char *definition;
} singles[] = {
    [KIND_BOOL] = {"std_msgs/Bool", "bool data\n"},
    [KIND_INT8] = {"std_msgs/Int8", "int8 data\n"},
    [KIND_UINT8] = {"std_msgs/UInt8", "uint8 data\n"},
    [KIND_INT16] = {"std_msgs/Int16", "int16 data\n"},
    [KIND_UINT16] = {"std_msgs/UInt16", "uint16 data\n"},
    [KIND_INT32] = {"std_msgs/Int32", "int32 data\n"},
    [KIND_UINT32] = {"std_msgs/UInt32", "uint32 data\n"},
    [KIND_INT64] = {"std_msgs/Int64", "int64 data\n"},
    [KIND_UINT64] = {"std_msgs/UInt64", "uint64 data\n"},
    [KIND_FLOAT32] = {"std_msgs/Float32", "float32 data\n"},
    [KIND_FLOAT64] = {"std_msgs/Float64", "float64 data\n"},
    [KIND_STRING] = {"std_msgs/String", "string data\n"},
    [KIND_TIME] = {"std_msgs/Time", "time data\n"},
    [KIND_DURATION] = {"std_msgs/Duration", "duration data\n"},
};

/* The paths of arrays, in one line for the text of an error; what does not fit is left out. */
struct names {
    char text[NAMES_SIZE];
    size_t length;
    bool cut;
};

static void add_name(struct names *names, const char *prefix, const char *name)
{
    size_t room = sizeof names->text - names->length;
    int length = snprintf(names->text + names->length, room, "%s%s%s",
                          names->length > 0 ? ", " : "", prefix, name);
    if (length < 0 || (size_t)length >= room) {
        names->text[names->length] = '\0';
        names->cut = true;
    } else {
        names->length += (size_t)length;
    }
}

static void collect_arrays(const struct message_type *type, const char *prefix, struct names *names)
{
    char below[NAMES_SIZE];
    for (size_t i = 0; i < type->field_count && !names->cut; i++) {
        const struct field *field = &type->fields[i];
        if (field->array != ARRAY_NONE)
            add_name(names, prefix, field->name);
        else if (field->kind == KIND_MESSAGE &&
                 snprintf(below, sizeof below, "%s%s.", prefix, field->name) < (int)sizeof below)
            collect_arrays(field->message, below, names);
    }
}

static enum error_code no_array(const struct elements *elements, const char *path,
                                struct error *error)
{
    const struct message_type *type = plan_message(elements->plan);
    struct names names = {.text = ""};
    collect_arrays(type, "", &names);
    return error_set(error, ERROR_TYPE, path, 0,
                     "\"%.80s\" is a single %s, and each takes an array; the arrays of %s are: "
                     "%s%s",
                     path, elements->field->type_text, type->name,
                     names.length > 0 ? names.text : "none", names.cut ? ", …" : "");
}

static enum error_code make_element_plan(struct elements *elements, struct error *error)
{
    const struct field *field = elements->field;
    if (field->kind == KIND_MESSAGE)
        return plan_create_nested(elements->plan, field->message, &elements->element, error);
    const char *definition = singles[field->kind].definition;
    return plan_create(singles[field->kind].type, definition, strlen(definition), NULL,
                       &elements->element, error);
}

static enum error_code compile(struct elements *elements, const char *path, struct error *error)
{
    const struct message_type *type = plan_message(elements->plan);
    enum error_code code = field_path_parse(type, path, path, &elements->path, error);
    if (code != ERROR_NONE)
        return code;
    elements->field = field_path_field(&elements->path);
    if (!field_path_is_array(&elements->path))
        return no_array(elements, path, error);
    if (field_value_size(elements->field) == 0)
        return error_set(error, ERROR_TYPE, path, 0,
                         "the elements of \"%.80s\" have no bytes: %s has no fields that have any",
                         path, elements->field->type_text);
    code = layout_create(type, &elements->target, 1, &elements->layout);
    if (code != ERROR_NONE)
        return error_set(error, code, path, 0, "out of memory");
    return make_element_plan(elements, error);
}

enum error_code elements_create(const struct plan *plan, const char *path,
                                struct elements **elements, struct error *error)
{
    struct elements *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, path, 0, "out of memory");
    made->plan = plan;
    made->target.path = &made->path;
    enum error_code code = compile(made, path, error);
    if (code == ERROR_NONE)
        *elements = made;
    else
        elements_destroy(made);
    return code;
}

void elements_destroy(struct elements *elements)
{
    if (!elements)
        return;
    layout_destroy(elements->layout);
    plan_destroy(elements->element);
    free(elements);
}

const struct plan *elements_plan(const struct elements *elements)
{
    return elements->element;
}

enum error_code elements_begin(const struct elements *elements, const uint8_t *bytes, size_t length,
                               struct elements_place *place, struct error *error)
{
    const uint8_t *slot = NULL;
    *place = (struct elements_place){0};
    if (layout_walk(elements->layout, bytes, length, &slot) != ERROR_NONE)
        return fault_describe(plan_message(elements->plan), bytes, length, error);
    const uint8_t *array =
        field_path_follow(&elements->path, elements->target.part, slot + elements->target.offset);
    if (!array)
        return ERROR_NONE;
    if (elements->field->array == ARRAY_VARIABLE)
        *place =
            (struct elements_place){.bytes = array + sizeof(uint32_t), .count = bytes_u32(array)};
    else
        *place = (struct elements_place){.bytes = array, .count = (uint32_t)elements->field->array};
    return ERROR_NONE;
}

const uint8_t *elements_next(const struct elements *elements, struct elements_place *place,
                             size_t *size)
{
    const uint8_t *element = place->bytes;
    place->bytes = field_skip_elements(elements->field, 1, element);
    place->index++;
    *size = (size_t)(place->bytes - element);
    return element;
}
