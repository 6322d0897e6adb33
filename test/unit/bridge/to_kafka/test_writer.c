/* Messages become records with numbers that never come twice, letters among them. */
#include "flow_support.h"

#include "bridge/to_kafka/stream.h"
#include "bridge/to_kafka/writer.h"

#include <rosc/time.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define TYPE   "test_msgs/Numbered"
#define MD5SUM "00000000000000000000000000000000"
#define DEFINITION                                                                                 \
    "std_msgs/Header header\nuint8 value\n"                                                        \
    "================================================================================\n"           \
    "MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n"
#define RECEIPT INT64_C(1500000000)

/* A flow whose writer takes messages of one source, as a stream would push them. */
struct writing {
    struct flow *flow;
    struct to_kafka_route route;
    struct stream stream;
    struct source source;
    struct target target;
    char kafka_topic[NAMES_KAFKA_TOPIC_SIZE];
    struct queue *queue;
    struct writer *writer;
};

static void open_writer(struct writing *writing)
{
    struct flow *flow = writing->flow;
    flow_open(flow);
    writing->source.origin = NULL;
    writing->target.sequence = NULL;
    assert_int_equal(queue_create(1U << 20, &writing->queue), ERROR_NONE);
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
    struct error error;
    void *flow = NULL;
    writing = (struct writing){.route = {.path = "r", .key = "{topic}", .headers = true},
                               .kafka_topic = FLOW_TOPIC};
    if (flow_setup(&flow) != 0)
        return -1;
    writing.flow = flow;
    writing.stream.config = &writing.flow->config;
    writing.stream.route = &writing.route;
    writing.stream.ros_topic = (char[]){"/warty/numbered"};
    static char ros_topic[] = "/warty/numbered", type[] = TYPE, md5sum[] = MD5SUM;
    writing.stream.ros_topic = ros_topic;
    writing.target.kafka_topic = writing.kafka_topic;
    writing.source = (struct source){
        .stream = &writing.stream, .type = type, .md5sum = md5sum, .target = &writing.target};
    if (plan_create(TYPE, DEFINITION, strlen(DEFINITION), NULL, &writing.source.plan, &error) !=
            ERROR_NONE ||
        encoder_create(&writing.flow->config, &writing.route, ros_topic, writing.source.plan,
                       &writing.source.encoder, &error) != ERROR_NONE)
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
    plan_destroy(writing->source.plan);
    return flow_teardown(&flow);
}

/* A message with this header.seq; `size` of its 17 bytes. */
static void push(struct writing *writing, uint8_t seq, size_t size, struct spool_note *note)
{
    const uint8_t bytes[17] = {seq, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, seq};
    const struct queue_entry entry = {
        .owner = &writing->source, .note = note, .receipt = RECEIPT, .data = bytes, .size = size};
    counter_add(&writing->stream.counters.received, 1);
    assert_int_equal(queue_push(writing->queue, &entry), ERROR_NONE);
}

static struct batch *fill(struct writing *writing)
{
    struct batch *batch = outbox_begin(writing->flow->outbox);
    assert_non_null(batch);
    assert_true(writer_fill(writing->writer, writing->queue, batch, FLOW_PATIENCE_MS,
                            &writing->flow->deadline));
    return batch;
}

/* With all that the queue holds, however slow the machine is. */
static struct batch *fill_all(struct writing *writing)
{
    struct batch *batch = fill(writing);
    while (writer_fill(writing->writer, writing->queue, batch, 1, &writing->flow->deadline))
        ;
    return batch;
}

static void record_is(const struct batch *batch, uint32_t index, enum record_kind kind,
                      uint64_t sequence)
{
    struct spool_record record;
    batch_record(batch, index, &record);
    assert_int_equal(record.kind, kind);
    assert_int_equal(record.sequence, sequence);
    assert_int_equal(record.origin, batch->items[index].origin->facts->id);
}

static void messages_become_records_with_numbers(void **state)
{
    struct writing *writing = *state;
    struct spool_record record;
    open_writer(writing);
    for (uint8_t seq = 0; seq < 3; seq++)
        push(writing, seq, 17, NULL);
    struct batch *batch = fill_all(writing);
    assert_int_equal(batch->block.count, 3);
    for (uint32_t i = 0; i < 3; i++)
        record_is(batch, i, KIND_RECORD, i);
    batch_record(batch, 2, &record);
    assert_memory_equal(record.key, "/warty/numbered", record.key_size);
    static const char value[] = "{\"header\":{\"seq\":2,";
    assert_memory_equal(record.value, value, sizeof value - 1);
    assert_int_equal(record.timestamp, 1000);
    const struct spool_origin *facts = batch->items[0].origin->facts;
    assert_string_equal(facts->ros_topic, "/warty/numbered");
    assert_string_equal(facts->ros_type, TYPE);
    assert_string_equal(facts->definition, DEFINITION);
    assert_ptr_equal(batch->items[0].origin->counters, &writing->stream.counters);
    outbox_recycle(writing->flow->outbox, batch);
}

