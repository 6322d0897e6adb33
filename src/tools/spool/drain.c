#include "tools/spool/drain.h"

#include "bridge/send/sender.h"
#include "tools/command/interrupt.h"
#include "tools/command/progress_bar.h"

#include <rosc/time.h>
#include <time.h>

#define PAUSE        20000000L   /* nanoseconds */
#define LAST_SECONDS INT64_C(10) /* how long the end waits for Kafka's answers */
#define SECOND       INT64_C(1000000000)

static void read_counters(const struct counters *counters, struct send_account *account)
{
    struct totals totals = {0};
    totals_add(&totals, counters);
    account->delivered = totals.delivered;
    account->dead_lettered = totals.dead_lettered;
    account->lost = totals.dropped[DROP_DAMAGED];
    account->failed = totals_dropped(&totals) - account->lost;
}

static uint64_t done_of(const struct send_account *account)
{
    return account->delivered + account->dead_lettered + account->failed + account->lost;
}

/* Or until nothing is left but what Kafka's topics do not take now. */
static void wait_until_empty(struct outbox *outbox, struct sender *sender,
                             const struct counters *counters, struct send_account *account)
{
    struct progress_bar progress;
    progress_bar_begin(&progress, stderr, "records", account->records);
    while (!outbox_is_empty(outbox) && !sender_is_held_up(sender) && !interrupt_asked()) {
        (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE}, NULL);
        outbox_work(outbox);
        read_counters(counters, account);
        progress_bar_update(&progress, done_of(account));
    }
    progress_bar_clear(&progress);
}

enum error_code drain_run(const struct config *config, struct spool *spool,
                          const struct spool_findings *found, struct send_account *account,
                          struct error *error)
{
    struct counters counters = {0};
    struct origins *origins = NULL;
    struct outbox *outbox = NULL;
    struct sender *sender = NULL;
    enum error_code code = origins_create(spool, &origins);
    const struct outbox_options options = {.config = config,
                                           .spool = spool,
                                           .origins = origins,
                                           .restored = &counters,
                                           .restored_batches = found->blocks};
    account->records = found->records;
    counter_add(&counters.restored, found->records);
    counter_add(&counters.accepted, found->records);
    if (code == ERROR_NONE)
        code = outbox_create(&options, &outbox);
    if (code != ERROR_NONE)
        (void)error_set(error, code, "", 0, "out of memory");
    else
        code = sender_create(config, spool, outbox, &counters, &sender, error);
    if (code == ERROR_NONE) {
        wait_until_empty(outbox, sender, &counters, account);
        sender_stop(sender, rosc_time_steady() + LAST_SECONDS * SECOND);
        outbox_close(outbox);
        read_counters(&counters, account);
    }
    sender_destroy(sender);
    outbox_destroy(outbox);
    origins_destroy(origins);
    return code;
}
