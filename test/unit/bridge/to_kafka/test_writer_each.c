/* Messages that are taken apart: one record an element, over as many batches as it takes. */
#include "flow_support.h"

#include "bridge/to_kafka/stream.h"
#include "bridge/to_kafka/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE   "test_msgs/Hits"
#define MD5SUM "00000000000000000000000000000000"
#define DEFINITION                                                                                 \
    "std_msgs/Header header\nHit[] hits\n"                                                         \
    "================================================================================\n"           \
    "MSG: test_msgs/Hit\nuint32 number\nstring text\n"                                             \
    "================================================================================\n"           \
    "MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n"
#define RECEIPT      INT64_C(1500000000)
#define BATCH        2000U /* records that a batch takes, at most */
#define MESSAGE_SIZE (1U << 20)

static struct to_record_field fields[] = {
    {.name = "id", .path = "@sequence", .precision = PRECISION_NONE},
    {.name = "at", .path = "@index", .precision = PRECISION_NONE},
    {.name = "n", .path = "number", .precision = PRECISION_NONE},
    {.name = "text", .path = "text", .precision = PRECISION_NONE}};

/* A flow whose writer takes messages of one source, as a stream would push them. */
struct writing {
    struct flow *flow;
    struct to_kafka_route route;
    struct stream stream;
    struct source source;
    struct target target;
    struct queue *queue;
    struct writer *writer;
    uint8_t *bytes; /* of the message that is made */
    size_t size;
};

static void open_writer(struct writing *writing)
{
    struct flow *flow = writing->flow;
    flow_open(flow);
    writing->source.origin = NULL;
    writing->source.element_origin = NULL;
    writing->target.sequence = NULL;
    assert_int_equal(queue_create(8U << 20, &writing->queue), ERROR_NONE);
    assert_int_equal(writer_create(&flow->config, flow->spool, flow->origins, &writing->writer),
                     ERROR_NONE);
}

static void close_writer(struct writing *writing)
{
    writer_destroy(writing->writer);
    queue_destroy(writing->queue);
    writing->writer = NULL;
    writing->queue = NULL;
}

static int setup(void **state)
{
    static struct writing writing;
    static char ros_topic[] = "/hits", type[] = TYPE, md5sum[] = MD5SUM, kafka_topic[] = FLOW_TOPIC;
    void *flow = NULL;
    if (flow_setup(&flow) != 0)
        return -1;
    writing = (struct writing){.flow = flow,
                               .route = {.path = "r",
                                         .each = "hits",
                                         .format = FORMAT_FIELDS,
                                         .fields = fields,
                                         .field_count = sizeof fields / sizeof *fields,
                                         .key = "{number}",
                                         .headers = true},
                               .target = {.kafka_topic = kafka_topic}};
    writing.stream = (struct stream){
        .config = &writing.flow->config, .route = &writing.route, .ros_topic = ros_topic};
    writing.source = (struct source){
        .stream = &writing.stream, .type = type, .md5sum = md5sum, .target = &writing.target};
    writing.bytes = malloc(MESSAGE_SIZE);
    if (!writing.bytes ||
        plan_create(TYPE, DEFINITION, strlen(DEFINITION), NULL, &writing.source.plan, NULL) !=
            ERROR_NONE ||
        elements_create(writing.source.plan, "hits", &writing.source.elements, NULL) !=
            ERROR_NONE ||
        encoder_create(&writing.flow->config, &writing.route, ros_topic,
                       elements_plan(writing.source.elements), &writing.source.encoder,
                       NULL) != ERROR_NONE)
        return -1;
    *state = &writing;
    return 0;
}

static int teardown(void **state)
{
    struct writing *writing = *state;
    void *flow = writing->flow;
    close_writer(writing);
    encoder_destroy(writing->source.encoder);
    elements_destroy(writing->source.elements);
    plan_destroy(writing->source.plan);
    free(writing->bytes);
    return flow_teardown(&flow);
}

