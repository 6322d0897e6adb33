#include "victim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What the process tells. */
struct event {
    uint64_t id;
    uint64_t first;
    uint32_t count; /* 0: the block was settled */
};

static void tell(int pipe, uint64_t id, uint64_t first, uint32_t count)
{
    struct event event;
    memset(&event, 0, sizeof event);
    event.id = id;
    event.first = first;
    event.count = count;
    if (write(pipe, &event, sizeof event) != (ssize_t)sizeof event)
        _exit(2);
}

static void append_for_ever(struct spool *spool, unsigned seed, int pipe)
{
    uint64_t ids[64];
    size_t kept = 0;
    for (;;) {
        uint32_t count = 1 + (uint32_t)rand_r(&seed) % 20;
        uint32_t size = (uint32_t)rand_r(&seed) % (rand_r(&seed) % 8 == 0 ? 20000 : 900);
        uint64_t first = spool_sequence(spool, "odometry")->next;
        uint64_t id = spool_test_append(spool, count, size);
        tell(pipe, id, first, count);
        ids[kept++] = id;
        if (kept == sizeof ids / sizeof *ids || rand_r(&seed) % 3 == 0) {
            size_t gone = rand_r(&seed) % 8 == 0 ? (unsigned)rand_r(&seed) % kept : 0;
            tell(pipe, ids[gone], 0, 0);
            spool_settle(spool, ids[gone]);
            memmove(ids + gone, ids + gone + 1, (kept - gone - 1) * sizeof *ids);
            kept--;
        }
        if (rand_r(&seed) % 16 == 0 && spool_trim(spool, NULL) != ERROR_NONE)
            _exit(3);
    }
}

static void take(struct victim *victim, const struct event *event)
{
    if (event->count > 0) {
        assert_true(victim->count < VICTIM_EVENTS);
        victim->blocks[victim->count++] =
            (struct victim_block){.id = event->id, .first = event->first, .count = event->count};
        assert_true(event->id >= victim->next_id);
        assert_true(event->first >= victim->next_number);
        victim->next_id = event->id + 1;
        victim->next_number = event->first + event->count;
        return;
    }
    for (size_t i = victim->count; i-- > 0;) {
        if (victim->blocks[i].id == event->id)
            victim->blocks[i].settled = true;
    }
}

void victim_run(struct victim *victim, const struct spool_options *options, unsigned *seed,
                unsigned appends)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    unsigned own_seed = (unsigned)rand_r(seed);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        struct spool *spool;
        struct spool_findings findings;
        if (spool_open(options, &spool, &findings, NULL) != ERROR_NONE)
            _exit(1);
        append_for_ever(spool, own_seed, ends[1]);
    }
    (void)close(ends[1]);
    struct event event;
    unsigned seen = 0;
    bool killed = false;
    while (read(ends[0], &event, sizeof event) == (ssize_t)sizeof event) {
        take(victim, &event);
        seen += event.count > 0 ? 1U : 0U;
        if (seen < appends || killed)
            continue;
        const struct timespec moment = {.tv_nsec = rand_r(seed) % 300000};
        (void)nanosleep(&moment, NULL);
        (void)kill(child, SIGKILL);
        killed = true;
    }
    (void)close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

uint64_t victim_unsettled(const struct victim *victim)
{
    uint64_t records = 0;
    for (size_t i = 0; i < victim->count; i++)
        records += victim->blocks[i].settled ? 0 : victim->blocks[i].count;
    return records;
}

static const struct victim_block *find(const struct victim *victim, uint64_t id)
{
    for (size_t i = 0; i < victim->count; i++) {
        if (victim->blocks[i].id == id)
            return &victim->blocks[i];
    }
    return NULL;
}

uint64_t victim_found(const struct victim *victim, struct spool *spool, uint64_t *damaged)
{
    struct spool_block block;
    spool_block_init(&block, 0, 0);
    uint64_t records = 0;
    uint64_t after = 0;
    enum error_code code;
    while ((code = spool_read(spool, after, &block, NULL)) != ERROR_MISSING) {
        assert_true(code == ERROR_NONE || code == ERROR_SYNTAX);
        assert_true(block.id > after);
        after = block.id;
        if (code == ERROR_SYNTAX) {
            *damaged += block.count;
            continue;
        }
        spool_test_check(&block);
        const struct victim_block *known = find(victim, block.id);
        if (known) {
            struct spool_record record;
            size_t position = 0;
            assert_int_equal(known->count, block.count);
            assert_true(spool_block_next(&block, &position, &record));
            assert_int_equal(record.sequence, known->first);
            records += known->settled ? 0 : known->count;
        }
    }
    spool_block_fini(&block);
    return records;
}
