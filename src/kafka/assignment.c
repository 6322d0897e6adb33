#include "kafka/assignment.h"

#include <string.h>
#include <syslog.h>

enum error_code kafka_assignment_init(struct kafka_assignment *assignment,
                                      struct kafka_events *events,
                                      const struct kafka_subscription *subscriptions, size_t count,
                                      struct error *error)
{
    assignment->events = events;
    return kafka_starts_init(&assignment->starts, subscriptions, count, error);
}

void kafka_assignment_fini(struct kafka_assignment *assignment)
{
    kafka_starts_fini(&assignment->starts);
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

static void give_back(struct kafka_assignment *assignment, rd_kafka_t *client,
                      rd_kafka_topic_partition_list_t *partitions)
{
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
