/* What the tests of the flow to Kafka share: a spool in a directory of its own, an outbox on it,
 * and records that can be told from each other. */
#ifndef KAFKA_BRIDGE_TEST_UNIT_BRIDGE_FLOW_SUPPORT_H
#define KAFKA_BRIDGE_TEST_UNIT_BRIDGE_FLOW_SUPPORT_H

#include "test_support.h"

#include "bridge/config/config.h"
#include "bridge/outbox/outbox.h"
#include "bridge/send/delivery_accounting.h"
#include "spool/spool.h"

#define FLOW_PATIENCE_MS 60000
#define FLOW_TOPIC       "numbers"

#define FLOW_TEST(test) cmocka_unit_test_setup_teardown(test, flow_setup, flow_teardown)

struct flow {
    char directory[64];
    struct config config;
    struct spool_findings findings;
    struct spool *spool;
    struct origins *origins;
    struct origin *origin;
    struct spool_sequence *sequence; /* the number of the next record */
    int64_t timestamp;               /* its time; flow_open sets it to now */
    struct counters counters;        /* of this run's records */
    struct counters restored;
    struct outbox *outbox;
    struct accounting accounting;
    _Atomic int64_t deadline;
};

/* `*state` is a flow in a new directory with nothing open: write_ahead, block, no bounds that
 * matter. Fit for cmocka's setup and teardown, which closes what is open. */
int flow_setup(void **state);
int flow_teardown(void **state);

/* Opens the spool, and makes an outbox with the configuration as it is now. */
void flow_open(struct flow *flow);
/* Leaves what is not settled in the spool, and closes it. */
void flow_close(struct flow *flow);
/* What a kill -9 now leaves is what the next flow_open finds. */
void flow_crash(struct flow *flow);

/* What is added from now on is for this Kafka topic. */
void flow_turn_to(struct flow *flow, const char *topic);
/* Adds a record of the flow's origin, with the next number of its sequence, to the batch. */
void flow_add(struct flow *flow, struct batch *batch, size_t size);

/* A batch of `count` records of at least `size` bytes each, with the next numbers as their values.
 */
struct batch *flow_batch(struct flow *flow, uint32_t count, size_t size);
/* The same, received and put. */
void flow_put(struct flow *flow, uint32_t count, size_t size);

/* The number that is the record's value, which has to be sound. */
uint64_t flow_number(const struct batch *batch, uint32_t index);

/* The next batch, which has to come, and whose records have to be from `first` on. Returns the
 * number after its last. */
uint64_t flow_take(struct flow *flow, uint64_t first, struct batch **batch);

/* The batch, which was taken, is under way: its reports are to come. */
void flow_send(struct batch *batch);

/* All of the batch, or those from `first` on, is in Kafka. */
void flow_deliver(struct flow *flow, struct batch *batch);
void flow_deliver_some(struct flow *flow, struct batch *batch, uint32_t first, uint32_t count);

/* Takes and delivers until nothing is left; the numbers have to be from `first` on without a gap.
 * Returns the number after the last. */
uint64_t flow_deliver_all(struct flow *flow, uint64_t first);

/* The accounts of both counters together, which have to add up. */
struct totals flow_totals(struct flow *flow);

/* Blocks and records on the disk, once what was settled is gone. */
struct spool_statistics flow_spooled(struct flow *flow);

/* Polls `condition(argument)` until it holds; fails the test after FLOW_PATIENCE_MS. */
void flow_wait(bool (*condition)(void *argument), void *argument, const char *what);

#endif
