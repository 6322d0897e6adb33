#include "message/mapping/to_record.h"

#include "message/json/json_scan.h"
#include "message/json/json_text.h"
#include "message/json/json_write.h"
#include "message/plan/fault.h"
#include "message/plan/layout.h"
#include "message/values/arena.h"
#include "message/values/bytes.h"
#include "message/values/integer.h"
#include "message/values/name_index.h"
#include "message/values/time_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAME_LIMIT     (1U << 20) /* bytes of a member's name, escaped */
#define CONSTANT_DEPTH 128

enum source {
    SOURCE_CONSTANT,
    SOURCE_SEQUENCE,
    SOURCE_INDEX,
    SOURCE_STAMP,
    SOURCE_RECEIPT,
    SOURCE_TOPIC,
    SOURCE_TYPE,
    SOURCE_ROBOT,
    SOURCE_VALUE,   /* a number or bool of the message */
    SOURCE_TIME,    /* a time or duration in a form that is no object */
    SOURCE_STRING,  /* a string of the message */
    SOURCE_PROGRAM, /* an array or message */
};

static const struct {
    const char *name;
    enum source source;
} context_sources[] = {
    {"@sequence", SOURCE_SEQUENCE}, {"@stamp", SOURCE_STAMP}, {"@receipt", SOURCE_RECEIPT},
    {"@topic", SOURCE_TOPIC},       {"@type", SOURCE_TYPE},   {"@robot", SOURCE_ROBOT},
    {"@index", SOURCE_INDEX},
};

/* One member of the record. */
struct member {
    enum source source;
    char *prefix; /* `{"name":` or `,"name":` */
    size_t prefix_length;
    const char *constant; /* SOURCE_CONSTANT */
    size_t constant_length;
    const char *fallback; /* or NULL */
    enum field_kind kind;
    bool direct; /* the value is at its target's place, no path is left to follow */
    enum time_form time_form;
    struct json_style style;
    struct field_path *path; /* in the message; NULL for other sources */
    struct layout_target target;
    struct json_program program; /* SOURCE_PROGRAM */
};

struct to_record {
    const struct plan *plan;
    struct arena arena;
    struct layout *layout;
    struct member *members;
    size_t count;
};

static bool comes_from_message(const struct member *member)
{
    return member->source >= SOURCE_VALUE;
}

static char *copy_text(struct to_record *mapping, const char *text)
{
    return arena_copy(&mapping->arena, text, strlen(text));
}

static enum error_code out_of_memory(struct error *error, const char *name)
{
    (void)error_set(error, ERROR_MEMORY, name, 0, "out of memory");
    return ERROR_MEMORY;
}

static enum error_code make_prefix(struct to_record *mapping, struct member *member,
                                   const char *name, struct error *error)
{
    uint64_t invalid = 0;
    struct buffer text;
    buffer_init(&text, NAME_LIMIT);
    enum error_code code = buffer_append_text(&text, member == mapping->members ? "{" : ",");
    if (code == ERROR_NONE)
        code = json_text_append(&text, (const uint8_t *)name, strlen(name), &invalid);
    if (code == ERROR_NONE)
        code = buffer_append_text(&text, ":");
    if (code == ERROR_NONE) {
        member->prefix = arena_copy(&mapping->arena, text.data, text.length);
        member->prefix_length = text.length;
    }
    buffer_fini(&text);
    if (code == ERROR_LIMIT)
        return error_set(error, code, name, 0, "the name is longer than %u bytes", NAME_LIMIT);
    return code == ERROR_NONE && member->prefix ? ERROR_NONE : out_of_memory(error, name);
}

/* Whether `text` is one JSON value. */
static enum error_code check_json(const char *text, const char *what, const char *name,
                                  struct error *error)
{
    struct json_scan scan = json_scan_over(text, strlen(text));
    enum error_code code = ERROR_SYNTAX;
    if (json_scan_peek(&scan) != JSON_NONE)
        code = json_scan_skip(&scan, CONSTANT_DEPTH);
    if (code == ERROR_NONE)
        code = json_scan_finish(&scan);
    if (code == ERROR_NONE)
        return code;
    return error_set(error, ERROR_SYNTAX, name, scan.position,
                     "the %s \"%.80s\" is no JSON value; a text needs its own quotes", what, text);
}

