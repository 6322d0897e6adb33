/* CSV files for tests, in a directory of their own that goes with the test. */
#ifndef KAFKA_BRIDGE_TEST_CSV_FILES_H
#define KAFKA_BRIDGE_TEST_CSV_FILES_H

#include <stddef.h>
#include <stdint.h>

#define CSV_FILES_PATH_SIZE 256

struct csv_files {
    char directory[CSV_FILES_PATH_SIZE];
    char path[CSV_FILES_PATH_SIZE + 64]; /* of the last file that was written */
};

/* cmocka's setup and teardown: *state is a struct csv_files. */
int csv_files_begin(void **state);
int csv_files_end(void **state);

/* Writes `size` bytes into `name` and returns its path, which lives until the next call. */
const char *csv_files_write(struct csv_files *files, const char *name, const char *text,
                            size_t size);

/* The same of a literal, whatever it holds. */
#define CSV_FILE(files, name, literal)                                                             \
    csv_files_write((files), (name), (literal), sizeof(literal) - 1)

#endif
