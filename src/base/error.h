/* The error that a caller hands in.
 *
 * Functions that can fail return an `enum error_code` and, where the caller passes a `struct
 * error`, fill it with what was found, where, and what would be right. On success the struct is
 * left alone. A caller that only needs the code passes NULL. Threads: a struct belongs to its
 * caller.
 */
#ifndef KAFKA_BRIDGE_BASE_ERROR_H
#define KAFKA_BRIDGE_BASE_ERROR_H

#include <stddef.h>

#define ERROR_PATH_SIZE 256
#define ERROR_TEXT_SIZE 512

#define MUST_CHECK               __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

enum error_code {
    ERROR_NONE = 0,
    ERROR_ARGUMENT,  /* the caller broke the function's contract */
    ERROR_MEMORY,    /* an allocation failed */
    ERROR_LIMIT,     /* a bound was reached: size, depth, length */
    ERROR_SYNTAX,    /* text that cannot be parsed */
    ERROR_TYPE,      /* a value of the wrong type */
    ERROR_RANGE,     /* a value that its type cannot hold */
    ERROR_LENGTH,    /* a fixed array of another length */
    ERROR_TRUNCATED, /* bytes end before the message does */
    ERROR_TRAILING,  /* bytes or text go on after the message ended */
    ERROR_UNKNOWN,   /* an unknown name: field, type, key, property */
    ERROR_DUPLICATE, /* a name that may appear once appeared again */
    ERROR_MISSING,   /* something required is not there */
    ERROR_IO,        /* the operating system or a server said no */
    ERROR_FULL,      /* a queue has no room now; try again later */
};

struct error {
    enum error_code code;
    size_t position;            /* byte offset into the input where that means something, else 0 */
    char path[ERROR_PATH_SIZE]; /* `$.pose.covariance[36]`, a configuration key, a file; or empty */
    char text[ERROR_TEXT_SIZE]; /* one line, no full stop, no newline */
};

/* Fills `error` (which may be NULL) and returns `code`, so that `return error_set(…)` reads well.
 * `path` may be NULL. Texts that are too long are cut. */
enum error_code error_set(struct error *error, enum error_code code, const char *path,
                          size_t position, const char *format, ...) PRINTF_LIKE(5, 6);

/* To print an error as place, parting and text, in one line: `path` and ": ", or "" for both where
 * the text names it already. */
const char *error_place(const struct error *error);
const char *error_parting(const struct error *error);

/* The code's short name as used in counters and dead letters: "truncated", "range", … Never NULL.
 */
const char *error_code_name(enum error_code code);

#endif