static enum error_code make_constant(struct to_record *mapping, struct member *member,
                                     const struct to_record_field *field, struct error *error)
{
    enum error_code code = check_json(field->constant, "constant", field->name, error);
    if (code != ERROR_NONE)
        return code;
    member->source = SOURCE_CONSTANT;
    member->constant = copy_text(mapping, field->constant);
    member->constant_length = strlen(field->constant);
    return member->constant ? ERROR_NONE : out_of_memory(error, field->name);
}

static enum error_code find_context(struct member *member, const struct to_record_field *field,
                                    struct error *error)
{
    for (size_t i = 0; i < sizeof context_sources / sizeof *context_sources; i++) {
        if (strcmp(context_sources[i].name, field->path) == 0) {
            member->source = context_sources[i].source;
            return ERROR_NONE;
        }
    }
    return error_set(error, ERROR_UNKNOWN, field->name, 0,
                     "there is no \"%.80s\"; there are @sequence, @stamp, @receipt, @topic, "
                     "@type, @robot and @index",
                     field->path);
}

/* Says how the value that the member's path leads to is written. */
static enum error_code choose_source(struct member *member, const struct to_record_field *field,
                                     struct error *error)
{
    const struct field *leaf = field_path_field(member->path);
    bool is_array = field_path_is_array(member->path);
    bool is_time = leaf->kind == KIND_TIME || leaf->kind == KIND_DURATION;
    if (!is_array && leaf->kind == KIND_DURATION && field->time_form == TIME_ISO8601)
        return error_set(error, ERROR_TYPE, field->name, 0,
                         "%s is a duration, which ISO 8601 form does not write; seconds, "
                         "milliseconds or nanoseconds do",
                         field->path);
    member->kind = leaf->kind;
    if (is_array || leaf->kind == KIND_MESSAGE)
        member->source = SOURCE_PROGRAM;
    else if (leaf->kind == KIND_STRING)
        member->source = SOURCE_STRING;
    else if (is_time && field->time_form != TIME_OBJECT)
        member->source = SOURCE_TIME;
    else
        member->source = SOURCE_VALUE;
    if (member->source != SOURCE_PROGRAM)
        return ERROR_NONE;
    enum error_code code = json_program_init_value(&member->program, leaf, !is_array);
    return code == ERROR_NONE
               ? code
               : error_set(error, code, field->name, 0, "the value's plan cannot be made: %s",
                           error_code_name(code));
}

static enum error_code make_value(struct to_record *mapping, struct member *member,
                                  const struct to_record_field *field, struct error *error)
{
    member->path = arena_alloc(&mapping->arena, 1, sizeof *member->path);
    if (!member->path)
        return out_of_memory(error, field->name);
    enum error_code code = field_path_parse(plan_message(mapping->plan), field->path, field->name,
                                            member->path, error);
    return code == ERROR_NONE ? choose_source(member, field, error) : code;
}

static enum error_code make_member(struct to_record *mapping, struct member *member,
                                   const struct to_record_field *field, struct error *error)
{
    if (!field->name || !field->path == !field->constant)
        return error_set(error, ERROR_ARGUMENT, field->name, 0,
                         "a member has a name, and either a path or a constant");
    if (field->precision < PRECISION_NONE || field->precision > PRECISION_MAX)
        return error_set(error, ERROR_RANGE, field->name, 0,
                         "the precision is %d; it can be 0 to %d decimals", field->precision,
                         PRECISION_MAX);
    member->time_form = field->time_form;
    member->style.precision = field->precision;
    enum error_code code = make_prefix(mapping, member, field->name, error);
    if (code == ERROR_NONE && field->fallback) {
        code = check_json(field->fallback, "default", field->name, error);
        member->fallback = copy_text(mapping, field->fallback);
        if (code == ERROR_NONE && !member->fallback)
            code = out_of_memory(error, field->name);
    }
    if (code != ERROR_NONE)
        return code;
    if (field->constant)
        return make_constant(mapping, member, field, error);
    if (field->path[0] == '@')
        return find_context(member, field, error);
    return make_value(mapping, member, field, error);
}

