#include "message/definitions/definition.h"

#include "message/definitions/definition_parse.h"
#include "message/definitions/field_size.h"
#include "message/definitions/md5sum.h"
#include "message/definitions/type_name.h"
#include "message/values/arena.h"
#include "message/values/name_index.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum type_state { TYPE_UNSEEN, TYPE_OPEN, TYPE_DONE };

/* A message type with what is needed to join it to the others. `type` is first, so that a pointer
 * to it leads here. */
struct type_entry {
    struct message_type type;
    struct definition_block *block;
    enum type_state state;
    unsigned depth;  /* levels of types below, itself included */
    uint64_t values; /* fields after expansion of nested types */
    char md5sum[MD5SUM_SIZE];
};

struct definition {
    struct arena arena;
    char *text;
    struct type_entry *entries;
    size_t count;
    struct name_index names; /* of entries */
    struct buffer scratch;   /* the md5 text on the way */
};

static const char *entry_md5sum(const struct message_type *type)
{
    return ((const struct type_entry *)type)->md5sum;
}

static enum error_code check_duplicate_names(const struct type_entry *entry, struct error *error)
{
    const struct definition_block *block = entry->block;
    const char *const *name = block->field_count > 0 ? &block->fields[0].name : NULL;
    size_t first = 0;
    size_t again = 0;
    struct name_index index;
    enum error_code code = name_index_init(&index, name, sizeof *block->fields, block->field_count);
    if (code == ERROR_NONE && name_index_duplicate(&index, &first, &again))
        code = definition_error(error, ERROR_DUPLICATE, block->name, block->lines[again],
                                "a field %s is there already, in line %u",
                                block->fields[again].name, block->lines[first]);
    else if (code != ERROR_NONE)
        (void)definition_error(error, code, block->name, 1, "out of memory");
    name_index_fini(&index);
    return code;
}

static struct type_entry *find_full(const struct definition *definition, const char *name)
{
    size_t position = 0;
    return name_index_find(&definition->names, name, strlen(name), &position)
               ? &definition->entries[position]
               : NULL;
}

/* The type that `field` of `entry` names: its own package's, or std_msgs/Header by its short name,
 * also where it is still called roslib/Header (REP 100). */
static struct type_entry *find_nested(const struct definition *definition,
                                      const struct type_entry *entry, const struct field *field)
{
    const char *text = field->type_text;
    bool header = strcmp(text, "Header") == 0;
    if (header && field->array == ARRAY_NONE)
        return find_full(definition, "std_msgs/Header");
    struct type_entry *found = NULL;
    if (strchr(text, '/')) {
        found = find_full(definition, text);
        header = strcmp(text, "roslib/Header") == 0;
    } else {
        char name[2 * DEFINITION_NAME_LIMIT + 2];
        size_t package = (size_t)(strchr(entry->type.name, '/') - entry->type.name) + 1;
        if (package + strlen(text) < sizeof name) {
            memcpy(name, entry->type.name, package);
            memcpy(name + package, text, strlen(text) + 1);
            found = find_full(definition, name);
        }
    }
    return found || !header ? found : find_full(definition, "std_msgs/Header");
}

static enum error_code join(struct definition *definition, struct type_entry *entry, unsigned depth,
                            struct error *error);

/* Joins the nested type of `field`; `line` is for errors. */
static enum error_code join_nested(struct definition *definition, struct type_entry *entry,
                                   struct field *field, unsigned line, unsigned depth,
                                   struct error *error)
{
    const char *type = entry->type.name;
    struct type_entry *nested = find_nested(definition, entry, field);
    if (!nested)
        return definition_error(error, ERROR_UNKNOWN, type, line,
                                "the type %s of field %s is not in the definition; a block \"MSG: "
                                "%s%s\" is missing",
                                field->type_text, field->name,
                                strchr(field->type_text, '/') ? "" : ".../", field->type_text);
    if (nested->state == TYPE_OPEN)
        return definition_error(error, ERROR_SYNTAX, type, line,
                                "field %s makes %s contain itself; a ROS message cannot",
                                field->name, nested->type.name);
    if (depth >= DEFINITION_DEPTH_LIMIT)
        return definition_error(error, ERROR_LIMIT, type, line,
                                "field %s nests types deeper than %d levels", field->name,
                                DEFINITION_DEPTH_LIMIT);
    enum error_code code = join(definition, nested, depth + 1, error);
    if (code != ERROR_NONE)
        return code;
    if (depth + nested->depth > DEFINITION_DEPTH_LIMIT)
        return definition_error(error, ERROR_LIMIT, type, line,
                                "field %s nests types deeper than %d levels", field->name,
                                DEFINITION_DEPTH_LIMIT);
    field->message = &nested->type;
    entry->values += nested->values;
    if (entry->depth < nested->depth + 1)
        entry->depth = nested->depth + 1;
    return ERROR_NONE;
}

