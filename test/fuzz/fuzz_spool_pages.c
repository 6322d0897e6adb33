/* Any bytes as a database and its log: the rows that are found in them lie within what was read.
 * The first byte says where the log begins, in pages. */
#include "spool/pages.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PAGE_SIZE 512 /* the smallest: more of them in as many bytes */

static void write_file(const char *path, const uint8_t *data, size_t size)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0 || (size > 0 && write(file, data, size) != (ssize_t)size))
        abort();
    (void)close(file);
}

static enum error_code look(void *user, const struct spool_page_row *row)
{
    uint64_t *sum = user;
    if (row->count > SPOOL_PAGES_COLUMNS)
        abort();
    for (int i = 0; i < row->count; i++) {
        const struct spool_column *column = &row->columns[i];
        for (uint64_t j = 0; column->kind == SPOOL_COLUMN_BYTES && j < column->size; j++)
            *sum += (uint64_t)column->bytes[j];
    }
    return ERROR_NONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char path[64];
    static char log[80];
    if (path[0] == '\0') {
        const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
        (void)snprintf(path, sizeof path, "%s/fuzz_spool_pages.%ld", base, (long)getpid());
        (void)snprintf(log, sizeof log, "%s-wal", path);
    }
    if (size < 1)
        return 0;
    size_t split = (size_t)data[0] * PAGE_SIZE;
    split = split < size - 1 ? split : size - 1;
    write_file(path, data + 1, split);
    write_file(log, data + 1 + split, size - 1 - split);
    struct spool_pages pages;
    if (spool_pages_open(&pages, path, PAGE_SIZE, NULL) != ERROR_NONE)
        abort();
    static const enum spool_pages_view views[] = {SPOOL_PAGES_NEWEST, SPOOL_PAGES_SOUND,
                                                  SPOOL_PAGES_FILE};
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        if (spool_pages_visit(&pages, views[i], look, &sum) != ERROR_NONE)
            abort();
    }
    spool_pages_close(&pages);
    (void)unlink(path);
    (void)unlink(log);
    return 0;
}