static void put_u32(struct writing *writing, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        writing->bytes[writing->size++] = (uint8_t)(value >> 8 * i);
}

/* A message of `seq`, stamped 1 s, with hits that are numbered from `first` on and have texts of
 * `length`. */
static void make_message(struct writing *writing, uint32_t seq, uint32_t first, uint32_t count,
                         uint32_t length)
{
    const uint32_t header[] = {seq, 1, 0, 0, count};
    writing->size = 0;
    for (size_t i = 0; i < sizeof header / sizeof *header; i++)
        put_u32(writing, header[i]);
    for (uint32_t i = 0; i < count; i++) {
        put_u32(writing, first + i);
        put_u32(writing, length);
        assert_true(writing->size + length + 8 < MESSAGE_SIZE);
        memset(writing->bytes + writing->size, 'x', length);
        writing->size += length;
    }
}

static void push_made(struct writing *writing, struct spool_note *note)
{
    const struct queue_entry entry = {.owner = &writing->source,
                                      .note = note,
                                      .receipt = RECEIPT,
                                      .data = writing->bytes,
                                      .size = writing->size};
    counter_add(&writing->stream.counters.received, 1);
    assert_int_equal(queue_push(writing->queue, &entry), ERROR_NONE);
}

static void push(struct writing *writing, uint32_t first, uint32_t count)
{
    make_message(writing, 0, first, count, 0);
    push_made(writing, NULL);
}

/* The next batch; NULL where nothing is left. */
static struct batch *fill(struct writing *writing)
{
    struct batch *batch = outbox_begin(writing->flow->outbox);
    assert_non_null(batch);
    if (writer_fill(writing->writer, writing->queue, batch, 1, &writing->flow->deadline))
        return batch;
    outbox_recycle(writing->flow->outbox, batch);
    return NULL;
}

/* With all that the queue holds, however slow the machine is. */
static struct batch *fill_all(struct writing *writing)
{
    struct batch *batch = fill(writing);
    assert_non_null(batch);
    while (writer_fill(writing->writer, writing->queue, batch, 1, &writing->flow->deadline))
        ;
    return batch;
}

static struct totals totals_of(const struct writing *writing)
{
    struct totals totals = {0};
    totals_add(&totals, &writing->stream.counters);
    assert_int_equal(totals.received + totals.restored,
                     totals.delivered + totals.dead_lettered + totals_dropped(&totals) +
                         totals.spooled + totals_pending(&totals));
    return totals;
}

static void record_is(const struct batch *batch, uint32_t index, uint64_t sequence, uint32_t place,
                      uint32_t number)
{
    char value[80], key[16];
    struct spool_record record;
    batch_record(batch, index, &record);
    int length = snprintf(value, sizeof value,
                          "{\"id\":%" PRIu64 ",\"at\":%" PRIu32 ",\"n\":%" PRIu32 ",\"text\":\"\"}",
                          sequence, place, number);
    assert_int_equal(record.kind, KIND_RECORD);
    assert_int_equal(record.sequence, sequence);
    assert_int_equal(record.timestamp, 1000);
    assert_int_equal(record.value_size, length);
    assert_memory_equal(record.value, value, (size_t)length);
    length = snprintf(key, sizeof key, "%" PRIu32, number);
    assert_int_equal(record.key_size, length);
    assert_memory_equal(record.key, key, (size_t)length);
}

static void each_element_is_a_record(void **state)
{
    struct writing *writing = *state;
    open_writer(writing);
    push(writing, 70, 3);
    struct batch *batch = fill(writing);
    assert_non_null(batch);
    assert_int_equal(batch->block.count, 3);
    for (uint32_t i = 0; i < 3; i++)
        record_is(batch, i, i, i, 70 + i);
    assert_int_equal(totals_of(writing).received, 3);
    assert_int_equal(writing->stream.counters.received, 3);
    const struct spool_origin *facts = batch->items[0].origin->facts;
    assert_string_equal(facts->ros_type, "test_msgs/Hit");
    assert_string_equal(facts->ros_md5sum, plan_md5sum(elements_plan(writing->source.elements)));
    assert_string_equal(facts->definition, "uint32 number\nstring text\n");
    outbox_recycle(writing->flow->outbox, batch);
}

