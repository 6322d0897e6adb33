#include "committed.h"

#include "kafka/producer/transactions.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS   100000
#define POSITIONS 16
#define FAULTS    64

struct record {
    char topic[80];
    uint64_t number;
};

static struct {
    pthread_mutex_t mutex;
    struct record records[RECORDS]; /* the committed ones, then those of the open transaction */
    size_t committed, sent;
    struct record positions[POSITIONS];
    size_t position_count;
    int faults[FAULTS]; /* of the commits to come; -1: none */
    unsigned begun, commits, asked;
    bool hidden;
    bool ended; /* the open transaction has its fate */
} kafka = {.mutex = PTHREAD_MUTEX_INITIALIZER};

/* The linker's names. NOLINTBEGIN(bugprone-reserved-identifier) */
enum error_code __real_kafka_producer_send(struct kafka_producer *producer,
                                           const struct kafka_record *record, uint64_t tag,
                                           void *owner, struct error *error);
enum error_code __real_kafka_transaction_begin(struct kafka_producer *producer,
                                               struct error *error);
enum kafka_commit __real_kafka_transaction_commit(struct kafka_producer *producer,
                                                  const char *group,
                                                  const struct kafka_committed_offset *positions,
                                                  size_t count, int timeout_ms,
                                                  struct error *error);
enum error_code __wrap_kafka_producer_send(struct kafka_producer *producer,
                                           const struct kafka_record *record, uint64_t tag,
                                           void *owner, struct error *error);
enum error_code __wrap_kafka_transaction_begin(struct kafka_producer *producer,
                                               struct error *error);
enum kafka_commit __wrap_kafka_transaction_commit(struct kafka_producer *producer,
                                                  const char *group,
                                                  const struct kafka_committed_offset *positions,
                                                  size_t count, int timeout_ms,
                                                  struct error *error);
enum error_code __wrap_kafka_committed_offsets(const struct kafka_properties *properties,
                                               const char *group,
                                               struct kafka_committed_offset *positions,
                                               size_t count, int timeout_ms, struct error *error);

static void lock(void)
{
    (void)pthread_mutex_lock(&kafka.mutex);
}

static void unlock(void)
{
    (void)pthread_mutex_unlock(&kafka.mutex);
}

void committed_reset(void)
{
    lock();
    kafka.committed = kafka.sent = kafka.position_count = 0;
    kafka.begun = kafka.commits = kafka.asked = 0;
    kafka.hidden = kafka.ended = false;
    for (size_t i = 0; i < FAULTS; i++)
        kafka.faults[i] = -1;
    unlock();
}

size_t committed_read(const char *topic, uint64_t *numbers, size_t size)
{
    size_t count = 0;
    lock();
    for (size_t i = 0; i < kafka.committed; i++) {
        if (strcmp(kafka.records[i].topic, topic) != 0)
            continue;
        if (count < size)
            numbers[count] = kafka.records[i].number;
        count++;
    }
    unlock();
    return count;
}

/* Positions of letters, which another group has, are kept apart. */
static void name_position(const char *topic, bool letters, char name[80])
{
    (void)snprintf(name, 80, "%.70s%s", topic, letters ? COMMITTED_OF_LETTERS : "");
}

/* With the mutex. NULL: none. */
static struct record *find_position(const char *topic)
{
    for (size_t i = 0; i < kafka.position_count; i++)
        if (strcmp(kafka.positions[i].topic, topic) == 0)
            return &kafka.positions[i];
    return NULL;
}

int64_t committed_position(const char *topic)
{
    lock();
    const struct record *found = find_position(topic);
    int64_t position = found ? (int64_t)found->number : -1;
    unlock();
    return position;
}

void committed_fail(unsigned commit, enum committed_fault fault)
{
    lock();
    if (commit < FAULTS)
        kafka.faults[commit] = (int)fault;
    unlock();
}

unsigned committed_begun(void)
{
    lock();
    unsigned begun = kafka.begun;
    unlock();
    return begun;
}

unsigned committed_commits(void)
{
    lock();
    unsigned commits = kafka.commits;
    unlock();
    return commits;
}

void committed_hide_positions(bool hidden)
{
    lock();
    kafka.hidden = hidden;
    unlock();
}

