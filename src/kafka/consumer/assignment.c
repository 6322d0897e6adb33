#include "kafka/consumer/assignment.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define COMMITTED_TIMEOUT_MS 5000
#define COMMIT_TIMEOUT_MS    4000 /* less than what a consumer's end may take */

enum error_code kafka_assignment_init(struct kafka_assignment *assignment,
                                      struct kafka_events *events, struct kafka_commits *commits,
                                      const struct kafka_consumer_options *options,
                                      struct error *error)
{
    assignment->events = events;
    assignment->commits = commits;
    assignment->release = options->release;
    assignment->forget = options->forget;
    assignment->user = options->user;
    kafka_next_offsets_init(&assignment->places);
    assignment->fresh = rd_kafka_topic_partition_list_new(1);
    assignment->paused = rd_kafka_topic_partition_list_new(1);
    return kafka_start_offsets_init(&assignment->starts, options->subscriptions,
                                    options->subscription_count, error);
}

void kafka_assignment_fini(struct kafka_assignment *assignment)
{
    kafka_start_offsets_fini(&assignment->starts);
    kafka_next_offsets_fini(&assignment->places);
    kafka_backlog_fini(&assignment->backlog);
    if (assignment->fresh)
        rd_kafka_topic_partition_list_destroy(assignment->fresh);
    if (assignment->paused)
        rd_kafka_topic_partition_list_destroy(assignment->paused);
    if (assignment->told)
        rd_kafka_topic_partition_list_destroy(assignment->told);
}

static bool is_cooperative(rd_kafka_t *client)
{
#if RD_KAFKA_VERSION >= KAFKA_COOPERATIVE_VERSION
    const char *protocol = rd_kafka_rebalance_protocol(client);
    return protocol && strcmp(protocol, "COOPERATIVE") == 0;
#else
    (void)client;
    return false;
#endif
}

/* Adds or takes `partitions`; the others stay as they are. */
static void change(struct kafka_assignment *assignment, rd_kafka_t *client, bool add,
                   const rd_kafka_topic_partition_list_t *partitions)
{
#if RD_KAFKA_VERSION >= KAFKA_COOPERATIVE_VERSION
    rd_kafka_error_t *failure = add ? rd_kafka_incremental_assign(client, partitions)
                                    : rd_kafka_incremental_unassign(client, partitions);
    if (failure) {
        kafka_events_say(assignment->events, LOG_ERR, "the assignment cannot be changed: %s",
                         rd_kafka_error_string(failure));
        rd_kafka_error_destroy(failure);
        return;
    }
    (void)atomic_fetch_add(&assignment->count, add ? partitions->cnt : -partitions->cnt);
#else
    (void)assignment;
    (void)client;
    (void)add;
    (void)partitions;
#endif
}

/* Has `partitions` and no others; NULL: none. */
static void replace(struct kafka_assignment *assignment, rd_kafka_t *client,
                    const rd_kafka_topic_partition_list_t *partitions)
{
    rd_kafka_resp_err_t failure = rd_kafka_assign(client, partitions);
    if (failure != RD_KAFKA_RESP_ERR_NO_ERROR)
        kafka_events_say(assignment->events, LOG_ERR, "the assignment cannot be taken: %s",
                         rd_kafka_err2str(failure));
    atomic_store(&assignment->count, partitions && !failure ? partitions->cnt : 0);
}

/* Whether `partitions` holds what `place` is of. */
static bool holds(rd_kafka_topic_partition_list_t *partitions,
                  const rd_kafka_topic_partition_t *place)
{
    return rd_kafka_topic_partition_list_find(partitions, place->topic, place->partition) != NULL;
}

/* Of what others may have had meanwhile: where they have committed more, that counts. Without an
 * answer reading goes on where it was: rather records twice than records lost. */
