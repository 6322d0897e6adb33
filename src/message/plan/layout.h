/* How a message lies on the wire, as a flat program that walks over it: consecutive values of fixed
 * size are one step, and so is an array of them. On the way it notes where chosen values begin.
 *
 * Immutable once made: any thread.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_PLAN_LAYOUT_H
#define KAFKA_BRIDGE_MESSAGE_PLAN_LAYOUT_H

#include "base/error.h"
#include "message/definitions/field_path.h"

#include <stdint.h>

/* Elements that an array of a type without bytes (std_msgs/Empty[]) may have: nothing on the wire
 * bounds their number. */
#define LAYOUT_EMPTY_LIMIT (1U << 20)

#define LAYOUT_SLOTS_LIMIT 1024 /* different places that are noted */

struct layout;

/* A value to be noted: the field that the path's part `part` names begins `offset` bytes behind
 * where slot `slot` points. Parts before it are single messages. */
struct layout_target {
    const struct field_path *path;
    uint32_t slot;
    uint32_t part;
    size_t offset;
};

/* Compiles `type`. `path` of each target is the caller's; the rest is filled. ERROR_MEMORY, or
 * ERROR_LIMIT with more than LAYOUT_SLOTS_LIMIT slots. */
enum error_code layout_create(const struct message_type *type, struct layout_target *targets,
                              size_t count, struct layout **layout) MUST_CHECK;
void layout_destroy(struct layout *layout);

/* Whether `bytes` are exactly one message. `slots` (LAYOUT_SLOTS_LIMIT pointers, or as many as the
 * targets use; NULL without targets) are filled. ERROR_TRUNCATED, ERROR_TRAILING or ERROR_LIMIT;
 * fault_describe says where. */
enum error_code layout_walk(const struct layout *layout, const uint8_t *bytes, size_t length,
                            const uint8_t **slots) MUST_CHECK;

#endif
