#include "message/mapping/from_record.h"

#include "message/definitions/field_size.h"
#include "message/json/json_path.h"
#include "message/mapping/record_metadata.h"
#include "message/mapping/record_paths.h"
#include "message/mapping/record_target.h"

#include <stdlib.h>
#include <string.h>

#define CONSTANT_LIMIT (64U << 20) /* bytes of one mapping's constants, serialized */
#define FEW_PLACES     256         /* in a record, found without an allocation */

/* What a step of the program appends. */
enum step_kind {
    STEP_ZEROS,  /* `size` zeros */
    STEP_COPY,   /* `size` bytes of the constants, from `begin` on */
    STEP_READ,   /* the JSON at place `place` as the field */
    STEP_ORIGIN, /* the @-source `part` as the field */
};

struct step {
    enum step_kind kind;
    size_t size;  /* of a constant, or of what is read: its fallback */
    size_t begin; /* of that in the constants */
    bool has_fallback;
    const struct field *field;
    bool single;      /* one value, not all of an array */
    const char *root; /* the source's path, for errors */
    size_t place;
    enum origin_part part;
    enum time_form time_form;
};

struct from_record {
    struct arena arena; /* holds all that follows, save the buffer */
    enum record_form form;
    bool strict;
    struct record_paths sources;
    struct buffer constants;
    struct step *steps; /* in wire order */
    size_t step_count;
};

/* What is at hand while a mapping is made. */
struct maker {
    struct from_record *mapping;
    const struct from_record_field *fields;
    struct error *error;
};

/* --- making the program ----------------------------------------------------------------------- */

static enum error_code fail_memory(const struct maker *maker)
{
    return error_set(maker->error, ERROR_MEMORY, NULL, 0, "no memory for a field mapping");
}

/* Adds `count` times `size` zeros. */
static void add_zeros(struct maker *maker, size_t count, size_t size)
{
    struct from_record *mapping = maker->mapping;
    if (__builtin_mul_overflow(count, size, &size))
        size = SIZE_MAX; /* more than any buffer's limit */
    if (size == 0)
        return;
    if (mapping->step_count == 0 || mapping->steps[mapping->step_count - 1].kind != STEP_ZEROS)
        mapping->steps[mapping->step_count++] = (struct step){.kind = STEP_ZEROS};
    struct step *last = &mapping->steps[mapping->step_count - 1];
    if (__builtin_add_overflow(last->size, size, &last->size))
        last->size = SIZE_MAX;
}

/* Turns a constant, which is JSON, into bytes once and for all. */
static enum error_code make_constant(struct maker *maker, const struct from_record_field *entry,
                                     const char *text, struct step *step)
{
    struct buffer *constants = &maker->mapping->constants;
    struct json_reader reader = {
        .scan = json_scan_over(text, strlen(text)),
        .out = constants,
        .error = maker->error,
        .root = entry->path,
        .strict = maker->mapping->strict,
        .time_form = entry->time_form,
    };
    step->begin = constants->length;
    enum error_code code = step->single ? json_read_single(&reader, step->field)
                                        : json_read_field(&reader, step->field);
    if (code != ERROR_NONE)
        return code;
    step->size = constants->length - step->begin;
    code = json_scan_finish(&reader.scan);
    return code == ERROR_NONE ? ERROR_NONE : json_reader_fail_scan(&reader, code);
}

static enum error_code make_source(struct maker *maker, const struct from_record_field *entry,
                                   struct step *step)
{
    struct from_record *mapping = maker->mapping;
    struct json_path path;
    if (mapping->form != RECORD_JSON)
        return error_set(maker->error, ERROR_TYPE, entry->path, 0,
                         "found the source \"%.64s\", a record of format %s has no paths: @value",
                         entry->source, mapping->form == RECORD_TEXT ? "text" : "long");
    enum error_code code =
        json_path_parse(entry->source, entry->path, &mapping->arena, &path, maker->error);
    if (code != ERROR_NONE)
        return code;
    step->kind = STEP_READ;
    step->root = path.text;
    return record_paths_add(&mapping->sources, &path, &step->place) ? ERROR_NONE
                                                                    : fail_memory(maker);
}