static void catch_up(struct kafka_assignment *assignment, rd_kafka_t *client)
{
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_copy(assignment->places.list);
    if (list->cnt > 0 &&
        rd_kafka_committed(client, list, COMMITTED_TIMEOUT_MS) == RD_KAFKA_RESP_ERR_NO_ERROR)
        for (int i = 0; i < list->cnt; i++) {
            rd_kafka_topic_partition_t *place = &assignment->places.list->elems[i];
            if (place->offset < 0 || list->elems[i].offset <= place->offset)
                continue;
            place->offset = list->elems[i].offset;
            kafka_commits_set(assignment->commits, place->topic, place->partition, place->offset);
        }
    rd_kafka_topic_partition_list_destroy(list);
}

typedef void (*partitions_callback)(const struct kafka_assignment *assignment,
                                    const struct kafka_partition *partitions, size_t count,
                                    rd_kafka_t *client);

/* Without memory for the list nobody is told, and what was published is published again. */
static void tell(const struct kafka_assignment *assignment, rd_kafka_t *client,
                 const rd_kafka_topic_partition_list_t *list, partitions_callback callback)
{
    struct kafka_partition *partitions =
        list->cnt > 0 ? calloc((size_t)list->cnt, sizeof *partitions) : NULL;
    if (!partitions)
        return;
    for (int i = 0; i < list->cnt; i++)
        partitions[i] = (struct kafka_partition){.topic = list->elems[i].topic,
                                                 .number = list->elems[i].partition};
    callback(assignment, partitions, (size_t)list->cnt, client);
    free(partitions);
}

static void tell_forget(const struct kafka_assignment *assignment,
                        const struct kafka_partition *partitions, size_t count, rd_kafka_t *client)
{
    (void)client;
    if (assignment->forget)
        assignment->forget(partitions, count, assignment->user);
}

/* These are another's by now. */
static void forget(struct kafka_assignment *assignment, rd_kafka_t *client,
                   const rd_kafka_topic_partition_list_t *partitions)
{
    tell(assignment, client, partitions, tell_forget);
    for (int i = 0; i < partitions->cnt; i++) {
        const rd_kafka_topic_partition_t *item = &partitions->elems[i];
        kafka_next_offsets_drop(&assignment->places, item->topic, item->partition);
        (void)rd_kafka_topic_partition_list_del(assignment->fresh, item->topic, item->partition);
        (void)rd_kafka_topic_partition_list_del(assignment->paused, item->topic, item->partition);
        kafka_commits_drop(assignment->commits, item->topic, item->partition);
    }
}

/* Whether reading went on at the place, or had not begun at the beginning, where nobody else can
 * have read meanwhile. */
static bool is_known(const struct kafka_assignment *assignment,
                     const rd_kafka_topic_partition_t *place)
{
    return place->offset >= 0 || (place->offset == RD_KAFKA_OFFSET_BEGINNING && !assignment->lost);
}

/* What was taken away and comes back goes on where it was; the rest went to others. */
static void decide(struct kafka_assignment *assignment, rd_kafka_t *client,
                   rd_kafka_topic_partition_list_t *partitions)
{
    rd_kafka_topic_partition_list_t *gone = rd_kafka_topic_partition_list_new(1);
    const rd_kafka_topic_partition_list_t *places = assignment->places.list;
    for (int i = 0; i < places->cnt; i++) {
        const rd_kafka_topic_partition_t *place = &places->elems[i];
        if (!holds(partitions, place))
            (void)rd_kafka_topic_partition_list_add(gone, place->topic, place->partition);
    }
    forget(assignment, client, gone);
    rd_kafka_topic_partition_list_destroy(gone);
    if (assignment->lost)
        catch_up(assignment, client);
    for (int i = 0; i < places->cnt; i++) {
        const rd_kafka_topic_partition_t *place = &places->elems[i];
        if (is_known(assignment, place))
            (void)rd_kafka_topic_partition_list_set_offset(partitions, place->topic,
                                                           place->partition, place->offset);
    }
    assignment->undecided = false;
    assignment->lost = false;
}

