#include "kafka/assignment.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

enum error_code kafka_assignment_init(struct kafka_assignment *assignment,
                                      struct kafka_events *events,
                                      const struct kafka_consumer_options *options,
                                      struct error *error)
{
    assignment->events = events;
    assignment->release = options->release;
    assignment->user = options->user;
    assignment->moved = rd_kafka_topic_partition_list_new(1);
    return kafka_starts_init(&assignment->starts, options->subscriptions,
                             options->subscription_count, error);
}

void kafka_assignment_fini(struct kafka_assignment *assignment)
{
    kafka_starts_fini(&assignment->starts);
    if (assignment->moved)
        rd_kafka_topic_partition_list_destroy(assignment->moved);
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

static void take(struct kafka_assignment *assignment, rd_kafka_t *client,
                 rd_kafka_topic_partition_list_t *partitions)
{
    rd_kafka_topic_partition_list_t *begun =
        kafka_starts_apply(&assignment->starts, assignment->events, client, partitions);
    if (is_cooperative(client))
        change(assignment, client, true, partitions);
    else
        replace(assignment, client, partitions);
    if (assignment->held)
        (void)rd_kafka_pause_partitions(client, partitions);
    if (!begun)
        return;
    if (begun->cnt > 0)
        (void)rd_kafka_commit(client, begun, 1);
    rd_kafka_topic_partition_list_destroy(begun);
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

/* Without memory for the list nobody is told, and what was published is published again. */
static void announce_release(const struct kafka_assignment *assignment, rd_kafka_t *client,
                             const rd_kafka_topic_partition_list_t *list)
{
    if (!assignment->release || list->cnt == 0)
        return;
    struct kafka_partition *partitions = calloc((size_t)list->cnt, sizeof *partitions);
    if (!partitions)
        return;
    for (int i = 0; i < list->cnt; i++)
        partitions[i] = (struct kafka_partition){.topic = list->elems[i].topic,
                                                 .number = list->elems[i].partition};
    assignment->release(partitions, (size_t)list->cnt, is_lost(client), assignment->user);
    free(partitions);
}

static void give_back(struct kafka_assignment *assignment, rd_kafka_t *client,
                      rd_kafka_topic_partition_list_t *partitions)
{
    announce_release(assignment, client, partitions);
    for (int i = 0; i < partitions->cnt; i++)
        (void)rd_kafka_topic_partition_list_del(assignment->moved, partitions->elems[i].topic,
                                                partitions->elems[i].partition);
    /* With enable.auto.commit librdkafka commits what was stored before it lets go. */
    if (assignment->commits_itself && kafka_assignment_count(assignment) > 0)
        (void)rd_kafka_commit(client, NULL, 0);
    /* librdkafka remembers a pause beyond the assignment. */
    if (assignment->held)
        (void)rd_kafka_resume_partitions(client, partitions);
    if (is_cooperative(client))
        change(assignment, client, false, partitions);
    else
        replace(assignment, client, NULL);
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

static void set_offset(rd_kafka_topic_partition_list_t *list,
                       const rd_kafka_topic_partition_t *item)
{
    if (!rd_kafka_topic_partition_list_find(list, item->topic, item->partition))
        (void)rd_kafka_topic_partition_list_add(list, item->topic, item->partition);
    (void)rd_kafka_topic_partition_list_set_offset(list, item->topic, item->partition,
                                                   item->offset);
}

/* All that it has, each where reading goes on: behind the last record that was handed out; before
 * there was one, where it was moved to; else at the group's offset. NULL: unknown. */
static rd_kafka_topic_partition_list_t *positions(const struct kafka_assignment *assignment,
                                                  rd_kafka_t *client)
{
    rd_kafka_topic_partition_list_t *all = NULL;
    if (rd_kafka_assignment(client, &all) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return NULL;
    (void)rd_kafka_position(client, all);
    for (int i = 0; i < all->cnt; i++) {
        rd_kafka_topic_partition_t *item = &all->elems[i];
        const rd_kafka_topic_partition_t *moved =
            rd_kafka_topic_partition_list_find(assignment->moved, item->topic, item->partition);
        if (item->offset < 0 && moved)
            item->offset = moved->offset;
    }
    return all;
}

void kafka_assignment_move(struct kafka_assignment *assignment, rd_kafka_t *client,
                           const rd_kafka_topic_partition_list_t *partitions)
{
    for (int i = 0; i < partitions->cnt; i++)
        set_offset(assignment->moved, &partitions->elems[i]);
    if (is_cooperative(client)) {
        change(assignment, client, false, partitions);
        change(assignment, client, true, partitions);
        return;
    }
    rd_kafka_topic_partition_list_t *all = positions(assignment, client);
    if (!all)
        return;
    for (int i = 0; i < partitions->cnt; i++)
        (void)rd_kafka_topic_partition_list_set_offset(all, partitions->elems[i].topic,
                                                       partitions->elems[i].partition,
                                                       partitions->elems[i].offset);
    replace(assignment, client, all);
    rd_kafka_topic_partition_list_destroy(all);
}

void kafka_assignment_hold(struct kafka_assignment *assignment, rd_kafka_t *client, bool held)
{
    rd_kafka_topic_partition_list_t *partitions = NULL;
    if (assignment->held == held ||
        rd_kafka_assignment(client, &partitions) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    /* Both fail only for partitions that were taken away meanwhile. */
    if (held)
        (void)rd_kafka_pause_partitions(client, partitions);
    else
        (void)rd_kafka_resume_partitions(client, partitions);
    rd_kafka_topic_partition_list_destroy(partitions);
    assignment->held = held;
}
