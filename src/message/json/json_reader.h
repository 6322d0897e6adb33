/* Reads JSON values into the serialized form of ROS fields: what from_json and from_record share.
 *
 * A reader lives on its caller's stack for one message; it appends to `out` in wire order while the
 * scan moves over the text. Every failure fills `error` with the path, the byte position, what was
 * found and what would be right.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_JSON_JSON_READER_H
#define KAFKA_BRIDGE_MESSAGE_JSON_JSON_READER_H

#include "base/buffer.h"
#include "message/definitions/definition.h"
#include "message/json/json_scan.h"
#include "message/values/time_form.h"

/* Where the reader is, innermost place first; the outermost one's `up` is NULL. */
struct json_place {
    const struct json_place *up;
    const char *name;   /* of an object's member; NULL for an array's element */
    size_t name_length; /* of `name`, which need not be terminated */
    size_t index;       /* of an array's element; JSON_PLACE_NONE where none is begun yet */
};

#define JSON_PLACE_NONE SIZE_MAX

struct json_reader {
    struct json_scan scan;
    struct buffer *out;
    struct error *error; /* may be NULL */
    const char *root;    /* the path's first part: "$", or the path that led to the value */
    const struct json_place *place;
    size_t depth; /* levels of nesting that are open */
    bool strict;  /* a member that is not there is an error */
    enum time_form
        time_form; /* what a time that is no object is written in; TIME_OBJECT: nothing */
};

/* Texts are at most this long, so that positions inside them fit 32 bits. */
#define JSON_READER_TEXT_LIMIT (UINT32_MAX - 1U)

/* Reads the value at the scan's position as the whole of `field`, arrays and nested messages
 * included. Errors as from_json's. */
enum error_code json_read_field(struct json_reader *reader, const struct field *field) MUST_CHECK;

/* The same for a single value of the field's kind, whatever its array part says. */
enum error_code json_read_single(struct json_reader *reader, const struct field *field) MUST_CHECK;

/* Reads an object as a message of `type`. */
enum error_code json_read_message(struct json_reader *reader,
                                  const struct message_type *type) MUST_CHECK;

/* json_read_single's parts by kind: bool, integers, floats, strings (json_scalar.c); time and
 * duration (json_time.c). */
enum error_code json_read_scalar(struct json_reader *reader, const struct field *field) MUST_CHECK;
enum error_code json_read_time(struct json_reader *reader, const struct field *field) MUST_CHECK;

/* Reads an integer of `kind`, which is one of the integer kinds or KIND_BOOL (0 and 1), as a number
 * without a fraction (1e3 and 5.0 have none) or as a string of one; negative values in two's
 * complement. `name` is the type in messages. */
enum error_code json_read_integer(struct json_reader *reader, enum field_kind kind,
                                  const char *name, uint64_t *value) MUST_CHECK;

/* Takes a number, or a string that is a number and nothing else. */
enum error_code json_read_number(struct json_reader *reader, const char *name,
                                 struct json_number *number) MUST_CHECK;

/* Reads base64 text as the whole of a uint8 or char array. */
enum error_code json_read_base64(struct json_reader *reader, const struct field *field) MUST_CHECK;

enum error_code json_write_zeros(struct json_reader *reader, size_t size) MUST_CHECK;

/* Appends the lowest `size` (1…8) bytes of `value`, little endian. */
enum error_code json_write_bytes(struct json_reader *reader, uint64_t value,
                                 size_t size) MUST_CHECK;

/* How many more levels a value at the reader's place may have. */
size_t json_reader_depth_left(const struct json_reader *reader);

/* Fill the error at the reader's place and return the code. `found`: "found EXCERPT, …" with what
 * stands at `position` in front of the text. `scan`: what the scanner's last failure says; `out`:
 * the buffer refused to grow. */
enum error_code json_reader_fail(const struct json_reader *reader, enum error_code code,
                                 size_t position, const char *format, ...) PRINTF_LIKE(4, 5);
enum error_code json_reader_fail_found(const struct json_reader *reader, enum error_code code,
                                       size_t position, const char *format, ...) PRINTF_LIKE(4, 5);
enum error_code json_reader_fail_scan(const struct json_reader *reader, enum error_code code);
enum error_code json_reader_fail_out(const struct json_reader *reader, enum error_code code);

/* A value of a kind that `takes` does not take: ERROR_TYPE, or ERROR_SYNTAX where there is none. */
enum error_code json_reader_fail_kind(const struct json_reader *reader, enum json_kind kind,
                                      const char *name, const char *takes);

/* The type with its array part, as the definition has it: "float64[36]". Returns `name`. */
const char *json_array_name(const struct field *field, char *name, size_t size);

/* Enters the object or array at the scan's position: `place`, on the caller's stack, is the
 * reader's until it leaves. */
static inline void json_reader_enter(struct json_reader *reader, struct json_place *place)
{
    *place = (struct json_place){.up = reader->place, .index = JSON_PLACE_NONE};
    reader->place = place;
    reader->depth++;
}

static inline void json_reader_leave(struct json_reader *reader)
{
    reader->place = reader->place->up;
    reader->depth--;
}

/* json_scan_member, with `place` (the reader's own) moved to the member and the error filled. */
static inline MUST_CHECK enum error_code
json_reader_next_member(struct json_reader *reader, struct json_series *series,
                        struct json_place *place, struct json_string *name, bool *more)
{
    place->name = NULL;
    enum error_code code = json_scan_member(&reader->scan, series, name, more);
    if (code != ERROR_NONE)
        return json_reader_fail_scan(reader, code);
    if (*more) {
        place->name = name->text;
        place->name_length = name->length;
    }
    return ERROR_NONE;
}

/* The same for an element; afterwards `place->index` is its. */
static inline MUST_CHECK enum error_code json_reader_next_element(struct json_reader *reader,
                                                                  struct json_series *series,
                                                                  struct json_place *place,
                                                                  bool *more)
{
    enum error_code code = json_scan_element(&reader->scan, series, more);
    if (code != ERROR_NONE)
        return json_reader_fail_scan(reader, code);
    if (*more)
        place->index = place->index == JSON_PLACE_NONE ? 0 : place->index + 1;
    return ERROR_NONE;
}

/* Where the member's name begins, with its quote. */
static inline size_t json_reader_name_position(const struct json_reader *reader,
                                               const struct json_string *name)
{
    return (size_t)(name->text - reader->scan.text) - 1;
}

#endif
