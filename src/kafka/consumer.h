/* The consumer: a member of a group that reads topics and keeps its place by what was published.
 *
 * An offset is stored only with kafka_consumer_store, after the record was dealt with, and
 * committed in the background (every auto.commit.interval.ms, unless enable.auto.commit is off),
 * when partitions are given back, and at destroy. A partition that stays with this member at a
 * rebalance goes on where it was, what was read and not stored yet included. All functions from one
 * thread. Topics that do not exist yet are waited for; it is said once.
 */
#ifndef KAFKA_BRIDGE_KAFKA_CONSUMER_H
#define KAFKA_BRIDGE_KAFKA_CONSUMER_H

#include "base/error.h"
#include "kafka/properties.h"
#include "kafka/record.h"

#include <stdbool.h>
#include <stdint.h>

struct kafka_consumer;

enum kafka_start {
    KAFKA_START_STORED,    /* the group's offset; the beginning where there is none */
    KAFKA_START_EARLIEST,  /* the beginning at each start of the process */
    KAFKA_START_LATEST,    /* the end at each start of the process */
    KAFKA_START_TIMESTAMP, /* the first record at or after a time */
};

struct kafka_subscription {
    const char *topic; /* a name, or a regular expression that begins with '^' */
    enum kafka_start start;
    int64_t timestamp; /* milliseconds since the epoch, of KAFKA_START_TIMESTAMP */
};

struct kafka_partition {
    const char *topic;
    int32_t number;
};

/* The group takes these partitions away, maybe to give them back a moment later: the last moment to
 * store offsets of theirs, which are then committed. `lost`: it has done so already, and nothing
 * can be committed. Called within kafka_consumer_next and _destroy; must be quick. */
typedef void (*kafka_release_callback)(const struct kafka_partition *partitions, size_t count,
                                       bool lost, void *user);

/* These went to others: records of theirs that were not stored are read again by whoever has them
 * now. Called as the release. */
typedef void (*kafka_forget_callback)(const struct kafka_partition *partitions, size_t count,
                                      void *user);

/* Reading goes on elsewhere than where it was, since what is there is gone. Said in the log. */
struct kafka_gap {
    const char *topic;
    int32_t partition;
    int64_t from;  /* the offset that was to be read next */
    int64_t to;    /* where it goes on */
    uint64_t lost; /* offsets from `from` to `to`, where it goes on later; 0: unknown, it goes on
                      before */
};
typedef void (*kafka_gap_callback)(const struct kafka_gap *gap, void *user);

/* The group has no place in the topic, new as it is or not used for a long time, and so reads these
 * `records` from the beginning; an upper bound where the topic is compacted or written to in
 * transactions. Called within kafka_consumer_next, before the first of them comes.
 */
typedef void (*kafka_backlog_callback)(const char *topic, uint64_t records, void *user);

/* What the group is to keep beside the partition's offset: a text of up to KAFKA_TEXT_SIZE bytes
 * with its NUL, which the broker's offset.metadata.max.bytes allows. False: it is not known yet,
 * and the offset is committed later. Called as the release. */
#define KAFKA_TEXT_SIZE 4001
typedef bool (*kafka_text_callback)(const char *topic, int32_t partition, char *text, void *user);

/* A partition that this member did not have before. */
struct kafka_begin {
    const char *topic;
    int32_t partition;
    int64_t offset;   /* where reading begins; below 0: that is not known */
    const char *text; /* what the group kept beside its offset; "" */
};

struct kafka_consumer_options {
    const struct kafka_properties *properties; /* copied, as all of these */
    const char *group; /* group.id; a property of that name in `properties` wins */
    const struct kafka_subscription *subscriptions;
    size_t subscription_count;
    /* Regular expressions, separated by commas: topics that are as if they were not there, for
     * names too. NULL: none. */
    const char *ignored;
    /* There is no other member: partitions are taken without a word to the group, whose offsets
     * are kept all the same (kafka/alone.h). */
    bool alone;
    kafka_release_callback release; /* may be NULL */
    kafka_forget_callback forget;   /* may be NULL */
    kafka_gap_callback gap;         /* may be NULL */
    kafka_backlog_callback backlog; /* may be NULL */
    kafka_text_callback text;       /* may be NULL */
    void *user;
};

/* Whether kafka_consumer_create would make a consumer of these options: the same errors, without a
 * word to the network. */
enum error_code kafka_consumer_options_check(const struct kafka_consumer_options *options,
                                             struct error *error) MUST_CHECK;

/* Makes the client and joins the group. Errors as kafka_producer_create's. */
enum error_code kafka_consumer_create(const struct kafka_consumer_options *options,
                                      struct kafka_consumer **consumer,
                                      struct error *error) MUST_CHECK;

/* Commits what was stored and leaves the group; waits for Kafka at most 5 seconds, and says so
 * where that was not enough. */
void kafka_consumer_destroy(struct kafka_consumer *consumer);

/* Waits at most `timeout_ms` for a record. ERROR_NONE: `record` is valid until the next call;
 * ERROR_MISSING: none came; ERROR_IO: something that does not mend by itself (the text says what),
 * call again or give up. What mends by itself is logged and waited out. */
enum error_code kafka_consumer_next(struct kafka_consumer *consumer, int timeout_ms,
                                    struct kafka_record *record, struct error *error) MUST_CHECK;

/* Whether librdkafka gave up, and why: the consumer does nothing any more. */
bool kafka_consumer_is_fatal(const struct kafka_consumer *consumer, struct error *error);

/* The next partition that this member has got and that was not told yet; valid until the next call.
 * ERROR_MISSING: there is none (not told in
 * `error`); ERROR_IO: Kafka does not say what it keeps, ask again. */
enum error_code kafka_consumer_begin(struct kafka_consumer *consumer, struct kafka_begin *begin,
                                     struct error *error) MUST_CHECK;

/* Whether the group has taken all partitions away and not yet said which of them stay: records that
 * the caller still has wait for that. */
bool kafka_consumer_is_undecided(const struct kafka_consumer *consumer);

/* Whether the partition is, or may still be, ours. Where not, whoever has it now gets its records
 * that were not stored again: they are better left alone. */
bool kafka_consumer_has(const struct kafka_consumer *consumer, const char *topic,
                        int32_t partition);

/* No record of the partition comes until it is unpaused; then reading goes on behind the last one
 * that came. What was fetched of it already is fetched again. It stays so over rebalances, as long
 * as this member has it. */
void kafka_consumer_pause(struct kafka_consumer *consumer, const char *topic, int32_t partition,
                          bool paused);

/* Says that all records of a partition up to `offset` were dealt with. Never fails for a partition
 * that was taken away meanwhile: its next owner gets them again. */
void kafka_consumer_store(struct kafka_consumer *consumer, const char *topic, int32_t partition,
                          int64_t offset);

/* Whether partitions are assigned: the group was joined. */
bool kafka_consumer_is_assigned(const struct kafka_consumer *consumer);

#endif
