#include "kafka/producer/transactions.h"

#include "kafka/connection/flood.h"
#include "kafka/producer/producer_client.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TRANSACTIONS_VERSION 0x010400ff /* librdkafka with rd_kafka_init_transactions */

bool kafka_transaction_has_failed(struct kafka_producer *producer)
{
    return atomic_load(&kafka_producer_transaction(producer)->undelivered) > 0;
}

#if RD_KAFKA_VERSION >= TRANSACTIONS_VERSION

#define RETRY_PAUSE_MS     50
#define LOOK_AFTER_MS      2000
#define LOOK_MS            1000
#define FLUSH_SLICE_MS     20
#define ABORT_SLICE_MS     100
#define ABORT_SLICE_MAX_MS 2000
#define ABORT_PAUSE_MS     1
/* librdkafka can lose the answer that ends a transaction. After this long without one the broker
 * has ended it by itself, transaction.timeout.ms being at most 15 minutes there, or is away: a new
 * producer finds out. */
#define ENDING_LIMIT_MS 900000

static void pause_ms(int64_t milliseconds)
{
    const struct timespec pause = {.tv_nsec = (long)milliseconds * 1000000};
    (void)nanosleep(&pause, NULL);
}

static int left_until(int64_t deadline)
{
    int64_t left = deadline - kafka_now_ms();
    return left > 0 ? (int)left : 0;
}

/* What an answer of librdkafka's means for what was asked. */
enum verdict {
    VERDICT_DONE,
    VERDICT_AGAIN, /* may be asked again */
    VERDICT_ABORT, /* the transaction has to be aborted */
    VERDICT_FATAL,
};

/* Takes `answer`; `error` says what could not be done. */
static enum verdict judge(struct kafka_producer *producer, const char *what,
                          rd_kafka_error_t *answer, rd_kafka_resp_err_t *reason,
                          struct error *error)
{
    if (!answer)
        return VERDICT_DONE;
    *reason = rd_kafka_error_code(answer);
    char connection[ERROR_TEXT_SIZE / 3];
    kafka_events_failure(kafka_producer_events(producer), connection, sizeof connection);
    (void)error_set(error, ERROR_IO, NULL, 0, "%s: %.240s%s%s", what, rd_kafka_error_string(answer),
                    connection[0] != '\0' ? "; " : "", connection);
    enum verdict verdict = VERDICT_FATAL;
    if (rd_kafka_error_is_fatal(answer) || kafka_producer_is_fatal(producer, NULL))
        verdict = VERDICT_FATAL;
    else if (rd_kafka_error_txn_requires_abort(answer))
        verdict = VERDICT_ABORT;
    else if (rd_kafka_error_is_retriable(answer))
        verdict = VERDICT_AGAIN;
    rd_kafka_error_destroy(answer);
    return verdict;
}

static struct kafka_transaction *transaction_of(struct kafka_producer *producer)
{
    return kafka_producer_transaction(producer);
}

static void enter(struct kafka_transaction *transaction, enum kafka_transaction_phase phase)
{
    transaction->phase = phase;
    transaction->since = kafka_now_ms();
}

static enum error_code require_transactional(struct kafka_producer *producer, struct error *error)
{
    if (transaction_of(producer)->enabled)
        return ERROR_NONE;
    return error_set(error, ERROR_ARGUMENT, "transactional.id", 0,
                     "this producer was made without a transactional id");
}

enum error_code kafka_transactions_init(struct kafka_producer *producer, int timeout_ms,
                                        struct error *error)
{
    if (require_transactional(producer, error) != ERROR_NONE)
        return ERROR_ARGUMENT;
    int64_t deadline = kafka_now_ms() + timeout_ms;
    enum verdict verdict;
    do {
        rd_kafka_resp_err_t reason;
        verdict =
            judge(producer, "Kafka's transactions cannot be begun",
                  rd_kafka_init_transactions(kafka_producer_client(producer), left_until(deadline)),
                  &reason, error);
        if (verdict == VERDICT_AGAIN && left_until(deadline) > 0)
            pause_ms(RETRY_PAUSE_MS);
    } while (verdict == VERDICT_AGAIN && left_until(deadline) > 0);
    return verdict == VERDICT_DONE ? ERROR_NONE : ERROR_IO;
}

/* librdkafka may still keep the answer to an earlier call that went on behind, and give it for this
 * one, which it then does not do. Where it did, a second call is refused for the state. */
static rd_kafka_error_t *begin_surely(rd_kafka_t *client)
{
    rd_kafka_error_t *first = rd_kafka_begin_transaction(client);
    rd_kafka_error_t *second = rd_kafka_begin_transaction(client);
    bool begun = !second || (!first && rd_kafka_error_code(second) == RD_KAFKA_RESP_ERR__STATE);
    if (first)
        rd_kafka_error_destroy(first);
    if (!begun || !second)
        return second;
    rd_kafka_error_destroy(second);
    return NULL;
}