static enum error_code check_duplicates(const struct to_record_field *fields, size_t count,
                                        struct error *error)
{
    struct name_index index;
    size_t first = 0;
    size_t again = 0;
    enum error_code code =
        name_index_init(&index, count > 0 ? &fields[0].name : NULL, sizeof *fields, count);
    if (code != ERROR_NONE)
        (void)out_of_memory(error, NULL);
    else if (name_index_duplicate(&index, &first, &again))
        code = error_set(error, ERROR_DUPLICATE, fields[again].name, 0,
                         "members %zu and %zu have this name; each needs its own", first + 1,
                         again + 1);
    name_index_fini(&index);
    return code;
}

/* Finds the places of all values in one layout. */
static enum error_code make_layout(struct to_record *mapping, struct error *error)
{
    size_t count = 0;
    struct layout_target *targets = calloc(mapping->count + 1, sizeof *targets);
    if (!targets)
        return out_of_memory(error, NULL);
    for (size_t i = 0; i < mapping->count; i++) {
        if (comes_from_message(&mapping->members[i]))
            targets[count++].path = mapping->members[i].path;
    }
    enum error_code code =
        layout_create(plan_message(mapping->plan), targets, count, &mapping->layout);
    if (code != ERROR_NONE)
        (void)error_set(error, code, NULL, 0, "the record's plan cannot be made: %s",
                        error_code_name(code));
    for (size_t i = 0, next = 0; i < mapping->count && code == ERROR_NONE; i++) {
        struct member *member = &mapping->members[i];
        if (!comes_from_message(member))
            continue;
        member->target = targets[next++];
        member->direct = member->target.part + 1 == member->path->count &&
                         member->path->parts[member->target.part].index == FIELD_PATH_WHOLE;
    }
    free(targets);
    return code;
}

enum error_code to_record_create(const struct plan *plan, const struct to_record_field *fields,
                                 size_t count, const struct to_json_options *options,
                                 struct to_record **mapping, struct error *error)
{
    struct to_record *made = calloc(1, sizeof *made);
    if (!made)
        return out_of_memory(error, NULL);
    made->plan = plan;
    made->members = arena_alloc(&made->arena, count, sizeof *made->members);
    enum error_code code = made->members ? ERROR_NONE : out_of_memory(error, NULL);
    for (size_t i = 0; i < count && code == ERROR_NONE; i++) {
        made->count = i + 1;
        if (options)
            made->members[i].style.options = *options;
        code = make_member(made, &made->members[i], &fields[i], error);
    }
    if (code == ERROR_NONE)
        code = check_duplicates(fields, count, error);
    if (code == ERROR_NONE)
        code = make_layout(made, error);
    if (code == ERROR_NONE)
        *mapping = made;
    else
        to_record_destroy(made);
    return code;
}

void to_record_destroy(struct to_record *mapping)
{
    if (!mapping)
        return;
    for (size_t i = 0; i < mapping->count; i++)
        json_program_fini(&mapping->members[i].program);
    layout_destroy(mapping->layout);
    arena_fini(&mapping->arena);
    free(mapping);
}

static void put(struct buffer *out, const char *text, size_t length)
{
    memcpy(out->data + out->length, text, length);
    out->length += length;
}

static enum error_code append(struct json_writer *writer, const char *text, size_t length)
{
    enum error_code code = json_writer_reserve(writer, length);
    if (code == ERROR_NONE)
        put(writer->out, text, length);
    return code;
}

static enum error_code append_string(struct json_writer *writer, const char *text, size_t length)
{
    enum error_code code = json_writer_reserve(writer, 0);
    if (code != ERROR_NONE)
        return code;
    return json_text_append(writer->out, (const uint8_t *)text, length,
                            &writer->counts->invalid_utf8);
}

static bool is_not_finite(const struct member *member, const uint8_t *bytes)
{
    if (member->kind == KIND_FLOAT64)
        return !isfinite(bytes_double(bytes));
    return member->kind == KIND_FLOAT32 && !isfinite(bytes_float(bytes));
}

static enum error_code append_fallback(struct json_writer *writer, const struct member *member)
{
    const char *text = member->fallback ? member->fallback : "null";
    return append(writer, text, strlen(text));
}

static int64_t read_nanoseconds(const struct member *member, const uint8_t *bytes)
{
    if (member->kind == KIND_TIME)
        return (int64_t)bytes_u32(bytes) * 1000000000 + (int64_t)bytes_u32(bytes + 4);
    return (int64_t)(int32_t)bytes_u32(bytes) * 1000000000 + (int32_t)bytes_u32(bytes + 4);
}

