#include "spool/privacy.h"

#include "spool/system.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OTHERS 077

void spool_make_private(const char *path)
{
    /* Never one that is there: closing it would take SQLite's locks away. */
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, SPOOL_FILE_MODE);
    if (file >= 0)
        (void)close(file);
}

static void tighten_file(int directory, const char *name, char exposed[static ERROR_TEXT_SIZE])
{
    struct stat status;
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode) ||
        (status.st_mode & OTHERS) == 0)
        return;
    if (fchmodat(directory, name, status.st_mode & 07700, 0) != 0)
        (void)snprintf(exposed, ERROR_TEXT_SIZE,
                       "other users have rights to %s (mode %04o), which cannot be taken away: %s; "
                       "its owner can, with chmod go= %s",
                       name, (unsigned)(status.st_mode & 07777), strerror(errno), name);
}

static void tighten_directory(int directory, const char *path, bool only_spools,
                              char exposed[static ERROR_TEXT_SIZE])
{
    struct stat status;
    if (fstat(directory, &status) != 0 || (status.st_mode & OTHERS) == 0)
        return;
    if (only_spools && fchmod(directory, status.st_mode & 07700) == 0)
        return;
    (void)snprintf(exposed, ERROR_TEXT_SIZE,
                   "other users may look into %s (mode %04o), which holds more than spools: they "
                   "see a spool's name, and cannot read it; a spool.directory of its own would be "
                   "closed to them",
                   path, (unsigned)(status.st_mode & 07777));
}

void spool_tighten(const char *path, char exposed[static ERROR_TEXT_SIZE])
{
    char place[SPOOL_NAME_SIZE];
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    bool only_spools = true;
    exposed[0] = '\0';
    (void)snprintf(place, sizeof place, "%.*s", slash ? (int)(slash - path) : 1,
                   slash ? path : ".");
    DIR *entries = opendir(*place ? place : "/");
    if (!entries)
        return;
    const struct dirent *entry;
    while ((entry = readdir(entries))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        only_spools = only_spools && strstr(entry->d_name, ".db");
        if (strncmp(entry->d_name, name, strlen(name)) == 0)
            tighten_file(dirfd(entries), entry->d_name, exposed);
    }
    tighten_directory(dirfd(entries), place, only_spools, exposed);
    (void)closedir(entries);
}
