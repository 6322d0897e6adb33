/* The Kafka cluster that a spool's records are for: into another one nothing of it is sent.
 *
 * A cluster is known by its id, whatever addresses lead there. The spool's is kept in its file with
 * the first delivery (spool_cluster); `spool.cluster` of the configuration stands above it. A spool
 * in which nothing waits has nothing to lose, and goes over to the cluster that is there.
 *
 * Threads: the sender's, save home_cluster_trouble.
 */
#ifndef KAFKA_BRIDGE_BRIDGE_SEND_HOME_CLUSTER_H
#define KAFKA_BRIDGE_BRIDGE_SEND_HOME_CLUSTER_H

#include "bridge/config/config.h"
#include "kafka/producer/producer.h"
#include "spool/spool.h"

struct home_cluster;

enum home_cluster_answer {
    HOME_CLUSTER_ADMITS, /* send */
    HOME_CLUSTER_WAITS,  /* send nothing: it is another cluster, or not known yet which */
    HOME_CLUSTER_LEFT,   /* what answers now is another cluster than before: take all back */
};

/* What the spool holds now is of earlier runs. All that is given outlives it. ERROR_MEMORY. */
enum error_code home_cluster_create(const struct config *config, struct spool *spool,
                                    struct home_cluster **home) MUST_CHECK;
void home_cluster_destroy(struct home_cluster *home);

/* Whether records may be sent with this producer, which has to be the same until
 * home_cluster_forget; waits at most `timeout_ms` for the cluster to say which it is. Says what is
 * wrong, and when it is over. */
enum home_cluster_answer home_cluster_ask(struct home_cluster *home,
                                          struct kafka_producer *producer, int timeout_ms);

/* The producer is another one; `waiting`: records wait. */
void home_cluster_forget(struct home_cluster *home, bool waiting);

/* How a cluster is named to whom this runs for. */
struct home_cluster_words {
    const char *servers; /* what says where Kafka is: "bootstrap.servers" */
    const char *cluster; /* what says which cluster is meant: "spool.cluster" */
    const char *meant;   /* the same, before an id: "spool.cluster: " */
};

/* Whether records that wait in the spool at `path`, which is `own`'s, are not to go into the
 * cluster `there`, and why; `wanted`: what was said of the cluster that is meant, or "". */
bool home_cluster_explain(const struct home_cluster_words *words, const char *wanted,
                          const char *path, const struct spool_cluster *own,
                          const struct spool_cluster *there, char *text, size_t size);

/* Why nothing is sent; false: nothing is wrong. Any thread. */
bool home_cluster_trouble(struct home_cluster *home, char *text, size_t size);

#endif
