/* The codec as a process that genpy_conformance.py talks to.
 *
 * A request is a command byte, an options byte and two blobs (uint32 little endian, bytes). A reply
 * is a status byte (0 or 1) and a blob: the result, or "code<TAB>path<TAB>text" of the error.
 *   D type, definition   make the plan that later commands use → md5sum
 *   P type               packages_definition → the definition's text
 *   J message            to_json → JSON
 *   F json               from_json → message
 *   V message            plan_validate
 *   T message            every shorter prefix must be an error that names a path, of plan_validate
 *                        and of to_json → how many there were
 */
#include "message/definitions/packages.h"
#include "message/json/from_json.h"
#include "message/json/to_json.h"
#include "message/plan/plan.h"

#include <stdio.h>
#include <stdlib.h>

#define OPTION_NON_FINITE_AS_STRING 1
#define OPTION_BYTES_AS_ARRAY       2
#define BLOB_LIMIT                  (256U << 20)

struct tool {
    struct plan *plan;
    struct buffer first;
    struct buffer second;
    struct buffer out;
    struct error error;
};

static bool read_exactly(void *bytes, size_t length)
{
    return length == 0 || fread(bytes, length, 1, stdin) == 1;
}

static bool read_blob(struct buffer *blob)
{
    uint8_t size[4];
    if (!read_exactly(size, sizeof size))
        return false;
    size_t length =
        (size_t)size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16 | (size_t)size[3] << 24;
    buffer_clear(blob);
    if (buffer_reserve(blob, length + 1) != ERROR_NONE || !read_exactly(blob->data, length))
        return false;
    blob->data[length] = '\0';
    blob->length = length;
    return true;
}

static bool reply(int status, const char *bytes, size_t length)
{
    uint8_t head[5] = {(uint8_t)status, (uint8_t)length, (uint8_t)(length >> 8),
                       (uint8_t)(length >> 16), (uint8_t)(length >> 24)};
    return fwrite(head, sizeof head, 1, stdout) == 1 &&
           (length == 0 || fwrite(bytes, length, 1, stdout) == 1) && fflush(stdout) == 0;
}

static bool reply_error(const struct error *error)
{
    char text[ERROR_PATH_SIZE + ERROR_TEXT_SIZE + 32];
    int length = snprintf(text, sizeof text, "%s\t%s\t%s", error_code_name(error->code),
                          error->path, error->text);
    return reply(1, text, length < 0 ? 0 : (size_t)length);
}

static enum error_code make_plan(struct tool *tool)
{
    plan_destroy(tool->plan);
    tool->plan = NULL;
    enum error_code code = plan_create(tool->first.data, tool->second.data, tool->second.length,
                                       NULL, &tool->plan, &tool->error);
    return code == ERROR_NONE ? buffer_append_text(&tool->out, plan_md5sum(tool->plan)) : code;
}

static enum error_code find_definition(struct tool *tool)
{
    struct packages *packages = NULL;
    enum error_code code = packages_create(NULL, &packages, &tool->error);
    if (code == ERROR_NONE)
        code = packages_definition(packages, tool->first.data, &tool->out, &tool->error);
    packages_destroy(packages);
    return code;
}

/* Fails where a prefix of the message passes, or its error has no path. */
static enum error_code try_prefixes(struct tool *tool, const struct to_json_options *options)
{
    for (size_t length = 0; length < tool->first.length; length++) {
        /* A copy of exactly that size, so that a sanitizer sees a read past its end. */
        uint8_t *prefix = malloc(length > 0 ? length : 1);
        if (!prefix)
            return error_set(&tool->error, ERROR_MEMORY, NULL, 0, "out of memory");
        if (length > 0)
            memcpy(prefix, tool->first.data, length);
        struct error validate = {0};
        struct error json = {0};
        enum error_code one = plan_validate(tool->plan, prefix, length, &validate);
        enum error_code two = to_json(tool->plan, prefix, length, options, &tool->out, NULL, &json);
        free(prefix);
        if (one != ERROR_TRUNCATED || two != ERROR_TRUNCATED || validate.path[0] != '$' ||
            strcmp(validate.path, json.path) != 0 || tool->out.length != 0)
            return error_set(&tool->error, ERROR_ARGUMENT, validate.path, length,
                             "the first %zu bytes: validate %s, to_json %s at %s", length,
                             error_code_name(one), error_code_name(two), json.path);
    }
    return buffer_append_format(&tool->out, "%zu", tool->first.length);
}

static enum error_code run(struct tool *tool, int command, int flags)
{
    const struct to_json_options options = {
        .non_finite_as_string = (flags & OPTION_NON_FINITE_AS_STRING) != 0,
        .bytes_as_array = (flags & OPTION_BYTES_AS_ARRAY) != 0,
    };
    const uint8_t *bytes = (const uint8_t *)tool->first.data;
    size_t length = tool->first.length;
    buffer_clear(&tool->out);
    switch (command) {
    case 'D':
        return make_plan(tool);
    case 'P':
        return find_definition(tool);
    case 'J':
        return to_json(tool->plan, bytes, length, &options, &tool->out, NULL, &tool->error);
    case 'F':
        return from_json(tool->plan, tool->first.data, length, NULL, &tool->out, &tool->error);
    case 'V':
        return plan_validate(tool->plan, bytes, length, &tool->error);
    case 'T':
        return try_prefixes(tool, &options);
    default:
        return error_set(&tool->error, ERROR_ARGUMENT, NULL, 0, "no command %d", command);
    }
}

int main(void)
{
    struct tool tool = {0};
    buffer_init(&tool.first, BLOB_LIMIT);
    buffer_init(&tool.second, BLOB_LIMIT);
    buffer_init(&tool.out, BLOB_LIMIT);
    uint8_t head[2];
    int status = 0;
    while (status == 0 && read_exactly(head, sizeof head)) {
        if (!read_blob(&tool.first) || !read_blob(&tool.second))
            status = 1;
        else if (run(&tool, head[0], head[1]) == ERROR_NONE)
            status = reply(0, tool.out.data, tool.out.length) ? 0 : 1;
        else
            status = reply_error(&tool.error) ? 0 : 1;
    }
    plan_destroy(tool.plan);
    buffer_fini(&tool.first);
    buffer_fini(&tool.second);
    buffer_fini(&tool.out);
    return status;
}
