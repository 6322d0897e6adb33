#include "tools/resend/send_result.h"

#include <stdio.h>

void send_result_set(struct send_result *result, enum send_result_kind kind, const char *reason)
{
    if (reason)
        (void)snprintf(result->reason, sizeof result->reason, "%s", reason);
    atomic_store(&result->kind, (int)kind);
}
