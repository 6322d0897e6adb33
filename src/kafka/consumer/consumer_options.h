/* What a consumer is to read, and whom it tells what: for the files of this room and who makes one.
 */
#ifndef KAFKA_BRIDGE_KAFKA_CONSUMER_CONSUMER_OPTIONS_H
#define KAFKA_BRIDGE_KAFKA_CONSUMER_CONSUMER_OPTIONS_H

#include "kafka/settings/properties.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
     * are kept all the same (kafka/consumer/alone.h). */
    bool alone;
    kafka_release_callback release; /* may be NULL */
    kafka_forget_callback forget;   /* may be NULL */
    kafka_gap_callback gap;         /* may be NULL */
    kafka_backlog_callback backlog; /* may be NULL */
    kafka_text_callback text;       /* may be NULL */
    void *user;
};

#endif
