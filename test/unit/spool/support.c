#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void fail_with(const struct error *error)
{
    fail_msg("%s: %s", error_code_name(error->code), error->text);
}

void spool_test_remove(const char *directory)
{
    DIR *entries = opendir(directory);
    if (!entries)
        return;
    const struct dirent *entry;
    while ((entry = readdir(entries)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)unlinkat(dirfd(entries), entry->d_name, 0);
    }
    (void)closedir(entries);
    (void)rmdir(directory);
}

int spool_test_setup(void **state)
{
    struct spool_test *test = calloc(1, sizeof *test);
    if (!test)
        return -1;
    /* In memory where that can be: many thousand commits. */
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(test->directory, sizeof test->directory, "%s/kafka_bridge_spool.XXXXXX", base);
    if (!mkdtemp(test->directory))
        return -1;
    (void)snprintf(test->path, sizeof test->path, "%s/warty.db", test->directory);
    test->options = (struct spool_options){
        .directory = test->directory, .robot = "warty", .max_bytes = UINT64_C(1) << 25};
    spool_test_open(test);
    *state = test;
    return 0;
}

int spool_test_teardown(void **state)
{
    struct spool_test *test = *state;
    spool_test_close(test);
    spool_test_remove(test->directory);
    free(test);
    return 0;
}

void spool_test_close(struct spool_test *test)
{
    spool_close(test->spool);
    test->spool = NULL;
}

void spool_test_open(struct spool_test *test)
{
    struct error error;
    if (spool_open(&test->options, &test->spool, &test->findings, &error) != ERROR_NONE)
        fail_with(&error);
}

uint32_t spool_test_origin(struct spool *spool)
{
    const struct spool_origin origin = {
        .robot = "warty",
        .ros_topic = "/warty/odom",
        .ros_type = "nav_msgs/Odometry",
        .ros_md5sum = "cd5e73d190d741a2f92e81eda573aca7",
        .definition = "Header header\n",
        .kafka_topic = "odometry",
        .publisher = "/driver",
        .headers = true,
    };
    uint32_t id = 0;
    struct error error;
    if (spool_origin_add(spool, &origin, &id, &error) != ERROR_NONE)
        fail_with(&error);
    return id;
}

/* A record's bytes follow from its number. */
static void fill(char *value, uint32_t size, uint64_t number)
{
    for (uint32_t i = 0; i < size; i++)
        value[i] = (char)((number * 31 + i * 7) >> (i % 5));
}

uint64_t spool_test_append(struct spool *spool, uint32_t count, uint32_t size)
{
    return spool_test_append_as(spool, spool_next_id(spool), count, size);
}

uint64_t spool_test_append_as(struct spool *spool, uint64_t id, uint32_t count, uint32_t size)
{
    struct spool_sequence *sequence = spool_sequence(spool, "odometry");
    uint32_t origin = spool_test_origin(spool);
    char *value = malloc(size + 1);
    struct spool_block block;
    spool_block_init(&block, id, (size_t)1 << 30);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t number = sequence->next++;
        fill(value, size, number);
        const struct spool_record record = {
            .origin = origin,
            .kind = 7,
            .sequence = number,
            .timestamp = -(int64_t)number,
            .key = &number,
            .key_size = sizeof number,
            .value = value,
            .value_size = size,
        };
        assert_int_equal(spool_block_add(&block, &record), ERROR_NONE);
    }
    sequence->changed = true;
    const struct spool_block *const blocks[] = {&block};
    struct error error;
    enum error_code code = spool_append(spool, blocks, 1, &error);
    if (code != ERROR_NONE && code != ERROR_FULL)
        fail_with(&error);
    spool_block_fini(&block);
    free(value);
    return code == ERROR_NONE ? id : 0;
}

bool spool_test_is_right(const struct spool_block *block)
{
    struct spool_record record;
    size_t position = 0;
    uint32_t count = 0;
    while (spool_block_next(block, &position, &record)) {
        char *value = malloc(record.value_size + 1U);
        fill(value, record.value_size, record.sequence);
        bool right = record.origin > 0 && record.kind == 7 &&
                     record.timestamp == -(int64_t)record.sequence &&
                     record.key_size == sizeof record.sequence &&
                     memcmp(record.key, &record.sequence, sizeof record.sequence) == 0 &&
                     memcmp(record.value, value, record.value_size) == 0;
        free(value);
        if (!right)
            return false;
        count++;
    }
    return count == block->count && position == block->bytes.length;
}

void spool_test_check(const struct spool_block *block)
{
    if (!spool_test_is_right(block))
        fail_msg("block %lu is not what was appended", (unsigned long)block->id);
}

size_t spool_test_read_all(struct spool *spool, uint64_t after, uint64_t *ids, size_t size)
{
    struct spool_block block;
    spool_block_init(&block, 0, 0);
    size_t count = 0;
    enum error_code code;
    while ((code = spool_read(spool, after, &block, NULL)) == ERROR_NONE) {
        spool_test_check(&block);
        assert_true(block.id > after);
        after = block.id;
        if (count < size)
            ids[count] = block.id;
        count++;
    }
    assert_int_equal(code, ERROR_MISSING);
    spool_block_fini(&block);
    return count;
}