/* A gigabyte of escapes: it takes two of memory, so only with KAFKA_BRIDGE_LONG. */
static void what_no_row_of_the_spool_holds_becomes_a_letter(void **state)
{
    struct writing *writing = *state;
    const size_t text = 170U << 20, size = 17 + text;
    if (!getenv("KAFKA_BRIDGE_LONG"))
        skip();
    writing->flow->config.message_max_bytes = (size_t)1 << 30;
    open_writer(writing);
    queue_destroy(writing->queue);
    assert_int_equal(queue_create((size_t)1 << 30, &writing->queue), ERROR_NONE);
    uint8_t *bytes = calloc(1, size);
    assert_non_null(bytes);
    memset(bytes + 16, 1, text); /* six bytes each in JSON */
    for (size_t i = 0; i < 4; i++)
        bytes[12 + i] = (uint8_t)(text >> 8 * i);
    const struct queue_entry entry = {
        .owner = &writing->source, .receipt = RECEIPT, .data = bytes, .size = size};
    counter_add(&writing->stream.counters.received, 1);
    assert_int_equal(queue_push(writing->queue, &entry), ERROR_NONE);
    free(bytes);
    struct batch *batch = fill_all(writing);
    record_is(batch, 0, KIND_LETTER, 0);
    outbox_put(writing->flow->outbox, batch, &writing->flow->deadline);
    push(writing, 1, 17, NULL);
    batch = fill_all(writing);
    record_is(batch, 0, KIND_RECORD, 1);
    outbox_put(writing->flow->outbox, batch, &writing->flow->deadline);
}

/* Pushes a message whose frame_id is that many times this byte. */
static void push_text(struct writing *writing, uint8_t seq, size_t text, int byte)
{
    uint8_t *bytes = calloc(1, 17 + text);
    assert_non_null(bytes);
    bytes[0] = seq;
    for (size_t i = 0; i < 4; i++)
        bytes[12 + i] = (uint8_t)(text >> 8 * i);
    memset(bytes + 16, byte, text);
    const struct queue_entry entry = {
        .owner = &writing->source, .receipt = RECEIPT, .data = bytes, .size = 17 + text};
    counter_add(&writing->stream.counters.received, 1);
    assert_int_equal(queue_push(writing->queue, &entry), ERROR_NONE);
    free(bytes);
}

/* The record's value is that message's JSON, with `text` so many times. */
static void text_is(const struct batch *batch, uint32_t index, size_t count, const char *text)
{
    struct spool_record record;
    char head[128];
    record_is(batch, index, KIND_RECORD, index);
    batch_record(batch, index, &record);
    size_t length = strlen(text);
    int before = snprintf(head, sizeof head,
                          "{\"header\":{\"seq\":%u,\"stamp\":{\"secs\":0,\"nsecs\":0},"
                          "\"frame_id\":\"",
                          index);
    assert_int_equal(record.value_size,
                     (size_t)before + count * length + strlen("\"},\"value\":0}"));
    assert_memory_equal(record.value, head, (size_t)before);
    for (size_t i = 0; i < count; i++)
        assert_memory_equal((const char *)record.value + before + i * length, text, length);
    assert_memory_equal(record.key, "/warty/numbered", record.key_size);
    assert_int_equal(record.key_size, strlen("/warty/numbered"));
}

/* Large ones are written where they stay; what becomes larger than its bytes are in base64 has no
 * room there, and is not tried again. */
static void large_messages_are_records_like_others(void **state)
{
    struct writing *writing = *state;
    const size_t large = 300000;
    open_writer(writing);
    queue_destroy(writing->queue);
    assert_int_equal(queue_create(4U << 20, &writing->queue), ERROR_NONE);
    push_text(writing, 0, 5, 'a');
    push_text(writing, 1, large, 'b');
    struct batch *batch = fill_all(writing);
    text_is(batch, 0, 5, "a");
    text_is(batch, 1, large, "b");
    assert_false(writing->source.is_swollen);
    push_text(writing, 2, large, 1);
    push_text(writing, 3, large, 'c');
    while (batch->block.count < 4)
        assert_true(writer_fill(writing->writer, writing->queue, batch, FLOW_PATIENCE_MS,
                                &writing->flow->deadline));
    text_is(batch, 2, large, "\\u0001");
    text_is(batch, 3, large, "c");
    assert_true(writing->source.is_swollen);
    outbox_put(writing->flow->outbox, batch, &writing->flow->deadline);
}

