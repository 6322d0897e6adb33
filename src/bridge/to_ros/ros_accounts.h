/* The accounts of the flow to ROS: one for each pair of a route's Kafka topic and ROS topic.
 *
 * One thread opens accounts; any thread visits them, and adds to counters that it was given.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_TO_ROS_ROS_ACCOUNTS_H
#define KAFKA_BRIDGE_BRIDGE_TO_ROS_ROS_ACCOUNTS_H

#include "bridge/flow/counters.h"

#include <pthread.h>

/* Accounts at most; records, which may name any ROS topic, share one beyond that. */
#define LEDGER_ACCOUNTS 16384

struct ros_accounts_entry;

struct ros_accounts {
    pthread_mutex_t mutex; /* guards the list */
    struct ros_accounts_entry *first, **last;
    struct ros_accounts_entry *by_topics; /* these two are the opening thread's */
    struct ros_accounts_entry *by_kafka_topic;
    size_t count;
    struct counters others; /* of what has no account of its own: there were too many */
};

void ros_accounts_init(struct ros_accounts *ros_accounts);
void ros_accounts_fini(struct ros_accounts *ros_accounts);

/* The counters of that account, which live as long as the ros_accounts. `route` lives as long, the
 * topics are copied; `ros_topic` is resolved here, "" where it is unknown. */
struct counters *ros_accounts_open(struct ros_accounts *ros_accounts, const char *route,
                                   const char *kafka_topic, const char *ros_topic);

/* The first account of that Kafka topic; one without a ROS topic is opened where there is none. */
struct counters *ros_accounts_of_kafka(struct ros_accounts *ros_accounts, const char *route,
                                       const char *kafka_topic);

/* All accounts in the order in which they were opened. */
void ros_accounts_visit(struct ros_accounts *ros_accounts, account_visitor visit, void *user);

/* Adds up all accounts. */
void ros_accounts_totals(struct ros_accounts *ros_accounts, struct totals *totals);

#endif
