#include "message/definitions/packages.h"

#include "message/definitions/definition_parse.h"
#include "message/definitions/package_path.h"
#include "message/definitions/type_name.h"
#include "message/values/arena.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define TYPES_LIMIT 4096 /* of one definition */
#define SEPARATOR                                                                                  \
    "================================================================================\nMSG: "

struct packages {
    struct package_path path;
};

/* The types that one definition needs, in genmsg's order: each type's nested types follow it. */
struct collection {
    struct packages *packages;
    struct arena arena;
    struct buffer file; /* the path of the .msg file being read */
    struct buffer *text;
    size_t start; /* of the definition in `text` */
    const char *names[TYPES_LIMIT];
    size_t count;
    struct error *error;
};

enum error_code packages_create(const char *path, struct packages **packages, struct error *error)
{
    struct packages *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, NULL, 0, "out of memory");
    enum error_code code = package_path_init(&made->path, path);
    if (code == ERROR_NONE) {
        *packages = made;
        return code;
    }
    packages_destroy(made);
    if (code == ERROR_MEMORY)
        return error_set(error, code, NULL, 0, "out of memory");
    return error_set(error, code, "ROS_PACKAGE_PATH", 0,
                     "the package path has more than %d directories", PACKAGE_PATH_ROOTS);
}

void packages_destroy(struct packages *packages)
{
    if (!packages)
        return;
    package_path_fini(&packages->path);
    free(packages);
}

static enum error_code not_found(struct collection *collection, const char *type)
{
    char list[ERROR_TEXT_SIZE / 2] = "";
    size_t used = 0;
    const struct package_path *path = &collection->packages->path;
    for (size_t i = 0; i < path->count; i++) {
        int added = snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "",
                             path->roots[i].directory);
        if (added < 0 || (size_t)added >= sizeof list - used)
            break;
        used += (size_t)added;
    }
    char name[64];
    (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(type, "/"), type);
    for (char *dash = strchr(name, '_'); dash; dash = strchr(dash, '_'))
        *dash = '-';
    return error_set(collection->error, ERROR_UNKNOWN, type, 0,
                     "no package has this message type; searched %s. Install it (Debian: ros-%s, "
                     "Ubuntu: ros-noetic-%s) or source its workspace",
                     path->count > 0 ? list : "nothing, the package path is empty", name, name);
}

/* Appends the file's text with newlines as genmsg reads them: \r\n and \r are \n. */
static enum error_code append_file(struct collection *collection, const char *type)
{
    const char *path = collection->file.data;
    struct buffer *text = collection->text;
    FILE *file = fopen(path, "re");
    if (!file)
        return error_set(collection->error, ERROR_IO, path, 0, "%s cannot be read: %s", type,
                         strerror(errno));
    enum error_code code = ERROR_NONE;
    char piece[4096];
    size_t size = 0;
    bool after_return = false;
    while (code == ERROR_NONE && (size = fread(piece, 1, sizeof piece, file)) > 0) {
        code = buffer_reserve(text, size);
        for (size_t i = 0; i < size && code == ERROR_NONE; i++) {
            if (piece[i] != '\n' || !after_return)
                text->data[text->length++] = piece[i];
            after_return = piece[i] == '\r';
            if (after_return)
                text->data[text->length - 1] = '\n';
        }
    }
    if (code == ERROR_NONE && ferror(file))
        code = ERROR_IO;
    (void)fclose(file);
    if (code == ERROR_NONE && text->length - collection->start > DEFINITION_TEXT_LIMIT)
        code = ERROR_LIMIT;
    return code == ERROR_NONE
               ? code
               : error_set(collection->error, code, path, 0, "the text of %s cannot be taken: %s",
                           type, error_code_name(code));
}

static bool is_known(const struct collection *collection, const char *name)
{
    for (size_t i = 0; i < collection->count; i++) {
        if (strcmp(collection->names[i], name) == 0)
            return true;
    }
    return false;
}

