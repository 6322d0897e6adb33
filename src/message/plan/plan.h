/* A plan: a message definition compiled once into a flat program that walks serialized bytes with
 * no look-ups by name and no allocation per message. Everything else in this room runs on a plan:
 * to_json.h, from_json.h, to_record.h, from_record.h, field_text.h.
 *
 * Serialized form: little endian; strings and variable arrays carry a uint32 count first; time is
 * two uint32, duration two int32 (source: roscpp_serialization overview, ROS wiki).
 * A plan is immutable; any number of threads may use it at once.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_PLAN_PLAN_H
#define KAFKA_BRIDGE_MESSAGE_PLAN_PLAN_H

#include "base/error.h"
#include "message/definitions/definition.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan;

/* Compiles the definition `text` of `type`. `md5sum` is what the definition must hash to, or NULL
 * (or "*") to accept any; a mismatch is ERROR_TYPE that names both sums. Other errors are
 * definition_parse's. */
enum error_code plan_create(const char *type, const char *text, size_t length, const char *md5sum,
                            struct plan **plan, struct error *error) MUST_CHECK;
void plan_destroy(struct plan *plan);

/* The plan of a type that the messages of `plan` hold, as if it had been alone: with its own
 * definition and md5sum. `*nested` borrows nothing. Errors as plan_create's. */
enum error_code plan_create_nested(const struct plan *plan, const struct message_type *type,
                                   struct plan **nested, struct error *error) MUST_CHECK;

const char *plan_type(const struct plan *plan);
const char *plan_md5sum(const struct plan *plan);
const char *plan_text(const struct plan *plan); /* the definition's text */
const struct message_type *plan_message(const struct plan *plan);

/* The std_msgs/Header that begins the message. */
struct plan_header {
    uint32_t seq;
    uint32_t secs;  /* seconds since the Unix epoch, or of simulated time */
    uint32_t nsecs; /* nanoseconds, 0…999999999 where the sender is sane */
};

/* Whether the message's first field is a std_msgs/Header (a single one). */
bool plan_has_header(const struct plan *plan);

/* Reads that header; false where there is none or the bytes are too short. */
bool plan_read_header(const struct plan *plan, const uint8_t *bytes, size_t length,
                      struct plan_header *header);

/* Whether `bytes` are exactly one serialized message: walks all of it, writes nothing.
 * Errors: ERROR_TRUNCATED, ERROR_TRAILING; path as `$.name[3].text`, position in bytes. */
enum error_code plan_validate(const struct plan *plan, const uint8_t *bytes, size_t length,
                              struct error *error) MUST_CHECK;

#endif
