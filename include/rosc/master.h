/* rosc: what the master knows. Each call is one round trip. Any thread. */
#ifndef ROSC_MASTER_H
#define ROSC_MASTER_H

#include <rosc/error.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rosc_topic_info {
    const char *name; /* full */
    const char *type; /* "package/Type", or "*" where no publisher said it yet */
};

struct rosc_topic_list {
    struct rosc_topic_info *topics;
    size_t count;
};

/* The topics that have a publisher now. `list` is filled on success; free with
 * rosc_topic_list_fini. Returns ROSC_OK, ROSC_ERROR_MASTER, ROSC_ERROR_ARGUMENT, ROSC_ERROR_MEMORY,
 * ROSC_ERROR_STATE. From rosc_init on. */
ROSC_EXPORT enum rosc_status rosc_topic_list_init(struct rosc_topic_list *list,
                                                  struct rosc_error *error) ROSC_MUST_CHECK;
ROSC_EXPORT void rosc_topic_list_fini(struct rosc_topic_list *list);

#ifdef __cplusplus
}
#endif

#endif
