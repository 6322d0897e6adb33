#include "bridge/flow/template.h"

#include <stdlib.h>
#include <string.h>

static enum error_code add_part(struct template *parsed, const char *text, size_t length,
                                bool is_name)
{
    struct template_part *parts =
        realloc(parsed->parts, (parsed->count + 1) * sizeof *parsed->parts);
    if (!parts)
        return ERROR_MEMORY;
    parsed->parts = parts;
    char *copy = strndup(text, length);
    if (!copy)
        return ERROR_MEMORY;
    parts[parsed->count++] = (struct template_part){.text = copy, .is_name = is_name};
    return ERROR_NONE;
}

/* Takes one part off `text`; `*length` is how much of `text` it was. */
static enum error_code take_part(struct template *parsed, const char *text, size_t *length)
{
    if ((text[0] == '{' || text[0] == '}') && text[1] == text[0]) {
        *length = 2;
        return add_part(parsed, text, 1, false);
    }
    if (text[0] == '{') {
        size_t name = strcspn(text + 1, "{}");
        if (name == 0 || text[1 + name] != '}')
            return ERROR_SYNTAX;
        *length = name + 2;
        return add_part(parsed, text + 1, name, true);
    }
    if (text[0] == '}')
        return ERROR_SYNTAX;
    *length = strcspn(text, "{}");
    return add_part(parsed, text, *length, false);
}

enum error_code template_init(struct template *parsed, const char *text, struct error *error)
{
    *parsed = (struct template){0};
    for (size_t position = 0, length = 0; text[position]; position += length) {
        enum error_code code = take_part(parsed, text + position, &length);
        if (code == ERROR_NONE)
            continue;
        template_fini(parsed);
        if (code == ERROR_MEMORY)
            return error_set(error, code, "", position, "out of memory");
        return error_set(error, code, "", position,
                         "found \"%s\": a brace at character %zu stands alone; write {name}, or "
                         "{{ and }} for the braces themselves",
                         text, position + 1);
    }
    return ERROR_NONE;
}

void template_fini(struct template *parsed)
{
    for (size_t i = 0; i < parsed->count; i++)
        free(parsed->parts[i].text);
    free(parsed->parts);
    *parsed = (struct template){0};
}

static const char *find_value(const char *name, const struct template_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(values[i].name, name) == 0)
            return values[i].value;
    return NULL;
}

enum error_code template_expand(const struct template *parsed, const struct template_value *values,
                                size_t count, struct buffer *out, struct error *error)
{
    for (size_t i = 0; i < parsed->count; i++) {
        const struct template_part *part = &parsed->parts[i];
        const char *text = part->is_name ? find_value(part->text, values, count) : part->text;
        if (!text)
            return error_set(error, ERROR_UNKNOWN, part->text, 0, "{%s} names nothing here",
                             part->text);
        enum error_code code = buffer_append_text(out, text);
        if (code != ERROR_NONE)
            return error_set(error, code, part->text, 0, "the expanded text is too long");
    }
    return ERROR_NONE;
}