/* Messages that are larger than batches, equal to them, and small ones between; what is left in the
 * writer counts as pending. */
static void a_message_goes_on_in_the_next_batches(void **state)
{
    static const uint32_t counts[] = {2 * BATCH + 500, 1, BATCH - 501, BATCH, 3, 3 * BATCH, 7};
    struct writing *writing = *state;
    uint64_t sent = 0, batches = 0;
    uint32_t message = 0, place = 0, number = 0;
    open_writer(writing);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        push(writing, number, counts[i]);
        number += counts[i];
    }
    for (struct batch *batch; (batch = fill(writing)); batches++) {
        assert_in_range(batch->block.count, 1, BATCH);
        for (uint32_t i = 0; i < batch->block.count; i++, sent++) {
            if (place == counts[message]) {
                message++;
                place = 0;
            }
            record_is(batch, i, sent, place++, (uint32_t)sent);
        }
        outbox_put(writing->flow->outbox, batch, &writing->flow->deadline);
        struct totals totals = totals_of(writing);
        assert_int_equal(totals.spooled, sent);
        if (batches == 0) /* of the first message, and of the others as they are */
            assert_int_equal(totals.received, counts[0] + 6);
    }
    assert_int_equal(sent, number);
    assert_true(batches >= number / BATCH);
    struct totals totals = totals_of(writing);
    assert_int_equal(totals.received, number);
    assert_int_equal(totals_pending(&totals), 0);
}

/* Large elements: the bytes bound a batch too. */
static void a_batch_is_bounded_in_bytes_too(void **state)
{
    struct writing *writing = *state;
    uint32_t records = 0, batches = 0;
    writing->flow->config.spool.max_bytes = 80000;
    open_writer(writing);
    make_message(writing, 0, 0, 100, 1000);
    push_made(writing, NULL);
    for (struct batch *batch; (batch = fill(writing)); batches++) {
        assert_in_range(batch->block.bytes.length, 1, 10000 + 1200);
        records += batch->block.count;
        outbox_recycle(writing->flow->outbox, batch);
    }
    assert_int_equal(records, 100);
    assert_in_range(batches, 10, 100);
}

static void a_message_without_elements_is_counted_as_empty(void **state)
{
    struct writing *writing = *state;
    open_writer(writing);
    push(writing, 0, 0);
    push(writing, 5, 1);
    push(writing, 0, 0);
    struct batch *batch = fill_all(writing);
    assert_int_equal(batch->block.count, 1);
    assert_int_equal(totals_of(writing).received, 3);
    assert_int_equal(totals_of(writing).dropped[DROP_EMPTY], 2);
    assert_string_equal(drop_reason_name(DROP_EMPTY), "empty");
    outbox_recycle(writing->flow->outbox, batch);
}

static void letter_holds(const struct batch *batch, uint32_t index, const char *text)
{
    char found[4000];
    struct spool_record record;
    batch_record(batch, index, &record);
    assert_int_equal(record.kind, KIND_LETTER);
    (void)snprintf(found, sizeof found, "%.*s", (int)record.value_size, (const char *)record.value);
    if (!strstr(found, text))
        fail_msg("%s is not in %s", text, found);
}

/* One letter for all of it, with the message's own type; nothing of it is sent. */
static void a_message_that_is_not_whole_is_one_letter(void **state)
{
    struct writing *writing = *state;
    open_writer(writing);
    push(writing, 0, 2);
    make_message(writing, 0, 10, 5, 3);
    writing->size--;
    push_made(writing, NULL);
    push(writing, 2, 2);
    struct batch *batch = fill_all(writing);
    assert_int_equal(batch->block.count, 5);
    letter_holds(batch, 2, "\"reason\":\"truncated\"");
    letter_holds(batch, 2, "\"path\":\"$.hits[4].text\"");
    letter_holds(batch, 2, "\"ros_type\":\"test_msgs/Hits\"");
    assert_string_equal(batch->items[2].origin->facts->ros_type, TYPE);
    record_is(batch, 3, 3, 0, 2);
    assert_int_equal(totals_of(writing).received, 5);
    outbox_recycle(writing->flow->outbox, batch);
}

