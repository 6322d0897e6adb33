#include "bridge/send/broker_clock.h"

#include <rosc/log.h>
#include <rosc/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PLAUSIBLE  INT64_C(1262304000000) /* 2010 */
#define HOUR       INT64_C(3600000)
#define GUESSES    8 /* 128 hours: what is guessed must not be older than topics keep by default */
#define WHAT_HELPS "set this robot's clock (chrony, ntpd)"

int64_t broker_clock_steady(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_BOOTTIME, &now); /* unlike CLOCK_MONOTONIC it goes on in suspend */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t robot_now(void)
{
    return rosc_time_wall() / 1000000;
}

void broker_clock_span(int64_t milliseconds, char text[BROKER_CLOCK_SPAN_SIZE])
{
    static const struct {
        const char *unit;
        double milliseconds, least;
    } units[] = {{"years", 31557600e3, 2},
                 {"days", 86400e3, 2},
                 {"h", 3600e3, 1},
                 {"min", 60e3, 1},
                 {"s", 1e3, 0}};
    double span = (double)milliseconds;
    size_t i = 0;
    while (span < 0.99 * units[i].least * units[i].milliseconds)
        i++;
    (void)snprintf(text, BROKER_CLOCK_SPAN_SIZE, "%.3g %s", span / units[i].milliseconds,
                   units[i].unit);
}

void broker_clock_init(struct broker_clock *clock)
{
    *clock = (struct broker_clock){.robot_base = robot_now() - broker_clock_steady()};
    (void)pthread_mutex_init(&clock->mutex, NULL);
}

void broker_clock_fini(struct broker_clock *clock)
{
    (void)pthread_mutex_destroy(&clock->mutex);
}

int64_t broker_clock_now(struct broker_clock *clock)
{
    int64_t base = atomic_load_explicit(&clock->base, memory_order_relaxed);
    return base ? base + broker_clock_steady() : robot_now();
}

static void say_difference(int64_t ahead)
{
    char span[BROKER_CLOCK_SPAN_SIZE];
    broker_clock_span(llabs(ahead), span);
    ROSC_LOG_WARN(
        "this robot's clock is %s %s the broker's: a record whose time Kafka would not take "
        "or not keep gets the broker's time, and its own in the header ros_timestamp; " WHAT_HELPS,
        span, ahead > 0 ? "ahead of" : "behind");
}

void broker_clock_tell(struct broker_clock *clock, int64_t now)
{
    if (now < PLAUSIBLE)
        return;
    int64_t ahead = robot_now() - now;
    bool differs = llabs(ahead) > BROKER_CLOCK_AGREES_MS;
    (void)pthread_mutex_lock(&clock->mutex);
    int64_t base = differs ? now - broker_clock_steady() : 0;
    bool news = llabs(base - atomic_exchange(&clock->base, base)) > BROKER_CLOCK_AGREES_MS;
    clock->jumped_from = 0;
    clock->guesses = 0;
    (void)pthread_mutex_unlock(&clock->mutex);
    if (news && differs)
        say_difference(ahead);
    else if (news)
        ROSC_LOG_INFO("this robot's clock agrees with the broker's again");
}

bool broker_clock_jumped(struct broker_clock *clock)
{
    int64_t base = robot_now() - broker_clock_steady();
    (void)pthread_mutex_lock(&clock->mutex);
    bool jumped = llabs(base - clock->robot_base) > BROKER_CLOCK_AGREES_MS;
    /* From as far away as a boot without a clock it cannot have been right before. */
    if (jumped)
        clock->jumped_from =
            llabs(base - clock->robot_base) < (HOUR << GUESSES) ? clock->robot_base : 0;
    if (jumped && clock->guesses > 0) { /* who set it may well have set it right */
        atomic_store(&clock->base, 0);
        clock->guesses = 0;
    }
    clock->robot_base = base;
    (void)pthread_mutex_unlock(&clock->mutex);
    return jumped;
}

/* With the mutex held. The base of the next guess; 0: there is none. */
static int64_t guess(struct broker_clock *clock)
{
    if (clock->jumped_from) {
        int64_t before = clock->jumped_from;
        clock->jumped_from = 0;
        return before;
    }
    if (clock->guesses == GUESSES)
        return 0;
    return clock->robot_base - (HOUR << clock->guesses++);
}

bool broker_clock_doubt(struct broker_clock *clock, const char *topic)
{
    char span[BROKER_CLOCK_SPAN_SIZE];
    (void)broker_clock_jumped(clock);
    (void)pthread_mutex_lock(&clock->mutex);
    int64_t base = guess(clock);
    int64_t ahead = clock->robot_base - base;
    atomic_store(&clock->base, base); /* where no guess was right this robot's is as good as any */
    (void)pthread_mutex_unlock(&clock->mutex);
    if (!base)
        return false;
    broker_clock_span(llabs(ahead), span);
    ROSC_LOG_WARN(
        "Kafka topic %s refuses this robot's time: its clock and the broker's differ, and the "
        "broker's is not known; records get a time that is %s %s, and their own in the "
        "header ros_timestamp; " WHAT_HELPS,
        topic, span, ahead > 0 ? "earlier" : "later");
    return true;
}
