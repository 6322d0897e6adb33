/* What became of all letters of a run. The caller owns the struct; one thread. */
#ifndef KAFKA_BRIDGE_TOOLS_RESEND_RESEND_ACCOUNT_H
#define KAFKA_BRIDGE_TOOLS_RESEND_RESEND_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a letter's original is not sent. */
enum skip_reason {
    SKIP_OTHER_REASON, /* --reason leaves it out */
    SKIP_NO_BYTES,     /* the letter had no room for the original's bytes */
    SKIP_INCOMPLETE,   /* nor for its headers or its key */
    SKIP_NO_LETTER,    /* the record is no dead letter */
    SKIP_COUNT
};

struct resend_account {
    uint64_t sent; /* with --dry-run: that would be */
    uint64_t skipped[SKIP_COUNT];
    uint64_t failed;
    uint64_t not_done; /* under way when the run ended: the next one begins with them */
};

uint64_t resend_account_letters(const struct resend_account *account);

/* "10,000 letters, 9,990 sent, 7 skipped (5 another reason, 2 without their bytes), 3 failed";
 * always NUL-terminated. */
void resend_account_format(const struct resend_account *account, bool dry_run, char *text,
                           size_t size);

#endif
