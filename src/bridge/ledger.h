/* The accounts of the flow to ROS: one for each pair of a route's Kafka topic and ROS topic.
 *
 * One thread opens accounts; any thread visits them, and adds to counters that it was given.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_LEDGER_H
#define KAFKA_BRIDGE_BRIDGE_LEDGER_H

#include "bridge/counters.h"

#include <pthread.h>

/* Accounts at most; records, which may name any ROS topic, share one beyond that. */
#define LEDGER_ACCOUNTS 16384

struct ledger_entry;

struct ledger {
    pthread_mutex_t mutex; /* guards the list */
    struct ledger_entry *first, **last;
    struct ledger_entry *by_topics; /* these two are the opening thread's */
    struct ledger_entry *by_kafka_topic;
    size_t count;
    struct counters others; /* of what has no account of its own: there were too many */
};

void ledger_init(struct ledger *ledger);
void ledger_fini(struct ledger *ledger);

/* The counters of that account, which live as long as the ledger. `route` lives as long, the topics
 * are copied; `ros_topic` is resolved here, "" where it is unknown. */
struct counters *ledger_open(struct ledger *ledger, const char *route, const char *kafka_topic,
                             const char *ros_topic);

/* The first account of that Kafka topic; one without a ROS topic is opened where there is none. */
struct counters *ledger_of_kafka(struct ledger *ledger, const char *route, const char *kafka_topic);

/* All accounts in the order in which they were opened. */
void ledger_visit(struct ledger *ledger, account_visitor visit, void *user);

/* Adds up all accounts. */
void ledger_totals(struct ledger *ledger, struct totals *totals);

#endif
