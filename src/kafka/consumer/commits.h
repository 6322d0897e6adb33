/* The offsets that a member commits for its group, with a text beside each.
 *
 * librdkafka commits by itself what rd_kafka_offsets_store stored, but forgets that with each
 * assignment, and keeps no text before 2.2; so enable.auto.commit is off inside, and this does it.
 * One thread.
 */
#ifndef KAFKA_BRIDGE_KAFKA_CONSUMER_COMMITS_H
#define KAFKA_BRIDGE_KAFKA_CONSUMER_COMMITS_H

#include "kafka/connection/events.h"
#include "kafka/consumer/consumer_options.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

struct kafka_commits {
    struct kafka_events *events; /* borrowed */
    kafka_text_callback text;    /* what is kept beside an offset; may be NULL */
    void *user;
    rd_kafka_t *client; /* borrowed */
    rd_kafka_queue_t *answers;
    rd_kafka_topic_partition_list_t *offsets; /* opaque: not NULL where it is to be committed */
    int64_t interval;                         /* milliseconds; 0: only where it is asked for */
    int64_t next;                             /* kafka_now_ms: not committed again before */
    int under_way;                            /* requests without an answer */
    bool pending;                             /* some offset is to be committed */
};

/* `interval_ms`: of kafka_commits_serve. To be finished before the client is destroyed. */
void kafka_commits_init(struct kafka_commits *commits, struct kafka_events *events,
                        rd_kafka_t *client, int64_t interval_ms,
                        const struct kafka_consumer_options *options);
void kafka_commits_fini(struct kafka_commits *commits);

/* To be committed with the next: the partition was dealt with up to `offset`, without it. It never
 * goes back, unless the partition was dropped before. */
void kafka_commits_set(struct kafka_commits *commits, const char *topic, int32_t partition,
                       int64_t offset);

/* Commits in the background what has changed, where it is time; looks at what was answered. */
void kafka_commits_serve(struct kafka_commits *commits);

/* Commits what has changed now, and waits at most `timeout_ms` for the answer. */
void kafka_commits_flush(struct kafka_commits *commits, int timeout_ms);

/* The partition is another's, or begins anew elsewhere. */
void kafka_commits_drop(struct kafka_commits *commits, const char *topic, int32_t partition);

#endif
