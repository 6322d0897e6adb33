#include "tools/resend/resend.h"

#include "tools/command/interrupt.h"
#include "tools/command/print_error.h"
#include "tools/command/progress_bar.h"
#include "tools/command/settings.h"
#include "tools/resend/letter.h"
#include "tools/resend/letters.h"
#include "tools/resend/message_sender.h"
#include "tools/resend/record_sender.h"
#include "tools/resend/resend_account.h"
#include "tools/resend/resend_offsets.h"

#include <inttypes.h>
#include <stdlib.h>

#define BATCH_LETTERS  1000
#define BATCH_BYTES    (4U << 20) /* of originals that are under way */
#define NEXT_MS        200
#define FAILURES_SHOWN 10
#define ACCOUNT_SIZE   512

/* A letter that is under way. */
struct item {
    struct send_result result;
    struct letter letter;
    int32_t partition; /* where it lies */
    int64_t offset;
};

struct run {
    const struct options *options;
    bool commits; /* whether the next run goes on where this one ends */
    struct kafka_scan *scan;
    struct resend_offsets offsets;
    struct record_sender *records;
    struct message_sender *messages;
    struct item batch[BATCH_LETTERS]; /* the one behind those under way is looked at */
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
                    item->offset, item->result.reason);
    else if (run->account.failed == FAILURES_SHOWN + 1)
        print_error("and more");
}

/* What became of one letter, for the account and for the next run. */
static void settle_one(struct run *run, const struct item *item)
{
    bool failed = item->result.kind == SEND_FAILED;
    if (item->result.kind == SEND_DONE) {
        run->account.sent++;
    } else if (failed) {
        run->account.failed++;
        show_failure(run, item);
    } else {
        run->account.not_done++;
        run->ended = true;
    }
    if (item->result.kind != SEND_DONE && !(failed && run->options->skip_failed))
        resend_offsets_hold(&run->offsets, item->partition, item->offset);
}

/* What is under way then is not done, and nothing more can be sent. */
static void give_up_records(struct run *run)
{
    record_sender_destroy(run->records);
    run->records = NULL;
    run->ended = true;
}

/* Sends a letter again whose batch Kafka refused as a whole. */
static void send_alone(struct run *run, struct item *item)
{
    struct error error;
    enum error_code code =
        record_sender_send_alone(run->records, &item->letter.original, &item->result, &error);
    if (code == ERROR_NONE)
        return;
    progress_bar_clear(&run->progress);
    print_error_of(&error);
    give_up_records(run);
}

/* Waits until it is known what became of all that is under way. */
static void wait_for_results(struct run *run)
{
    bool heard = message_sender_wait(run->messages);
    if (run->records && !record_sender_wait(run->records))
        give_up_records(run);
    for (size_t i = 0; i < run->batch_count; i++) {
        struct item *item = &run->batch[i];
        if (item->result.kind == SEND_PENDING) /* a message, of which ROS says no more */
            send_result_set(&item->result, heard ? SEND_DONE : SEND_NOT_DONE, NULL);
        else if (item->result.kind == SEND_CROWDED && run->records)
            send_alone(run, item);
    }
}

/* Waits for what is under way, and commits how far that is. */
static enum error_code settle(struct run *run, struct error *error)
{
    if (run->options->dry_run)
        return ERROR_NONE;
    wait_for_results(run);
    for (size_t i = 0; i < run->batch_count; i++)
        settle_one(run, &run->batch[i]);
    run->batch_count = 0;
    run->batch_bytes = 0;
    return run->commits ? resend_offsets_commit(&run->offsets, error) : ERROR_NONE;
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
    run->account.sent++;
}

static enum error_code send(struct run *run, struct item *item, struct error *error)
{
    struct letter *letter = &item->letter;
    run->batch_count++;
    run->batch_bytes += letter->original.value_size;
    atomic_store(&item->result.kind, SEND_PENDING);
    if (letter->is_message)
        return message_sender_send(run->messages, letter, &item->result, error);
    letter->original.partition = -1; /* as its key says */
    if (run->options->now)
        letter->original.timestamp = 0;
    return record_sender_send(run->records, &letter->original, &item->result, error);
}

