#include "bridge/to_ros/restorer.h"

#include <rosc/rosc.h>

#define LOOK_MS    10 /* that others wait meanwhile */
#define TURN_MS    10 /* until the look-up is free */
#define ANSWER_MAX (10000 * TASK_MILLISECOND)

void restorer_fini(struct restorer *restorer)
{
    kafka_lookup_destroy(restorer->lookup);
    restorer->lookup = NULL;
}

static struct latches *latches_of(const struct restorer *restorer)
{
    return &restorer->carrier->ros_delivery.latches;
}

static bool open_lookup(struct restorer *restorer)
{
    struct error error;
    if (restorer->lookup ||
        kafka_lookup_create(restorer->properties, &restorer->lookup, &error) == ERROR_NONE)
        return true;
    ROSC_LOG_WARN("what an earlier run latched is not latched again: %s", error.text);
    return false;
}

void restorer_begin(struct restorer *restorer, const struct kafka_begin *begin)
{
    struct latches *latches = latches_of(restorer);
    latches_begin(latches, begin->topic, begin->partition, begin->text);
    if (latches_next(latches, begin->topic, begin->partition, -1) < 0)
        return;
    struct lane *lane = lanes_get(restorer->lanes, begin->topic, begin->partition);
    if (!lane || lane->restoration.under_way || !open_lookup(restorer))
        return;
    lane->restoration = (struct restoration){.under_way = true, .offset = -1, .end = begin->offset};
    restorer->count++;
    lanes_open(restorer->lanes, lane);
}

void restorer_forget(struct restorer *restorer, struct lane *lane)
{
    if (restorer->reading == lane)
        restorer->reading = NULL;
    if (!lane->restoration.under_way)
        return;
    lane->restoration.under_way = false;
    restorer->count--;
    if (restorer->count == 0)
        restorer_fini(restorer);
}

static void finish(struct restorer *restorer, struct lane *lane)
{
    const struct restoration *restoration = &lane->restoration;
    if (restoration->restored + restoration->gone > 0)
        ROSC_LOG_INFO("Kafka topic %s, partition %d: %u latched messages of an earlier run are "
                      "latched again; %u are gone from Kafka",
                      lane->key.topic, (int)lane->key.number, restoration->restored,
                      restoration->gone);
    restorer_forget(restorer, lane);
}

/* The record in hand is dealt with, or not there. */
static void go_on(struct restorer *restorer, struct lane *lane, bool published)
{
    struct restoration *restoration = &lane->restoration;
    if (!published)
        latches_drop(latches_of(restorer), lane->key.topic, lane->key.number, restoration->offset);
    restoration->restored += published;
    restoration->asked = 0;
    lane_item_destroy(lane->kept);
    lane->kept = NULL;
}

/* Reads the next record that is to be latched. ERROR_MISSING: there is none any more; ERROR_FULL:
 * not yet. */
static enum error_code read_next(struct restorer *restorer, struct lane *lane)
{
    struct restoration *restoration = &lane->restoration;
    struct kafka_record record;
    struct error error;
    int64_t offset =
        latches_next(latches_of(restorer), lane->key.topic, lane->key.number, restoration->offset);
    if (offset < 0 || offset >= restoration->end) /* what is not published yet comes by itself */
        return ERROR_MISSING;
    if (restoration->asked == 0)
        restoration->asked = rosc_time_steady();
    enum error_code code = kafka_lookup_read(restorer->lookup, lane->key.topic, lane->key.number,
                                             offset, LOOK_MS, &record, &error);
    if (code == ERROR_IO && rosc_time_steady() - restoration->asked < ANSWER_MAX)
        return ERROR_FULL;
    if (code == ERROR_IO) {
        ROSC_LOG_WARN("Kafka topic %s, partition %d: latched messages of an earlier run are not "
                      "latched again until the next start: %s",
                      lane->key.topic, (int)lane->key.number, error.text);
        return ERROR_MISSING;
    }
    restoration->offset = offset;
    if (code == ERROR_MISSING) {
        restoration->gone++;
        go_on(restorer, lane, false);
        return ERROR_NONE;
    }
    const struct task task = {.record = &record, .patience = &lane->patience, .restoring = true};
    lane->kept = lane_item_create(&task);
    if (!lane->kept)
        go_on(restorer, lane, false);
    return ERROR_NONE;
}

static void serve_kept(struct restorer *restorer, struct lane *lane)
{
    bool published;
    struct task *task = &lane->kept->task;
    if (!carrier_try(restorer->carrier, task, &published)) {
        restorer->reading = NULL; /* another lane may read meanwhile */
        lane->due = task->due;
        return;
    }
    go_on(restorer, lane, published);
}

bool restorer_serve(struct restorer *restorer, struct lane *lane)
{
    if (!lane->restoration.under_way)
        return true;
    if (lane->kept) {
        serve_kept(restorer, lane);
        return false;
    }
    if (restorer->reading && restorer->reading != lane) {
        lane->due = rosc_time_steady() + TURN_MS * TASK_MILLISECOND;
        return false;
    }
    restorer->reading = lane;
    if (read_next(restorer, lane) != ERROR_MISSING)
        return false;
    finish(restorer, lane);
    return true;
}
