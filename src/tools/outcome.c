#include "tools/outcome.h"

#include <stdio.h>

void outcome_set(struct outcome *outcome, enum outcome_kind kind, const char *reason)
{
    if (reason)
        (void)snprintf(outcome->reason, sizeof outcome->reason, "%s", reason);
    atomic_store(&outcome->kind, (int)kind);
}