static enum error_code handle(struct run *run, const struct kafka_record *record,
                              struct error *error)
{
    struct item *item = &run->batch[run->batch_count];
    item->partition = record->partition;
    item->offset = record->offset;
    enum error_code code = letter_read(&item->letter, record, error);
    enum skip_reason skip = code == ERROR_NONE ? judge(run, &item->letter) : SKIP_NO_LETTER;
    resend_offsets_pass(&run->offsets, item->partition, item->offset);
    if (skip != SKIP_COUNT) {
        run->account.skipped[skip]++;
        return ERROR_NONE;
    }
    run->begun++;
    if (!run->options->dry_run)
        return send(run, item, error);
    say_what_would_be(run, item);
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
            resend_offsets_reach_ends(&run->offsets);
        progress_bar_update(&run->progress, kafka_scan_passed(run->scan));
        bool full = run->batch_count == BATCH_LETTERS || run->batch_bytes >= BATCH_BYTES;
        if (code == ERROR_NONE && (full || idle || at_end))
            code = settle(run, error);
        if (at_end)
            break;
    }
    /* After an error too: what was acknowledged until then is committed. */
    struct error later;
    enum error_code last = settle(run, code == ERROR_NONE ? error : &later);
    return code == ERROR_NONE ? last : code;
}

static enum error_code open_all(struct run *run, const struct config *config, struct error *error)
{
    const struct options *options = run->options;
    char group[RESEND_GROUP_SIZE];
    enum error_code code = resend_offsets_group(options, group, sizeof group, error);
    if (code == ERROR_NONE)
        code = letters_open(config, options->place, group, &run->scan, error);
    if (code == ERROR_NONE)
        code = resend_offsets_init(&run->offsets, options, run->scan, error);
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
    resend_offsets_fini(&run->offsets);
    for (size_t i = 0; i < BATCH_LETTERS; i++)
        letter_fini(&run->batch[i].letter);
}

/* What a run says in the end. */
static void say_account(const struct run *run)
{
    const struct options *options = run->options;
    char text[ACCOUNT_SIZE];
    resend_account_format(&run->account, options->dry_run, text, sizeof text);
    (void)fprintf(run->out, "%s\n", text);
    if (options->dry_run)
        return;
    if (!run->commits)
        print_error("with --from nothing is remembered: other runs do not know of this one");
    else if (run->account.failed > 0 && !options->skip_failed)
        print_error("the next run begins with the first that failed, and sends what is behind it "
                    "again; --skip-failed leaves out what fails");
    else if (interrupt_asked())
        print_error("stopped; the next run goes on from here");
    if (options->reason_count > 0 && run->account.sent > 0)
        print_error("a run with another --reason, or with none, does not know of this one");
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

static int run_with(struct run *run, const struct config *config)
{
    struct error error;
    for (size_t i = 0; i < BATCH_LETTERS; i++)
        letter_init(&run->batch[i].letter);
    enum error_code code = open_and_pass(run, config, &error);
    if (code != ERROR_NONE)
        print_error_of(&error);
    close_all(run);
    bool good = code == ERROR_NONE && run->account.failed == 0 && !interrupt_asked();
    return good && !run->ended ? EXIT_SUCCESS : EXIT_FAILURE;
}

int resend_run(const struct options *options, FILE *out)
{
    struct config *config = settings_read(options, true);
    struct run *run = config ? calloc(1, sizeof *run) : NULL;
    int status = EXIT_FAILURE;
    if (run) {
        run->options = options;
        run->out = out;
        run->commits = options->from.kind == BOUND_NONE && !options->dry_run;
        status = run_with(run, config);
    } else if (config) {
        print_error("out of memory");
    }
    free(run);
    config_destroy(config);
    return status;
}
