/* What time it is at the brokers, as far as this robot can know: its own clock's, until something
 * says that the two differ. Times are milliseconds since the epoch.
 *
 * Only a topic with message.timestamp.type=LogAppendTime tells the brokers' time, exactly
 * (broker_clock_tell). Else a refusal of what this robot takes for now says that it is wrong, and
 * guesses are made (broker_clock_doubt). A clock that differs is kept on CLOCK_BOOTTIME, which no
 * change of this robot's clock moves. Any thread. */
#ifndef KAFKA_BRIDGE_BRIDGE_SEND_BROKER_CLOCK_H
#define KAFKA_BRIDGE_BRIDGE_SEND_BROKER_CLOCK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Clocks that are no further apart agree: what Kafka asks of times is a matter of hours. */
#define BROKER_CLOCK_AGREES_MS 60000

#define BROKER_CLOCK_SPAN_SIZE 40

struct broker_clock {
    _Atomic int64_t base;  /* milliseconds from CLOCK_BOOTTIME to the brokers' time; 0: theirs is
                              this robot's */
    pthread_mutex_t mutex; /* guards what follows, and changes of `base` */
    int64_t robot_base;    /* the same to this robot's, when that was last looked at */
    int64_t jumped_from;   /* robot_base before its clock last jumped; 0: it has not */
    unsigned guesses;      /* since the brokers' time was last known */
};

void broker_clock_init(struct broker_clock *clock);
void broker_clock_fini(struct broker_clock *clock);

int64_t broker_clock_now(struct broker_clock *clock);

/* The brokers have just said that it is `now` there. Says it where the clocks differ, and once more
 * when they agree again. What is no time of our age (librdkafka's mock cluster) is left alone. */
void broker_clock_tell(struct broker_clock *clock, int64_t now);

/* Whether this robot's clock has jumped since this was last asked. */
bool broker_clock_jumped(struct broker_clock *clock);

/* A broker has refused the time that broker_clock_now said, of a record of `topic`: takes the next
 * guess, and says so: the clock as it was before its last jump, then times that are earlier and
 * earlier, as a broker takes old ones by default. False: there is none left. */
bool broker_clock_doubt(struct broker_clock *clock, const char *topic);

/* "3 h", "12.5 days" */
void broker_clock_span(int64_t milliseconds, char text[BROKER_CLOCK_SPAN_SIZE]);

/* Milliseconds of CLOCK_BOOTTIME. */
int64_t broker_clock_steady(void);

#endif