/* Commits where reading begins, so that a later assignment, here or elsewhere, goes on from there.
 */
static void commit_begun(struct kafka_assignment *assignment,
                         rd_kafka_topic_partition_list_t *begun)
{
    for (int i = 0; i < begun->cnt; i++)
        kafka_commits_set(assignment->commits, begun->elems[i].topic, begun->elems[i].partition,
                          begun->elems[i].offset);
    rd_kafka_topic_partition_list_destroy(begun);
    assignment->commits->next = 0;
}

/* Fails only for partitions that were taken away meanwhile. */
static void set_paused(rd_kafka_t *client, rd_kafka_topic_partition_list_t *partitions, bool paused)
{
    (void)(paused ? rd_kafka_pause_partitions(client, partitions)
                  : rd_kafka_resume_partitions(client, partitions));
}

/* Pauses those of `partitions` that are to be, or lets librdkafka go on with them. */
static void pause_those_of(const struct kafka_assignment *assignment, rd_kafka_t *client,
                           rd_kafka_topic_partition_list_t *partitions, bool pause)
{
    rd_kafka_topic_partition_list_t *both = rd_kafka_topic_partition_list_new(1);
    for (int i = 0; i < assignment->paused->cnt; i++) {
        const rd_kafka_topic_partition_t *item = &assignment->paused->elems[i];
        if (holds(partitions, item))
            (void)rd_kafka_topic_partition_list_add(both, item->topic, item->partition);
    }
    if (both->cnt > 0)
        set_paused(client, both, pause);
    rd_kafka_topic_partition_list_destroy(both);
}

static void take(struct kafka_assignment *assignment, rd_kafka_t *client,
                 rd_kafka_topic_partition_list_t *partitions)
{
    rd_kafka_topic_partition_list_t *begun =
        kafka_start_offsets_apply(&assignment->starts, assignment->events, client, partitions);
    if (assignment->undecided)
        decide(assignment, client, partitions);
    kafka_backlog_look(&assignment->backlog, client, partitions);
    for (int i = 0; i < partitions->cnt; i++) {
        const rd_kafka_topic_partition_t *item = &partitions->elems[i];
        if (!holds(assignment->places.list, item))
            (void)rd_kafka_topic_partition_list_add(assignment->fresh, item->topic,
                                                    item->partition);
        kafka_next_offsets_set(&assignment->places, item->topic, item->partition, item->offset);
    }
    if (is_cooperative(client))
        change(assignment, client, true, partitions);
    else
        replace(assignment, client, partitions);
    pause_those_of(assignment, client, partitions, true);
    if (begun)
        commit_begun(assignment, begun);
}

/* The last of the fresh partitions goes over to those that were told. */
static void tell_last(struct kafka_assignment *assignment, struct kafka_begin *begin)
{
    rd_kafka_topic_partition_list_t *fresh = assignment->fresh;
    const rd_kafka_topic_partition_t *last = &fresh->elems[fresh->cnt - 1];
    int64_t place = kafka_next_offsets_get(&assignment->places, last->topic, last->partition);
    if (assignment->told)
        rd_kafka_topic_partition_list_destroy(assignment->told);
    assignment->told = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_t *told =
        rd_kafka_topic_partition_list_add(assignment->told, last->topic, last->partition);
    told->metadata = calloc(1, last->metadata_size + 1);
    if (told->metadata && last->metadata_size > 0)
        memcpy(told->metadata, last->metadata, last->metadata_size);
    *begin = (struct kafka_begin){.topic = told->topic,
                                  .partition = told->partition,
                                  .offset = place >= 0 ? place : last->offset,
                                  .text = told->metadata ? told->metadata : ""};
    (void)rd_kafka_topic_partition_list_del_by_idx(fresh, fresh->cnt - 1);
}