static enum error_code add_entry(struct maker *maker, const struct record_target *target)
{
    struct from_record *mapping = maker->mapping;
    const struct from_record_field *entry = &maker->fields[target->entry];
    struct step *step = &mapping->steps[mapping->step_count++];
    *step = (struct step){.field = field_path_field(&target->path),
                          .single = !field_path_is_array(&target->path),
                          .time_form = entry->time_form};
    if (entry->time_form == TIME_ISO8601 && step->field->kind == KIND_DURATION && step->single)
        return error_set(
            maker->error, ERROR_TYPE, entry->path, 0,
            "a duration has no ISO 8601 form here: seconds, milliseconds, nanoseconds");
    step->kind = STEP_COPY;
    if (entry->constant)
        return make_constant(maker, entry, entry->constant, step);
    step->has_fallback = entry->fallback != NULL;
    enum error_code code =
        step->has_fallback ? make_constant(maker, entry, entry->fallback, step) : ERROR_NONE;
    if (code != ERROR_NONE)
        return code;
    if (entry->source[0] != '@')
        return make_source(maker, entry, step);
    step->kind = STEP_ORIGIN;
    step->root = arena_copy(&mapping->arena, entry->source, strlen(entry->source));
    if (!step->root)
        return fail_memory(maker);
    return record_metadata_find(step->root, mapping->form, target, &step->part, maker->error);
}

static enum error_code add_message(struct maker *maker, const struct message_type *type,
                                   const struct record_target *targets, size_t count, size_t part);

/* A fixed array of which single elements, or fields of them, are mapped. */
static enum error_code add_elements(struct maker *maker, const struct field *field,
                                    const struct record_target *targets, size_t count, size_t part)
{
    size_t size = field_value_minimum(field), next = 0;
    while (count > 0) {
        size_t index = (size_t)targets->path.parts[part].index;
        size_t group = record_targets_of_element(targets, count, part);
        add_zeros(maker, index - next, size);
        enum error_code code = targets->path.count == part + 1
                                   ? add_entry(maker, targets)
                                   : add_message(maker, field->message, targets, group, part + 1);
        if (code != ERROR_NONE)
            return code;
        next = index + 1;
        targets += group;
        count -= group;
    }
    add_zeros(maker, (size_t)field->array - next, size);
    return ERROR_NONE;
}

/* The steps for all of a message of which some fields, or parts of them, are mapped: `targets` are
 * in wire order and agree in the parts before `part`. */
static enum error_code add_message(struct maker *maker, const struct message_type *type,
                                   const struct record_target *targets, size_t count, size_t part)
{
    for (size_t i = 0; i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        if (count == 0 || targets->path.parts[part].field != field) {
            add_zeros(maker, 1, field_minimum(field));
            continue;
        }
        size_t group = record_targets_of_field(targets, count, part);
        enum error_code code;
        if (targets->path.parts[part].index != FIELD_PATH_WHOLE)
            code = add_elements(maker, field, targets, group, part);
        else if (targets->path.count == part + 1)
            code = add_entry(maker, targets);
        else
            code = add_message(maker, field->message, targets, group, part + 1);
        if (code != ERROR_NONE)
            return code;
        targets += group;
        count -= group;
    }
    return ERROR_NONE;
}

static enum error_code check_entry(const struct from_record_field *entry, struct error *error)
{
    if (!entry->path)
        return error_set(error, ERROR_ARGUMENT, NULL, 0, "an entry names no field");
    if ((entry->source != NULL) == (entry->constant != NULL))
        return error_set(error, ERROR_ARGUMENT, entry->path, 0,
                         "an entry has a source or a constant, one of them");
    if (entry->constant && entry->fallback)
        return error_set(error, ERROR_ARGUMENT, entry->path, 0,
                         "a constant needs no default: it is always there");
    return ERROR_NONE;
}

/* Resolves the entries' paths into `targets`, in wire order. */
static enum error_code find_targets(const struct maker *maker, const struct message_type *type,
                                    struct record_target *targets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct from_record_field *entry = &maker->fields[i];
        enum error_code code = check_entry(entry, maker->error);
        if (code == ERROR_NONE)
            code = record_target_resolve(&targets[i], type, entry->path, maker->error);
        if (code != ERROR_NONE)
            return code;
        targets[i].entry = i;
    }
    return record_targets_sort(targets, count, maker->error);
}

static enum error_code make_program(struct maker *maker, const struct message_type *type,
                                    size_t count)
{
    struct from_record *mapping = maker->mapping;
    /* Zeros stand at most in front of each entry and behind the last. */
    mapping->steps = arena_alloc(&mapping->arena, 2 * count + 1, sizeof *mapping->steps);
    struct record_target *targets = calloc(count + 1, sizeof *targets);
    if (!mapping->steps || !targets) {
        free(targets);
        return fail_memory(maker);
    }
    enum error_code code = find_targets(maker, type, targets, count);
    if (code == ERROR_NONE)
        code = add_message(maker, type, targets, count, 0);
    free(targets);
    return code;
}