static void no_message_fills_nothing(void **state)
{
    struct writing *writing = *state;
    open_writer(writing);
    struct batch *batch = outbox_begin(writing->flow->outbox);
    assert_false(writer_fill(writing->writer, writing->queue, batch, 1, &writing->flow->deadline));
    assert_int_equal(batch->block.count, 0);
    outbox_recycle(writing->flow->outbox, batch);
}

static void what_cannot_be_encoded_takes_its_number_as_a_letter(void **state)
{
    struct writing *writing = *state;
    struct spool_record record;
    open_writer(writing);
    push(writing, 0, 17, NULL);
    push(writing, 1, 16, NULL);
    push(writing, 2, 17, NULL);
    struct batch *batch = fill_all(writing);
    assert_int_equal(batch->block.count, 3);
    record_is(batch, 0, KIND_RECORD, 0);
    record_is(batch, 1, KIND_LETTER, 1);
    record_is(batch, 2, KIND_RECORD, 2);
    batch_record(batch, 1, &record);
    char text[1000];
    (void)snprintf(text, sizeof text, "%.*s", (int)record.value_size, (const char *)record.value);
    assert_non_null(strstr(text, "\"reason\":\"truncated\""));
    assert_non_null(strstr(text, "\"kafka_topic\":\"" FLOW_TOPIC "\""));
    assert_int_equal(record.timestamp, RECEIPT / 1000000);
    outbox_recycle(writing->flow->outbox, batch);
}

static void a_letter_without_a_topic_is_dropped(void **state)
{
    struct writing *writing = *state;
    memset(writing->kafka_topic, 't', sizeof writing->kafka_topic - 1);
    open_writer(writing);
    push(writing, 0, 16, NULL);
    push(writing, 1, 17, NULL);
    struct batch *batch = fill_all(writing);
    assert_int_equal(batch->block.count, 1);
    record_is(batch, 0, KIND_RECORD, 0);
    assert_int_equal(writing->stream.counters.dropped[DROP_UNDECODABLE], 1);
    outbox_recycle(writing->flow->outbox, batch);
}

static void messages_without_a_topic_are_dropped(void **state)
{
    struct writing *writing = *state;
    open_writer(writing);
    writing->source.target = NULL;
    push(writing, 0, 17, NULL);
    struct batch *batch = fill_all(writing);
    assert_int_equal(batch->block.count, 0);
    assert_int_equal(writing->stream.counters.dropped[DROP_NO_TOPIC], 1);
    outbox_recycle(writing->flow->outbox, batch);
}

/* Takes `count` numbers, puts what has them, and returns the first. */
static uint64_t take_numbers(struct writing *writing, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        push(writing, (uint8_t)i, 17, NULL);
    struct batch *batch = fill_all(writing);
    struct spool_record record;
    assert_int_equal(batch->block.count, count);
    batch_record(batch, 0, &record);
    outbox_put(writing->flow->outbox, batch, &writing->flow->deadline);
    return record.sequence;
}

static void crash(struct writing *writing)
{
    close_writer(writing);
    flow_crash(writing->flow);
    open_writer(writing);
}

static void deliver_all(struct flow *flow)
{
    while (!outbox_is_empty(flow->outbox)) {
        struct batch *batch = outbox_take(flow->outbox, FLOW_PATIENCE_MS);
        assert_non_null(batch);
        flow_deliver(flow, batch);
        accounting_release(&flow->accounting, batch);
    }
}

static void numbers_go_on_after_a_crash(void **state)
{
    struct writing *writing = *state;
    open_writer(writing);
    assert_int_equal(take_numbers(writing, 5), 0);
    assert_int_equal(take_numbers(writing, 5), 5);
    crash(writing);
    assert_int_equal(take_numbers(writing, 5), 10);
}

/* Where a record may be sent before it is on the disk, its number is put aside there first. */
static void numbers_never_come_again_without_the_disk_either(void **state)
{
    static const enum durability durabilities[] = {DURABILITY_SPILL, DURABILITY_NONE};
    struct writing *writing = *state;
    open_writer(writing);
    uint64_t next = take_numbers(writing, 5) + 5;
    for (size_t i = 0; i < 2; i++) {
        writing->flow->config.spool.durability = durabilities[i];
        crash(writing);
        deliver_all(writing->flow);
        uint64_t first = take_numbers(writing, 5);
        assert_true(first >= next);
        assert_int_equal(take_numbers(writing, 5), first + 5); /* without a gap in a run */
        next = first + 10;
    }
    crash(writing);
    deliver_all(writing->flow);
    assert_true(take_numbers(writing, 1) >= next);
}

