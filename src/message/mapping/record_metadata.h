/* The @-sources of a mapping: what comes with a record and is not in its JSON. */
#ifndef KAFKA_BRIDGE_MESSAGE_MAPPING_RECORD_METADATA_H
#define KAFKA_BRIDGE_MESSAGE_MAPPING_RECORD_METADATA_H

#include "message/json/json_reader.h"
#include "message/mapping/from_record.h"
#include "message/mapping/record_target.h"

enum origin_part {
    ORIGIN_KEY,
    ORIGIN_VALUE,
    ORIGIN_TIMESTAMP,
    ORIGIN_TOPIC,
    ORIGIN_PARTITION,
    ORIGIN_OFFSET,
};

/* Finds the part that `source` ("@key") names and checks that the target's field can hold it:
 * texts go into strings and uint8[], numbers into integers and floats, the timestamp also into a
 * time. Errors: ERROR_UNKNOWN, ERROR_TYPE; the path is the target's. */
enum error_code record_metadata_find(const char *source, enum record_form form,
                                     const struct record_target *target, enum origin_part *part,
                                     struct error *error) MUST_CHECK;

/* Appends the part as the field (or a `single` value of it). `value` is the record's, `root` of the
 * reader the source. A part that the record has not: zero, or ERROR_MISSING where strict. Errors
 * else: ERROR_RANGE, ERROR_LENGTH (a fixed uint8 array; a long that is not 8 bytes), ERROR_LIMIT,
 * ERROR_MEMORY. */
enum error_code record_metadata_write(struct json_reader *reader, const struct field *field,
                                      bool single, enum origin_part part, enum record_form form,
                                      const char *value, size_t length,
                                      const struct record_origin *origin) MUST_CHECK;

#endif
