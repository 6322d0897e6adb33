/* Typed reading of one YAML mapping, with every problem reported and every key accounted for.
 *
 * A reader borrows its object; what it returns points into the cJSON tree. One thread.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_CONFIG_CONFIG_READER_H
#define KAFKA_BRIDGE_BRIDGE_CONFIG_CONFIG_READER_H

#include "bridge/config/problems.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#define READER_KEYS_LIMIT 32

struct config_reader {
    const cJSON *object;
    char path[ERROR_PATH_SIZE]; /* of the object; empty for the whole configuration */
    struct problems *problems;
    const char *known[READER_KEYS_LIMIT]; /* keys that were asked for */
    size_t known_count;
    const char *const
        *parameters; /* of the node, which are no keys: offered where one is unknown */
    size_t parameter_count;
};

/* `object` that is no mapping is a problem; the reader then has no keys. */
void config_reader_init(struct config_reader *reader, const cJSON *object, const char *path,
                        struct problems *problems);

/* Each asks for `key`: the value, or `fallback` where it is not there; one of the wrong type or out
 * of range is a problem that says what was found and what would be right, and gives the fallback.
 */
const cJSON *config_read_any(struct config_reader *reader, const char *key);
const char *config_read_text(struct config_reader *reader, const char *key, const char *fallback);
bool config_read_bool(struct config_reader *reader, const char *key, bool fallback);
double config_read_number(struct config_reader *reader, const char *key, double fallback,
                          double minimum, double maximum);
/* A size in whole bytes: a number, or a text of a number and a unit (kB, MB, GB, TB of 1000; KiB,
 * MiB, GiB, TiB of 1024), such as "2GiB". */
uint64_t config_read_bytes(struct config_reader *reader, const char *key, uint64_t fallback,
                           uint64_t minimum, uint64_t maximum);
/* The index in `choices` (`count` of them) of the text at `key`. */
size_t config_read_choice(struct config_reader *reader, const char *key, size_t fallback,
                          const char *const *choices, size_t count);
/* The array at `key`, or NULL. */
const cJSON *config_read_array(struct config_reader *reader, const char *key);
/* The mapping at `key`, or NULL. */
const cJSON *config_read_object(struct config_reader *reader, const char *key);

/* Reports a problem with `key`. */
void config_reader_problem(struct config_reader *reader, const char *key, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Reports every key of the object that was not asked for, with the nearest that was. */
void config_reader_finish(struct config_reader *reader);

/* A short text of what `value` is, for messages: `"xml"`, `17`, `a list`. */
const char *config_describe(const cJSON *value, char *text, size_t size);

#endif
