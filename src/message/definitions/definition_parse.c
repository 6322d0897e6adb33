#include "message/definitions/definition_parse.h"

#include "message/definitions/constant.h"
#include "message/definitions/type_name.h"
#include "message/values/text_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum error_code definition_error(struct error *error, enum error_code code, const char *type,
                                 unsigned line, const char *format, ...)
{
    char path[ERROR_PATH_SIZE];
    char text[ERROR_TEXT_SIZE];
    (void)snprintf(path, sizeof path, "%s:%u", type, line);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return error_set(error, code, path, 0, "%s", text);
}

/* What a line of a definition is. A '=' before any '#' makes a constant. */
enum line_kind { LINE_EMPTY, LINE_FIELD, LINE_CONSTANT };

static struct text_line without_comment(struct text_line line)
{
    const char *hash = memchr(line.text, '#', line.length);
    if (hash)
        line.length = (size_t)(hash - line.text);
    return text_line_trim(line);
}

static enum line_kind line_kind(struct text_line line)
{
    struct text_line clean = without_comment(line);
    if (clean.length == 0)
        return LINE_EMPTY;
    return memchr(clean.text, '=', clean.length) ? LINE_CONSTANT : LINE_FIELD;
}

/* What the parser of one line works on. */
struct parser {
    struct arena *arena;
    const char *type;
    unsigned line;
    struct error *error;
};

static enum error_code out_of_memory(const struct parser *parser)
{
    return definition_error(parser->error, ERROR_MEMORY, parser->type, parser->line,
                            "out of memory");
}

static enum error_code check_name(const struct parser *parser, struct text_line name,
                                  const char *what)
{
    if (!type_name_is_plain(name.text, name.length))
        return definition_error(parser->error, ERROR_SYNTAX, parser->type, parser->line,
                                "\"%.*s\" is no name of a %s: a letter, then letters, digits and "
                                "'_' are",
                                text_line_shown(name), name.text, what);
    if (name.length > DEFINITION_NAME_LIMIT)
        return definition_error(parser->error, ERROR_LIMIT, parser->type, parser->line,
                                "the %s's name has %zu bytes, %d are allowed", what, name.length,
                                DEFINITION_NAME_LIMIT);
    return ERROR_NONE;
}

static enum error_code constant_error(const struct parser *parser, enum error_code code,
                                      struct text_line type, struct text_line value)
{
    if (code == ERROR_RANGE)
        return definition_error(parser->error, code, parser->type, parser->line,
                                "%.*s is out of the range of %.*s", text_line_shown(value),
                                value.text, (int)type.length, type.text);
    if (code == ERROR_TYPE)
        return definition_error(parser->error, ERROR_SYNTAX, parser->type, parser->line,
                                "a constant cannot have the type %.*s: numbers, bool and string "
                                "can",
                                text_line_shown(type), type.text);
    return definition_error(parser->error, code, parser->type, parser->line,
                            "\"%.*s\" is no value of %.*s", text_line_shown(value), value.text,
                            (int)type.length, type.text);
}

/* A string constant's value is everything behind '=', '#' included. */
static enum error_code parse_constant(const struct parser *parser, struct text_line line,
                                      struct constant *constant)
{
    const char *equals = memchr(line.text, '=', line.length);
    struct text_line left = {line.text, (size_t)(equals - line.text)};
    struct text_line type = text_line_word(&left);
    enum field_kind kind = type_name_kind(type.text, type.length);
    struct text_line value = {equals + 1, (size_t)(line.text + line.length - equals - 1)};
    value = kind == KIND_STRING ? text_line_trim(value) : without_comment(value);
    enum error_code code = constant_check(kind, value.text, value.length);
    if (code != ERROR_NONE)
        return constant_error(parser, code, type, value);
    code = check_name(parser, left, "constant");
    if (code != ERROR_NONE)
        return code;
    constant->kind = kind;
    constant->type_text = arena_copy(parser->arena, type.text, type.length);
    constant->name = arena_copy(parser->arena, left.text, left.length);
    constant->value_text = arena_copy(parser->arena, value.text, value.length);
    if (!constant->type_text || !constant->name || !constant->value_text)
        return out_of_memory(parser);
    return ERROR_NONE;
}

