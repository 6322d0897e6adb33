/* What the tests of the spool share: a directory of their own, a spool in it, blocks with records
 * that can be told from each other, and a process that is killed while it appends. */
#ifndef KAFKA_BRIDGE_TEST_SPOOL_SUPPORT_H
#define KAFKA_BRIDGE_TEST_SPOOL_SUPPORT_H

#include "spool/spool.h"

#include <sys/types.h>

#define SPOOL_TEST(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, spool_test_setup, spool_test_teardown)

struct spool_test {
    char directory[64];
    char path[128]; /* of the database */
    struct spool_options options;
    struct spool_findings findings;
    struct spool *spool;
};

/* A new directory below /dev/shm or /tmp, with the spool of robot "warty" opened in it. Fit for
 * cmocka's setup and teardown. */
int spool_test_setup(void **state);
int spool_test_teardown(void **state);

/* Closes the spool where it is open; opens it. Fails the test where that fails. */
void spool_test_close(struct spool_test *test);
void spool_test_open(struct spool_test *test);

/* The origin of the tests' records. */
uint32_t spool_test_origin(struct spool *spool);

/* Appends a block of `count` records of `size` bytes, with numbers of the sequence "odometry".
 * Returns its id; 0 where the append failed with ERROR_FULL. */
uint64_t spool_test_append(struct spool *spool, uint32_t count, uint32_t size);

/* The same, as block `id`. */
uint64_t spool_test_append_as(struct spool *spool, uint64_t id, uint32_t count, uint32_t size);

/* Reads and checks all blocks from `after` on; returns how many, and puts up to `size` of their ids
 * in `ids`. */
size_t spool_test_read_all(struct spool *spool, uint64_t after, uint64_t *ids, size_t size);

/* Fails the test where the block is not one of spool_test_append's, byte by byte. */
void spool_test_check(const struct spool_block *block);

/* Whether it is. */
bool spool_test_is_right(const struct spool_block *block);

/* Removes a directory with the files in it. */
void spool_test_remove(const char *directory);

#endif
