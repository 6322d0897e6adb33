/* Nested messages and arrays; the values inside them are json_scalar.c's and json_time.c's. */
#include "message/json/json_reader.h"

#include "message/definitions/field_names.h"
#include "message/definitions/field_size.h"
#include "message/values/name_index.h"

#include <stdlib.h>
#include <string.h>

/* --- bytes ------------------------------------------------------------------------------------ */

enum error_code json_write_zeros(struct json_reader *reader, size_t size)
{
    enum error_code code = buffer_reserve(reader->out, size);
    if (code != ERROR_NONE)
        return json_reader_fail_out(reader, code);
    if (size > 0)
        memset(reader->out->data + reader->out->length, 0, size);
    reader->out->length += size;
    return ERROR_NONE;
}

/* --- objects ---------------------------------------------------------------------------------- */

#define ABSENT     UINT32_MAX
#define FEW_FIELDS 256 /* of a type whose members may come in any order without an allocation */

/* The members of an object that did not come in the definition's order: where the value of each
 * field begins. The index is for types of many fields only; where there are few, looking through
 * all of them from the last one found on costs less. */
struct members {
    const struct message_type *type;
    uint32_t *starts; /* of each field; ABSENT */
    size_t next;      /* the field behind the last one found */
    bool indexed;
    struct name_index index;
};

/* Sets up for `type`; `few` has room for FEW_FIELDS. */
static enum error_code members_init(struct members *members, const struct message_type *type,
                                    uint32_t *few)
{
    size_t count = type->field_count;
    *members = (struct members){.type = type, .starts = few, .indexed = count > FEW_FIELDS};
    if (members->indexed) {
        enum error_code code =
            name_index_init(&members->index, &type->fields[0].name, sizeof *type->fields, count);
        members->starts = code == ERROR_NONE ? malloc(count * sizeof *members->starts) : NULL;
        if (!members->starts) {
            name_index_fini(&members->index);
            return ERROR_MEMORY;
        }
    }
    for (size_t i = 0; i < count; i++)
        members->starts[i] = ABSENT;
    return ERROR_NONE;
}

static void members_fini(struct members *members)
{
    if (!members->indexed)
        return;
    name_index_fini(&members->index);
    free(members->starts);
}

