/* Text taken line by line, in place. */
#ifndef KAFKA_BRIDGE_MESSAGE_VALUES_TEXT_LINE_H
#define KAFKA_BRIDGE_MESSAGE_VALUES_TEXT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct text_line {
    const char *text;
    size_t length;
};

struct text_lines {
    const char *next;
    const char *end;
    unsigned number; /* of the line given last, from 1 */
};

/* The next line without its newline; false behind the last one. */
static inline bool text_lines_next(struct text_lines *lines, struct text_line *line)
{
    if (lines->next == lines->end)
        return false;
    size_t left = (size_t)(lines->end - lines->next);
    const char *newline = memchr(lines->next, '\n', left);
    line->text = lines->next;
    line->length = newline ? (size_t)(newline - lines->next) : left;
    lines->next = newline ? newline + 1 : lines->end;
    lines->number++;
    return true;
}

static inline bool text_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Without the white space at both ends. */
static inline struct text_line text_line_trim(struct text_line line)
{
    while (line.length > 0 && text_is_space(line.text[0])) {
        line.text++;
        line.length--;
    }
    while (line.length > 0 && text_is_space(line.text[line.length - 1]))
        line.length--;
    return line;
}

/* Takes the first word off `line`, which is left without the space that follows it. */
static inline struct text_line text_line_word(struct text_line *line)
{
    *line = text_line_trim(*line);
    struct text_line word = {line->text, 0};
    while (word.length < line->length && !text_is_space(line->text[word.length]))
        word.length++;
    line->text += word.length;
    line->length -= word.length;
    *line = text_line_trim(*line);
    return word;
}

/* How much of it an error message shows, for "%.*s". */
static inline int text_line_shown(struct text_line line)
{
    return line.length > 60 ? 60 : (int)line.length;
}

#endif
