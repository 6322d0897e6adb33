#include "flow_support.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <rosc/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ENOUGH (UINT64_C(1) << 30)

static void must(enum error_code code, const struct error *error)
{
    if (code != ERROR_NONE)
        fail_msg("%s: %s: %s", error_code_name(code), error->path, error->text);
}

static void make_directory(char directory[64])
{
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(directory, 64, "%s/kafka_bridge_flow.XXXXXX", base);
    assert_non_null(mkdtemp(directory));
}

static void each_file(const char *directory,
                      void (*visit)(const char *path, const char *name, void *argument),
                      void *argument)
{
    char path[512];
    const struct dirent *entry;
    DIR *entries = opendir(directory);
    assert_non_null(entries);
    while ((entry = readdir(entries)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        visit(path, entry->d_name, argument);
    }
    (void)closedir(entries);
}

static void remove_file(const char *path, const char *name, void *argument)
{
    (void)name;
    (void)argument;
    (void)unlink(path);
}

static void remove_directory(const char *directory)
{
    each_file(directory, remove_file, NULL);
    (void)rmdir(directory);
}

int flow_setup(void **state)
{
    struct flow *flow = calloc(1, sizeof *flow);
    if (!flow)
        return -1;
    make_directory(flow->directory);
    flow->config = (struct config){.robot = "warty",
                                   .definitions_topic = "",
                                   .spool = {.directory = flow->directory, .max_bytes = ENOUGH},
                                   .in_flight_max_bytes = ENOUGH,
                                   .queue_max_bytes = ENOUGH,
                                   .message_max_bytes = ENOUGH};
    kafka_properties_init(&flow->config.kafka);
    flow->deadline = INT64_MAX;
    *state = flow;
    return 0;
}

static void destroy(struct flow *flow)
{
    outbox_destroy(flow->outbox);
    origins_destroy(flow->origins);
    spool_close(flow->spool);
    flow->outbox = NULL;
    flow->origins = NULL;
    flow->spool = NULL;
}

int flow_teardown(void **state)
{
    struct flow *flow = *state;
    if (flow->outbox)
        accounting_fini(&flow->accounting);
    destroy(flow);
    kafka_properties_fini(&flow->config.kafka);
    remove_directory(flow->directory);
    free(flow);
    return 0;
}

void flow_open(struct flow *flow)
{
    struct error error = {0};
    const struct spool_options options = {.directory = flow->config.spool.directory,
                                          .robot = flow->config.robot,
                                          .max_bytes = flow->config.spool.max_bytes};
    const struct spool_origin facts = {.robot = "warty",
                                       .ros_topic = "/warty/numbers",
                                       .ros_type = "std_msgs/UInt64",
                                       .ros_md5sum = "1b2a79973e8bf53d7b53acb71299cb57",
                                       .definition = "uint64 data\n",
                                       .kafka_topic = FLOW_TOPIC,
                                       .headers = true};
    flow->timestamp = rosc_time_wall() / 1000000;
    memset(&flow->counters, 0, sizeof flow->counters);
    memset(&flow->restored, 0, sizeof flow->restored);
    must(spool_open(&options, &flow->spool, &flow->findings, &error), &error);
    assert_int_equal(origins_create(flow->spool, &flow->origins), ERROR_NONE);
    must(origins_add(flow->origins, &facts, &flow->counters, &flow->origin, &error), &error);
    flow->sequence = spool_sequence(flow->spool, FLOW_TOPIC);
    assert_non_null(flow->sequence);
    counter_add(&flow->restored.restored, flow->findings.records);
    counter_add(&flow->restored.accepted, flow->findings.records);
    const struct outbox_options outbox = {.config = &flow->config,
                                          .spool = flow->spool,
                                          .origins = flow->origins,
                                          .restored = &flow->restored,
                                          .restored_batches = flow->findings.blocks};
    assert_int_equal(outbox_create(&outbox, &flow->outbox), ERROR_NONE);
    accounting_init(&flow->accounting, flow->outbox, &flow->restored, false);
}

void flow_close(struct flow *flow)
{
    accounting_fini(&flow->accounting);
    outbox_close(flow->outbox);
    destroy(flow);
}

static void copy_file(const char *path, const char *name, void *argument)
{
    char target[512], bytes[4096];
    size_t length;
    (void)snprintf(target, sizeof target, "%s/%s", (const char *)argument, name);
    FILE *in = fopen(path, "rb"), *out = fopen(target, "wb");
    assert_non_null(in);
    assert_non_null(out);
    while ((length = fread(bytes, 1, sizeof bytes, in)) > 0)
        assert_int_equal(fwrite(bytes, 1, length, out), length);
    (void)fclose(in);
    assert_int_equal(fclose(out), 0);
}

void flow_crash(struct flow *flow)
{
    char left[64];
    make_directory(left);
    each_file(flow->directory, copy_file, left);
    accounting_fini(&flow->accounting);
    destroy(flow);
    remove_directory(flow->directory);
    memcpy(flow->directory, left, sizeof left);
}

void flow_turn_to(struct flow *flow, const char *topic)
{
    struct error error;
    struct spool_origin facts = *flow->origin->facts;
    facts.kafka_topic = topic;
    assert_int_equal(origins_add(flow->origins, &facts, &flow->counters, &flow->origin, &error),
                     ERROR_NONE);
    flow->sequence = spool_sequence(flow->spool, topic);
}

void flow_add(struct flow *flow, struct batch *batch, size_t size)
{
    char key[] = "key";
    char *value = calloc(1, size + 32);
    assert_non_null(value);
    int digits = snprintf(value, 32, "%" PRIu64 " ", flow->sequence->next);
    if (size > (size_t)digits)
        memset(value + digits, 'x', size - (size_t)digits);
    const struct spool_record record = {.origin = flow->origin->facts->id,
                                        .kind = KIND_RECORD,
                                        .sequence = flow->sequence->next,
                                        .timestamp = flow->timestamp,
                                        .key = key,
                                        .key_size = 3,
                                        .value = value,
                                        .value_size = (uint32_t)strlen(value)};
    assert_int_equal(batch_add(batch, flow->origin, &record), ERROR_NONE);
    flow->sequence->next++;
    flow->sequence->changed = true;
    free(value);
}

struct batch *flow_batch(struct flow *flow, uint32_t count, size_t size)
{
    struct batch *batch = outbox_begin(flow->outbox);
    assert_non_null(batch);
    for (uint32_t i = 0; i < count; i++)
        flow_add(flow, batch, size);
    return batch;
}

void flow_put(struct flow *flow, uint32_t count, size_t size)
{
    struct batch *batch = flow_batch(flow, count, size);
    counter_add(&flow->counters.received, count);
    outbox_put(flow->outbox, batch, &flow->deadline);
}

uint64_t flow_number(const struct batch *batch, uint32_t index)
{
    struct spool_record record;
    batch_record(batch, index, &record);
    uint64_t number = strtoull(record.value, NULL, 10);
    assert_int_equal(number, record.sequence);
    assert_memory_equal(record.key, "key", record.key_size);
    return number;
}

uint64_t flow_take(struct flow *flow, uint64_t first, struct batch **batch)
{
    *batch = outbox_take(flow->outbox, FLOW_PATIENCE_MS);
    assert_non_null(*batch);
    for (uint32_t i = 0; i < (*batch)->block.count; i++)
        assert_int_equal(flow_number(*batch, i), first + i);
    uint32_t count = (*batch)->block.count;
    accounting_release(&flow->accounting, *batch);
    return first + count;
}

void flow_deliver_some(struct flow *flow, struct batch *batch, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++)
        accounting_settle(&flow->accounting, batch, i, FATE_DELIVERED);
}

