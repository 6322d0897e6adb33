#include "message/definitions/definition_parse.h"
#include "message/definitions/type_name.h"
#include "message/values/text_line.h"

#include <string.h>

/* The line between two blocks: genmsg writes 80 of '='; nothing else begins so. */
static bool is_separator(struct text_line line)
{
    if (line.length < 2)
        return false;
    for (size_t i = 0; i < line.length; i++) {
        if (line.text[i] != '=')
            return false;
    }
    return true;
}

static size_t count_separators(const char *text, size_t length)
{
    size_t count = 0;
    struct text_lines lines = {text, text + length, 0};
    struct text_line line;
    while (text_lines_next(&lines, &line))
        count += is_separator(text_line_trim(line));
    return count;
}

/* Reads the MSG: line that follows a separator and begins `block`. */
static enum error_code begin_block(struct arena *arena, const char *type, struct text_lines *lines,
                                   struct definition_block *block, struct error *error)
{
    struct text_line line = {0};
    if (!text_lines_next(lines, &line))
        return definition_error(error, ERROR_SYNTAX, type, lines->number,
                                "the text ends behind a separator; a line \"MSG: package/Type\" "
                                "must follow");
    unsigned number = lines->number;
    line = text_line_trim(line);
    if (line.length < 4 || memcmp(line.text, "MSG:", 4) != 0)
        return definition_error(error, ERROR_SYNTAX, type, number,
                                "found \"%.*s\" behind a separator instead of "
                                "\"MSG: package/Type\"",
                                text_line_shown(line), line.text);
    line.text += 4;
    line.length -= 4;
    line = text_line_trim(line);
    if (line.length > DEFINITION_NAME_LIMIT || !type_name_is_full(line.text, line.length))
        return definition_error(error, ERROR_SYNTAX, type, number,
                                "\"%.*s\" is no name of a message type: \"package/Type\" of "
                                "letters, digits and '_' is",
                                text_line_shown(line), line.text);
    block->name = arena_copy(arena, line.text, line.length);
    if (!block->name)
        return definition_error(error, ERROR_MEMORY, type, number, "out of memory");
    block->text = lines->next;
    return ERROR_NONE;
}

enum error_code definition_split(struct arena *arena, const char *type, const char *text,
                                 size_t length, struct definition_block **blocks, size_t *count,
                                 struct error *error)
{
    size_t capacity = count_separators(text, length) + 1;
    struct definition_block *all = arena_alloc(arena, capacity, sizeof *all);
    if (!all)
        return definition_error(error, ERROR_MEMORY, type, 1, "out of memory");
    size_t used = 1;
    all[0].name = type;
    all[0].text = text;
    struct text_lines lines = {text, text + length, 0};
    struct text_line line;
    while (text_lines_next(&lines, &line)) {
        if (!is_separator(text_line_trim(line)))
            continue;
        all[used - 1].length = (size_t)(line.text - all[used - 1].text);
        enum error_code code = begin_block(arena, type, &lines, &all[used], error);
        if (code != ERROR_NONE)
            return code;
        used++;
    }
    all[used - 1].length = (size_t)(text + length - all[used - 1].text);
    *blocks = all;
    *count = used;
    return ERROR_NONE;
}
