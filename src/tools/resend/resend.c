#include "tools/resend/resend.h"

#include "tools/command/interrupt.h"
#include "tools/command/print_error.h"
#include "tools/command/progress_bar.h"
#include "tools/command/record_sender.h"
#include "tools/command/settings.h"
#include "tools/resend/letter.h"
#include "tools/resend/letters.h"
#include "tools/resend/message_sender.h"
#include "tools/resend/resend_account.h"
#include "tools/resend/resend_places.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define GROUP          "kafka_bridge.resend"
#define BATCH_LETTERS  1000
#define BATCH_BYTES    (4U << 20) /* of originals that are under way */
#define NEXT_MS        200
#define FAILURES_SHOWN 10
#define ACCOUNT_SIZE   512

/* A letter that is under way. */
struct item {
    struct send_result outcome;
    struct letter letter;
    int32_t partition; /* where it lies */
    int64_t offset;
};

struct run {
    const struct options *options;
    struct kafka_scan *scan;
    struct resend_places places;
    struct record_sender *records;
    struct message_sender *messages;
    struct item *batch; /* BATCH_LETTERS, of which so many are under way */
    size_t batch_count;
    size_t batch_bytes;
    struct resend_account account;
    struct progress_bar progress;
    FILE *out;
    uint64_t begun; /* letters that were sent or tried */
    bool ended;     /* something stopped the run: no new letters */
};

static void show_failure(struct run *run, const struct item *item)
{
    progress_bar_clear(&run->progress);
    if (run->account.failed <= FAILURES_SHOWN)
        print_error("%s[%d] offset %" PRId64 ": %s", run->options->place, item->partition,
                    item->offset, item->outcome.reason);
    else if (run->account.failed == FAILURES_SHOWN + 1)
        print_error("and more; those that fail are tried again by the next run");
}

/* The next run begins with this letter. */
static void stop_before(struct run *run, struct resend_place *place, const struct item *item)
{
    run->ended = true;
    if (item->offset < place->handled)
        place->handled = item->offset;
}

/* What became of one letter, for the account and for the next run. */
static void settle_one(struct run *run, const struct item *item)
{
    struct resend_place *place = resend_places_of(&run->places, item->partition);
    place->changed = true;
    if (item->outcome.kind == OUTCOME_SENT) {
        run->account.sent++;
        checkpoint_mend(&place->checkpoint, item->offset);
    } else if (item->outcome.kind == OUTCOME_FAILED) {
        run->account.failed++;
        show_failure(run, item);
        if (place->is_kept)
            checkpoint_fail(&place->checkpoint, item->offset);
    } else {
        run->account.not_done++;
        stop_before(run, place, item);
    }
}

/* Waits until it is known what became of all that is under way. */
static void learn_outcomes(struct run *run)
{
    struct error error;
    bool heard = message_sender_wait(run->messages);
    if (run->records && !record_sender_wait(run->records)) {
        record_sender_destroy(run->records); /* what is under way is not done */
        run->records = NULL;
    }
    for (size_t i = 0; i < run->batch_count; i++) {
        struct item *item = &run->batch[i];
        if (item->outcome.kind == OUTCOME_PENDING) /* a message, of which ROS says no more */
            send_result_set(&item->outcome, heard ? OUTCOME_SENT : OUTCOME_NOT_DONE, NULL);
        else if (item->outcome.kind == OUTCOME_CROWDED && run->records &&
                 record_sender_send_alone(run->records, &item->letter.original, &item->outcome,
                                          &error) != ERROR_NONE)
            print_error_of(&error);
    }
}

/* Waits for what is under way, and keeps how far that is. */
static enum error_code settle(struct run *run, struct error *error)
{
    if (run->options->dry_run)
        return ERROR_NONE;
    learn_outcomes(run);
    for (size_t i = 0; i < run->batch_count; i++)
        settle_one(run, &run->batch[i]);
    run->batch_count = 0;
    run->batch_bytes = 0;
    return resend_places_keep(&run->places, error);
}

/* Why the letter's original is not sent, or SKIP_COUNT. */
static enum skip_reason judge(const struct run *run, const struct letter *letter)
{
    if (!letters_wanted(run->options, letter->reason))
        return SKIP_OTHER_REASON;
    if (!letter->has_bytes)
        return SKIP_NO_BYTES;
    if (!letter->is_message && *letter->left_out)
        return SKIP_INCOMPLETE;
    return SKIP_COUNT;
}

static void say_what_would_be(struct run *run, const struct item *item)
{
    const struct letter *letter = &item->letter;
    progress_bar_clear(&run->progress);
    (void)fprintf(run->out, "%s[%d] offset %" PRId64 ": %s -> %s %s, %zu bytes (%s%s%s)\n",
                  run->options->place, item->partition, item->offset, letter->reason,
                  letter->is_message ? "ROS topic" : "Kafka topic",
                  letter->is_message ? letter->ros_topic : letter->original.topic,
                  letter->original.value_size, letter->path, *letter->path ? ": " : "",
                  letter->text);
}

static enum error_code send(struct run *run, struct item *item, struct error *error)
{
    struct letter *letter = &item->letter;
    run->begun++;
    if (run->options->dry_run) {
        say_what_would_be(run, item);
        run->account.sent++;
        return ERROR_NONE;
    }
    atomic_store(&item->outcome.kind, OUTCOME_PENDING);
    run->batch_count++;
    run->batch_bytes += letter->original.value_size;
    if (letter->is_message)
        return message_sender_send(run->messages, letter, &item->outcome, error);
    letter->original.partition = -1; /* as its key says */
    if (run->options->now)
        letter->original.timestamp = 0;
    return record_sender_send(run->records, &letter->original, &item->outcome, error);
}

