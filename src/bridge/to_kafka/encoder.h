/* Message bytes → a record's key, value and timestamp, for one ROS topic, route and definition; an
 * element of a message is one of its own type here.
 *
 * Immutable once made; borrows its configuration and plan. `encoder_encode` may run on one thread
 * per pair of buffers.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_TO_KAFKA_ENCODER_H
#define KAFKA_BRIDGE_BRIDGE_TO_KAFKA_ENCODER_H

#include "base/buffer.h"
#include "bridge/config/config.h"
#include "message/plan/json_program.h"
#include "message/plan/plan.h"

struct encoder;

/* Compiles the route's mapping and key for messages of `plan` on `ros_topic` (full name).
 * ERROR_UNKNOWN, ERROR_TYPE … where the route's paths do not fit the definition, with the key's
 * path
 * (`ros_to_kafka[0].fields`) in the error. */
enum error_code encoder_create(const struct config *config, const struct to_kafka_route *route,
                               const char *ros_topic, const struct plan *plan,
                               struct encoder **encoder, struct error *error) MUST_CHECK;
/* The same for messages of `type` whose definition is not known: their bytes are passed on as they
 * are. ERROR_MISSING where the route needs it: its format, or a field in its key. */
enum error_code encoder_create_blind(const struct config *config,
                                     const struct to_kafka_route *route, const char *ros_topic,
                                     const char *type, struct encoder **encoder,
                                     struct error *error) MUST_CHECK;
void encoder_destroy(struct encoder *encoder);

struct encoded {
    struct buffer key;
    struct buffer value;
    int64_t timestamp; /* milliseconds since the epoch */
};

void encoded_init(struct encoded *encoded, size_t max_bytes);
void encoded_fini(struct encoded *encoded);

/* What a record is made of. Times in nanoseconds since the epoch. */
struct encoder_input {
    const uint8_t *bytes; /* serialized, of the encoder's plan */
    size_t size;
    int64_t receipt;
    int64_t stamp;     /* of an element: its message's, where that is set; else 0 */
    uint64_t index;    /* of an element; else 0 */
    uint64_t sequence; /* the record's number on its Kafka topic */
};

/* Writes the record of one message; what `encoded` held before is forgotten. Its time is the
 * input's stamp, else that of its own header, else the receipt. Errors as to_json's. */
enum error_code encoder_encode(const struct encoder *encoder, const struct encoder_input *input,
                               struct encoded *encoded, struct to_json_counts *counts,
                               struct error *error) MUST_CHECK;

/* Writes the key alone, behind what `key` holds. */
enum error_code encoder_key(const struct encoder *encoder, const struct encoder_input *input,
                            struct buffer *key, struct error *error) MUST_CHECK;

/* Bytes of memory in which the value of a message of `size` bytes has room, if most of it is one
 * body; above ENCODER_SLACK more than the value takes. 0: that cannot be said. */
#define ENCODER_SLACK JSON_SLACK
size_t encoder_room(const struct encoder *encoder, size_t size);

/* The stamp of the header of a message of `plan` (may be NULL), in nanoseconds since the epoch; 0
 * where it has none, or none that is set. */
int64_t encoder_stamp(const struct plan *plan, const uint8_t *bytes, size_t size);

#endif
