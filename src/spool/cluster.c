#include "spool/cluster.h"

#include "spool/checksum.h"

#include <stdio.h>

#define CLUSTER_SEED 6 /* behind those of progress.c */

uint64_t spool_cluster_checksum(uint64_t identity, const struct spool_cluster *cluster,
                                uint64_t commits)
{
    const uint64_t row[] = {CLUSTER_SEED, identity, commits};
    uint64_t checksum = spool_checksum_text(cluster->id, spool_checksum(row, sizeof row, 0));
    return spool_checksum_text(cluster->servers, checksum);
}

int spool_store_put_cluster(struct spool_store *store, uint64_t identity,
                            const struct spool_cluster *cluster, uint64_t commits)
{
    sqlite3_stmt *put = NULL;
    int result = spool_store_run(store, SPOOL_CLUSTER_TABLE);
    if (result == SQLITE_OK)
        result = sqlite3_prepare_v2(
            store->handle, "INSERT OR REPLACE INTO cluster VALUES(1,?1,?2,?3,?4)", -1, &put, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_bind_text(put, 1, cluster->id, -1, SQLITE_STATIC);
    if (result == SQLITE_OK)
        result = sqlite3_bind_text(put, 2, cluster->servers, -1, SQLITE_STATIC);
    if (result == SQLITE_OK) {
        (void)sqlite3_bind_int64(put, 3, (sqlite3_int64)commits);
        (void)sqlite3_bind_int64(put, 4,
                                 (sqlite3_int64)spool_cluster_checksum(identity, cluster, commits));
        result = sqlite3_step(put);
    }
    int end = sqlite3_finalize(put);
    return result == SQLITE_DONE ? SQLITE_OK : end != SQLITE_OK ? end : result;
}

static int read_row(sqlite3_stmt *row, uint64_t identity, struct spool_cluster *cluster)
{
    const char *id = (const char *)sqlite3_column_text(row, 0);
    const char *servers = (const char *)sqlite3_column_text(row, 1);
    if (!id || !servers)
        return sqlite3_errcode(sqlite3_db_handle(row)) == SQLITE_NOMEM ? SQLITE_NOMEM
                                                                       : SQLITE_CORRUPT;
    (void)snprintf(cluster->id, sizeof cluster->id, "%s", id);
    (void)snprintf(cluster->servers, sizeof cluster->servers, "%s", servers);
    uint64_t commits = (uint64_t)sqlite3_column_int64(row, 2);
    bool right = spool_cluster_checksum(identity, cluster, commits) ==
                 (uint64_t)sqlite3_column_int64(row, 3);
    return right ? SQLITE_OK : SQLITE_CORRUPT;
}

int spool_store_get_cluster(struct spool_store *store, uint64_t identity,
                            struct spool_cluster *cluster)
{
    int64_t tables = 0;
    sqlite3_stmt *get = NULL;
    *cluster = (struct spool_cluster){0};
    int result = spool_store_number(
        store, "SELECT count(*) FROM sqlite_master WHERE name = 'cluster'", &tables);
    if (result != SQLITE_OK || tables == 0)
        return result;
    result = sqlite3_prepare_v2(store->handle,
                                "SELECT cluster, servers, commits, checksum FROM cluster"
                                " WHERE id = 1",
                                -1, &get, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_step(get);
    if (result == SQLITE_ROW)
        result = read_row(get, identity, cluster);
    else if (result == SQLITE_DONE)
        result = SQLITE_OK;
    (void)sqlite3_finalize(get);
    return result;
}
