#include "tools/resend.h"

#include "tools/checkpoint.h"
#include "tools/complaint.h"
#include "tools/interrupt.h"
#include "tools/letter.h"
#include "tools/letters.h"
#include "tools/message_sender.h"
#include "tools/progress.h"
#include "tools/record_sender.h"
#include "tools/resend_account.h"
#include "tools/settings.h"

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
    struct outcome outcome;
    struct letter letter;
    int32_t partition; /* where it lies */
    int64_t offset;
};

/* What a run knows of a partition. */
struct place {
    struct checkpoint checkpoint;
    bool is_kept; /* the run goes on where the ones before ended, so that it can be remembered */
    bool changed;
    int64_t handled; /* all letters below were looked at */
    int64_t kept;    /* `handled` as Kafka has it */
};

struct run {
    const struct options *options;
    struct checkpoint_filter filter;
    struct kafka_scan *scan;
    struct kafka_scan_partition *partitions;
    struct place *places; /* of each of them */
    size_t partition_count;
    struct record_sender *records;
    struct message_sender *messages;
    struct item *batch; /* BATCH_LETTERS, of which so many are under way */
    size_t batch_count;
    size_t batch_bytes;
    struct resend_account account;
    struct progress progress;
    FILE *out;
    uint64_t begun; /* letters that were sent or tried */
    bool ended;     /* something stopped the run: no new letters */
};

static size_t index_of(const struct run *run, int32_t partition)
{
    size_t i = 0;
    while (i + 1 < run->partition_count && run->partitions[i].partition != partition)
        i++;
    return i;
}

static void begin_place(struct run *run, size_t i)
{
    struct kafka_scan_partition *partition = &run->partitions[i];
    struct place *place = &run->places[i];
    struct checkpoint *checkpoint = &place->checkpoint;
    if (partition->place > partition->end) {
        complain("%s[%d] ends at offset %" PRId64 ", and was sent up to %" PRId64
                 " before: it was made anew, and all of it is sent",
                 run->options->place, partition->partition, partition->end, partition->place);
        partition->place = -1;
        partition->text[0] = '\0';
    }
    if (checkpoint_read(checkpoint, partition->place, partition->text) != ERROR_NONE)
        complain("%s[%d]: the group's text \"%.60s\" is not this tool's: only its offset %" PRId64
                 " is used",
                 run->options->place, partition->partition, partition->text, partition->place);
    int64_t first = checkpoint_first(checkpoint, &run->filter);
    if (!run->options->again && first > partition->from)
        partition->from = first;
}

/* A run that leaves letters out before it cannot be remembered as "all up to here". */
static void end_place(struct run *run, size_t i)
{
    struct kafka_scan_partition *partition = &run->partitions[i];
    struct place *place = &run->places[i];
    place->handled = partition->from;
    place->kept = partition->from;
    place->is_kept =
        partition->from <= partition->first ||
        checkpoint_follows(&place->checkpoint, &run->filter, partition->from) ||
        checkpoint_leave_out(&place->checkpoint, &run->filter, partition->from) == ERROR_NONE;
    if (!place->is_kept && !run->options->dry_run)
        complain("%s[%d]: letters before offset %" PRId64
                 " were not sent yet, so that this run is not remembered",
                 run->options->place, partition->partition, partition->from);
}

static enum error_code begin(struct run *run, struct error *error)
{
    run->partitions = kafka_scan_partitions(run->scan, &run->partition_count);
    run->places = calloc(run->partition_count, sizeof *run->places);
    run->batch = calloc(BATCH_LETTERS, sizeof *run->batch);
    if (!run->places || !run->batch)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    for (size_t i = 0; i < BATCH_LETTERS; i++)
        letter_init(&run->batch[i].letter);
    for (size_t i = 0; i < run->partition_count; i++)
        begin_place(run, i);
    enum error_code code = letters_narrow(run->scan, &run->options->from, &run->options->to, error);
    for (size_t i = 0; i < run->partition_count && code == ERROR_NONE; i++)
        end_place(run, i);
    return code;
}

static void show_failure(struct run *run, const struct item *item)
{
    progress_clear(&run->progress);
    if (run->account.failed <= FAILURES_SHOWN)
        complain("%s[%d] offset %" PRId64 ": %s", run->options->place, item->partition,
                 item->offset, item->outcome.reason);
    else if (run->account.failed == FAILURES_SHOWN + 1)
        complain("and more; those that fail are tried again by the next run");
}

