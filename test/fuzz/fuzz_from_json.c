/* JSON → bytes on hostile text. The first byte chooses a type, strictness and a time form; the rest
 * is the text. What is accepted must be a valid message, and what to_json writes of it must read
 * back to the same bytes (where its strings are UTF-8, which from_json sees to).
 */
#include "message/json/from_json.h"
#include "message/json/to_json.h"
#include "message/mapping/from_record.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAR "================================================================================\n"

static const char *const DEFINITIONS[] = {
    "bool a\nint8 b\nuint8 c\nint16 d\nuint16 e\nint32 f\nuint32 g\nint64 h\nuint64 i\n"
    "float32 j\nfloat64 k\nstring l\ntime m\nduration n\nchar o\nbyte p\n",
    "Header header\nPose[] poses\nPose[2] pair\nfloat64[4] row\nuint8[] data\nuint8[3] digest\n"
    "string[] names\nbool[2] flags\nfloat32[] ranges\ntime[] stamps\nint64[] counts\n" BAR
    "MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n" BAR
    "MSG: test_msgs/Pose\nfloat64 x\nfloat64 y\nEmpty nothing\n" BAR "MSG: test_msgs/Empty\n",
    "string a\nT b\n" BAR "MSG: test_msgs/T\nU[] c\nint8 d\n" BAR
    "MSG: test_msgs/U\nstring[2] e\nV f\nint8 g\n" BAR "MSG: test_msgs/V\nuint8[2] h\nint8 i\n",
};
#define DEFINITION_COUNT (sizeof DEFINITIONS / sizeof *DEFINITIONS)

/* A field of each kind that a record may fill, from places all over it. */
static const struct from_record_field FIELDS[] = {
    {.path = "header.stamp", .source = "$.a.t"}, {.path = "pair[1].x", .source = "$.a.b[1]"},
    {.path = "names", .source = "$.a.names"},    {.path = "poses", .source = "$['po ses']"},
    {.path = "stamps", .source = "$[0]"},        {.path = "header.frame_id", .source = "@key"},
    {.path = "row[2]", .constant = "1.5"},
};
#define FIELD_COUNT (sizeof FIELDS / sizeof *FIELDS)

#define OUT_LIMIT (1U << 20)

static struct plan *plans[DEFINITION_COUNT];
static struct from_record *mappings[TIME_ISO8601 + 1];
static struct buffer message, json, again;

static void must(bool holds, const char *what, const struct error *error)
{
    if (holds)
        return;
    (void)fprintf(stderr, "%s: %s at %zu: %s\n", what, error->path, error->position, error->text);
    abort();
}

static void set_up(void)
{
    struct error error = {0};
    for (size_t i = 0; i < DEFINITION_COUNT; i++)
        must(plan_create("test_msgs/Thing", DEFINITIONS[i], strlen(DEFINITIONS[i]), NULL, &plans[i],
                         &error) == ERROR_NONE,
             "plan", &error);
    for (size_t form = 0; form <= TIME_ISO8601; form++) {
        struct from_record_field fields[FIELD_COUNT];
        memcpy(fields, FIELDS, sizeof fields);
        for (size_t i = 0; i < FIELD_COUNT; i++)
            fields[i].time_form = (enum time_form)form;
        must(from_record_create(plans[1], fields, FIELD_COUNT, RECORD_JSON, NULL, &mappings[form],
                                &error) == ERROR_NONE,
             "mapping", &error);
    }
    buffer_init(&message, OUT_LIMIT);
    buffer_init(&json, 16 * OUT_LIMIT);
    buffer_init(&again, OUT_LIMIT);
}

static void check_error(enum error_code code, const struct error *error, size_t length)
{
    must(error->code == code && error->path[0] != '\0' && error->text[0] != '\0' &&
             error->position <= length,
         "error", error);
}

/* What came out of an accepted text reads back to itself. */
static void check_message(const struct plan *plan, bool bytes_as_array)
{
    struct error error = {0};
    const struct to_json_options options = {.non_finite_as_string = true,
                                            .bytes_as_array = bytes_as_array};
    const uint8_t *bytes = (const uint8_t *)message.data;
    must(plan_validate(plan, bytes, message.length, &error) == ERROR_NONE, "validate", &error);
    buffer_clear(&json);
    must(to_json(plan, bytes, message.length, &options, &json, NULL, &error) == ERROR_NONE,
         "to_json", &error);
    buffer_clear(&again);
    must(from_json(plan, json.data, json.length, NULL, &again, &error) == ERROR_NONE, "from_json",
         &error);
    must(again.length == message.length &&
             (message.length == 0 || memcmp(again.data, message.data, message.length) == 0),
         "round trip", &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!plans[0])
        set_up();
    if (size == 0)
        return 0;
    const char *text = (const char *)data + 1;
    size_t length = size - 1;
    struct error error = {0};
    size_t choice = data[0] % (DEFINITION_COUNT + 1);
    const struct from_json_options options = {.strict = data[0] & 0x80};
    const struct record_origin origin = {.key = "k", .key_length = 1, .topic = "t"};
    enum error_code code;
    buffer_clear(&message);
    if (choice == DEFINITION_COUNT) {
        size_t form = (data[0] >> 2) % (TIME_ISO8601 + 1);
        code = from_record(mappings[form], text, length, &origin, &message, &error);
        choice = 1;
    } else {
        code = from_json(plans[choice], text, length, &options, &message, &error);
    }
    if (code == ERROR_NONE)
        check_message(plans[choice], data[0] & 0x40);
    else
        check_error(code, &error, length);
    return 0;
}
