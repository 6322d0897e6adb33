/* Any bytes as a message: the first byte chooses the definition and the options. What plan_validate
 * accepts to_json writes, and the other way round; a refusal names a path. The elements of an array
 * in what it accepts are messages of their own type, one behind the other. */
#include "message/json/to_json.h"
#include "message/mapping/to_record.h"
#include "message/plan/elements.h"

#include <stdlib.h>

#define OUT_LIMIT (4U << 20)

#define SEPARATOR                                                                                  \
    "\n================================================================================\nMSG: "

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
    const char *text;
    const char *path; /* of a value that a record takes */
    const char *each; /* of an array */
} definitions[] = {
    {"bool b\nint8 i\nuint8 u\nint16 s\nuint16 t\nint32 l\nuint32 m\nint64 q\nuint64 r\nfloat32 f\n"
     "float64 d\ntime at\nduration for\nstring text\nbyte y\nchar c",
     "for", NULL},
    {"string[] names\nuint8[] data\nuint8[4] four\nfloat64[3] xyz\nfloat32[] ranges\ntime[] times\n"
     "bool[] flags\nint64[] longs\nstring[2] pair\nchar[] chars",
     "names[2]", "names"},
    {"Header header\nStatus[] status\nNothing[] nothing\nNothing[3] three" SEPARATOR
     "std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id" SEPARATOR
     "fuzz_msgs/Status\nbyte level\nstring name\nValue[] values\nPoint[] points" SEPARATOR
     "fuzz_msgs/Value\nstring key\nstring value" SEPARATOR
     "fuzz_msgs/Point\nfloat32 x\nfloat32 y\nfloat32 z" SEPARATOR "fuzz_msgs/Nothing\n",
     "status[1].points", "status"},
    {"Level[] a" SEPARATOR "fuzz_msgs/Level\nDeeper[2] b" SEPARATOR
     "fuzz_msgs/Deeper\nstring[] c\nDeepest[] d" SEPARATOR "fuzz_msgs/Deepest\nfloat64[2] e",
     "a[0].b[1].d[0].e[1]", "a[1].b"},
};
#define COUNT (sizeof definitions / sizeof *definitions)

static struct plan *plans[COUNT];
static struct to_record *records[COUNT];
static struct elements *elements[COUNT]; /* NULL where there is no array */

static void prepare(void)
{
    for (size_t i = 0; i < COUNT && !plans[i]; i++) {
        const struct to_record_field field = {
            .name = "value", .path = definitions[i].path, .precision = 3, .fallback = "0"};
        if (plan_create("fuzz_msgs/Fuzz", definitions[i].text, strlen(definitions[i].text), NULL,
                        &plans[i], NULL) != ERROR_NONE ||
            to_record_create(plans[i], &field, 1, NULL, &records[i], NULL) != ERROR_NONE ||
            (definitions[i].each &&
             elements_create(plans[i], definitions[i].each, &elements[i], NULL) != ERROR_NONE))
            abort();
    }
}

static void take_apart(const struct elements *of, enum error_code valid, const uint8_t *bytes,
                       size_t size)
{
    struct elements_place place;
    if (elements_begin(of, bytes, size, &place, NULL) != valid ||
        (valid != ERROR_NONE && place.count > 0))
        abort();
    const uint8_t *end = place.bytes;
    while (place.index < place.count) {
        size_t length;
        const uint8_t *element = elements_next(of, &place, &length);
        if (element != end || length > size - (size_t)(element - bytes) ||
            plan_validate(elements_plan(of), element, length, NULL) != ERROR_NONE)
            abort();
        end = element + length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    prepare();
    if (size == 0)
        return 0;
    size_t choice = data[0] % COUNT;
    const struct to_json_options options = {.non_finite_as_string = (data[0] & 0x40) != 0,
                                            .bytes_as_array = (data[0] & 0x80) != 0};
    const struct record_context context = {.topic = "topic", .robot = "robot"};
    struct error error = {0};
    struct buffer out;
    buffer_init(&out, OUT_LIMIT);
    enum error_code valid = plan_validate(plans[choice], data + 1, size - 1, NULL);
    enum error_code json = to_json(plans[choice], data + 1, size - 1, &options, &out, NULL, &error);
    if (valid != json && json != ERROR_LIMIT)
        abort();
    if (json != ERROR_NONE && error.path[0] != '$')
        abort();
    enum error_code record =
        to_record(records[choice], data + 1, size - 1, &context, &out, NULL, NULL);
    if (valid != record && record != ERROR_LIMIT)
        abort();
    if (elements[choice])
        take_apart(elements[choice], valid, data + 1, size - 1);
    buffer_fini(&out);
    return 0;
}
