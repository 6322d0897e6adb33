#include "bridge/config/core_dump.h"

#include <errno.h>
#include <rosc/log.h>
#include <string.h>
#include <sys/prctl.h>

void core_dump_forbid(const char *name)
{
    if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)
        return;
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
        ROSC_LOG_INFO("kafka.%s is to be kept secret: this process writes no core dump, and only "
                      "root can attach a debugger to it",
                      name);
    else
        ROSC_LOG_WARN("core dumps cannot be forbidden (%s): one would show kafka.%s",
                      strerror(errno), name);
}
