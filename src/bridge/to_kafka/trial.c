#include "bridge/to_kafka/trial.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "kafka_bridge-trial-"
#define TRIES  10

static const char *base(void)
{
    const char *given = getenv("TMPDIR");
    return given && *given ? given : "/tmp";
}

/* Removes the directory's files; there are no directories in it. Takes the descriptor. */
static void empty(int descriptor)
{
    DIR *entries = fdopendir(descriptor);
    if (!entries) {
        (void)close(descriptor);
        return;
    }
    const struct dirent *entry;
    while ((entry = readdir(entries)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)unlinkat(dirfd(entries), entry->d_name, 0);
    (void)closedir(entries);
}

/* Removes the directory where its trial is over. */
static void sweep(int place, const char *name)
{
    struct stat status;
    int directory = openat(place, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0)
        return;
    int copy = -1;
    if (fstat(directory, &status) == 0 && status.st_uid == geteuid() &&
        flock(directory, LOCK_EX | LOCK_NB) == 0)
        copy = fcntl(directory, F_DUPFD_CLOEXEC, 0);
    if (copy >= 0) {
        empty(copy);
        (void)unlinkat(place, name, AT_REMOVEDIR);
    }
    (void)close(directory);
}

static void sweep_all(void)
{
    DIR *entries = opendir(base());
    const struct dirent *entry;
    while (entries && (entry = readdir(entries)))
        if (strncmp(entry->d_name, PREFIX, sizeof PREFIX - 1) == 0)
            sweep(dirfd(entries), entry->d_name);
    if (entries)
        (void)closedir(entries);
}

/* Whether the directory that is locked is the one that is there: another trial may have taken it
 * for a left one before it was locked. */
static bool is_there(const struct trial *trial)
{
    struct stat held, there;
    return fstat(trial->lock, &held) == 0 && stat(trial->directory, &there) == 0 &&
           held.st_ino == there.st_ino && held.st_dev == there.st_dev;
}

enum error_code trial_begin(struct trial *trial, struct error *error)
{
    sweep_all();
    for (int i = 0; i < TRIES; i++) {
        if (snprintf(trial->directory, sizeof trial->directory, "%s/" PREFIX "XXXXXX", base()) >=
            (int)sizeof trial->directory)
            return error_set(error, ERROR_LIMIT, "TMPDIR", 0, "the path is too long");
        if (!mkdtemp(trial->directory))
            break;
        trial->lock = open(trial->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (trial->lock >= 0 && flock(trial->lock, LOCK_EX) == 0 && is_there(trial))
            return ERROR_NONE;
        if (trial->lock >= 0)
            (void)close(trial->lock);
    }
    *trial = (struct trial){0};
    return error_set(error, ERROR_IO, "TMPDIR", 0,
                     "%s, where the spool of a trial with the embedded broker would be, cannot "
                     "take a directory: %s",
                     base(), strerror(errno));
}

void trial_end(struct trial *trial)
{
    if (!*trial->directory)
        return;
    int copy = fcntl(trial->lock, F_DUPFD_CLOEXEC, 0);
    if (copy >= 0)
        empty(copy);
    (void)rmdir(trial->directory);
    (void)close(trial->lock);
    *trial = (struct trial){0};
}