/* What became of one letter, for the account and for the next run. */
static enum error_code settle_one(struct run *run, const struct item *item)
{
    struct place *place = &run->places[index_of(run, item->partition)];
    place->changed = true;
    if (item->outcome.kind == OUTCOME_SENT) {
        run->account.sent++;
        return checkpoint_mend(&place->checkpoint, item->offset);
    }
    if (item->outcome.kind == OUTCOME_FAILED) {
        run->account.failed++;
        show_failure(run, item);
        return place->is_kept ? checkpoint_fail(&place->checkpoint, item->offset) : ERROR_NONE;
    }
    run->account.not_done++;
    run->ended = true;
    if (item->offset < place->handled)
        place->handled = item->offset;
    return ERROR_NONE;
}

static enum error_code keep_place(struct run *run, size_t i, struct error *error)
{
    char text[KAFKA_SCAN_TEXT_SIZE];
    struct place *place = &run->places[i];
    enum error_code code = ERROR_NONE;
    if (!place->changed && (place->handled == place->kept || !place->is_kept))
        return ERROR_NONE; /* nothing happened here */
    place->changed = false;
    place->kept = place->handled;
    if (place->is_kept)
        code = checkpoint_advance(&place->checkpoint, &run->filter, place->handled);
    if (code == ERROR_NONE)
        code = checkpoint_write(&place->checkpoint, text, sizeof text);
    if (code != ERROR_NONE)
        return error_set(error, code, run->options->place, 0,
                         "too much failed in partition %d to remember each letter: mend what is "
                         "wrong and run it again",
                         run->partitions[i].partition);
    return kafka_scan_keep(run->scan, run->partitions[i].partition, place->checkpoint.next, text,
                           error);
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
            outcome_set(&item->outcome, heard ? OUTCOME_SENT : OUTCOME_NOT_DONE, NULL);
        else if (item->outcome.kind == OUTCOME_CROWDED && run->records &&
                 record_sender_send_alone(run->records, &item->letter.original, &item->outcome,
                                          &error) != ERROR_NONE)
            complain_error(&error);
    }
}

/* Waits for what is under way, and keeps how far that is. */
static enum error_code settle(struct run *run, struct error *error)
{
    enum error_code first = ERROR_NONE;
    if (run->options->dry_run)
        return ERROR_NONE;
    learn_outcomes(run);
    for (size_t i = 0; i < run->batch_count; i++) {
        enum error_code code = settle_one(run, &run->batch[i]);
        first = first == ERROR_NONE ? code : first;
    }
    run->batch_count = 0;
    run->batch_bytes = 0;
    for (size_t i = 0; i < run->partition_count; i++) {
        enum error_code code = keep_place(run, i, error);
        first = first == ERROR_NONE ? code : first;
    }
    return first;
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
    progress_clear(&run->progress);
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
    struct place *place = &run->places[index_of(run, record->partition)];
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

/* All was read: what lies between the last letter and the end is none. */
static void reach_ends(struct run *run)
{
    for (size_t i = 0; i < run->partition_count; i++) {
        const struct kafka_scan_partition *partition = &run->partitions[i];
        if (partition->to > run->places[i].handled)
            run->places[i].handled = partition->to;
    }
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
            reach_ends(run);
        progress_update(&run->progress, kafka_scan_passed(run->scan));
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

static enum error_code open_all(struct run *run, const struct config *config, struct error *error)
{
    const struct options *options = run->options;
    enum error_code code = letters_open(config, options->place,
                                        options->group ? options->group : GROUP, &run->scan, error);
    if (code == ERROR_NONE)
        code = begin(run, error);
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
    free(run->places);
}

int resend_run(const struct options *options, FILE *out)
{
    struct run run = {.options = options,
                      .filter = {.reasons = options->reasons, .count = options->reason_count},
                      .out = out};
    struct error error;
    char text[ACCOUNT_SIZE];
    struct config *config = settings_read(options, true);
    if (!config)
        return EXIT_FAILURE;
    bool there = settings_check_kafka(config);
    enum error_code code = there ? open_all(&run, config, &error) : ERROR_IO;
    bool opened = code == ERROR_NONE;
    if (opened) {
        progress_begin(&run.progress, stderr, "letters", kafka_scan_total(run.scan));
        code = pass(&run, &error);
        progress_clear(&run.progress);
    }
    if (there && code != ERROR_NONE)
        complain_error(&error);
    if (opened) {
        resend_account_format(&run.account, options->dry_run, text, sizeof text);
        (void)fprintf(out, "%s\n", text);
    }
    if (interrupt_asked())
        complain("stopped; the next run goes on from here");
    close_all(&run);
    config_destroy(config);
    bool good = code == ERROR_NONE && run.account.failed == 0 && !interrupt_asked();
    return good && !run.ended ? EXIT_SUCCESS : EXIT_FAILURE;
}