void flow_send(struct batch *batch)
{
    for (uint32_t i = 0; i < batch->block.count; i++)
        (void)atomic_fetch_or(&batch->items[i].state, ITEM_SENT);
}

void flow_deliver(struct flow *flow, struct batch *batch)
{
    uint32_t count = batch->block.count;
    accounting_hold(batch);
    flow_deliver_some(flow, batch, 0, count);
    accounting_release(&flow->accounting, batch);
}

uint64_t flow_deliver_all(struct flow *flow, uint64_t first)
{
    struct batch *batch;
    while (!outbox_is_empty(flow->outbox)) {
        first = flow_take(flow, first, &batch);
        flow_deliver(flow, batch);
    }
    return first;
}

struct totals flow_totals(struct flow *flow)
{
    struct totals totals = {0};
    totals_add(&totals, &flow->counters);
    totals_add(&totals, &flow->restored);
    assert_int_equal(totals.received + totals.restored,
                     totals.delivered + totals.dead_lettered + totals_dropped(&totals) +
                         totals.spooled + totals_pending(&totals));
    return totals;
}

struct spool_statistics flow_spooled(struct flow *flow)
{
    struct error error = {0};
    struct spool_statistics statistics;
    must(spool_trim(flow->spool, &error), &error);
    spool_statistics(flow->spool, &statistics);
    return statistics;
}

void flow_wait(bool (*condition)(void *argument), void *argument, const char *what)
{
    int64_t until = rosc_time_steady() + FLOW_PATIENCE_MS * INT64_C(1000000);
    while (!condition(argument)) {
        if (rosc_time_steady() > until)
            fail_msg("waited in vain until %s", what);
        (void)nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
}
