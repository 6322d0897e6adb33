/* The fields of a message that a mapping writes, and their order on the wire. */
#ifndef KAFKA_BRIDGE_MESSAGE_MAPPING_RECORD_TARGET_H
#define KAFKA_BRIDGE_MESSAGE_MAPPING_RECORD_TARGET_H

#include "message/definitions/field_path.h"

struct record_target {
    struct field_path path;
    const char *text; /* the path as the user wrote it; borrowed */
    size_t entry;     /* the caller's number for it */
};

/* Resolves `text` against `type` into `target->path`. Errors: field_path_parse's, and ERROR_TYPE
 * for an index into a variable array, whose length no mapping says. */
enum error_code record_target_resolve(struct record_target *target, const struct message_type *type,
                                      const char *text, struct error *error) MUST_CHECK;

/* Puts targets in wire order. ERROR_DUPLICATE where two are the same or one is inside another. */
enum error_code record_targets_sort(struct record_target *targets, size_t count,
                                    struct error *error) MUST_CHECK;

/* How many of the targets from the first on lead through the first one's field at `part`; the
 * targets are sorted and agree in the parts before it. */
size_t record_targets_of_field(const struct record_target *targets, size_t count, size_t part);

/* The same for the first one's element of that field. */
size_t record_targets_of_element(const struct record_target *targets, size_t count, size_t part);

#endif
