#include "tools/resend/resend_account.h"

#include "tools/command/progress_bar.h"

#include <stdio.h>
#include <string.h>

#define NUMBER_SIZE 32

static const char *const skip_names[SKIP_COUNT] = {
    [SKIP_OTHER_REASON] = "another reason",
    [SKIP_NO_BYTES] = "without its bytes",
    [SKIP_INCOMPLETE] = "without its key or headers",
    [SKIP_NO_LETTER] = "no dead letter",
};

static uint64_t all_skipped(const struct resend_account *account)
{
    uint64_t skipped = 0;
    for (int i = 0; i < SKIP_COUNT; i++)
        skipped += account->skipped[i];
    return skipped;
}

uint64_t resend_account_letters(const struct resend_account *account)
{
    return account->sent + all_skipped(account) + account->failed + account->not_done;
}

static void append(char *text, size_t size, const char *before, uint64_t number, const char *after)
{
    char digits[NUMBER_SIZE];
    size_t length = strlen(text);
    (void)snprintf(text + length, size - length, "%s%s%s", before,
                   progress_bar_number(number, digits), after);
}

void resend_account_format(const struct resend_account *account, bool dry_run, char *text,
                           size_t size)
{
    uint64_t letters = resend_account_letters(account);
    const char *before = " (";
    text[0] = '\0';
    append(text, size, "", letters, letters == 1 ? " letter" : " letters");
    append(text, size, ", ", account->sent, dry_run ? " to send" : " sent");
    append(text, size, ", ", all_skipped(account), " skipped");
    for (int i = 0; i < SKIP_COUNT; i++) {
        if (account->skipped[i] == 0)
            continue;
        append(text, size, before, account->skipped[i], " ");
        size_t length = strlen(text);
        (void)snprintf(text + length, size - length, "%s", skip_names[i]);
        before = ", ";
    }
    size_t length = strlen(text);
    (void)snprintf(text + length, size - length, "%s", all_skipped(account) > 0 ? ")" : "");
    append(text, size, ", ", account->failed, " failed");
    if (account->not_done > 0)
        append(text, size, ", ", account->not_done, " not done");
}
