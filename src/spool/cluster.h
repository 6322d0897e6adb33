/* The row that says which Kafka cluster a spool's records are for (spool_cluster in spool.h).
 *
 * It has a table of its own, which files made before it do not have: there the cluster is not known
 * until the first delivery.
 */
#ifndef KAFKA_BRIDGE_SPOOL_CLUSTER_H
#define KAFKA_BRIDGE_SPOOL_CLUSTER_H

#include "spool/store.h"

#define SPOOL_CLUSTER_TABLE                                                                        \
    "CREATE TABLE IF NOT EXISTS cluster(id INTEGER PRIMARY KEY, cluster TEXT, servers TEXT,"       \
    " commits INTEGER, checksum INTEGER);"

/* `commits`: that of the commit which it is written with. SQLite's result codes. */
int spool_store_put_cluster(struct spool_store *store, uint64_t identity,
                            const struct spool_cluster *cluster, uint64_t commits);

/* `cluster->id` is "" where none is kept. SQLITE_CORRUPT: the checksum is wrong. */
int spool_store_get_cluster(struct spool_store *store, uint64_t identity,
                            struct spool_cluster *cluster);

uint64_t spool_cluster_checksum(uint64_t identity, const struct spool_cluster *cluster,
                                uint64_t commits);

#endif
