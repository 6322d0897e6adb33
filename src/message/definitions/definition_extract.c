/* The definition of one type out of that of another that holds it. */
#include "message/definitions/definition.h"

#include <stdlib.h>

#define SEPARATOR                                                                                  \
    "================================================================================\n"           \
    "MSG: "

struct extraction {
    const struct definition *definition;
    struct buffer *out;
    bool *written; /* index: the part's number */
};

static enum error_code end_line(struct buffer *out)
{
    if (out->length == 0 || out->data[out->length - 1] == '\n')
        return ERROR_NONE;
    return buffer_append_text(out, "\n");
}

static enum error_code append_block(struct extraction *extraction, const struct message_type *type,
                                    const struct definition_part *part)
{
    enum error_code code = end_line(extraction->out);
    if (code == ERROR_NONE)
        code = buffer_append_text(extraction->out, SEPARATOR);
    if (code == ERROR_NONE)
        code = buffer_append_text(extraction->out, type->name);
    if (code == ERROR_NONE)
        code = buffer_append_text(extraction->out, "\n");
    if (code == ERROR_NONE)
        code = buffer_append(extraction->out, part->text, part->length);
    return code;
}

/* The blocks of the types below `type`. It ends: no type holds itself, and none is written twice.
 */
static enum error_code append_nested(struct extraction *extraction, const struct message_type *type)
{
    enum error_code code = ERROR_NONE;
    for (size_t i = 0; i < type->field_count && code == ERROR_NONE; i++) {
        const struct message_type *nested = type->fields[i].message;
        if (!nested)
            continue;
        struct definition_part part = definition_part(extraction->definition, nested);
        if (extraction->written[part.number])
            continue;
        extraction->written[part.number] = true;
        code = append_block(extraction, nested, &part);
        if (code == ERROR_NONE)
            code = append_nested(extraction, nested);
    }
    return code;
}

enum error_code definition_extract(const struct definition *definition,
                                   const struct message_type *type, struct buffer *out)
{
    struct extraction extraction = {.definition = definition, .out = out};
    struct definition_part part = definition_part(definition, type);
    extraction.written = calloc(definition_part_count(definition), sizeof *extraction.written);
    if (!extraction.written)
        return ERROR_MEMORY;
    enum error_code code = buffer_append(out, part.text, part.length);
    if (code == ERROR_NONE)
        code = append_nested(&extraction, type);
    free(extraction.written);
    return code;
}
