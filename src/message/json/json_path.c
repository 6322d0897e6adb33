#include "message/json/json_path.h"

#include "message/json/json_scan.h"

#include <stdint.h>
#include <string.h>

struct parser {
    const char *text;
    size_t length;
    size_t position;
    const char *owner;
    struct arena *arena;
    struct error *error;
};

static enum error_code fail(const struct parser *parser, size_t position, const char *expect)
{
    char excerpt[JSON_EXCERPT_SIZE];
    if (position >= parser->length)
        return error_set(parser->error, ERROR_SYNTAX, parser->owner, position,
                         "found the end of the path \"%s\", %s", parser->text, expect);
    return error_set(
        parser->error, ERROR_SYNTAX, parser->owner, position, "found %s in the path \"%s\", %s",
        json_excerpt(parser->text, parser->length, position, excerpt), parser->text, expect);
}

static enum error_code fail_memory(const struct parser *parser)
{
    return error_set(parser->error, ERROR_MEMORY, parser->owner, 0, "no memory for the path");
}

static bool is_bare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || (unsigned char)c >= 0x80;
}

static enum error_code take_bare(struct parser *parser, struct json_path_step *step)
{
    size_t begin = parser->position;
    while (parser->position < parser->length && is_bare(parser->text[parser->position]))
        parser->position++;
    if (parser->position == begin)
        return fail(parser, begin,
                    "a name stands here; others than letters, digits, '_' and '-' "
                    "are written as [\"…\"]");
    step->name = arena_copy(parser->arena, parser->text + begin, parser->position - begin);
    return step->name ? ERROR_NONE : fail_memory(parser);
}

static enum error_code take_double_quoted(struct parser *parser, struct json_path_step *step)
{
    struct json_scan scan = {
        .text = parser->text, .length = parser->length, .position = parser->position};
    struct json_string string;
    if (json_scan_string(&scan, &string) != ERROR_NONE)
        return fail(parser, scan.position, scan.expect);
    char *name = arena_alloc(parser->arena, json_string_size(&string) + 1, 1);
    if (!name)
        return fail_memory(parser);
    size_t length = json_string_decode(&string, name);
    if (memchr(name, '\0', length))
        return fail(parser, parser->position, "a name holds no U+0000");
    parser->position = scan.position;
    step->name = name;
    return ERROR_NONE;
}

static enum error_code take_single_quoted(struct parser *parser, struct json_path_step *step)
{
    const char *begin = parser->text + parser->position + 1;
    const char *end = strchr(begin, '\'');
    if (!end)
        return fail(parser, parser->length, "a name in quotes ends with \"'\"");
    step->name = arena_copy(parser->arena, begin, (size_t)(end - begin));
    parser->position = (size_t)(end + 1 - parser->text);
    return step->name ? ERROR_NONE : fail_memory(parser);
}

static enum error_code take_index(struct parser *parser, struct json_path_step *step)
{
    size_t begin = parser->position;
    uint64_t index = 0;
    for (; parser->position < parser->length; parser->position++) {
        char c = parser->text[parser->position];
        if (c < '0' || c > '9')
            break;
        index = index * 10 + (uint64_t)(c - '0');
        if (index >= UINT32_MAX)
            return fail(parser, begin, "an index is 0…4294967294");
    }
    if (parser->position == begin)
        return fail(parser, begin, "an index or a name in quotes follows '['");
    step->index = (size_t)index;
    return ERROR_NONE;
}

static enum error_code take_bracket(struct parser *parser, struct json_path_step *step)
{
    parser->position++;
    char c = parser->text[parser->position];
    enum error_code code = c == '"'    ? take_double_quoted(parser, step)
                           : c == '\'' ? take_single_quoted(parser, step)
                                       : take_index(parser, step);
    if (code != ERROR_NONE)
        return code;
    if (parser->text[parser->position] != ']')
        return fail(parser, parser->position, "']' ends what '[' began");
    parser->position++;
    return ERROR_NONE;
}

/* Fills `steps` (JSON_PATH_STEPS_MAX of them) and their count. */
static enum error_code take_steps(struct parser *parser, struct json_path_step *steps,
                                  size_t *count)
{
    bool rooted = parser->text[0] == '$';
    parser->position = rooted ? 1 : 0;
    if (!rooted && parser->length == 0)
        return fail(parser, 0, "a path is $, $.a.b[0] or a.b");
    for (*count = 0; parser->position < parser->length; ++*count) {
        enum error_code code;
        if (*count == JSON_PATH_STEPS_MAX)
            return error_set(parser->error, ERROR_LIMIT, parser->owner, parser->position,
                             "a path has at most %d steps", JSON_PATH_STEPS_MAX);
        steps[*count] = (struct json_path_step){0};
        char c = parser->text[parser->position];
        if (c == '[') {
            code = take_bracket(parser, &steps[*count]);
        } else if (c == '.' || (*count == 0 && !rooted)) {
            parser->position += c == '.';
            code = take_bare(parser, &steps[*count]);
        } else {
            code = fail(parser, parser->position, "'.' or '[' stands between the steps");
        }
        if (code != ERROR_NONE)
            return code;
    }
    return ERROR_NONE;
}

enum error_code json_path_parse(const char *text, const char *owner, struct arena *arena,
                                struct json_path *path, struct error *error)
{
    struct parser parser = {.text = text, .length = strlen(text), .owner = owner, .arena = arena};
    struct json_path_step steps[JSON_PATH_STEPS_MAX];
    parser.error = error;
    enum error_code code = take_steps(&parser, steps, &path->count);
    if (code != ERROR_NONE)
        return code;
    struct json_path_step *kept = arena_alloc(arena, path->count + 1, sizeof *kept);
    char *shown = arena_alloc(arena, parser.length + sizeof "$.", 1);
    if (!kept || !shown)
        return fail_memory(&parser);
    memcpy(kept, steps, path->count * sizeof *kept);
    if (text[0] != '$')
        memcpy(shown, "$.", text[0] == '[' ? 1 : 2);
    memcpy(shown + strlen(shown), text, parser.length);
    path->text = shown;
    path->steps = kept;
    return ERROR_NONE;
}
