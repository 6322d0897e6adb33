#include "bridge/to_kafka/publisher_plan.h"

#include <string.h>

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

static enum error_code from_package(struct packages *packages,
                                    const struct rosc_connection *connection, struct plan **plan,
                                    struct error *error)
{
    struct buffer text;
    buffer_init(&text, DEFINITION_TEXT_LIMIT);
    enum error_code code = packages_definition(packages, connection->type, &text, error);
    if (code == ERROR_NONE)
        code =
            plan_create(connection->type, text.data, text.length, connection->md5sum, plan, error);
    buffer_fini(&text);
    return code;
}

enum error_code publisher_plan(struct packages *packages, const struct rosc_connection *connection,
                               struct plan **plan, struct error *error)
{
    struct error sent, here;
    const char *text = connection->definition;
    bool blank = is_blank(text);
    enum error_code code =
        plan_create(connection->type, text, strlen(text), connection->md5sum, plan, &sent);
    if (code == ERROR_NONE)
        return code;
    if (!blank && code != ERROR_UNKNOWN) { /* it is whole, but wrong */
        if (error)
            *error = sent;
        return code;
    }
    if (from_package(packages, connection, plan, &here) == ERROR_NONE)
        return ERROR_NONE;
    return error_set(error, ERROR_MISSING, connection->type, 0,
                     "%.80s sends no whole definition (%.100s), nor is the type of md5sum %.40s "
                     "installed here (%.100s): install its package here; format: ros1 needs none",
                     connection->caller_id, blank ? "none at all" : sent.text, connection->md5sum,
                     here.text);
}