enum error_code from_record_create(const struct plan *plan, const struct from_record_field *fields,
                                   size_t count, enum record_form form,
                                   const struct from_json_options *options,
                                   struct from_record **mapping, struct error *error)
{
    struct from_record *made = calloc(1, sizeof *made);
    struct maker maker = {made, fields, error};
    if (!made)
        return fail_memory(&maker);
    made->form = form;
    made->strict = options && options->strict;
    made->sources.arena = &made->arena;
    buffer_init(&made->constants, CONSTANT_LIMIT);
    enum error_code code = make_program(&maker, plan_message(plan), count);
    if (code != ERROR_NONE) {
        from_record_destroy(made);
        return code;
    }
    *mapping = made;
    return ERROR_NONE;
}

void from_record_destroy(struct from_record *mapping)
{
    if (!mapping)
        return;
    buffer_fini(&mapping->constants);
    arena_fini(&mapping->arena);
    free(mapping);
}

/* --- running it ------------------------------------------------------------------------------- */

static enum error_code write_constant(const struct from_record *mapping, const struct step *step,
                                      struct json_reader *reader)
{
    enum error_code code =
        buffer_append(reader->out, mapping->constants.data + step->begin, step->size);
    return code == ERROR_NONE ? ERROR_NONE : json_reader_fail_out(reader, code);
}

static enum error_code read_place(const struct from_record *mapping, const struct step *step,
                                  uint32_t start, struct json_reader *reader)
{
    bool absent = start == RECORD_ABSENT;
    if (!absent)
        reader->scan.position = start;
    if (step->has_fallback && (absent || json_scan_peek(&reader->scan) == JSON_NULL))
        return write_constant(mapping, step, reader);
    if (absent)
        return json_reader_fail(reader, ERROR_MISSING, 0,
                                "the record does not have it, and the field has no default");
    return step->single ? json_read_single(reader, step->field)
                        : json_read_field(reader, step->field);
}

static bool origin_lacks(const struct record_origin *origin, enum origin_part part)
{
    return (part == ORIGIN_KEY && !origin->key) ||
           (part == ORIGIN_TIMESTAMP && origin->timestamp < 0);
}

static enum error_code run_step(const struct from_record *mapping, const struct step *step,
                                const struct json_scan *text, const uint32_t *starts,
                                const struct record_origin *origin, struct json_reader *reader)
{
    reader->scan = *text;
    reader->root = step->root ? step->root : "$";
    reader->time_form = step->time_form;
    switch (step->kind) {
    case STEP_ZEROS:
        return json_write_zeros(reader, step->size);
    case STEP_COPY:
        return write_constant(mapping, step, reader);
    case STEP_READ:
        return read_place(mapping, step, starts[step->place], reader);
    case STEP_ORIGIN:
        if (step->has_fallback && origin_lacks(origin, step->part))
            return write_constant(mapping, step, reader);
        return record_metadata_write(reader, step->field, step->single, step->part, mapping->form,
                                     text->text, text->length, origin);
    }
    return ERROR_ARGUMENT;
}

enum error_code from_record(const struct from_record *mapping, const char *value, size_t length,
                            const struct record_origin *origin, struct buffer *out,
                            struct error *error)
{
    const struct json_scan text = json_scan_over(value, length);
    struct json_reader reader = {
        .scan = text, .out = out, .error = error, .root = "$", .strict = mapping->strict};
    uint32_t few[FEW_PLACES], *starts = few;
    size_t begin = out->length;
    enum error_code code = ERROR_NONE;
    if (length > JSON_READER_TEXT_LIMIT)
        return json_reader_fail(&reader, ERROR_LIMIT, 0, "found %zu bytes, at most %u go", length,
                                JSON_READER_TEXT_LIMIT);
    if (mapping->sources.count > FEW_PLACES) {
        starts = malloc(mapping->sources.count * sizeof *starts);
        if (!starts)
            return json_reader_fail(&reader, ERROR_MEMORY, 0, "no memory for %zu mapped places",
                                    mapping->sources.count);
    }
    if (mapping->form == RECORD_JSON)
        code = record_paths_scan(&mapping->sources, &reader, starts);
    for (size_t i = 0; code == ERROR_NONE && i < mapping->step_count; i++)
        code = run_step(mapping, &mapping->steps[i], &text, starts, origin, &reader);
    if (code != ERROR_NONE)
        out->length = begin;
    if (starts != few)
        free(starts);
    return code;
}