/* Adds the bytes of `field` to the sizes of `type`. False where no message could be so long. */
static bool add_size(struct message_type *type, const struct field *field)
{
    size_t fixed = field_value_size(field), minimum = field_value_minimum(field);
    uint64_t total = minimum;
    if (field->array == ARRAY_VARIABLE) {
        fixed = SIZE_MAX;
        total = sizeof(uint32_t);
    } else if (field->array != ARRAY_NONE) {
        /* Both are below 2^32, so the product is exact. An array of nothing is fixed. */
        total = (uint64_t)minimum * (uint64_t)field->array;
        fixed = field->array == 0 ? 0 : fixed;
    }
    total += type->minimum_size;
    if (total > UINT32_MAX)
        return false;
    type->minimum_size = (size_t)total;
    type->fixed_size = type->fixed_size == SIZE_MAX || fixed == SIZE_MAX ? SIZE_MAX : (size_t)total;
    return true;
}

static enum error_code join_field(struct definition *definition, struct type_entry *entry,
                                  size_t index, unsigned depth, struct error *error)
{
    struct field *field = &entry->block->fields[index];
    unsigned line = entry->block->lines[index];
    enum error_code code = ERROR_NONE;
    if (field->kind == KIND_MESSAGE)
        code = join_nested(definition, entry, field, line, depth, error);
    if (code != ERROR_NONE)
        return code;
    if (++entry->values > DEFINITION_STEPS_LIMIT)
        return definition_error(error, ERROR_LIMIT, entry->type.name, line,
                                "with the nested types' there are more than %d fields",
                                DEFINITION_STEPS_LIMIT);
    if (!add_size(&entry->type, field))
        return definition_error(error, ERROR_LIMIT, entry->type.name, line,
                                "field %s makes every message longer than 4 GiB", field->name);
    return ERROR_NONE;
}

/* Parses `entry` and the types below it, and fills what is known from them: sizes and md5sum. */
static enum error_code join(struct definition *definition, struct type_entry *entry, unsigned depth,
                            struct error *error)
{
    if (entry->state == TYPE_DONE)
        return ERROR_NONE;
    entry->state = TYPE_OPEN;
    entry->depth = 1;
    enum error_code code = definition_parse_block(&definition->arena, entry->block, error);
    if (code == ERROR_NONE)
        code = check_duplicate_names(entry, error);
    for (size_t i = 0; i < entry->block->field_count && code == ERROR_NONE; i++)
        code = join_field(definition, entry, i, depth, error);
    if (code != ERROR_NONE)
        return code;
    entry->type.fields = entry->block->fields;
    entry->type.field_count = entry->block->field_count;
    entry->type.constants = entry->block->constants;
    entry->type.constant_count = entry->block->constant_count;
    code = md5sum_compute(&entry->type, entry_md5sum, &definition->scratch, entry->md5sum);
    if (code != ERROR_NONE)
        return definition_error(error, code, entry->type.name, 1,
                                "the md5sum cannot be computed: %s", error_code_name(code));
    entry->state = TYPE_DONE;
    return ERROR_NONE;
}

/* Definitions from before 2011 (in bags, too) call std_msgs/Header roslib/Header (REP 100). */
static void rename_header(struct type_entry *entries, size_t count)
{
    struct type_entry *header = NULL;
    for (size_t i = 1; i < count; i++) {
        if (strcmp(entries[i].type.name, "std_msgs/Header") == 0)
            return;
        if (strcmp(entries[i].type.name, "roslib/Header") == 0)
            header = &entries[i];
    }
    if (header)
        header->block->name = header->type.name = "std_msgs/Header";
}

