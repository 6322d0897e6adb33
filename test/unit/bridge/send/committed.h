/* What a reader of committed records sees: librdkafka's mock cluster keeps neither the positions of
 * a transaction nor apart what was aborted, so this stands between the flow and kafka/ (the
 * linker's
 * --wrap) and keeps both, and may say of a commit what Kafka would in a fault. */
#ifndef KAFKA_BRIDGE_TEST_UNIT_BRIDGE_COMMITTED_H
#define KAFKA_BRIDGE_TEST_UNIT_BRIDGE_COMMITTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nothing is in Kafka, and every commit is what it is. */
void committed_reset(void);

/* The numbers that the values of the topic's committed records begin with, in order. */
size_t committed_read(const char *topic, uint64_t *numbers, size_t size);

/* The topic's position; of the letters' group, with COMMITTED_OF_LETTERS behind its name. -1: none.
 */
#define COMMITTED_OF_LETTERS "#letters"
int64_t committed_position(const char *topic);

/* What becomes of one of the commits to come, counted from 0 for the next. */
enum committed_fault {
    COMMITTED_ABORTED,       /* Kafka aborts it */
    COMMITTED_IN_DOUBT_DONE, /* it is not known what became of it: it was committed, */
    COMMITTED_IN_DOUBT_LOST, /* or it was not */
    COMMITTED_LATE,          /* in progress at first, committed when it is asked again */
};
void committed_fail(unsigned commit, enum committed_fault fault);

/* Transactions that were begun, and committed ones with and without a record. */
unsigned committed_begun(void);
unsigned committed_commits(void);

/* From now on no position can be had. */
void committed_hide_positions(bool hidden);
unsigned committed_asked(void); /* so many times */

#endif