static enum error_code handle(struct run *run, const struct kafka_record *record,
                              struct error *error)
{
    struct resend_place *place = resend_places_of(&run->places, record->partition);
    struct item *item = &run->batch[run->batch_count];
    item->partition = record->partition;
    item->offset = record->offset;
    enum error_code code = letter_read(&item->letter, record, error);
    const char *reason = code == ERROR_NONE ? item->letter.reason : "";
    bool done =
        !run->options->again && checkpoint_is_done(&place->checkpoint, record->offset, reason);
    enum skip_reason skip = code == ERROR_NONE ? judge(run, &item->letter) : SKIP_NO_LETTER;
    place->handled = record->offset + 1;
    if (done)
        return ERROR_NONE;
    if (skip == SKIP_COUNT)
        return send(run, item, error);
    run->account.skipped[skip]++;
    return ERROR_NONE;
}

static bool is_enough(const struct run *run)
{
    return run->begun >= run->options->limit || interrupt_asked() || run->ended;
}

static enum error_code pass(struct run *run, struct error *error)
{
    enum error_code code = ERROR_NONE;
    while (code == ERROR_NONE && !is_enough(run)) {
        struct kafka_record record;
        code = kafka_scan_next(run->scan, NEXT_MS, &record, error);
        bool idle = code == ERROR_FULL;
        bool at_end = code == ERROR_MISSING;
        if (code == ERROR_NONE)
            code = handle(run, &record, error);
        else if (idle || at_end)
            code = ERROR_NONE;
        if (at_end)
            resend_places_reach_ends(&run->places);
        progress_bar_update(&run->progress, kafka_scan_passed(run->scan));
        bool full = run->batch_count == BATCH_LETTERS || run->batch_bytes >= BATCH_BYTES;
        if (code == ERROR_NONE && (full || idle || at_end))
            code = settle(run, error);
        if (at_end)
            break;
    }
    /* After an error too: what was acknowledged until then is remembered. */
    struct error later;
    enum error_code last = settle(run, code == ERROR_NONE ? error : &later);
    return code == ERROR_NONE ? last : code;
}

static enum error_code make_batch(struct run *run, struct error *error)
{
    run->batch = calloc(BATCH_LETTERS, sizeof *run->batch);
    if (!run->batch)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    for (size_t i = 0; i < BATCH_LETTERS; i++)
        letter_init(&run->batch[i].letter);
    return ERROR_NONE;
}

static enum error_code open_all(struct run *run, const struct config *config, struct error *error)
{
    const struct options *options = run->options;
    enum error_code code = letters_open(config, options->place,
                                        options->group ? options->group : GROUP, &run->scan, error);
    if (code == ERROR_NONE)
        code = resend_places_init(&run->places, options, run->scan, error);
    if (code == ERROR_NONE)
        code = make_batch(run, error);
    if (code == ERROR_NONE && !options->dry_run)
        code = record_sender_create(&config->kafka, &run->records, error);
    if (code == ERROR_NONE && !options->dry_run)
        code = message_sender_create(options, config, &run->messages, error);
    return code;
}

static void close_all(struct run *run)
{
    record_sender_destroy(run->records);
    message_sender_destroy(run->messages);
    kafka_scan_destroy(run->scan);
    for (size_t i = 0; run->batch && i < BATCH_LETTERS; i++)
        letter_fini(&run->batch[i].letter);
    free(run->batch);
    resend_places_fini(&run->places);
}

/* What a run says in the end. */
static void say_account(const struct run *run)
{
    char text[ACCOUNT_SIZE];
    resend_account_format(&run->account, run->options->dry_run, text, sizeof text);
    (void)fprintf(run->out, "%s\n", text);
    uint64_t again = resend_places_joined(&run->places);
    if (again > 0)
        print_error(
            "more letters failed than can be remembered one by one: the next run sends up to "
            "%" PRIu64 " again that were sent",
            again);
    if (interrupt_asked())
        print_error("stopped; the next run goes on from here");
}

static enum error_code open_and_pass(struct run *run, const struct config *config,
                                     struct error *error)
{
    enum error_code code = settings_check_kafka(config, NULL, error);
    if (code == ERROR_NONE)
        code = open_all(run, config, error);
    if (code != ERROR_NONE)
        return code;
    progress_bar_begin(&run->progress, stderr, "letters", kafka_scan_total(run->scan));
    code = pass(run, error);
    progress_bar_clear(&run->progress);
    say_account(run);
    return code;
}

int resend_run(const struct options *options, FILE *out)
{
    struct run run = {.options = options, .out = out};
    struct error error;
    struct config *config = settings_read(options, true);
    if (!config)
        return EXIT_FAILURE;
    enum error_code code = open_and_pass(&run, config, &error);
    if (code != ERROR_NONE)
        print_error_of(&error);
    close_all(&run);
    config_destroy(config);
    bool good = code == ERROR_NONE && run.account.failed == 0 && !interrupt_asked();
    return good && !run.ended ? EXIT_SUCCESS : EXIT_FAILURE;
}
