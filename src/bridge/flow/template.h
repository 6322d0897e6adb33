/* Templates such as `{robot}.{topic}`: text with names in braces; `{{` and `}}` are single braces.
 *
 * Names that the caller knows are filled from a table; any other is the path of a message field.
 * Immutable once parsed; any thread.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_FLOW_TEMPLATE_H
#define KAFKA_BRIDGE_BRIDGE_FLOW_TEMPLATE_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

struct template_part {
    char *text; /* literal text, or the name that stood in braces */
    bool is_name;
};

struct template
{
    struct template_part *parts;
    size_t count;
};

/* ERROR_SYNTAX (an unclosed or empty brace: says where), ERROR_MEMORY. */
enum error_code template_init(struct template *parsed, const char *text,
                              struct error *error) MUST_CHECK;
void template_fini(struct template *parsed);

/* A name and what it stands for. */
struct template_value {
    const char *name;
    const char *value;
};

/* Appends the template with its names replaced. ERROR_UNKNOWN: a name that is not in `values`;
 * ERROR_LIMIT, ERROR_MEMORY. */
enum error_code template_expand(const struct template *parsed, const struct template_value *values,
                                size_t count, struct buffer *out, struct error *error) MUST_CHECK;

#endif
