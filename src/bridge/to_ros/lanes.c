#include "bridge/to_ros/lanes.h"

#include "bridge/to_ros/dead_letter_producer.h"

#include <stdlib.h>
#include <utlist.h>

#define QUICK (TASK_MILLISECOND / 2) /* a record */

void lanes_init(struct lanes *lanes, size_t limit)
{
    *lanes = (struct lanes){.limit = limit};
}

struct lane_item *lane_item_create(const struct task *task)
{
    struct lane_item *item = calloc(1, sizeof *item);
    struct kafka_record *copy = item ? kafka_record_copy(task->record) : NULL;
    if (!copy) {
        free(item);
        return NULL;
    }
    item->task = *task;
    item->task.record = copy;
    return item;
}

void lane_item_destroy(struct lane_item *item)
{
    if (!item)
        return;
    letter_destroy(item->task.letter);
    free((void *)item->task.record);
    free(item);
}

static size_t bytes_of(const struct lane_item *item)
{
    return sizeof *item + kafka_record_copy_size(item->task.record);
}

void lanes_pop(struct lanes *lanes, struct lane *lane)
{
    struct lane_item *item = lane->first;
    size_t bytes = bytes_of(item);
    LL_DELETE(lane->first, item);
    if (!lane->first)
        lane->last = NULL;
    lane->bytes -= bytes;
    lanes->bytes -= bytes;
    lane_item_destroy(item);
}

static void close_lane(struct lanes *lanes, struct lane *lane)
{
    if (lane->busy)
        DL_DELETE(lanes->busy, lane);
    lane->busy = false;
}

static void drop(struct lanes *lanes, struct lane *lane)
{
    while (lane->first)
        lanes_pop(lanes, lane);
    lane_item_destroy(lane->kept);
    close_lane(lanes, lane);
    HASH_DEL(lanes->by_key, lane);
    free(lane);
    lanes->recent = NULL;
}

void lanes_fini(struct lanes *lanes)
{
    while (lanes->by_key)
        drop(lanes, lanes->by_key);
}

static struct lane *find(const struct lanes *lanes, const char *topic, int32_t partition)
{
    struct partition_key key;
    struct lane *found = NULL;
    size_t size = partition_key_init(&key, topic, partition);
    HASH_FIND(hh, lanes->by_key, &key, size, found);
    return found;
}

struct lane *lanes_get(struct lanes *lanes, const char *topic, int32_t partition)
{
    struct lane *lane = lanes->recent; /* records come in runs of one partition */
    if (lane && lane->key.number == partition && strcmp(lane->key.topic, topic) == 0)
        return lane;
    lane = find(lanes, topic, partition);
    if (!lane) {
        lane = calloc(1, sizeof *lane);
        if (!lane)
            return NULL;
        size_t size = partition_key_init(&lane->key, topic, partition);
        HASH_ADD_KEYPTR(hh, lanes->by_key, &lane->key, size, lane);
        if (!hash_has(lane)) {
            free(lane);
            return NULL;
        }
    }
    lanes->recent = lane;
    return lane;
}

void lanes_open(struct lanes *lanes, struct lane *lane)
{
    if (!lane->busy)
        DL_APPEND(lanes->busy, lane);
    lane->busy = true;
}

void lanes_turn(struct lanes *lanes, struct lane *lane)
{
    DL_DELETE(lanes->busy, lane);
    DL_APPEND(lanes->busy, lane);
}

static void set_paused(struct lanes *lanes, struct lane *lane, bool paused)
{
    if (lane->paused == paused)
        return;
    lane->paused = paused;
    lane->paused_at = lane->bytes;
    kafka_consumer_pause(lanes->consumer, lane->key.topic, lane->key.number, paused);
}

bool lanes_push(struct lanes *lanes, struct lane *lane, const struct task *task)
{
    struct lane_item *item = lane_item_create(task);
    if (!item)
        return false;
    size_t bytes = bytes_of(item);
    if (lane->last)
        lane->last->next = item;
    else
        lane->first = item;
    lane->last = item;
    lane->bytes += bytes;
    lanes->bytes += bytes;
    /* Each takes as much as it leaves to the others. */
    if (lanes->bytes + lane->bytes > lanes->limit)
        set_paused(lanes, lane, true);
    return true;
}

void lanes_relax(struct lanes *lanes, struct lane *lane)
{
    if (lane->bytes <= lane->paused_at / 2)
        set_paused(lanes, lane, false);
    if (!lane->first && !lane->restoration.under_way)
        close_lane(lanes, lane);
}

void lanes_forget(struct lanes *lanes, const char *topic, int32_t partition)
{
    struct lane *lane = find(lanes, topic, partition);
    if (lane)
        drop(lanes, lane);
}

void lane_served(struct lane *lane, unsigned count, int64_t nanoseconds, bool waits)
{
    /* On average, as a busy machine stops the thread now and then. */
    lane->quick = !waits && nanoseconds <= count * QUICK;
}

bool lanes_are_quick(const struct lanes *lanes)
{
    for (const struct lane *lane = lanes->busy; lane; lane = lane->next)
        if (lane->quick && lane->first)
            return true;
    return false;
}

int lanes_next(const struct lanes *lanes, int longest)
{
    int64_t now = lanes->busy ? rosc_time_steady() : 0;
    int64_t next = now + longest * TASK_MILLISECOND;
    for (const struct lane *lane = lanes->busy; lane && next > now; lane = lane->next)
        next = lane->due < next ? lane->due : next;
    return next > now ? (int)((next - now + TASK_MILLISECOND - 1) / TASK_MILLISECOND) : 0;
}
