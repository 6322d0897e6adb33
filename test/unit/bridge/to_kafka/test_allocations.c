/* Once warm, nothing of ours allocates for a message: from the queue by way of the encoder, the
 * spool and the sender to its delivery. What roscpp, SQLite and librdkafka do is not counted. */
#include "flow_broker.h"

#include "bridge/outbox/batch.h"
#include "bridge/to_kafka/stream.h"
#include "bridge/to_kafka/writer.h"

#include <stdatomic.h>
#include <string.h>

#define TYPE   "test_msgs/Numbered"
#define MD5SUM "00000000000000000000000000000000"
#define DEFINITION                                                                                 \
    "std_msgs/Header header\nuint8 value\n"                                                        \
    "================================================================================\n"           \
    "MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n"
#define WARM_ROUNDS 30
#define ROUNDS      100
#define MESSAGES    BATCH_POOL_LIMIT / 2 /* of a round, each in a batch: the rest is kept idle */

static atomic_uint allocations;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);

void *__wrap_malloc(size_t size)
{
    (void)atomic_fetch_add(&allocations, 1);
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    (void)atomic_fetch_add(&allocations, 1);
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    (void)atomic_fetch_add(&allocations, 1);
    return __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    (void)atomic_fetch_add(&allocations, 1);
    return __real_strdup(text);
}

struct writing {
    struct to_kafka_route route;
    struct stream stream;
    struct source source;
    struct target target;
    struct queue *queue;
    struct writer *writer;
};

static void push(struct writing *writing, uint32_t seq)
{
    const uint8_t bytes[17] = {(uint8_t)seq, (uint8_t)(seq >> 8), [4] = 1, [16] = (uint8_t)seq};
    const struct queue_entry entry = {
        .owner = &writing->source, .receipt = 1500000000, .data = bytes, .size = sizeof bytes};
    counter_add(&writing->stream.counters.received, 1);
    assert_int_equal(queue_push(writing->queue, &entry), ERROR_NONE);
}

/* `count` messages, each by itself, as a robot sends them, until Kafka has them. */
static void carry(struct flow_broker *broker, struct writing *writing, uint32_t *seq,
                  uint32_t count)
{
    struct flow *flow = broker->flow;
    for (uint32_t end = *seq + count; *seq < end;) {
        push(writing, (*seq)++);
        struct batch *batch = outbox_begin(flow->outbox);
        assert_non_null(batch);
        assert_true(
            writer_fill(writing->writer, writing->queue, batch, FLOW_PATIENCE_MS, &flow->deadline));
        outbox_put(flow->outbox, batch, &flow->deadline);
    }
    flow_broker_settle(broker);
}

static void no_message_allocates(void **state)
{
    struct flow_broker *broker = *state;
    struct error error;
    static char ros_topic[] = "/warty/numbered", type[] = TYPE, md5sum[] = MD5SUM,
                kafka_topic[] = FLOW_TOPIC;
    struct writing writing = {
        .route = {.path = "r", .key = "{topic}", .headers = true},
        .stream = {.config = &broker->flow->config, .ros_topic = ros_topic},
        .source = {.type = type, .md5sum = md5sum},
        .target = {.kafka_topic = kafka_topic},
    };
    writing.stream.route = &writing.route;
    writing.source.stream = &writing.stream;
    writing.source.target = &writing.target;
    flow_broker_start(broker);
    assert_int_equal(
        plan_create(TYPE, DEFINITION, strlen(DEFINITION), NULL, &writing.source.plan, &error),
        ERROR_NONE);
    assert_int_equal(encoder_create(&broker->flow->config, &writing.route, ros_topic,
                                    writing.source.plan, &writing.source.encoder, &error),
                     ERROR_NONE);
    assert_int_equal(queue_create(1U << 20, &writing.queue), ERROR_NONE);
    assert_int_equal(writer_create(&broker->flow->config, broker->flow->spool,
                                   broker->flow->origins, &writing.writer),
                     ERROR_NONE);
    uint32_t seq = 0;
    for (int round = 0; round < WARM_ROUNDS; round++)
        carry(broker, &writing, &seq, MESSAGES);
    unsigned warm = atomic_load(&allocations);
    assert_true(warm > 0);
    for (int round = 0; round < ROUNDS; round++)
        carry(broker, &writing, &seq, MESSAGES);
    unsigned made = atomic_load(&allocations) - warm;
    /* What is done by the clock, as asking Kafka for a topic, may allocate now and then. */
    if (made > ROUNDS * MESSAGES / 20)
        fail_msg("%u allocations for %d messages", made, ROUNDS * MESSAGES);
    writer_destroy(writing.writer);
    queue_destroy(writing.queue);
    flow_broker_stop(broker, FLOW_PATIENCE_MS);
    encoder_destroy(writing.source.encoder);
    plan_destroy(writing.source.plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {BROKER_TEST(no_message_allocates)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