/* The index of the field called `name`, or the number of fields. */
static size_t members_find(const struct members *members, const struct json_string *name)
{
    const struct field *fields = members->type->fields;
    size_t count = members->type->field_count;
    if (!members->indexed) {
        for (size_t i = 0, at = members->next; i < count; i++, at++) {
            at = at < count ? at : 0;
            if (json_string_is(name, fields[at].name))
                return at;
        }
        return count;
    }
    const uint32_t *order = members->index.order;
    for (size_t low = 0, high = count; low < high;) {
        size_t middle = low + (high - low) / 2;
        int sign = json_string_compare(name, fields[order[middle]].name);
        if (sign == 0)
            return order[middle];
        if (sign < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return count;
}

static enum error_code fail_unknown(const struct json_reader *reader,
                                    const struct message_type *type, size_t position)
{
    char names[FIELD_NAMES_SIZE];
    bool any = type->field_count > 0;
    return json_reader_fail_found(reader, ERROR_UNKNOWN, position, "%s %s%s", type->name,
                                  any ? "has the fields " : "has no fields",
                                  any ? field_names(type, names) : "");
}

static enum error_code write_absent(struct json_reader *reader, const struct field *field)
{
    if (reader->strict)
        return json_reader_fail(reader, ERROR_MISSING, reader->scan.position,
                                "the member is not there and strict asks for every one: %s %s",
                                field->type_text, field->name);
    return json_write_zeros(reader, field_minimum(field));
}

static void enter_field(struct json_place *place, const struct field *field)
{
    place->name = field->name;
    place->name_length = strlen(field->name);
}

/* Notes where each value from the member `name` on to the object's end begins. */
static enum error_code note_members(struct json_reader *reader, struct members *members,
                                    size_t written, struct json_series *series,
                                    struct json_string name, struct json_place *place)
{
    bool more = true;
    while (more) {
        size_t index = members_find(members, &name);
        size_t position = json_reader_name_position(reader, &name);
        if (index == members->type->field_count)
            return fail_unknown(reader, members->type, position);
        if (index < written || members->starts[index] != ABSENT)
            return json_reader_fail_found(reader, ERROR_DUPLICATE, position,
                                          "a member may be there once");
        members->starts[index] = (uint32_t)reader->scan.position;
        members->next = index + 1;
        enum error_code code = json_scan_skip(&reader->scan, json_reader_depth_left(reader));
        if (code != ERROR_NONE)
            return json_reader_fail_scan(reader, code);
        code = json_reader_next_member(reader, series, place, &name, &more);
        if (code != ERROR_NONE)
            return code;
    }
    return ERROR_NONE;
}

/* The rest of an object from the member `name` on, which is not the field after the `written` first
 * ones: finds where all values are, then reads them in wire order. Each level of nesting that is
 * out of order passes over its text once more, so the cost is the text's length times the depth. */
__attribute__((noinline)) static enum error_code
read_any_order(struct json_reader *reader, const struct message_type *type, size_t written,
               struct json_series *series, struct json_string name, struct json_place *place)
{
    uint32_t few[FEW_FIELDS];
    struct members members;
    enum error_code code = members_init(&members, type, few);
    if (code != ERROR_NONE)
        return json_reader_fail(reader, code, reader->scan.position,
                                "no memory to put %zu fields in order", type->field_count);
    code = note_members(reader, &members, written, series, name, place);
    size_t end = reader->scan.position;
    for (size_t i = written; code == ERROR_NONE && i < type->field_count; i++) {
        enter_field(place, &type->fields[i]);
        reader->scan.position = members.starts[i] == ABSENT ? end : members.starts[i];
        code = members.starts[i] == ABSENT ? write_absent(reader, &type->fields[i])
                                           : json_read_field(reader, &type->fields[i]);
    }
    if (code == ERROR_NONE)
        reader->scan.position = end;
    members_fini(&members);
    return code;
}

/* The members as long as they come in the definition's order, which is how to_json writes them. */
static enum error_code read_members(struct json_reader *reader, const struct message_type *type,
                                    struct json_place *place)
{
    struct json_series series = {false};
    size_t written = 0;
    for (;;) {
        struct json_string name;
        bool more;
        enum error_code code = json_reader_next_member(reader, &series, place, &name, &more);
        if (code != ERROR_NONE)
            return code;
        if (!more)
            break;
        if (written == type->field_count || !json_string_is(&name, type->fields[written].name))
            return read_any_order(reader, type, written, &series, name, place);
        enter_field(place, &type->fields[written]);
        code = json_read_field(reader, &type->fields[written]);
        if (code != ERROR_NONE)
            return code;
        written++;
    }
    for (; written < type->field_count; written++) {
        enter_field(place, &type->fields[written]);
        enum error_code code = write_absent(reader, &type->fields[written]);
        if (code != ERROR_NONE)
            return code;
    }
    return ERROR_NONE;
}

enum error_code json_read_message(struct json_reader *reader, const struct message_type *type)
{
    enum json_kind kind = json_scan_peek(&reader->scan);
    if (kind != JSON_OBJECT)
        return json_reader_fail_kind(reader, kind, type->name, "an object");
    struct json_place place;
    json_reader_enter(reader, &place);
    enum error_code code = read_members(reader, type, &place);
    json_reader_leave(reader);
    return code;
}

/* --- arrays ----------------------------------------------------------------------------------- */

static enum error_code read_elements(struct json_reader *reader, const struct field *field,
                                     struct json_place *place, size_t *count)
{
    struct json_series series = {false};
    char name[ERROR_PATH_SIZE];
    size_t most = field->array == ARRAY_VARIABLE ? UINT32_MAX : (size_t)field->array;
    for (*count = 0;; ++*count) {
        bool more;
        enum error_code code = json_reader_next_element(reader, &series, place, &more);
        if (code != ERROR_NONE || !more)
            return code;
        if (*count == most)
            return json_reader_fail_found(reader, ERROR_LENGTH, reader->scan.position,
                                          "%s takes %zu values",
                                          json_array_name(field, name, sizeof name), most);
        code = json_read_single(reader, field);
        if (code != ERROR_NONE)
            return code;
    }
}

static enum error_code read_array(struct json_reader *reader, const struct field *field)
{
    char name[ERROR_PATH_SIZE];
    enum json_kind kind = json_scan_peek(&reader->scan);
    if (kind == JSON_STRING && field->kind == KIND_UINT8)
        return json_read_base64(reader, field);
    if (kind != JSON_ARRAY)
        return json_reader_fail_kind(reader, kind, json_array_name(field, name, sizeof name),
                                     field->kind == KIND_UINT8 ? "base64 text or an array"
                                                               : "an array");
    size_t begin = reader->scan.position, count_at = reader->out->length, count;
    if (field->array == ARRAY_VARIABLE) {
        enum error_code code = json_write_bytes(reader, 0, 4);
        if (code != ERROR_NONE)
            return code;
    }
    struct json_place place;
    json_reader_enter(reader, &place);
    enum error_code code = read_elements(reader, field, &place, &count);
    json_reader_leave(reader);
    if (code != ERROR_NONE)
        return code;
    if (field->array == ARRAY_VARIABLE) {
        for (size_t i = 0; i < 4; i++)
            reader->out->data[count_at + i] = (char)(unsigned char)(count >> (8 * i));
        return ERROR_NONE;
    }
    if (count != (size_t)field->array)
        return json_reader_fail(reader, ERROR_LENGTH, begin, "found %zu values, %s takes %lld",
                                count, json_array_name(field, name, sizeof name),
                                (long long)field->array);
    return ERROR_NONE;
}

enum error_code json_read_single(struct json_reader *reader, const struct field *field)
{
    switch (field->kind) {
    case KIND_MESSAGE:
        return json_read_message(reader, field->message);
    case KIND_TIME:
    case KIND_DURATION:
        return json_read_time(reader, field);
    default:
        return json_read_scalar(reader, field);
    }
}

enum error_code json_read_field(struct json_reader *reader, const struct field *field)
{
    return field->array == ARRAY_NONE ? json_read_single(reader, field) : read_array(reader, field);
}
