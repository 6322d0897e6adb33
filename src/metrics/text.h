/* Figures in Prometheus' text exposition format, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/):
 *
 *   metrics_text_family, then a metrics_text_count or metrics_text_value for each of its samples;
 *   … metrics_text_finish
 *
 * All samples of a family stand together, so each family is begun once. What does not fit is found
 * in metrics_text_finish; until then nothing has to be looked at. One thread.
 */
#ifndef KAFKA_BRIDGE_METRICS_TEXT_H
#define KAFKA_BRIDGE_METRICS_TEXT_H

#include "base/buffer.h"

#include <stdint.h>

#define METRICS_TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum metrics_type {
    METRICS_COUNTER, /* only grows while the process lives; its name ends in _total */
    METRICS_GAUGE
};

struct metrics_label {
    const char *name;  /* [a-zA-Z_][a-zA-Z0-9_]* */
    const char *value; /* any text; bytes that are not UTF-8 become '?' */
};

struct metrics_text {
    struct buffer bytes;
    const char *family;
    enum error_code code; /* of the first thing that did not fit */
};

/* At most `limit` bytes. The memory stays from one text to the next. */
void metrics_text_init(struct metrics_text *text, size_t limit);
void metrics_text_fini(struct metrics_text *text);

/* Forgets what is there. */
void metrics_text_begin(struct metrics_text *text);

/* Begins the family `name`, which lives until the next one begins: HELP and TYPE. */
void metrics_text_family(struct metrics_text *text, const char *name, enum metrics_type type,
                         const char *help);

/* One sample of the family, with `count` labels (0: none). */
void metrics_text_count(struct metrics_text *text, const struct metrics_label *labels, size_t count,
                        uint64_t value);
void metrics_text_value(struct metrics_text *text, const struct metrics_label *labels, size_t count,
                        double value);

/* Whether all of it fitted: ERROR_LIMIT, ERROR_MEMORY. */
enum error_code metrics_text_finish(const struct metrics_text *text,
                                    struct error *error) MUST_CHECK;

#endif
