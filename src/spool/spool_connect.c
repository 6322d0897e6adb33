/* A spool's two connections to its file. */
#include "spool/spool_private.h"

static enum error_code connect_writer(struct spool *spool, bool is_new, struct error *error)
{
    struct spool_store *writer = &spool->writer;
    int result = spool_store_open(writer, spool->path, SPOOL_STORE_WRITER);
    if (result == SQLITE_OK && is_new)
        result = spool_store_make(writer);
    if (result == SQLITE_OK)
        result = spool_store_prepare(writer);
    if (result == SQLITE_OK)
        result =
            spool_store_run(writer, spool->sync == SPOOL_SYNC_FULL
                                        ? "PRAGMA synchronous=FULL; PRAGMA cache_size=-8192"
                                        : "PRAGMA synchronous=NORMAL; PRAGMA cache_size=-8192");
    return result == SQLITE_OK ? ERROR_NONE
                               : spool_store_error(writer, result, "cannot be opened", error);
}

static enum error_code connect_reader(struct spool *spool, struct error *error)
{
    int result = spool_store_open(&spool->reader, spool->path, SPOOL_STORE_READER);
    if (result == SQLITE_OK)
        result = spool_store_prepare(&spool->reader);
    return result == SQLITE_OK ? ERROR_NONE
                               : spool_store_error(&spool->reader, result, "cannot be read", error);
}

enum error_code spool_connect(struct spool *spool, bool is_new, struct error *error)
{
    enum error_code code = connect_writer(spool, is_new, error);
    if (code == ERROR_NONE)
        code = connect_reader(spool, error);
    if (code == ERROR_NONE)
        spool_room_bound_log(&spool->room, &spool->writer, spool->max_bytes);
    return code;
}

void spool_disconnect(struct spool *spool, bool checkpoint)
{
    spool_store_close(&spool->reader, false);
    if (checkpoint)
        (void)spool_store_run(&spool->writer, "PRAGMA wal_checkpoint(TRUNCATE)");
    spool_store_close(&spool->writer, checkpoint);
    if (checkpoint)
        spool_room_keep_log(&spool->room, spool->path);
}
