#include "tools/spool/portion.h"

#include "tools/command/interrupt.h"
#include "tools/command/print_error.h"
#include "tools/command/progress_bar.h"
#include "tools/command/record_sender.h"
#include "tools/spool/records.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_LIMIT    ((size_t)2 << 30) /* bytes */
#define GROUP_BLOCKS   64                /* that are under way together */
#define GROUP_BYTES    (4U << 20)
#define FAILURES_SHOWN 10

/* A block that is under way. */
struct member {
    struct spool_block block;
    struct spool_block rest;      /* what stays of it */
    struct send_result *outcomes; /* of its records; OUTCOME_NOT_DONE: not asked for */
    size_t capacity;
};

struct portion {
    const struct portion_options *options;
    struct record_sender *sender;
    struct member members[GROUP_BLOCKS];
    size_t count;
    size_t bytes;
    struct send_account *account;
    struct progress_bar progress;
    uint64_t visited;
};

static bool is_wanted(const struct portion *portion, const struct spooled *spooled)
{
    const char *topic = portion->options->topic;
    return !topic || strcmp(topic, spooled->origin->kafka_topic) == 0;
}

static enum error_code make_outcomes(struct member *member, struct error *error)
{
    size_t count = member->block.count;
    if (count > member->capacity) {
        struct send_result *grown = realloc(member->outcomes, count * sizeof *grown);
        if (!grown)
            return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
        member->outcomes = grown;
        member->capacity = count;
    }
    for (size_t i = 0; i < count; i++)
        send_result_set(&member->outcomes[i], OUTCOME_NOT_DONE, NULL);
    return ERROR_NONE;
}

/* Hands the records of the group's last block over. */
static enum error_code send_block(struct portion *portion, struct member *member,
                                  struct error *error)
{
    struct spool_record record;
    struct spooled spooled;
    size_t position = 0;
    enum error_code code = make_outcomes(member, error);
    if (code != ERROR_NONE)
        return code;
    portion->count++;
    portion->bytes += member->block.bytes.length;
    for (uint32_t i = 0; spool_block_next(&member->block, &position, &record); i++) {
        bool known = records_describe(portion->options->spool, &record, &spooled);
        portion->account->lost += known ? 0 : 1;
        if (!known || !is_wanted(portion, &spooled))
            continue;
        portion->account->records++;
        if (code == ERROR_NONE)
            code = record_sender_send(portion->sender, &spooled.kafka, &member->outcomes[i], error);
    }
    return code;
}

static void show_failure(struct portion *portion, const struct spooled *spooled,
                         const struct send_result *outcome)
{
    progress_bar_clear(&portion->progress);
    if (portion->account->failed <= FAILURES_SHOWN)
        print_error("%s: %s", spooled->id, outcome->reason);
    else if (portion->account->failed == FAILURES_SHOWN + 1)
        print_error("and more");
}

/* Sends a record that was crowded alone, and counts it. */
static enum error_code settle_record(struct portion *portion, const struct spooled *spooled,
                                     struct send_result *outcome, struct error *error)
{
    enum error_code code = ERROR_NONE;
    if (outcome->kind == OUTCOME_CROWDED && portion->sender)
        code = record_sender_send_alone(portion->sender, &spooled->kafka, outcome, error);
    if (outcome->kind == OUTCOME_SENT) {
        portion->account->delivered++;
    } else if (outcome->kind == OUTCOME_FAILED) {
        portion->account->failed++;
        show_failure(portion, spooled, outcome);
    }
    return code;
}

/* Settles the block's records; what was not sent is its rest. */
static enum error_code settle_block(struct portion *portion, struct member *member,
                                    struct error *error)
{
    struct spool_record record;
    struct spooled spooled;
    size_t position = 0;
    enum error_code code = ERROR_NONE;
    member->rest.id = member->block.id;
    member->rest.count = 0;
    buffer_clear(&member->rest.bytes);
    for (uint32_t i = 0; spool_block_next(&member->block, &position, &record); i++) {
        struct send_result *outcome = &member->outcomes[i];
        if (records_describe(portion->options->spool, &record, &spooled)) {
            enum error_code settled = settle_record(portion, &spooled, outcome, error);
            code = code == ERROR_NONE ? settled : code;
        }
        if (outcome->kind != OUTCOME_SENT && spool_block_add(&member->rest, &record) != ERROR_NONE)
            return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    }
    return code;
}