enum error_code kafka_transaction_begin(struct kafka_producer *producer, struct error *error)
{
    if (require_transactional(producer, error) != ERROR_NONE)
        return ERROR_ARGUMENT;
    struct kafka_transaction *transaction = transaction_of(producer);
    if (transaction->phase != KAFKA_TRANSACTION_NONE)
        return error_set(error, ERROR_ARGUMENT, NULL, 0, "the last transaction has not ended");
    rd_kafka_resp_err_t reason;
    atomic_store(&transaction->undelivered, 0);
    kafka_transaction_refusals_clear(&transaction->refusals);
    enum verdict verdict = judge(producer, "a transaction cannot be begun",
                                 begin_surely(kafka_producer_client(producer)), &reason, error);
    if (verdict != VERDICT_DONE)
        return ERROR_IO;
    enter(transaction, KAFKA_TRANSACTION_OPEN);
    return ERROR_NONE;
}

static enum kafka_commit in_doubt(struct kafka_transaction *transaction)
{
    enter(transaction, KAFKA_TRANSACTION_IN_DOUBT);
    return KAFKA_UNKNOWN;
}

/* Every record reported: KAFKA_COMMITTED stands for yes, all of them are in Kafka. */
static enum kafka_commit await_records(struct kafka_producer *producer, int64_t deadline,
                                       struct error *error)
{
    int64_t begun = kafka_now_ms();
    int64_t look = begun + LOOK_AFTER_MS;
    uint64_t pending;
    /* Once a record has failed librdkafka keeps others back until the abort. */
    do {
        int left = left_until(deadline);
        pending = kafka_producer_flush(producer, left < FLUSH_SLICE_MS ? left : FLUSH_SLICE_MS);
        if (kafka_producer_is_fatal(producer, error))
            return KAFKA_UNKNOWN;
        if (kafka_transaction_has_failed(producer)) {
            char cause[KAFKA_TOPIC_NAME_MAX + 160];
            kafka_transaction_refusals_describe(&kafka_producer_transaction(producer)->refusals,
                                                cause, sizeof cause);
            (void)error_set(error, ERROR_IO, NULL, 0,
                            "Kafka did not take all records of the transaction%s%s",
                            cause[0] ? ": " : "", cause);
            return KAFKA_ABORTED;
        }
        if (pending > 0 && kafka_now_ms() >= look) {
            /* librdkafka waits for ever with the records of a topic that was deleted, unless it
             * looks. */
            struct error nothing;
            (void)!kafka_producer_look(producer, left < LOOK_MS ? left : LOOK_MS, &nothing);
            look = kafka_now_ms() + LOOK_AFTER_MS;
        }
    } while (pending > 0 && left_until(deadline) > 0);
    if (pending == 0)
        return KAFKA_COMMITTED;
    char connection[ERROR_TEXT_SIZE / 2];
    kafka_events_failure(kafka_producer_events(producer), connection, sizeof connection);
    (void)error_set(error, ERROR_IO, NULL, 0,
                    "%" PRIu64 " records of the transaction were not acknowledged within %" PRId64
                    " ms%s%s",
                    pending, kafka_now_ms() - begun, connection[0] != '\0' ? ": " : "", connection);
    return KAFKA_IN_PROGRESS;
}

static const char *group_of(const struct kafka_committed_offset *position, const char *group)
{
    return position->group ? position->group : group;
}

/* Of one group, from `positions[0]` on. */
static rd_kafka_topic_partition_list_t *
make_offsets(const char *group, const struct kafka_committed_offset *positions, size_t count)
{
    rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new((int)count);
    const char *first = group_of(&positions[0], group);
    for (size_t i = 0; i < count && strcmp(group_of(&positions[i], group), first) == 0; i++) {
        rd_kafka_topic_partition_t *one =
            rd_kafka_topic_partition_list_add(offsets, positions[i].topic, positions[i].partition);
        char text[32];
        (void)snprintf(text, sizeof text, "%" PRId64, positions[i].offset);
        one->offset = positions[i].offset;
        one->metadata = strdup(text);
        one->metadata_size = one->metadata ? strlen(text) : 0;
    }
    return offsets;
}