/* Reads the brackets behind a type's name: "[]" or "[n]". */
static enum error_code parse_array(const struct parser *parser, struct text_line brackets,
                                   int64_t *array)
{
    const char *digits = brackets.text + 1;
    size_t count = brackets.length - 2;
    if (brackets.length < 2 || brackets.text[brackets.length - 1] != ']' ||
        (count > 1 && digits[0] == '0'))
        goto syntax;
    *array = count == 0 ? ARRAY_VARIABLE : 0;
    for (size_t i = 0; i < count; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            goto syntax;
        *array = *array * 10 + (digits[i] - '0');
        if (*array > UINT32_MAX)
            return definition_error(parser->error, ERROR_LIMIT, parser->type, parser->line,
                                    "an array of %.*s elements is longer than any message",
                                    text_line_shown((struct text_line){digits, count}), digits);
    }
    return ERROR_NONE;
syntax:
    return definition_error(parser->error, ERROR_SYNTAX, parser->type, parser->line,
                            "\"%.*s\" is no array: \"[]\" or \"[length]\" is",
                            text_line_shown(brackets), brackets.text);
}

static enum error_code parse_field(const struct parser *parser, struct text_line line,
                                   struct field *field)
{
    struct text_line rest = without_comment(line);
    struct text_line type = text_line_word(&rest);
    const char *bracket = memchr(type.text, '[', type.length);
    enum error_code code = ERROR_NONE;
    field->array = ARRAY_NONE;
    if (bracket) {
        size_t bare = (size_t)(bracket - type.text);
        code = parse_array(parser, (struct text_line){bracket, type.length - bare}, &field->array);
        type.length = bare;
    }
    if (code != ERROR_NONE)
        return code;
    if (type.length / 2 > DEFINITION_NAME_LIMIT ||
        (!type_name_is_plain(type.text, type.length) && !type_name_is_full(type.text, type.length)))
        return definition_error(parser->error, ERROR_SYNTAX, parser->type, parser->line,
                                "\"%.*s\" is no type of a field: a built-in type, \"Type\" or "
                                "\"package/Type\" is",
                                text_line_shown(type), type.text);
    if (rest.length == 0)
        return definition_error(parser->error, ERROR_SYNTAX, parser->type, parser->line,
                                "\"%.*s\" has no name behind the type", text_line_shown(type),
                                type.text);
    code = check_name(parser, rest, "field");
    if (code != ERROR_NONE)
        return code;
    field->kind = type_name_kind(type.text, type.length);
    field->type_text = arena_copy(parser->arena, type.text, type.length);
    field->name = arena_copy(parser->arena, rest.text, rest.length);
    return field->type_text && field->name ? ERROR_NONE : out_of_memory(parser);
}

/* Makes room for what the lines of `block` will give. */
static enum error_code allocate(const struct parser *parser, struct definition_block *block)
{
    size_t counts[] = {[LINE_EMPTY] = 0, [LINE_FIELD] = 0, [LINE_CONSTANT] = 0};
    struct text_lines lines = {block->text, block->text + block->length, 0};
    struct text_line line;
    while (text_lines_next(&lines, &line))
        counts[line_kind(line)]++;
    block->fields = arena_alloc(parser->arena, counts[LINE_FIELD], sizeof *block->fields);
    block->lines = arena_alloc(parser->arena, counts[LINE_FIELD], sizeof *block->lines);
    block->constants = arena_alloc(parser->arena, counts[LINE_CONSTANT], sizeof *block->constants);
    return block->fields && block->lines && block->constants ? ERROR_NONE : out_of_memory(parser);
}

enum error_code definition_parse_block(struct arena *arena, struct definition_block *block,
                                       struct error *error)
{
    struct parser parser = {arena, block->name, 1, error};
    enum error_code code = allocate(&parser, block);
    struct text_lines lines = {block->text, block->text + block->length, 0};
    struct text_line line;
    while (code == ERROR_NONE && text_lines_next(&lines, &line)) {
        parser.line = lines.number;
        switch (line_kind(line)) {
        case LINE_EMPTY:
            break;
        case LINE_FIELD:
            block->lines[block->field_count] = lines.number;
            code = parse_field(&parser, line, &block->fields[block->field_count++]);
            break;
        case LINE_CONSTANT:
            code = parse_constant(&parser, line, &block->constants[block->constant_count++]);
            break;
        }
    }
    return code;
}
