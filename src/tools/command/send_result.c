#include "tools/command/send_result.h"

#include <stdio.h>

void send_result_set(struct send_result *outcome, enum send_result_kind kind, const char *reason)
{
    if (reason)
        (void)snprintf(outcome->reason, sizeof outcome->reason, "%s", reason);
    atomic_store(&outcome->kind, (int)kind);
}