static enum verdict send_offsets(struct kafka_producer *producer, const char *group,
                                 const rd_kafka_topic_partition_list_t *offsets, int64_t deadline,
                                 struct error *error)
{
    rd_kafka_consumer_group_metadata_t *metadata = rd_kafka_consumer_group_metadata_new(group);
    enum verdict verdict;
    do {
        rd_kafka_resp_err_t reason;
        verdict =
            judge(producer, "the positions cannot be sent",
                  rd_kafka_send_offsets_to_transaction(kafka_producer_client(producer), offsets,
                                                       metadata, left_until(deadline)),
                  &reason, error);
        if (verdict == VERDICT_AGAIN)
            pause_ms(RETRY_PAUSE_MS);
    } while (verdict == VERDICT_AGAIN && left_until(deadline) > 0);
    rd_kafka_consumer_group_metadata_destroy(metadata);
    return verdict;
}

static enum verdict send_positions(struct kafka_producer *producer, const char *group,
                                   const struct kafka_committed_offset *positions, size_t count,
                                   int64_t deadline, struct error *error)
{
    enum verdict verdict = VERDICT_DONE;
    for (size_t i = 0; i < count && verdict == VERDICT_DONE;) {
        rd_kafka_topic_partition_list_t *offsets = make_offsets(group, positions + i, count - i);
        verdict = send_offsets(producer, group_of(&positions[i], group), offsets, deadline, error);
        i += (size_t)offsets->cnt;
        rd_kafka_topic_partition_list_destroy(offsets);
    }
    return verdict;
}

/* Until the deadline; VERDICT_AGAIN: it goes on behind and may be asked again. */
static enum verdict try_commit(struct kafka_producer *producer, int64_t deadline,
                               rd_kafka_resp_err_t *reason, struct error *error)
{
    for (;;) {
        enum verdict verdict = judge(
            producer, "the transaction cannot be committed",
            rd_kafka_commit_transaction(kafka_producer_client(producer), left_until(deadline)),
            reason, error);
        if (verdict != VERDICT_AGAIN || left_until(deadline) == 0)
            return verdict;
        pause_ms(RETRY_PAUSE_MS);
    }
}

/* The same. librdkafka purges what waits at the begin of each call only, and then waits for what
 * comes back to its queue after that: so these calls are short at first. */
static enum verdict try_abort(struct kafka_producer *producer, int64_t deadline,
                              struct error *error)
{
    for (int slice = ABORT_SLICE_MS;; slice = slice < ABORT_SLICE_MAX_MS ? 2 * slice : slice) {
        int left = left_until(deadline);
        rd_kafka_resp_err_t reason;
        enum verdict verdict = judge(producer, "the transaction cannot be aborted",
                                     rd_kafka_abort_transaction(kafka_producer_client(producer),
                                                                left < slice ? left : slice),
                                     &reason, error);
        if (verdict != VERDICT_AGAIN || left_until(deadline) == 0)
            return verdict;
        pause_ms(ABORT_PAUSE_MS);
    }
}

static enum kafka_commit finish_abort(struct kafka_producer *producer, int64_t deadline,
                                      struct error *error)
{
    struct kafka_transaction *transaction = transaction_of(producer);
    struct error why;
    switch (try_abort(producer, deadline, &why)) {
    case VERDICT_DONE: /* `error` still tells what it was aborted for */
        enter(transaction, KAFKA_TRANSACTION_NONE);
        return KAFKA_ABORTED;
    case VERDICT_AGAIN:
        (void)error_set(error, ERROR_IO, NULL, 0, "%s", why.text);
        if (kafka_now_ms() - transaction->since < ENDING_LIMIT_MS)
            return KAFKA_IN_PROGRESS;
        return in_doubt(transaction);
    default:
        (void)error_set(error, ERROR_IO, NULL, 0, "%s", why.text);
        return in_doubt(transaction);
    }
}

static enum kafka_commit finish_commit(struct kafka_producer *producer, int64_t deadline,
                                       struct error *error)
{
    struct kafka_transaction *transaction = transaction_of(producer);
    rd_kafka_resp_err_t reason = RD_KAFKA_RESP_ERR_NO_ERROR;
    switch (try_commit(producer, deadline, &reason, error)) {
    case VERDICT_DONE:
        enter(transaction, KAFKA_TRANSACTION_NONE);
        return KAFKA_COMMITTED;
    case VERDICT_AGAIN:
        if (kafka_now_ms() - transaction->since < ENDING_LIMIT_MS)
            return KAFKA_IN_PROGRESS;
        return in_doubt(transaction);
    case VERDICT_ABORT:
        /* Only this one is raised before the broker is asked to commit; after any other one the
         * commit may have gone through. */
        if (reason != RD_KAFKA_RESP_ERR__INCONSISTENT)
            return in_doubt(transaction);
        enter(transaction, KAFKA_TRANSACTION_ABORTING);
        return finish_abort(producer, deadline, error);
    default:
        return in_doubt(transaction);
    }
}

