#include "schema/statement.h"

static enum error_code room(enum error_code code, struct error *error)
{
    return code == ERROR_NONE ? code
                              : error_set(error, code, "", 0, "the statement takes too much room");
}

enum error_code statement_put(struct buffer *out, const char *text, struct error *error)
{
    return room(buffer_append_text(out, text), error);
}

enum error_code statement_put_number(struct buffer *out, int number, struct error *error)
{
    return room(buffer_append_format(out, "%d", number), error);
}
