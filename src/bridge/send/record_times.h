/* Which time a record has in Kafka. Its own, unless its topic does not take that, or would delete
 * it soon: then that of its receipt, or where that is no better of now, by the brokers' clock
 * (broker_clock.h), and its own goes into the header ros_timestamp.
 *
 * What a topic takes and keeps the cluster is asked for when the first record comes that is not of
 * now, and again every ten minutes; such a record waits for the answer, up to a second. Until there
 * is one (no such topic yet, no right to ask) it is a day behind and half an hour ahead. A refusal
 * shows that less is taken.
 *
 * All functions on the sender's thread, save record_times_refused. */
#ifndef KAFKA_BRIDGE_BRIDGE_SEND_RECORD_TIMES_H
#define KAFKA_BRIDGE_BRIDGE_SEND_RECORD_TIMES_H

#include "bridge/config/config.h"
#include "bridge/send/broker_clock.h"
#include "kafka/producer/producer.h"
#include "spool/spool.h"

#define RECORD_TIMES_TEXT_SIZE 24

struct record_times;

/* What is known of one topic. */
struct time_limits;

/* `config` outlives it. ERROR_MEMORY. */
enum error_code record_times_create(const struct config *config,
                                    struct record_times **times) MUST_CHECK;
void record_times_destroy(struct record_times *times);

struct broker_clock *record_times_clock(struct record_times *times);

/* The entry of `topic`, where records of `origin` go; both live as long as the table. NULL: no
 * memory. */
struct time_limits *record_times_topic(struct record_times *times, const char *topic,
                                       const struct spool_origin *origin);

/* Gives the record, which came at `since`, another time where it needs one, with the header if it
 * has headers at all; `text` holds its value. True: it has another; record_times_undo gives back
 * its own, `own`. `since` and `deadline` are nanoseconds of the steady clock. */
bool record_times_fit(struct record_times *times, struct time_limits *limits,
                      struct kafka_producer *producer, int64_t deadline, int64_t since,
                      struct kafka_record *record, char text[RECORD_TIMES_TEXT_SIZE]);
void record_times_undo(struct kafka_record *record, int64_t own);

/* A broker has refused a batch with a record of this time, or one that had been given another
 * (`refitted`). False: no other time can help. Any thread. */
bool record_times_refused(struct record_times *times, struct time_limits *limits, int64_t timestamp,
                          bool refitted);

/* Learns from what was refused since the last call, which is to be sent again after it. May ask
 * Kafka, at most for some seconds and not longer than `deadline`. */
void record_times_learn(struct record_times *times, struct kafka_producer *producer,
                        int64_t deadline);

/* Notices where this robot's clock has jumped, and asks Kafka for the time then. Called now and
 * then. */
void record_times_look(struct record_times *times, int64_t deadline);

#endif