/* From an open transaction to one that is being committed: KAFKA_COMMITTED stands for yes. */
static enum kafka_commit prepare_commit(struct kafka_producer *producer, const char *group,
                                        const struct kafka_committed_offset *positions,
                                        size_t count, int64_t deadline, struct error *error)
{
    enum kafka_commit records = await_records(producer, deadline, error);
    if (records != KAFKA_COMMITTED)
        return records;
    switch (send_positions(producer, group, positions, count, deadline, error)) {
    case VERDICT_DONE:
        return KAFKA_COMMITTED;
    case VERDICT_AGAIN:
        return KAFKA_IN_PROGRESS;
    case VERDICT_ABORT:
        return KAFKA_ABORTED;
    default:
        return KAFKA_UNKNOWN;
    }
}

enum kafka_commit kafka_transaction_commit(struct kafka_producer *producer, const char *group,
                                           const struct kafka_committed_offset *positions,
                                           size_t count, int timeout_ms, struct error *error)
{
    struct kafka_transaction *transaction = transaction_of(producer);
    int64_t deadline = kafka_now_ms() + timeout_ms;
    if (transaction->phase == KAFKA_TRANSACTION_OPEN) {
        switch (prepare_commit(producer, group, positions, count, deadline, error)) {
        case KAFKA_COMMITTED:
            enter(transaction, KAFKA_TRANSACTION_COMMITTING);
            break;
        case KAFKA_ABORTED:
            enter(transaction, KAFKA_TRANSACTION_ABORTING);
            break;
        case KAFKA_IN_PROGRESS:
            return KAFKA_IN_PROGRESS;
        default:
            return in_doubt(transaction);
        }
    }
    switch (transaction->phase) {
    case KAFKA_TRANSACTION_COMMITTING:
        return finish_commit(producer, deadline, error);
    case KAFKA_TRANSACTION_ABORTING:
        return finish_abort(producer, deadline, error);
    case KAFKA_TRANSACTION_NONE:
        (void)error_set(error, ERROR_ARGUMENT, NULL, 0, "no transaction is open");
        return KAFKA_UNKNOWN;
    default:
        if (!kafka_producer_is_fatal(producer, error))
            (void)error_set(error, ERROR_IO, NULL, 0,
                            "it is not known whether the last transaction was committed");
        return KAFKA_UNKNOWN;
    }
}

enum error_code kafka_transaction_abort(struct kafka_producer *producer, int timeout_ms,
                                        struct error *error)
{
    struct kafka_transaction *transaction = transaction_of(producer);
    if (transaction->phase == KAFKA_TRANSACTION_NONE)
        return ERROR_NONE;
    if (transaction->phase == KAFKA_TRANSACTION_COMMITTING)
        return error_set(error, ERROR_ARGUMENT, NULL, 0,
                         "the transaction is being committed and cannot be aborted any more");
    if (transaction->phase == KAFKA_TRANSACTION_IN_DOUBT)
        return error_set(error, ERROR_IO, NULL, 0,
                         "it is not known whether the last transaction was committed");
    if (transaction->phase == KAFKA_TRANSACTION_OPEN)
        enter(transaction, KAFKA_TRANSACTION_ABORTING);
    switch (finish_abort(producer, kafka_now_ms() + timeout_ms, error)) {
    case KAFKA_ABORTED:
        return ERROR_NONE;
    case KAFKA_IN_PROGRESS:
        return ERROR_FULL;
    default:
        return ERROR_IO;
    }
}

#else

static enum error_code too_old(struct error *error)
{
    return error_set(error, ERROR_UNKNOWN, NULL, 0,
                     "exactly-once needs librdkafka 1.4 or newer; this is %s",
                     rd_kafka_version_str());
}

enum error_code kafka_transactions_init(struct kafka_producer *producer, int timeout_ms,
                                        struct error *error)
{
    (void)producer;
    (void)timeout_ms;
    return too_old(error);
}

enum error_code kafka_transaction_begin(struct kafka_producer *producer, struct error *error)
{
    (void)producer;
    return too_old(error);
}

enum kafka_commit kafka_transaction_commit(struct kafka_producer *producer, const char *group,
                                           const struct kafka_committed_offset *positions,
                                           size_t count, int timeout_ms, struct error *error)
{
    (void)producer;
    (void)group;
    (void)positions;
    (void)count;
    (void)timeout_ms;
    (void)too_old(error);
    return KAFKA_UNKNOWN;
}

enum error_code kafka_transaction_abort(struct kafka_producer *producer, int timeout_ms,
                                        struct error *error)
{
    (void)producer;
    (void)timeout_ms;
    return too_old(error);
}

#endif
