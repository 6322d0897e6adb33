#include "spool/extent.h"

#include "spool/checksum.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

/* What each kind of row mixes in, so that one does not pass for another. */
enum { PROGRESS_SEED = 1, BLOCK_SEED, HEAD_SEED, SEQUENCE_SEED, NOTE_SEED };

uint64_t spool_extent_checksum(const struct spool_extent *progress)
{
    return spool_checksum(progress, sizeof *progress, PROGRESS_SEED);
}

uint64_t spool_block_checksum(uint64_t identity, uint64_t id, const void *bytes, size_t size)
{
    const uint64_t key[] = {BLOCK_SEED, identity, id};
    return spool_checksum(bytes, size, spool_checksum(key, sizeof key, 0));
}

uint64_t spool_block_head_checksum(uint64_t identity, const struct spool_block_head *head)
{
    const uint64_t key[] = {HEAD_SEED, identity};
    return spool_checksum(head, sizeof *head, spool_checksum(key, sizeof key, 0));
}

uint64_t spool_sequence_checksum(uint64_t identity, const char *kafka_topic, uint64_t next,
                                 uint64_t numbers)
{
    const uint64_t row[] = {SEQUENCE_SEED, identity, next, numbers};
    return spool_checksum_text(kafka_topic, spool_checksum(row, sizeof row, 0));
}

uint64_t spool_note_checksum(uint64_t identity, const char *name, uint64_t value, uint64_t commits)
{
    const uint64_t row[] = {NOTE_SEED, identity, value, commits};
    return spool_checksum_text(name, spool_checksum(row, sizeof row, 0));
}

uint64_t spool_number_of_last_resort(void)
{
    /* A robot without a clock of its own starts in 1970. */
    const uint64_t year_2020 = UINT64_C(1577836800000000);
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    uint64_t number = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
    return number > year_2020 ? number : year_2020;
}

uint64_t spool_identity_new(void)
{
    uint64_t identity = 0;
    if (getrandom(&identity, sizeof identity, 0) != (ssize_t)sizeof identity)
        identity = spool_number_of_last_resort() ^ ((uint64_t)getpid() << 48);
    return identity;
}
