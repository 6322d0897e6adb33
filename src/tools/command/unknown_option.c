#include "tools/command/unknown_option.h"

#include <getopt.h>
#include <string.h>

#define MEANT_EDITS(x) (strlen(x) / 3 + 1)

void unknown_option_begin(struct unknown_option *unknown, const char *given)
{
    const char *name = given + strspn(given, "-");
    size_t length = strcspn(name, "=");
    *unknown = (struct unknown_option){.given = given};
    strncat(unknown->name, name, length < NEAREST_NAME_LIMIT ? length : NEAREST_NAME_LIMIT);
    nearest_begin(&unknown->nearest, unknown->name, MEANT_EDITS(unknown->name));
}

enum error_code unknown_option_offer(struct unknown_option *unknown, const char *name, int argument,
                                     struct error *error)
{
    if (strcmp(name, unknown->name) == 0)
        return error_set(error, ERROR_ARGUMENT, unknown->given, 0,
                         argument == no_argument ? "--%s takes no value"
                                                 : "--%s needs a value behind it",
                         unknown->name);
    nearest_offer(&unknown->nearest, name);
    return ERROR_NONE;
}
