#include "spool/salvage.h"

#include "spool/store.h"
#include "spool/system.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static void set_aside(const char *path, const char *damaged, const char *suffix)
{
    char from[SPOOL_NAME_SIZE];
    char to[SPOOL_NAME_SIZE];
    spool_name(from, path, suffix);
    spool_name(to, damaged, suffix);
    (void)rename(from, to);
}

enum error_code spool_salvage(const char *path, struct spool_mark *mark,
                              struct spool_findings *findings, struct error *error)
{
    (void)error;
    char damaged[SPOOL_NAME_SIZE];
    spool_damaged_name(damaged, path);
    set_aside(path, damaged, "");
    set_aside(path, damaged, "-wal");
    char name[SPOOL_NAME_SIZE];
    spool_name(name, path, "-shm");
    (void)unlink(name);
    (void)snprintf(findings->set_aside, sizeof findings->set_aside, "%s", damaged);
    findings->lost_records = mark->progress.accepted - mark->progress.trimmed;
    mark->progress.trimmed = mark->progress.accepted;
    mark->progress.floor = mark->progress.numbers;
    return ERROR_NONE;
}

enum error_code spool_salvage_resume(const char *path, struct error *error)
{
    (void)path;
    (void)error;
    return ERROR_NONE;
}