unsigned committed_asked(void)
{
    lock();
    unsigned asked = kafka.asked;
    unlock();
    return asked;
}

enum error_code __wrap_kafka_producer_send(struct kafka_producer *producer,
                                           const struct kafka_record *record, uint64_t tag,
                                           void *owner, struct error *error)
{
    char value[24] = "";
    memcpy(value, record->value, record->value_size < 23 ? record->value_size : 23);
    enum error_code code = __real_kafka_producer_send(producer, record, tag, owner, error);
    if (code != ERROR_NONE)
        return code;
    lock();
    if (kafka.sent < RECORDS) {
        struct record *sent = &kafka.records[kafka.sent++];
        (void)strncpy(sent->topic, record->topic, sizeof sent->topic - 1);
        sent->number = strtoull(value, NULL, 10);
    }
    unlock();
    return code;
}

enum error_code __wrap_kafka_transaction_begin(struct kafka_producer *producer, struct error *error)
{
    enum error_code code = __real_kafka_transaction_begin(producer, error);
    lock();
    kafka.begun += code == ERROR_NONE ? 1 : 0;
    kafka.sent = kafka.committed;
    kafka.ended = false;
    unlock();
    return code;
}

/* With the mutex. */
static void keep(const struct kafka_committed_offset *positions, size_t count)
{
    kafka.committed = kafka.sent;
    kafka.commits++;
    for (size_t i = 0; i < count; i++) {
        char name[80];
        name_position(positions[i].topic, positions[i].group != NULL, name);
        struct record *kept = find_position(name);
        if (!kept && kafka.position_count < POSITIONS) {
            kept = &kafka.positions[kafka.position_count++];
            (void)snprintf(kept->topic, sizeof kept->topic, "%s", name);
        }
        if (kept)
            kept->number = (uint64_t)positions[i].offset;
    }
}

/* The fault of this commit, which is then used up; -1: none. */
static int next_fault(void)
{
    lock();
    int fault = kafka.faults[0];
    memmove(kafka.faults, kafka.faults + 1, (FAULTS - 1) * sizeof kafka.faults[0]);
    kafka.faults[FAULTS - 1] = -1;
    unlock();
    return fault;
}

enum kafka_commit __wrap_kafka_transaction_commit(struct kafka_producer *producer,
                                                  const char *group,
                                                  const struct kafka_committed_offset *positions,
                                                  size_t count, int timeout_ms, struct error *error)
{
    int fault = next_fault();
    if (fault == COMMITTED_LATE) {
        (void)error_set(error, ERROR_IO, NULL, 0, "late, for a test");
        return KAFKA_IN_PROGRESS;
    }
    if (fault == COMMITTED_ABORTED) {
        (void)error_set(error, ERROR_IO, NULL, 0, "aborted, for a test");
        return kafka_transaction_abort(producer, timeout_ms, error) == ERROR_NONE ? KAFKA_ABORTED
                                                                                  : KAFKA_UNKNOWN;
    }
    enum kafka_commit commit =
        __real_kafka_transaction_commit(producer, group, positions, count, timeout_ms, error);
    if (commit != KAFKA_COMMITTED)
        return commit;
    lock();
    if (fault != COMMITTED_IN_DOUBT_LOST)
        keep(positions, count);
    unlock();
    if (fault == -1)
        return KAFKA_COMMITTED;
    (void)error_set(error, ERROR_IO, NULL, 0, "in doubt, for a test");
    return KAFKA_UNKNOWN;
}

enum error_code __wrap_kafka_committed_offsets(const struct kafka_properties *properties,
                                               const char *group,
                                               struct kafka_committed_offset *positions,
                                               size_t count, int timeout_ms, struct error *error)
{
    (void)properties, (void)timeout_ms;
    lock();
    bool hidden = kafka.hidden;
    kafka.asked++;
    for (size_t i = 0; i < count; i++) {
        char name[80];
        name_position(positions[i].topic, strstr(group, ".letters") != NULL, name);
        const struct record *found = find_position(name);
        positions[i].offset = found ? (int64_t)found->number : -1;
    }
    unlock();
    return hidden ? error_set(error, ERROR_IO, NULL, 0, "hidden, for a test") : ERROR_NONE;
}
/* NOLINTEND(bugprone-reserved-identifier) */
