#include "contest.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS     11
#define ROUND_TIME 20e6 /* ns that a contestant runs in a round, about */

struct figure {
    double nanoseconds; /* per message */
    double bytes;       /* per message */
};

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double run_once(const struct contest *contest, const struct contestant *contestant,
                       size_t iterations, size_t *bytes)
{
    double start = now();
    *bytes = 0;
    for (size_t i = 0; i < iterations; i++)
        *bytes += contestant->work(contest->subject, i % contest->messages);
    return now() - start;
}

/* How many iterations take about a round's time: whole passes over the messages. */
static size_t calibrate(const struct contest *contest, const struct contestant *contestant)
{
    size_t bytes, iterations = contest->messages;
    double time = run_once(contest, contestant, iterations, &bytes);
    while (time < ROUND_TIME) {
        iterations *= time < ROUND_TIME / 10 ? 4 : 2;
        time = run_once(contest, contestant, iterations, &bytes);
    }
    return iterations;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const struct contest *contest, struct figure *figures)
{
    double times[CONTESTANTS_LIMIT][ROUNDS];
    size_t iterations[CONTESTANTS_LIMIT];
    for (size_t i = 0; i < contest->contestant_count; i++)
        iterations[i] = calibrate(contest, &contest->contestants[i]);
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < contest->contestant_count; i++) {
            size_t bytes;
            double time = run_once(contest, &contest->contestants[i], iterations[i], &bytes);
            times[i][round] = time / (double)iterations[i];
            figures[i].bytes = (double)bytes / (double)iterations[i];
        }
    for (size_t i = 0; i < contest->contestant_count; i++) {
        qsort(times[i], ROUNDS, sizeof(double), compare);
        figures[i].nanoseconds = times[i][ROUNDS / 2];
    }
}

static bool print_beside(const struct contestant *contestant, double ours, double theirs)
{
    double target = contestant->target;
    if (target < 0) {
        bool met = ours <= -target * theirs;
        printf("   ours takes %.2f times as long (at most %g: %s)", ours / theirs, -target,
               met ? "met" : "MISSED");
        return met;
    }
    if (theirs < ours)
        printf("   ours takes %.2f times as long", ours / theirs);
    else
        printf("   ours is %.1f times as fast", theirs / ours);
    if (target > 0)
        printf(" (at least %g: %s)", target, theirs >= target * ours ? "met" : "MISSED");
    return theirs >= target * ours;
}

bool contest_run(const struct contest *contest)
{
    struct figure figures[CONTESTANTS_LIMIT];
    bool met = true;
    measure(contest, figures);
    printf("%s\n", contest->name);
    for (size_t i = 0; i < contest->contestant_count; i++) {
        printf("  %-24s %9.0f ns/message %8.0f MB/s", contest->contestants[i].name,
               figures[i].nanoseconds, figures[i].bytes / figures[i].nanoseconds * 1e3);
        if (i > 0)
            met = print_beside(&contest->contestants[i], figures[0].nanoseconds,
                               figures[i].nanoseconds) &&
                  met;
        printf("\n");
    }
    printf("\n");
    (void)fflush(stdout);
    return met;
}
