#include "spool/holder.h"

#include "spool/privacy.h"
#include "spool/system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PID_SIZE 32

static void read_pid(int lock, char pid[static PID_SIZE])
{
    ssize_t length = pread(lock, pid, PID_SIZE - 1, 0);
    pid[length > 0 ? length : 0] = '\0';
    pid[strcspn(pid, "\n")] = '\0';
}

static enum error_code tell_who_has_it(const char *path, int lock, struct error *error)
{
    char pid[PID_SIZE];
    read_pid(lock, pid);
    return error_set(error, ERROR_DUPLICATE, path, 0,
                     "%s is in use by process %s; give this node a spool.directory of its own, or "
                     "another robot",
                     path, pid[0] != '\0' ? pid : "(unknown)");
}

enum error_code spool_holder_take(const char *path, int *descriptor, struct error *error)
{
    char name[SPOOL_NAME_SIZE];
    spool_name(name, path, "-lock");
    int lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, SPOOL_FILE_MODE);
    if (lock < 0)
        return spool_system_error(error, errno, name, "cannot be opened for writing");
    int result = flock(lock, LOCK_EX | LOCK_NB);
    /* Who only asks whether it is held has it for a moment. */
    for (int i = 0; i < 10 && result != 0 && errno == EWOULDBLOCK; i++) {
        (void)usleep(10000);
        result = flock(lock, LOCK_EX | LOCK_NB);
    }
    if (result != 0) {
        enum error_code code = errno == EWOULDBLOCK
                                   ? tell_who_has_it(path, lock, error)
                                   : spool_system_error(error, errno, name, "cannot be locked");
        (void)close(lock);
        return code;
    }
    char pid[32];
    int length = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    /* Only a help to who finds it locked: on a full disk it may stay empty. */
    if (ftruncate(lock, 0) == 0 && pwrite(lock, pid, (size_t)length, 0) != length)
        (void)ftruncate(lock, 0);
    *descriptor = lock;
    return ERROR_NONE;
}

bool spool_holder_find(const char *path, long *pid)
{
    char name[SPOOL_NAME_SIZE];
    char text[PID_SIZE];
    spool_name(name, path, "-lock");
    int lock = open(name, O_RDONLY | O_CLOEXEC);
    *pid = 0;
    if (lock < 0)
        return false;
    /* Shared, and given back at once. */
    bool held = flock(lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (held) {
        read_pid(lock, text);
        *pid = strtol(text, NULL, 10);
    }
    (void)close(lock);
    return held;
}