static void the_last_seq_is_noted_with_its_record(void **state)
{
    struct writing *writing = *state;
    open_writer(writing);
    struct spool_note *note = spool_note(writing->flow->spool, "/warty/numbered /publisher");
    assert_false(note->known);
    push(writing, 7, 17, note);
    push(writing, 9, 17, note);
    struct batch *batch = fill_all(writing);
    outbox_recycle(writing->flow->outbox, batch);
    crash(writing); /* before it was accepted */
    note = spool_note(writing->flow->spool, "/warty/numbered /publisher");
    assert_false(note->known);
    push(writing, 11, 17, note);
    batch = fill_all(writing);
    outbox_put(writing->flow->outbox, batch, &writing->flow->deadline);
    crash(writing);
    note = spool_note(writing->flow->spool, "/warty/numbered /publisher");
    assert_true(note->known);
    assert_int_equal(note->found, 11);
}

/* A batch is not larger than a spool that is small. */
static void batches_stay_small_where_the_spool_is(void **state)
{
    struct writing *writing = *state;
    writing->flow->config.spool.max_bytes = 8000;
    open_writer(writing);
    for (uint8_t seq = 0; seq < 100; seq++)
        push(writing, seq, 17, NULL);
    struct batch *batch = fill(writing);
    assert_in_range(batch->block.bytes.length, 1, 1400);
    outbox_recycle(writing->flow->outbox, batch);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* From now on nothing can be written to any file; or all again. */
static void set_disk(bool fails)
{
    static struct rlimit before;
    if (fails) {
        (void)signal(SIGXFSZ, SIG_IGN);
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    }
    struct rlimit limit = {.rlim_cur = fails ? 0 : before.rlim_cur, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static uint64_t next_number(struct writing *writing, bool disk_fails)
{
    struct spool_record record = {0};
    writing->flow->deadline = rosc_time_steady() + INT64_C(2000000000); /* it does not wait */
    push(writing, 1, 17, NULL);
    if (disk_fails)
        set_disk(true);
    struct batch *batch = fill(writing);
    if (disk_fails)
        set_disk(false);
    assert_int_equal(batch->block.count, 1);
    batch_record(batch, 0, &record);
    outbox_recycle(writing->flow->outbox, batch);
    return record.sequence;
}

/* Where messages need no disk they do not wait for it, and no number comes twice. */
static void numbers_go_on_where_the_disk_fails(struct writing *writing, enum durability durability)
{
    struct flow *flow = writing->flow;
    flow->config.spool.durability = durability;
    open_writer(writing);
    uint64_t first = next_number(writing, false);
    struct spool_sequence *sequence = writing->target.sequence;
    uint64_t reserved = sequence->reserved;
    sequence->next = reserved; /* all are used */
    uint64_t ahead = next_number(writing, true);
    assert_true(ahead > UINT64_C(1000000000000000));
    assert_int_equal(next_number(writing, true), ahead + 1);
    close_writer(writing);
    flow_crash(flow);
    open_writer(writing);
    uint64_t again = next_number(writing, false);
    assert_true(first < again && again >= reserved && again != ahead && again != ahead + 1);
    writing->target.sequence->next = writing->target.sequence->reserved;
    assert_true(next_number(writing, true) > ahead + 1);
    writing->target.sequence->next = writing->target.sequence->reserved;
    ahead = next_number(writing, false); /* the disk is back: they are reserved there */
    close_writer(writing);
    flow_crash(flow);
    open_writer(writing);
    assert_true(next_number(writing, false) > ahead);
}

static void none_goes_on_where_the_disk_fails(void **state)
{
    numbers_go_on_where_the_disk_fails(*state, DURABILITY_NONE);
}

static void spill_goes_on_where_the_disk_fails(void **state)
{
    numbers_go_on_where_the_disk_fails(*state, DURABILITY_SPILL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(messages_become_records_with_numbers),
        TEST(what_no_row_of_the_spool_holds_becomes_a_letter),
        TEST(large_messages_are_records_like_others),
        TEST(no_message_fills_nothing),
        TEST(what_cannot_be_encoded_takes_its_number_as_a_letter),
        TEST(a_letter_without_a_topic_is_dropped),
        TEST(messages_without_a_topic_are_dropped),
        TEST(numbers_go_on_after_a_crash),
        TEST(numbers_never_come_again_without_the_disk_either),
        TEST(none_goes_on_where_the_disk_fails),
        TEST(spill_goes_on_where_the_disk_fails),
        TEST(the_last_seq_is_noted_with_its_record),
        TEST(batches_stay_small_where_the_spool_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