/* The same block twice is harmless; two that differ are not. */
static enum error_code check_duplicate_types(const struct definition *definition,
                                             struct error *error)
{
    const struct name_index *names = &definition->names;
    for (size_t i = 1; i < names->count; i++) {
        const struct definition_block *one = definition->entries[names->order[i - 1]].block;
        const struct definition_block *two = definition->entries[names->order[i]].block;
        if (strcmp(one->name, two->name) == 0 &&
            (one->length != two->length || memcmp(one->text, two->text, one->length) != 0))
            return definition_error(error, ERROR_DUPLICATE, two->name, 1,
                                    "the definition holds two texts of this type that differ");
    }
    return ERROR_NONE;
}

static enum error_code build(struct definition *definition, const char *type, size_t length,
                             struct error *error)
{
    struct definition_block *blocks = NULL;
    char *name = arena_copy(&definition->arena, type, strlen(type));
    if (!name)
        return definition_error(error, ERROR_MEMORY, type, 1, "out of memory");
    enum error_code code = definition_split(&definition->arena, name, definition->text, length,
                                            &blocks, &definition->count, error);
    if (code != ERROR_NONE)
        return code;
    definition->entries =
        arena_alloc(&definition->arena, definition->count, sizeof *definition->entries);
    if (!definition->entries)
        return definition_error(error, ERROR_MEMORY, type, 1, "out of memory");
    for (size_t i = 0; i < definition->count; i++) {
        definition->entries[i].block = &blocks[i];
        definition->entries[i].type.name = blocks[i].name;
    }
    rename_header(definition->entries, definition->count);
    code = name_index_init(&definition->names, &definition->entries[0].type.name,
                           sizeof *definition->entries, definition->count);
    if (code != ERROR_NONE)
        return definition_error(error, code, type, 1, "out of memory");
    code = check_duplicate_types(definition, error);
    return code == ERROR_NONE ? join(definition, &definition->entries[0], 1, error) : code;
}

enum error_code definition_parse(const char *type, const char *text, size_t length,
                                 struct definition **definition, struct error *error)
{
    if (strlen(type) > DEFINITION_NAME_LIMIT || !type_name_is_full(type, strlen(type)))
        return definition_error(error, ERROR_SYNTAX, type, 1,
                                "this is no name of a message type: \"package/Type\" of letters, "
                                "digits and '_' is");
    if (length > DEFINITION_TEXT_LIMIT)
        return definition_error(error, ERROR_LIMIT, type, 1,
                                "the definition has %zu bytes, %u are allowed", length,
                                DEFINITION_TEXT_LIMIT);
    if (length > 0 && memchr(text, '\0', length))
        return definition_error(error, ERROR_SYNTAX, type, 1,
                                "the definition holds a byte 0; it must be text");
    struct definition *parsed = calloc(1, sizeof *parsed);
    if (!parsed)
        return definition_error(error, ERROR_MEMORY, type, 1, "out of memory");
    buffer_init(&parsed->scratch, 2 * (size_t)DEFINITION_TEXT_LIMIT * MD5SUM_SIZE);
    parsed->text = arena_copy(&parsed->arena, text, length);
    enum error_code code = parsed->text
                               ? build(parsed, type, length, error)
                               : definition_error(error, ERROR_MEMORY, type, 1, "out of memory");
    buffer_fini(&parsed->scratch);
    if (code == ERROR_NONE)
        *definition = parsed;
    else
        definition_destroy(parsed);
    return code;
}

void definition_destroy(struct definition *definition)
{
    if (!definition)
        return;
    name_index_fini(&definition->names);
    arena_fini(&definition->arena);
    free(definition);
}

const struct message_type *definition_type(const struct definition *definition)
{
    return &definition->entries[0].type;
}

const char *definition_md5sum(const struct definition *definition)
{
    return definition->entries[0].md5sum;
}

const char *definition_text(const struct definition *definition)
{
    return definition->text;
}

size_t definition_part_count(const struct definition *definition)
{
    return definition->count;
}

struct definition_part definition_part(const struct definition *definition,
                                       const struct message_type *type)
{
    const struct type_entry *entry = (const struct type_entry *)type;
    return (struct definition_part){.number = (size_t)(entry - definition->entries),
                                    .text = entry->block->text,
                                    .length = entry->block->length,
                                    .md5sum = entry->md5sum};
}