/* The others go on. */
static void an_element_that_cannot_be_encoded_is_a_letter(void **state)
{
    struct writing *writing = *state;
    writing->flow->config.message_max_bytes = 60;
    open_writer(writing);
    push(writing, 0, 3);
    struct batch *batch = fill(writing);
    assert_int_equal(batch->block.count, 3);
    outbox_recycle(writing->flow->outbox, batch);
    make_message(writing, 0, 0, 3, 0);
    writing->size = 20 + 8; /* the second one has a text of 50 bytes */
    put_u32(writing, 1);
    put_u32(writing, 50);
    memset(writing->bytes + writing->size, 'x', 50);
    writing->size += 50;
    put_u32(writing, 2);
    put_u32(writing, 0);
    push_made(writing, NULL);
    batch = fill(writing);
    assert_int_equal(batch->block.count, 3);
    record_is(batch, 0, 3, 0, 0);
    letter_holds(batch, 1, "\"reason\":\"limit\"");
    letter_holds(batch, 1, "\"path\":\"hits[1]\"");
    letter_holds(batch, 1, "\"ros_type\":\"test_msgs/Hit\"");
    letter_holds(batch, 1, "\"size\":58");
    record_is(batch, 2, 5, 2, 2);
    assert_int_equal(totals_of(writing).received, 6);
    outbox_recycle(writing->flow->outbox, batch);
}

static void crash(struct writing *writing)
{
    close_writer(writing);
    flow_crash(writing->flow);
    open_writer(writing);
}

/* With the last batch of a message its seq is remembered: a crash before it shows as a gap. */
static void the_seq_is_noted_with_the_last_element(void **state)
{
    struct writing *writing = *state;
    open_writer(writing);
    struct spool_note *note = spool_note(writing->flow->spool, "/hits /publisher");
    for (int last = 0; last < 2; last++) {
        make_message(writing, 7, 0, BATCH + 1, 0);
        push_made(writing, note);
        outbox_put(writing->flow->outbox, fill(writing), &writing->flow->deadline);
        if (last)
            outbox_put(writing->flow->outbox, fill(writing), &writing->flow->deadline);
        crash(writing);
        note = spool_note(writing->flow->spool, "/hits /publisher");
        assert_int_equal(note->known, last);
    }
    assert_int_equal(note->found, 7);
}

/* The end of the node, with the spool gone: nothing stays unexplained. */
static void elements_that_find_no_time_are_dropped_one_by_one(void **state)
{
    struct writing *writing = *state;
    writing->flow->config.spool.max_bytes = 4000;
    open_writer(writing);
    push(writing, 0, 100);
    writing->flow->deadline = 0;
    for (struct batch *batch; (batch = fill(writing));)
        outbox_put(writing->flow->outbox, batch, &writing->flow->deadline);
    struct totals totals = totals_of(writing);
    assert_int_equal(totals.received, 100);
    assert_int_equal(totals_pending(&totals), 0);
    assert_true(totals.dropped[DROP_SPOOL_FULL] > 0 && totals.spooled > 0);
    assert_int_equal(totals.dropped[DROP_SPOOL_FULL] + totals.spooled, 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_element_is_a_record),
        TEST(a_message_goes_on_in_the_next_batches),
        TEST(a_batch_is_bounded_in_bytes_too),
        TEST(a_message_without_elements_is_counted_as_empty),
        TEST(a_message_that_is_not_whole_is_one_letter),
        TEST(an_element_that_cannot_be_encoded_is_a_letter),
        TEST(the_seq_is_noted_with_the_last_element),
        TEST(elements_that_find_no_time_are_dropped_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
