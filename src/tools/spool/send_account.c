#include "tools/spool/send_account.h"

#include "tools/command/progress_bar.h"

#include <stdio.h>

#define NUMBER_SIZE 32

void send_account_format(const struct send_account *account, char *text, size_t size)
{
    char records[NUMBER_SIZE], delivered[NUMBER_SIZE], letters[NUMBER_SIZE], failed[NUMBER_SIZE];
    char lost[NUMBER_SIZE], left[NUMBER_SIZE];
    uint64_t done = account->delivered + account->dead_lettered + account->failed + account->lost;
    (void)snprintf(
        text, size, "%s record%s, %s delivered, %s dead-lettered, %s failed%s%s%s, %s left",
        progress_bar_number(account->records, records), account->records == 1 ? "" : "s",
        progress_bar_number(account->delivered, delivered),
        progress_bar_number(account->dead_lettered, letters),
        progress_bar_number(account->failed, failed), account->lost > 0 ? ", " : "",
        account->lost > 0 ? progress_bar_number(account->lost, lost) : "",
        account->lost > 0 ? " lost" : "",
        progress_bar_number(account->records > done ? account->records - done : 0, left));
}
