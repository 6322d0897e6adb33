/* Opening for looking only, also while a node has it open. */
#include "spool/examination.h"

#include <stdio.h>
#include <unistd.h>

/* Opens the reader for looking only, and loads. */
static enum spool_verdict look(struct spool *spool, enum spool_store_mode mode,
                               struct spool_examination *found, struct error *error)
{
    int result = spool_store_open(&spool->reader, spool->path, mode);
    return spool_examine_file(spool, &spool->reader, result, found, error);
}

/* Where nothing may be written, not even what readers tell each other, a file without a log can be
 * read as one that nobody changes. */
static enum spool_verdict look_without_writing(struct spool *spool, struct spool_examination *found,
                                               struct error *error)
{
    char log[SPOOL_NAME_SIZE];
    spool_name(log, spool->path, "-wal");
    if (spool_file_size(log) > 0) {
        (void)error_set(error, ERROR_IO, spool->path, 0,
                        "%s has a log beside it, and reading that takes leave to write in its "
                        "directory; copy the files (%s*) to another one and look there",
                        spool->path, spool->path);
        return SPOOL_REFUSED;
    }
    spool_store_close(&spool->reader, false);
    return look(spool, SPOOL_STORE_FROZEN, found, error);
}

enum error_code spool_open_read_only(const char *path, struct spool **result, struct error *error)
{
    struct error unheard;
    error = error ? error : &unheard;
    if (access(path, F_OK) != 0)
        return error_set(error, ERROR_MISSING, path, 0, "there is no file %s", path);
    struct spool *spool = spool_create(path);
    if (!spool)
        return error_set(error, ERROR_MEMORY, path, 0, "%s: no memory", path);
    spool->read_only = true;
    struct spool_examination found = {0};
    enum spool_verdict verdict = look(spool, SPOOL_STORE_LOOK, &found, error);
    if (verdict == SPOOL_REFUSED && error->code == ERROR_IO && access(path, R_OK) == 0)
        verdict = look_without_writing(spool, &found, error);
    if (verdict == SPOOL_DAMAGED)
        (void)error_set(error, ERROR_IO, path, 0,
                        "%s is damaged (%s); a node that opens it "
                        "repairs it",
                        path, found.damage);
    if (verdict != SPOOL_SOUND) {
        spool_destroy(spool, false);
        return error->code;
    }
    spool_write_identity(spool);
    *result = spool;
    return ERROR_NONE;
}
