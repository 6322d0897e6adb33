#include "tools/command/start_point.h"

#include "message/values/iso8601.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum error_code start_point_read(const char *text, struct bound *bound, struct error *error)
{
    if (*text && strspn(text, "0123456789") == strlen(text)) {
        errno = 0;
        long long offset = strtoll(text, NULL, 10);
        if (errno != 0)
            return error_set(error, ERROR_RANGE, text, 0, "no offset is as large as %s", text);
        *bound = (struct bound){.kind = BOUND_OFFSET, .value = offset};
        return ERROR_NONE;
    }
    int64_t secs;
    uint32_t nsecs;
    const char *expect = NULL;
    if (!iso8601_read(text, strlen(text), &secs, &nsecs, &expect))
        return error_set(error, ERROR_RANGE, text, 0,
                         "\"%s\" is neither an offset (a number) nor a time: expected %s", text,
                         expect);
    *bound = (struct bound){.kind = BOUND_TIME, .value = secs * 1000 + nsecs / 1000000};
    return ERROR_NONE;
}
