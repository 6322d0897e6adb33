/* A wrong clock for one process: LD_PRELOAD=libpreloaded_clock.so shifts what it believes to be the
 * time of day by the milliseconds that the file PRELOADED_CLOCK holds, an int64_t that whoever
 * started the process may change while it runs. What the process waits for lasts as long as ever:
 * deadlines of the time of day are shifted back. CLOCK_MONOTONIC and CLOCK_BOOTTIME are right, as
 * they are where a robot's clock is wrong.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#define BILLION     1000000000LL
#define TIME_OF_DAY 500000000 /* seconds: deadlines of CLOCK_MONOTONIC are far below */

static const _Atomic int64_t *shift; /* milliseconds; NULL: none */

__attribute__((constructor)) static void open_file(void)
{
    const char *path = getenv("PRELOADED_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *mapped = mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, file, 0);
    (void)close(file);
    if (mapped != MAP_FAILED)
        shift = mapped;
}

static struct timespec shifted(const struct timespec *time, int sign)
{
    int64_t milliseconds = shift ? sign * atomic_load(shift) : 0;
    long long sum = time->tv_sec * BILLION + time->tv_nsec + milliseconds * 1000000;
    return (struct timespec){.tv_sec = (time_t)(sum / BILLION), .tv_nsec = (long)(sum % BILLION)};
}

static struct timespec deadline_of(const struct timespec *time)
{
    return time->tv_sec > TIME_OF_DAY ? shifted(time, -1) : *time;
}

/* POSIX lets no data pointer be a function, which is what dlsym returns. `version`: where the C
 * library has two of a name. */
static void find(const char *name, const char *version, void *function)
{
    void *found = version ? dlvsym(RTLD_NEXT, name, version) : NULL;
    *(void **)function = found ? found : dlsym(RTLD_NEXT, name);
}

int clock_gettime(clockid_t id, struct timespec *time)
{
    int result = (int)syscall(SYS_clock_gettime, id, time);
    if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        *time = shifted(time, 1);
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    *time = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *result)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (result)
        *result = now.tv_sec;
    return now.tv_sec;
}

int timespec_get(struct timespec *now, int base)
{
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                           const struct timespec *deadline)
{
    int (*wait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    struct timespec right = deadline_of(deadline);
    find("pthread_cond_timedwait", "GLIBC_2.3.2", &wait);
    return wait(condition, mutex, &right);
}

int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t id,
                           const struct timespec *deadline)
{
    int (*wait)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);
    struct timespec right = deadline_of(deadline);
    find("pthread_cond_clockwait", NULL, &wait);
    return wait(condition, mutex, id, &right);
}

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex,
                  const struct timespec *restrict deadline)
{
    int (*wait)(cnd_t *, mtx_t *, const struct timespec *);
    struct timespec right = deadline_of(deadline);
    find("cnd_timedwait", NULL, &wait);
    return wait(condition, mutex, &right);
}

int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *deadline)
{
    int (*lock)(pthread_mutex_t *, const struct timespec *);
    struct timespec right = deadline_of(deadline);
    find("pthread_mutex_timedlock", NULL, &lock);
    return lock(mutex, &right);
}

int sem_timedwait(sem_t *semaphore, const struct timespec *deadline)
{
    int (*wait)(sem_t *, const struct timespec *);
    struct timespec right = deadline_of(deadline);
    find("sem_timedwait", NULL, &wait);
    return wait(semaphore, &right);
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *time, struct timespec *left)
{
    struct timespec right = flags & TIMER_ABSTIME ? deadline_of(time) : *time;
    return syscall(SYS_clock_nanosleep, id, flags, &right, left) == 0 ? 0 : errno;
}
