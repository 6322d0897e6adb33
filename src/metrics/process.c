#include "metrics/process.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* The fields of /proc/PID/stat that are read, counted behind the name in brackets: proc(5) counts
 * from 1, and the state, its third field, is 0 here. */
enum { STAT_USER_TIME = 11, STAT_SYSTEM_TIME, STAT_START = 19, STAT_VIRTUAL, STAT_RESIDENT };

/* The file's text up to `size`; "" where it cannot be read. */
static void read_file(const char *path, char *text, size_t size)
{
    size_t length = 0;
    FILE *file = fopen(path, "re");
    if (file) {
        length = fread(text, 1, size - 1, file);
        (void)fclose(file);
    }
    text[length] = '\0';
}

/* The numbers of /proc/self/stat; false where they cannot be read. */
static bool read_stat(double numbers[STAT_RESIDENT + 1])
{
    char text[2048];
    read_file("/proc/self/stat", text, sizeof text);
    char *at = strrchr(text, ')'); /* the name before it may hold anything */
    if (!at || at[1] != ' ' || at[2] == '\0')
        return false;
    at += 3; /* behind the state, which is a letter */
    for (int i = 1; i <= STAT_RESIDENT; i++) {
        char *end;
        numbers[i] = strtod(at, &end);
        if (end == at)
            return false;
        at = end;
    }
    return true;
}

/* Seconds since 1970 when the machine was started; 0 where it is not told. */
static double read_boot_time(void)
{
    char line[256];
    double seconds = 0;
    FILE *file = fopen("/proc/stat", "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "btime ", 6) == 0)
            seconds = strtod(line + 6, NULL);
    if (file)
        (void)fclose(file);
    return seconds;
}

static void add(struct metrics_text *text, const char *name, enum metrics_type type,
                const char *help, double value)
{
    metrics_text_family(text, name, type, help);
    metrics_text_value(text, NULL, 0, value);
}

static void write_stat(struct metrics_text *text)
{
    double numbers[STAT_RESIDENT + 1];
    double ticks = (double)sysconf(_SC_CLK_TCK);
    double boot = read_boot_time();
    if (ticks <= 0 || !read_stat(numbers))
        return;
    add(text, "process_cpu_seconds_total", METRICS_COUNTER,
        "Total user and system CPU time spent in seconds.",
        (numbers[STAT_USER_TIME] + numbers[STAT_SYSTEM_TIME]) / ticks);
    add(text, "process_resident_memory_bytes", METRICS_GAUGE, "Resident memory size in bytes.",
        numbers[STAT_RESIDENT] * (double)sysconf(_SC_PAGESIZE));
    add(text, "process_virtual_memory_bytes", METRICS_GAUGE, "Virtual memory size in bytes.",
        numbers[STAT_VIRTUAL]);
    if (boot > 0)
        add(text, "process_start_time_seconds", METRICS_GAUGE,
            "Start time of the process since unix epoch in seconds.",
            boot + numbers[STAT_START] / ticks);
}

static void write_open_files(struct metrics_text *text)
{
    uint64_t count = 0;
    DIR *directory = opendir("/proc/self/fd");
    if (!directory)
        return;
    for (const struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
        count += entry->d_name[0] != '.';
    (void)closedir(directory);
    metrics_text_family(text, "process_open_fds", METRICS_GAUGE,
                        "Number of open file descriptors.");
    metrics_text_count(text, NULL, 0, count - 1); /* the directory's own is closed again */
}

void metrics_process_write(struct metrics_text *text)
{
    struct rlimit limit;
    write_stat(text);
    write_open_files(text);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        add(text, "process_max_fds", METRICS_GAUGE, "Maximum number of open file descriptors.",
            (double)limit.rlim_cur);
}
