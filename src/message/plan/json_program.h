/* The flat program that writes a message as JSON: to_json.h and to_record.h run it, json_write.c is
 * its interpreter.
 *
 * The text before each value (`,"pose":{"position":{"x":`) is rendered once, here. Values of fixed
 * size that follow each other are a run: one check of the bytes, one reserve for the longest text.
 * Immutable once made: any thread.
 */
#ifndef KAFKA_BRIDGE_MESSAGE_PLAN_JSON_PROGRAM_H
#define KAFKA_BRIDGE_MESSAGE_PLAN_JSON_PROGRAM_H

#include "base/error.h"
#include "message/definitions/definition.h"

#include <stdbool.h>
#include <stdint.h>

/* Bounds, in bytes of JSON. The interpreter never reserves more than JSON_SLACK at once except for
 * what it will surely write. */
#define JSON_RUN_LIMIT    (32U << 10) /* of a run */
#define JSON_TEXT_LIMIT   (8U << 10)  /* of the text before one value */
#define JSON_SLACK        (128U << 10)
#define JSON_PROGRAM_TEXT (64U << 20)  /* of all texts of a program */
#define JSON_TEXT_BLOCK   ((size_t)16) /* texts are copied in blocks, so they need room behind */

/* The first ops are the kinds of definition.h: one value within a run. */
enum json_op {
    JSON_STEP_RUN = KIND_MESSAGE + 1, /* begins a run: `size` bytes, at most `reserve` of text */
    JSON_STEP_RUN_ARRAY,              /* `size` values of `kind` within a run */
    JSON_STEP_STRING,
    JSON_STEP_ARRAY, /* values of `kind`: `size` of them, or as the wire says */
    JSON_STEP_BYTES, /* uint8 values: `size` of them, or as the wire says */
    JSON_STEP_LOOP, /* its body follows; `target` is behind it; `reserve` is an element's minimum */
    JSON_STEP_NEXT, /* ends the body that begins at `target` */
    JSON_STEP_TEXT, /* nothing but its text */
    JSON_STEP_END,
};

#define JSON_COUNT_ON_WIRE SIZE_MAX

struct json_step {
    uint8_t op;
    uint8_t kind;
    uint16_t text_length;
    uint32_t text; /* offset into the program's texts */
    uint32_t target;
    uint32_t reserve;
    size_t size;
};

struct json_program {
    struct json_step *steps;
    size_t count;
    char *texts; /* JSON_TEXT_BLOCK bytes longer than used */
};

/* Compiles the JSON of a message of `type`. ERROR_MEMORY, or ERROR_LIMIT where the texts are longer
 * than JSON_PROGRAM_TEXT. The caller owns `program`; json_program_fini may be called after errors.
 */
enum error_code json_program_init(struct json_program *program,
                                  const struct message_type *type) MUST_CHECK;

/* The same for the value of one field, without its name: all of an array, or one element of it. */
enum error_code json_program_init_value(struct json_program *program, const struct field *field,
                                        bool element) MUST_CHECK;

void json_program_fini(struct json_program *program);

/* Bytes that the longest text of one value of `kind` (a number, bool, time or duration) takes. */
size_t json_value_width(enum field_kind kind);

#endif
