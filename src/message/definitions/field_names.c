#include "message/definitions/field_names.h"

#include <stdio.h>

static const char MORE[] = ", …";

const char *field_names(const struct message_type *type, char text[FIELD_NAMES_SIZE])
{
    size_t used = 0;
    (void)snprintf(text, FIELD_NAMES_SIZE, "none");
    for (size_t i = 0; i < type->field_count; i++) {
        const char *between = i > 0 ? ", " : "";
        size_t room = FIELD_NAMES_SIZE - sizeof MORE - used;
        int length = snprintf(text + used, room, "%s%s", between, type->fields[i].name);
        if (length < 0 || (size_t)length >= room) {
            (void)snprintf(text + used, sizeof MORE, "%s", i > 0 ? MORE : "…");
            break;
        }
        used += (size_t)length;
    }
    return text;
}
