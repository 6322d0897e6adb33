#include "bridge/flow/lines.h"

#include <rosc/log.h>
#include <rosc/time.h>

#define MINUTE INT64_C(60000000000)

bool lines_pass(struct lines *lines, const char *what)
{
    int64_t now = rosc_time_steady();
    if (lines->count == 0 || now - lines->begun >= MINUTE)
        *lines = (struct lines){.begun = now};
    if (lines->count > LINES_A_MINUTE)
        return false;
    if (lines->count++ < LINES_A_MINUTE)
        return true;
    ROSC_LOG_INFO("more %s than %d: for the rest of this minute they are not named", what,
                  LINES_A_MINUTE);
    return false;
}
