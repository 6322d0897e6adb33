/* bench_spool DIRECTORY [SECONDS]: what the spool costs, in blocks of 1 to 1000 records of 700
 * bytes: append, settle and trim in turn as while Kafka is there, append as during an outage, and
 * read, settle and trim as after it. The anchor is the same bytes written to a plain file. So many
 * seconds (2) for each line; DIRECTORY is on the disk that is meant, and is left behind empty. */
#include "spool/spool.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define VALUE_SIZE 700
#define BEHIND     32 /* blocks that are kept before they are settled, as in flight to Kafka */

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void die(const struct error *error)
{
    (void)fprintf(stderr, "%s\n", error->text);
    exit(1);
}

static void fill(struct spool_block *block, uint32_t count, struct spool_sequence *sequence)
{
    static char value[VALUE_SIZE];
    for (uint32_t i = 0; i < count; i++) {
        const struct spool_record record = {.origin = 1,
                                            .sequence = sequence->next++,
                                            .key = "warty",
                                            .key_size = 5,
                                            .value = value,
                                            .value_size = VALUE_SIZE};
        if (spool_block_add(block, &record) != ERROR_NONE)
            exit(1);
    }
    sequence->changed = true;
}

struct figures {
    double wall, cpu;
    uint64_t records;
};

static void print(const char *what, uint32_t count, const struct figures *figures)
{
    printf("%-28s %5u records a block: %9.0f records/s, %9.0f a second of one core\n", what, count,
           (double)figures->records / figures->wall, (double)figures->records / figures->cpu);
}

static void append(struct spool *spool, struct spool_block *block, uint32_t count)
{
    struct error error;
    buffer_clear(&block->bytes);
    block->count = 0;
    block->id = spool_next_id(spool);
    fill(block, count, spool_sequence(spool, "odometry"));
    const struct spool_block *const blocks[] = {block};
    if (spool_append(spool, blocks, 1, &error) != ERROR_NONE)
        die(&error);
}

/* Appends for a while; each block is settled when BEHIND others came after it, or none is. */
static void write_blocks(struct spool *spool, uint32_t count, double seconds, bool settle)
{
    struct spool_block block;
    spool_block_init(&block, 0, (size_t)1 << 30);
    struct figures figures = {0};
    double wall = seconds_of(CLOCK_MONOTONIC);
    double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    while ((figures.wall = seconds_of(CLOCK_MONOTONIC) - wall) < seconds) {
        append(spool, &block, count);
        figures.records += count;
        if (settle && block.id > BEHIND)
            spool_settle(spool, block.id - BEHIND);
    }
    figures.cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    print(settle ? "append, settle, trim" : "append (an outage)", count, &figures);
    spool_block_fini(&block);
}

static void trim(struct spool *spool)
{
    struct error error;
    if (spool_trim(spool, &error) != ERROR_NONE)
        die(&error);
}

/* Reads all, settles and trims it, as when the broker is back. */
static void drain(struct spool *spool, uint32_t count)
{
    struct spool_block block;
    spool_block_init(&block, 0, 0);
    struct figures figures = {0};
    double wall = seconds_of(CLOCK_MONOTONIC);
    double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t after = 0;
    while (spool_read(spool, after, &block, NULL) == ERROR_NONE) {
        after = block.id;
        figures.records += block.count;
        spool_settle(spool, block.id);
        if (after % 16 == 0)
            trim(spool);
    }
    trim(spool);
    figures.wall = seconds_of(CLOCK_MONOTONIC) - wall;
    figures.cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    print("read, settle, trim", count, &figures);
    spool_block_fini(&block);
}

/* The anchor: what the disk takes, without any promise. */
static void write_plainly(const char *directory, uint32_t count, double seconds)
{
    char path[4200];
    (void)snprintf(path, sizeof path, "%s/plain", directory);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    size_t size = count * spool_record_bytes(5, VALUE_SIZE);
    char *bytes = calloc(1, size);
    struct figures figures = {0};
    double wall = seconds_of(CLOCK_MONOTONIC);
    double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    off_t at = 0;
    while (bytes && (figures.wall = seconds_of(CLOCK_MONOTONIC) - wall) < seconds) {
        if (pwrite(file, bytes, size, at) != (ssize_t)size)
            break;
        at = (at + (off_t)size) % (16 << 20);
        figures.records += count;
    }
    figures.cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    print("anchor: write(2), no sync", count, &figures);
    (void)close(file);
    (void)unlink(path);
    free(bytes);
}

int main(int argc, char **argv)
{
    static const uint32_t counts[] = {1, 10, 100, 1000};
    const char *directory = argc > 1 ? argv[1] : "/tmp/kafka_bridge_bench_spool";
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 2;
    const struct spool_options options = {
        .directory = directory, .robot = "bench", .max_bytes = UINT64_C(8) << 30};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct spool *spool;
        struct spool_findings findings;
        struct error error;
        if (spool_open(&options, &spool, &findings, &error) != ERROR_NONE)
            die(&error);
        write_plainly(directory, counts[i], seconds / 2);
        write_blocks(spool, counts[i], seconds, true);
        drain(spool, counts[i]);
        write_blocks(spool, counts[i], seconds / 2, false);
        drain(spool, counts[i]);
        spool_close(spool);
    }
    return 0;
}
