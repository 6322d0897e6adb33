/* rosc: a C API over roscpp. Status codes and the error that a caller hands in.
 *
 * Every rosc function that can fail returns an `enum rosc_status` and takes a `struct rosc_error *`
 * (NULL where the text is not wanted) that it fills on failure only. No C++ exception gets out of
 * any rosc function.
 */
#ifndef ROSC_ERROR_H
#define ROSC_ERROR_H

#if defined(__GNUC__)
#define ROSC_MUST_CHECK           __attribute__((warn_unused_result))
#define ROSC_PRINTF_LIKE(f, args) __attribute__((format(printf, f, args)))
#else
#define ROSC_MUST_CHECK
#define ROSC_PRINTF_LIKE(f, args)
#endif
#define ROSC_EXPORT __attribute__((visibility("default")))

#define ROSC_ERROR_TEXT_SIZE 512

enum rosc_status {
    ROSC_OK = 0,
    ROSC_ERROR_ARGUMENT,  /* NULL where there must be something, a number out of range */
    ROSC_ERROR_STATE,     /* before rosc_init, or after shutdown */
    ROSC_ERROR_NAME,      /* not a valid ROS name */
    ROSC_ERROR_MASTER,    /* the master did not answer, or refused */
    ROSC_ERROR_NOT_FOUND, /* no such parameter, topic or service */
    ROSC_ERROR_TYPE,      /* another type or md5sum than the topic or service already has */
    ROSC_ERROR_MEMORY,
    ROSC_ERROR_TIMEOUT,
    ROSC_ERROR_CALL, /* a service answered, but with a failure */
    ROSC_ERROR_ROS,  /* roscpp threw something else: the text says what */
};

struct rosc_error {
    enum rosc_status status;
    char text[ROSC_ERROR_TEXT_SIZE]; /* one line: what was found, where, what would be right */
};

#endif
