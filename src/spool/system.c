#include "spool/system.h"

#include "spool/checksum.h"
#include "spool/privacy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

void spool_name(char name[static SPOOL_NAME_SIZE], const char *path, const char *suffix)
{
    (void)snprintf(name, SPOOL_NAME_SIZE, "%s%s", path, suffix);
}

bool spool_is_full_errno(int number)
{
    return number == ENOSPC || number == EDQUOT;
}

/* What would be right. */
static const char *advice(int number)
{
    switch (number) {
    case EACCES:
    case EPERM:
        return "; this user must be allowed to write there, or spool.directory be another";
    case EROFS:
        return "; spool.directory must be on a file system that can be written";
    case ENOTDIR:
    case EEXIST:
        return "; spool.directory must name a directory";
    default:
        return "";
    }
}

enum error_code spool_system_error(struct error *error, int number, const char *path,
                                   const char *what)
{
    if (spool_is_full_errno(number))
        return spool_full_error(error, path);
    char text[128] = "";
    const char *reason = strerror_r(number, text, sizeof text);
    return error_set(error, ERROR_IO, path, 0, "%s %s: %s%s", path, what, reason, advice(number));
}

enum error_code spool_full_error(struct error *error, const char *path)
{
    return error_set(error, ERROR_FULL, path, 0,
                     "no room on the disk of %s (%" PRIu64
                     " bytes free); it goes on when there is room again",
                     path, spool_free_bytes(path));
}

enum error_code spool_make_directory(const char *path, struct error *error)
{
    char part[SPOOL_NAME_SIZE];
    spool_name(part, path, "");
    struct stat status;
    for (char *end = part + 1;; end++) {
        if (*end != '/' && *end != '\0')
            continue;
        char kept = *end;
        *end = '\0';
        mode_t mode = kept == '\0' ? SPOOL_DIRECTORY_MODE : 0755;
        if (mkdir(part, mode) != 0 && (stat(part, &status) != 0 || !S_ISDIR(status.st_mode)))
            return spool_system_error(error, errno, part, "cannot be made a directory");
        *end = kept;
        if (kept == '\0')
            return ERROR_NONE;
    }
}

static void directory_of(char directory[static SPOOL_NAME_SIZE], const char *path)
{
    spool_name(directory, path, "");
    char *slash = strrchr(directory, '/');
    if (!slash)
        spool_name(directory, ".", "");
    else
        slash[slash == directory ? 1 : 0] = '\0';
}

uint64_t spool_free_bytes(const char *path)
{
    char directory[SPOOL_NAME_SIZE];
    directory_of(directory, path);
    struct statvfs status;
    if (statvfs(directory, &status) != 0)
        return UINT64_MAX;
    return (uint64_t)status.f_bavail * status.f_frsize;
}

uint64_t spool_file_size(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && status.st_size > 0 ? (uint64_t)status.st_size : 0;
}

uint64_t spool_disk_size(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (uint64_t)status.st_blocks * 512 : 0;
}

void spool_damaged_name(char name[static SPOOL_NAME_SIZE], const char *path)
{
    char when[32] = "";
    time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc))
        (void)strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &utc);
    (void)snprintf(name, SPOOL_NAME_SIZE, "%s.damaged-%s", path, when);
    for (int turn = 2; access(name, F_OK) == 0; turn++)
        (void)snprintf(name, SPOOL_NAME_SIZE, "%s.damaged-%s-%d", path, when, turn);
}

void spool_sync_directory(const char *path)
{
    char directory[SPOOL_NAME_SIZE];
    directory_of(directory, path);
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    (void)fsync(descriptor);
    (void)close(descriptor);
}

uint64_t spool_boot(void)
{
    char text[64];
    int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t length = read(file, text, sizeof text);
    (void)close(file);
    return length > 0 ? spool_checksum(text, (size_t)length, 0) : 0;
}