/* Writes a member of the message; where a value takes little room it was made already. */
static enum error_code append_from_message(struct json_writer *writer, const struct member *member,
                                           const uint8_t *const *slots, const uint8_t *end)
{
    struct buffer *out = writer->out;
    const uint8_t *bytes = slots[member->target.slot] + member->target.offset;
    if (!member->direct)
        bytes = field_path_follow(member->path, member->target.part, bytes);
    if (!bytes)
        return append_fallback(writer, member);
    char *at = out->data + out->length;
    switch (member->source) {
    case SOURCE_VALUE:
        if (member->fallback && is_not_finite(member, bytes)) {
            writer->counts->non_finite++;
            return append_fallback(writer, member);
        }
        at = json_write_value(at, member->kind, bytes, &member->style, writer->counts);
        out->length = (size_t)(at - out->data);
        return ERROR_NONE;
    case SOURCE_TIME:
        at = time_text_write(at, read_nanoseconds(member, bytes), member->time_form);
        out->length = (size_t)(at - out->data);
        return ERROR_NONE;
    case SOURCE_STRING:
        return append_string(writer, (const char *)bytes + sizeof(uint32_t), bytes_u32(bytes));
    default:
        return json_write(writer, &member->program, &member->style, &bytes, end);
    }
}

static enum error_code append_member(const struct to_record *mapping, struct json_writer *writer,
                                     const struct member *member,
                                     const struct record_context *context,
                                     const uint8_t *const *slots, const uint8_t *end)
{
    struct buffer *out = writer->out;
    enum error_code code = json_writer_reserve(
        writer, member->prefix_length + member->constant_length + TIME_TEXT_SIZE + JSON_TEXT_BLOCK);
    if (code != ERROR_NONE)
        return code;
    put(out, member->prefix, member->prefix_length);
    char *at = out->data + out->length;
    switch (member->source) {
    case SOURCE_CONSTANT:
        put(out, member->constant, member->constant_length);
        return ERROR_NONE;
    case SOURCE_SEQUENCE:
    case SOURCE_INDEX:
        at = integer_write_unsigned(at, member->source == SOURCE_INDEX ? context->index
                                                                       : context->sequence);
        out->length = (size_t)(at - out->data);
        return ERROR_NONE;
    case SOURCE_STAMP:
    case SOURCE_RECEIPT:
        at = time_text_write(at, member->source == SOURCE_STAMP ? context->stamp : context->receipt,
                             member->time_form);
        out->length = (size_t)(at - out->data);
        return ERROR_NONE;
    case SOURCE_TOPIC:
        return append_string(writer, context->topic, strlen(context->topic));
    case SOURCE_ROBOT:
        return append_string(writer, context->robot, strlen(context->robot));
    case SOURCE_TYPE:
        return append_string(writer, plan_type(mapping->plan), strlen(plan_type(mapping->plan)));
    default:
        return append_from_message(writer, member, slots, end);
    }
}

enum error_code to_record(const struct to_record *mapping, const uint8_t *bytes, size_t length,
                          const struct record_context *context, struct buffer *out,
                          struct to_json_counts *counts, struct error *error)
{
    const uint8_t *slots[LAYOUT_SLOTS_LIMIT];
    struct to_json_counts changes = {0};
    struct json_writer writer;
    bytes = bytes_begin(bytes);
    if (layout_walk(mapping->layout, bytes, length, slots) != ERROR_NONE)
        return fault_describe(plan_message(mapping->plan), bytes, length, error);
    json_writer_begin(&writer, out, &changes);
    enum error_code code = ERROR_NONE;
    for (size_t i = 0; i < mapping->count && code == ERROR_NONE; i++)
        code =
            append_member(mapping, &writer, &mapping->members[i], context, slots, bytes + length);
    if (code == ERROR_NONE)
        code = append(&writer, mapping->count > 0 ? "}" : "{}", mapping->count > 0 ? 1 : 2);
    code = json_writer_end(&writer, code);
    if (code == ERROR_LIMIT)
        return error_set(error, code, "$", 0,
                         "the record does not fit into the %zu bytes that are allowed", out->limit);
    if (code != ERROR_NONE)
        return error_set(error, code, "$", 0, "out of memory");
    if (counts) {
        counts->invalid_utf8 += changes.invalid_utf8;
        counts->non_finite += changes.non_finite;
    }
    return ERROR_NONE;
}