/* The full name of the type of `field` in `type`; NULL where memory is out. */
static const char *full_name(struct collection *collection, const char *type,
                             const struct field *field)
{
    const char *text = field->type_text;
    size_t length = strlen(text);
    if (strcmp(text, "Header") == 0 && field->array == ARRAY_NONE)
        return "std_msgs/Header";
    if (strchr(text, '/'))
        return arena_copy(&collection->arena, text, length);
    size_t package = (size_t)(strchr(type, '/') - type) + 1;
    char *name = arena_alloc(&collection->arena, package + length + 1, 1);
    if (name) {
        memcpy(name, type, package);
        memcpy(name + package, text, length);
    }
    return name;
}

static enum error_code collect(struct collection *collection, const char *type, unsigned depth);

static enum error_code collect_nested(struct collection *collection, const char *type,
                                      const struct definition_block *block, unsigned depth)
{
    for (size_t i = 0; i < block->field_count; i++) {
        if (block->fields[i].kind != KIND_MESSAGE)
            continue;
        const char *name = full_name(collection, type, &block->fields[i]);
        if (!name)
            return error_set(collection->error, ERROR_MEMORY, type, 0, "out of memory");
        if (is_known(collection, name))
            continue;
        enum error_code code = collect(collection, name, depth + 1);
        if (code != ERROR_NONE)
            return code;
    }
    return ERROR_NONE;
}

/* Appends the separator (behind the first type), the text of `type`, and those of its nested
 * types. */
static enum error_code collect(struct collection *collection, const char *type, unsigned depth)
{
    struct buffer *text = collection->text;
    const char *slash = strchr(type, '/');
    if (collection->count == TYPES_LIMIT || depth > DEFINITION_DEPTH_LIMIT)
        return error_set(collection->error, ERROR_LIMIT, type, 0,
                         "more than %d types, or nested deeper than %d levels", TYPES_LIMIT,
                         DEFINITION_DEPTH_LIMIT);
    buffer_clear(&collection->file);
    enum error_code code = package_path_find(&collection->packages->path, type,
                                             (size_t)(slash - type), slash + 1, &collection->file);
    if (code == ERROR_UNKNOWN)
        return not_found(collection, type);
    if (code == ERROR_NONE && collection->count > 0)
        code = buffer_append_format(text, "\n%s%s\n", SEPARATOR, type);
    if (code != ERROR_NONE)
        return error_set(collection->error, code, type, 0, "the definition does not fit: %s",
                         error_code_name(code));
    collection->names[collection->count++] = type;
    size_t begin = text->length;
    code = append_file(collection, type);
    if (code != ERROR_NONE)
        return code;
    struct definition_block block = {.name = type, .length = text->length - begin};
    block.text = arena_copy(&collection->arena, text->data ? text->data + begin : "", block.length);
    if (!block.text)
        return error_set(collection->error, ERROR_MEMORY, type, 0, "out of memory");
    code = definition_parse_block(&collection->arena, &block, collection->error);
    return code == ERROR_NONE ? collect_nested(collection, type, &block, depth) : code;
}

enum error_code packages_definition(struct packages *packages, const char *type,
                                    struct buffer *text, struct error *error)
{
    if (!type_name_is_full(type, strlen(type)))
        return error_set(error, ERROR_SYNTAX, type, 0,
                         "this is no name of a message type: \"package/Type\" is");
    struct collection *collection = calloc(1, sizeof *collection);
    if (!collection)
        return error_set(error, ERROR_MEMORY, type, 0, "out of memory");
    collection->packages = packages;
    collection->text = text;
    collection->start = text->length;
    collection->error = error;
    buffer_init(&collection->file, PACKAGE_PATH_LIMIT);
    enum error_code code = collect(collection, type, 1);
    if (code != ERROR_NONE)
        text->length = collection->start;
    buffer_fini(&collection->file);
    arena_fini(&collection->arena);
    free(collection);
    return code;
}
