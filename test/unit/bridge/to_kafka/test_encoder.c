/* Encoder and decoder: messages to records and back, as routes say. */
#include "test_support.h"

#include "bridge/publish/decoder.h"
#include "bridge/to_kafka/encoder.h"

#include <string.h>

#define STAMPED                                                                                    \
    "std_msgs/Header header\nint32 id\nfloat64 value\nstring text\n"                               \
    "================================================================================\n"           \
    "MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n"

/* header {seq 7, stamp 1.5 s, frame "map"}, id -2, value 2.25, text "hé" */
static const uint8_t stamped[] = {7, 0, 0, 0,   1,    0,   0,    0,    0,    0x65, 0xcd, 0x1d, 3,
                                  0, 0, 0, 'm', 'a',  'p', 0xfe, 0xff, 0xff, 0xff, 0,    0,    0,
                                  0, 0, 0, 2,   0x40, 3,   0,    0,    0,    'h',  0xc3, 0xa9};

static struct plan *make_plan(const char *type, const char *text)
{
    struct plan *plan = NULL;
    struct error error;
    if (plan_create(type, text, strlen(text), NULL, &plan, &error) != ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
    return plan;
}

static const struct config config = {.robot = "warty", .message_max_bytes = 4096};

static void encode(const struct to_kafka_route *route, struct encoded *encoded)
{
    struct plan *plan = make_plan("test_msgs/Stamped", STAMPED);
    struct encoder *encoder = NULL;
    struct error error = {0};
    encoded_init(encoded, config.message_max_bytes);
    if (encoder_create(&config, route, "/warty/thing", plan, &encoder, &error) != ERROR_NONE ||
        encoder_encode(encoder,
                       &(struct encoder_input){.bytes = stamped,
                                               .size = sizeof stamped,
                                               .receipt = INT64_C(9000000000),
                                               .sequence = 42},
                       encoded, NULL, &error) != ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
    encoder_destroy(encoder);
    plan_destroy(plan);
}

static void assert_text(const struct buffer *buffer, const char *text)
{
    assert_int_equal(buffer->length, strlen(text));
    assert_memory_equal(buffer->data, text, buffer->length);
}

static void json_has_the_whole_message(void **state)
{
    (void)state;
    struct to_kafka_route route = {.path = "r", .key = "{topic}", .format = FORMAT_JSON};
    struct encoded encoded;
    encode(&route, &encoded);
    assert_text(&encoded.key, "/warty/thing");
    assert_text(&encoded.value, "{\"header\":{\"seq\":7,\"stamp\":{\"secs\":1,\"nsecs\":500000000},"
                                "\"frame_id\":\"map\"},\"id\":-2,\"value\":2.25,\"text\":\"hé\"}");
    assert_int_equal(encoded.timestamp, 1500);
    encoded_fini(&encoded);
}

static void fields_are_chosen_and_keys_are_filled(void **state)
{
    (void)state;
    struct to_record_field fields[] = {
        {.name = "n", .path = "@sequence", .precision = PRECISION_NONE},
        {.name = "v", .path = "value", .precision = 1},
        {.name = "r", .path = "@robot", .precision = PRECISION_NONE},
        {.name = "at",
         .path = "@receipt",
         .precision = PRECISION_NONE,
         .time_form = TIME_MILLISECONDS},
        {.name = "k", .constant = "[1]", .precision = PRECISION_NONE}};
    struct to_kafka_route route = {.path = "r",
                                   .key = "{robot}/{header.frame_id}/{id}{{}}",
                                   .format = FORMAT_FIELDS,
                                   .fields = fields,
                                   .field_count = 5,
                                   .stamp_from_receipt = true};
    struct encoded encoded;
    encode(&route, &encoded);
    assert_text(&encoded.key, "warty/map/-2{}");
    assert_text(&encoded.value, "{\"n\":42,\"v\":2.2,\"r\":\"warty\",\"at\":9000,\"k\":[1]}");
    assert_int_equal(encoded.timestamp, 9000);
    encoded_fini(&encoded);
}

/* An element has the stamp of its message, and its own only where that has none. */
static void an_element_has_its_place_and_the_stamp_of_its_message(void **state)
{
    (void)state;
    static const int64_t stamps[] = {INT64_C(3000000000), 0};
    static const char *const values[] = {"{\"i\":5,\"at\":3.0,\"t\":\"test_msgs/Stamped\"}",
                                         "{\"i\":5,\"at\":1.5,\"t\":\"test_msgs/Stamped\"}"};
    struct to_record_field fields[] = {
        {.name = "i", .path = "@index", .precision = PRECISION_NONE},
        {.name = "at", .path = "@stamp", .precision = PRECISION_NONE, .time_form = TIME_SECONDS},
        {.name = "t", .path = "@type", .precision = PRECISION_NONE}};
    struct to_kafka_route route = {.path = "r",
                                   .key = "{header.frame_id}",
                                   .format = FORMAT_FIELDS,
                                   .fields = fields,
                                   .field_count = 3};
    struct plan *plan = make_plan("test_msgs/Stamped", STAMPED);
    struct encoder *encoder = NULL;
    struct encoded encoded;
    encoded_init(&encoded, 4096);
    assert_int_equal(encoder_create(&config, &route, "/t", plan, &encoder, NULL), ERROR_NONE);
    for (size_t i = 0; i < 2; i++) {
        const struct encoder_input input = {.bytes = stamped,
                                            .size = sizeof stamped,
                                            .receipt = INT64_C(9000000000),
                                            .stamp = stamps[i],
                                            .index = 5};
        assert_int_equal(encoder_encode(encoder, &input, &encoded, NULL, NULL), ERROR_NONE);
        assert_text(&encoded.key, "map");
        assert_text(&encoded.value, values[i]);
        assert_int_equal(encoded.timestamp, i == 0 ? 3000 : 1500);
    }
    encoder_destroy(encoder);
    encoded_fini(&encoded);
    plan_destroy(plan);
}

static void text_and_bytes_go_as_they_are(void **state)
{
    (void)state;
    struct to_kafka_route text = {
        .path = "r", .key = "{type}", .format = FORMAT_TEXT, .text_field = "text"};
    struct to_kafka_route bytes = {.path = "r", .key = "", .format = FORMAT_ROS1};
    struct encoded encoded;
    encode(&text, &encoded);
    assert_text(&encoded.key, "test_msgs/Stamped");
    assert_text(&encoded.value, "hé");
    encoded_fini(&encoded);
    encode(&bytes, &encoded);
    assert_int_equal(encoded.key.length, 0);
    assert_int_equal(encoded.value.length, sizeof stamped);
    assert_memory_equal(encoded.value.data, stamped, sizeof stamped);
    encoded_fini(&encoded);
}

/* Truncated bytes must be refused by every format, also where what is asked for comes before. */
static void short_messages_are_refused_in_every_format(void **state)
{
    (void)state;
    struct to_record_field field = {.name = "i", .path = "id", .precision = PRECISION_NONE};
    struct plan *plan = make_plan("test_msgs/Stamped", STAMPED);
    for (int format = FORMAT_JSON; format <= FORMAT_ROS1; format++) {
        struct to_kafka_route route = {.path = "r",
                                       .key = "{id}",
                                       .format = (enum config_format)format,
                                       .fields = &field,
                                       .field_count = 1,
                                       .text_field = "header.frame_id"};
        struct encoder *encoder = NULL;
        struct encoded encoded;
        struct error error;
        encoded_init(&encoded, 4096);
        assert_int_equal(encoder_create(&config, &route, "/t", plan, &encoder, &error), ERROR_NONE);
        for (size_t length = 0; length < sizeof stamped; length++) {
            const struct encoder_input input = {.bytes = stamped, .size = length};
            assert_int_equal(encoder_encode(encoder, &input, &encoded, NULL, &error),
                             ERROR_TRUNCATED);
            assert_int_equal(error.path[0], '$');
        }
        encoder_destroy(encoder);
        encoded_fini(&encoded);
    }
    plan_destroy(plan);
}

static void a_route_that_does_not_fit_the_type_is_told_with_its_key(void **state)
{
    (void)state;
    struct plan *plan = make_plan("test_msgs/Stamped", STAMPED);
    struct to_kafka_route key = {.path = "ros_to_kafka[3]", .key = "{nothing}"};
    struct to_kafka_route text = {
        .path = "ros_to_kafka[3]", .key = "", .format = FORMAT_TEXT, .text_field = "header"};
    struct encoder *encoder = NULL;
    struct error error;
    assert_int_equal(encoder_create(&config, &key, "/t", plan, &encoder, &error), ERROR_UNKNOWN);
    assert_non_null(strstr(error.path, "ros_to_kafka[3].key"));
    assert_int_not_equal(encoder_create(&config, &text, "/t", plan, &encoder, &error), ERROR_NONE);
    assert_non_null(strstr(error.path, "ros_to_kafka[3].text_field"));
    plan_destroy(plan);
}

static enum error_code decode(const struct to_ros_route *route, const char *type,
                              const char *definition, const struct kafka_record *record,
                              struct buffer *out, struct error *error)
{
    struct plan *plan = make_plan(type, definition);
    struct decoder *decoder = NULL;
    buffer_init(out, 4096);
    enum error_code code = decoder_create(route, plan, &decoder, error);
    if (code == ERROR_NONE)
        code = decoder_decode(decoder, record, out, error);
    decoder_destroy(decoder);
    plan_destroy(plan);
    return code;
}

static void assert_decodes(const struct to_ros_route *route, const char *definition,
                           const struct kafka_record *record, const void *bytes, size_t length)
{
    struct buffer out;
    struct error error = {0};
    if (decode(route, "test_msgs/T", definition, record, &out, &error) != ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
    assert_int_equal(out.length, length);
    assert_memory_equal(out.data, bytes, length);
    buffer_fini(&out);
}

#define COUNT "string word\nint64 count\n"

static void records_become_messages(void **state)
{
    (void)state;
    struct from_record_field counts[] = {{.path = "word", .source = "@key"},
                                         {.path = "count", .source = "@value"}};
    struct from_record_field nested[] = {{.path = "count", .source = "$[\"Total Count\"].n[1]"}};
    struct to_ros_route number = {
        .path = "r", .format = FORMAT_LONG, .fields = counts, .field_count = 2};
    struct to_ros_route fields = {
        .path = "r", .format = FORMAT_FIELDS, .fields = nested, .field_count = 1};
    struct to_ros_route json = {.path = "r", .format = FORMAT_JSON};
    struct to_ros_route bytes = {.path = "r", .format = FORMAT_ROS1};
    struct kafka_record record = {
        .topic = "t", .key = "ab", .key_size = 2, .value = "\0\0\0\0\0\0\1\2", .value_size = 8};
    static const uint8_t counted[] = {2, 0, 0, 0, 'a', 'b', 2, 1, 0, 0, 0, 0, 0, 0};
    static const uint8_t zero_word[] = {0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0};
    assert_decodes(&number, COUNT, &record, counted, sizeof counted);
    record.value = "{\"Total Count\":{\"n\":[4,5]},\"other\":null}";
    record.value_size = strlen(record.value);
    assert_decodes(&fields, COUNT, &record, zero_word, sizeof zero_word);
    record.value = "{\"count\":258,\"word\":\"ab\"}";
    record.value_size = strlen(record.value);
    assert_decodes(&json, COUNT, &record, counted, sizeof counted);
    record.value = counted;
    record.value_size = sizeof counted;
    assert_decodes(&bytes, COUNT, &record, counted, sizeof counted);
    record.value = NULL; /* what Kafka makes of an empty message's no bytes */
    record.value_size = 0;
    assert_decodes(&bytes, "", &record, "", 0);
}

static void records_that_are_none_are_refused(void **state)
{
    (void)state;
    struct to_ros_route json = {.path = "r", .format = FORMAT_JSON};
    struct to_ros_route bytes = {.path = "r", .format = FORMAT_ROS1};
    struct kafka_record record = {.topic = "t"};
    struct buffer out;
    struct error error;
    assert_int_equal(decode(&json, "test_msgs/T", COUNT, &record, &out, &error), ERROR_MISSING);
    buffer_fini(&out);
    record.value = "{\"count\":[]}";
    record.value_size = strlen(record.value);
    assert_int_equal(decode(&json, "test_msgs/T", COUNT, &record, &out, &error), ERROR_TYPE);
    assert_string_equal(error.path, "$.count");
    buffer_fini(&out);
    assert_int_equal(decode(&bytes, "test_msgs/T", COUNT, &record, &out, &error), ERROR_TRUNCATED);
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_the_whole_message),
        cmocka_unit_test(fields_are_chosen_and_keys_are_filled),
        cmocka_unit_test(an_element_has_its_place_and_the_stamp_of_its_message),
        cmocka_unit_test(text_and_bytes_go_as_they_are),
        cmocka_unit_test(short_messages_are_refused_in_every_format),
        cmocka_unit_test(a_route_that_does_not_fit_the_type_is_told_with_its_key),
        cmocka_unit_test(records_become_messages),
        cmocka_unit_test(records_that_are_none_are_refused),
    };
    return cmocka_run_group_tests_name("convert", tests, NULL, NULL);
}