enum error_code kafka_assignment_begin(struct kafka_assignment *assignment, rd_kafka_t *client,
                                       struct kafka_begin *begin, struct error *error)
{
    rd_kafka_topic_partition_list_t *fresh = assignment->fresh;
    if (fresh->cnt == 0)
        return ERROR_MISSING;
    if (fresh->elems[fresh->cnt - 1].opaque == NULL) {
        rd_kafka_resp_err_t failure = rd_kafka_committed(client, fresh, COMMITTED_TIMEOUT_MS);
        if (failure != RD_KAFKA_RESP_ERR_NO_ERROR)
            return error_set(error, ERROR_IO, NULL, 0, "the group's offsets cannot be had: %s",
                             rd_kafka_err2str(failure));
        for (int i = 0; i < fresh->cnt; i++)
            fresh->elems[i].opaque = assignment; /* asked for */
    }
    tell_last(assignment, begin);
    return ERROR_NONE;
}

static bool is_lost(rd_kafka_t *client)
{
#if RD_KAFKA_VERSION >= KAFKA_COOPERATIVE_VERSION
    return rd_kafka_assignment_lost(client) != 0;
#else
    (void)client;
    return false;
#endif
}

static void tell_release(const struct kafka_assignment *assignment,
                         const struct kafka_partition *partitions, size_t count, rd_kafka_t *client)
{
    if (assignment->release)
        assignment->release(partitions, count, is_lost(client), assignment->user);
}

static void give_back(struct kafka_assignment *assignment, rd_kafka_t *client,
                      rd_kafka_topic_partition_list_t *partitions)
{
    bool lost = is_lost(client);
    tell(assignment, client, partitions, tell_release);
    if (!lost)
        kafka_commits_flush(assignment->commits, COMMIT_TIMEOUT_MS);
    /* librdkafka remembers a pause beyond the assignment. */
    pause_those_of(assignment, client, partitions, false);
    if (is_cooperative(client)) {
        forget(assignment, client, partitions); /* only what goes to others is taken away */
        change(assignment, client, false, partitions);
        return;
    }
    replace(assignment, client, NULL);
    assignment->undecided = true;
    assignment->lost = assignment->lost || lost;
}

void kafka_assignment_change(struct kafka_assignment *assignment, rd_kafka_t *client,
                             rd_kafka_resp_err_t event, rd_kafka_topic_partition_list_t *partitions)
{
    if (event == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        take(assignment, client, partitions);
        return;
    }
    if (event != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS)
        kafka_events_say(assignment->events, LOG_WARNING, "the group lost its assignment: %s",
                         rd_kafka_err2str(event));
    give_back(assignment, client, partitions);
}

void kafka_assignment_move(struct kafka_assignment *assignment, rd_kafka_t *client,
                           const rd_kafka_topic_partition_list_t *partitions)
{
    for (int i = 0; i < partitions->cnt; i++) {
        const rd_kafka_topic_partition_t *item = &partitions->elems[i];
        if (!holds(assignment->places.list, item))
            continue;
        kafka_next_offsets_set(&assignment->places, item->topic, item->partition, item->offset);
        kafka_commits_drop(assignment->commits, item->topic, item->partition);
    }
    if (assignment->undecided)
        return; /* they begin there if they come back */
    if (is_cooperative(client)) {
        change(assignment, client, false, partitions);
        change(assignment, client, true, partitions);
    } else {
        replace(assignment, client, assignment->places.list);
    }
}

void kafka_assignment_pause(struct kafka_assignment *assignment, rd_kafka_t *client,
                            const char *topic, int32_t partition, bool paused)
{
    rd_kafka_topic_partition_list_t *one = rd_kafka_topic_partition_list_new(1);
    (void)rd_kafka_topic_partition_list_add(one, topic, partition);
    (void)rd_kafka_topic_partition_list_del(assignment->paused, topic, partition);
    if (paused)
        (void)rd_kafka_topic_partition_list_add(assignment->paused, topic, partition);
    set_paused(client, one, paused);
    rd_kafka_topic_partition_list_destroy(one);
}