/* Keeps what was not sent, in its place, in one commit. */
static enum error_code keep_rests(struct portion *portion, struct error *error)
{
    const struct spool_block *rests[GROUP_BLOCKS];
    struct spool *spool = portion->options->spool;
    size_t count = 0;
    if (portion->options->is_kept)
        return ERROR_NONE;
    for (size_t i = 0; i < portion->count; i++) {
        const struct member *member = &portion->members[i];
        if (member->rest.count == 0)
            spool_settle(spool, member->block.id);
        else if (member->rest.count < member->block.count)
            rests[count++] = &member->rest;
    }
    return count > 0 ? spool_append(spool, rests, count, error) : spool_trim(spool, error);
}

/* Waits for what is under way, and keeps the rest. */
static enum error_code settle(struct portion *portion, struct error *error)
{
    enum error_code code = ERROR_NONE;
    if (!record_sender_wait(portion->sender)) {
        record_sender_destroy(portion->sender); /* what is under way is not done */
        portion->sender = NULL;
        code = error_set(error, ERROR_IO, "", 0, "Kafka does not answer");
    }
    for (size_t i = 0; i < portion->count; i++) {
        struct error later;
        enum error_code settled =
            settle_block(portion, &portion->members[i], code == ERROR_NONE ? error : &later);
        if (settled == ERROR_MEMORY)
            return settled; /* the spool stays as it is */
        code = code == ERROR_NONE ? settled : code;
    }
    struct error later;
    enum error_code kept = keep_rests(portion, code == ERROR_NONE ? error : &later);
    portion->count = 0;
    portion->bytes = 0;
    return code == ERROR_NONE ? kept : code;
}

/* Reads the block behind `*after` and hands it over. ERROR_MISSING: there is none. */
static enum error_code take_block(struct portion *portion, uint64_t *after, struct error *error)
{
    struct member *member = &portion->members[portion->count];
    enum error_code code = spool_read(portion->options->spool, *after, &member->block, error);
    if (code == ERROR_NONE || code == ERROR_SYNTAX) {
        *after = member->block.id;
        portion->visited += member->block.count;
    }
    if (code == ERROR_SYNTAX) {
        progress_bar_clear(&portion->progress);
        print_error_of(error);
        portion->account->lost += member->block.count;
        return ERROR_NONE;
    }
    return code == ERROR_NONE ? send_block(portion, member, error) : code;
}

static enum error_code send_blocks(struct portion *portion, struct error *error)
{
    struct spool_statistics statistics;
    enum error_code code = ERROR_NONE;
    uint64_t after = 0;
    spool_statistics(portion->options->spool, &statistics);
    progress_bar_begin(&portion->progress, stderr, "records", statistics.records);
    while (code == ERROR_NONE && !interrupt_asked()) {
        code = take_block(portion, &after, error);
        bool full = portion->count == GROUP_BLOCKS || portion->bytes >= GROUP_BYTES;
        if (code == ERROR_NONE && full)
            code = settle(portion, error);
        progress_bar_update(&portion->progress, portion->visited);
    }
    struct error later;
    bool good = code == ERROR_NONE || code == ERROR_MISSING;
    enum error_code last = portion->sender ? settle(portion, good ? error : &later) : ERROR_NONE;
    progress_bar_clear(&portion->progress);
    return good ? last : code;
}

enum error_code portion_run(const struct portion_options *options, struct send_account *account,
                            struct error *error)
{
    struct portion *portion = calloc(1, sizeof *portion);
    if (!portion)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    portion->options = options;
    portion->account = account;
    for (size_t i = 0; i < GROUP_BLOCKS; i++) {
        spool_block_init(&portion->members[i].block, 0, BLOCK_LIMIT);
        spool_block_init(&portion->members[i].rest, 0, BLOCK_LIMIT);
    }
    enum error_code code = record_sender_create(&options->config->kafka, &portion->sender, error);
    if (code == ERROR_NONE)
        code = send_blocks(portion, error);
    record_sender_destroy(portion->sender);
    for (size_t i = 0; i < GROUP_BLOCKS; i++) {
        spool_block_fini(&portion->members[i].block);
        spool_block_fini(&portion->members[i].rest);
        free(portion->members[i].outcomes);
    }
    free(portion);
    return code;
}
