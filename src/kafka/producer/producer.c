#include "kafka/producer/producer.h"

#include "kafka/connection/client.h"
#include "kafka/connection/events.h"
#include "kafka/connection/fatal.h"
#include "kafka/connection/halt.h"
#include "kafka/connection/log.h"
#include "kafka/connection/producer_id.h"
#include "kafka/producer/producer_client.h"
#include "kafka/producer/tag_slots.h"
#include "kafka/producer/topics.h"
#include "kafka/record/delivery.h"
#include "kafka/settings/conf.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define POLL_MS      100
#define LOOK_MS      1000
#define GIVE_BATCH   256  /* reports between two looks at who waits */
#define NO_TIMESTAMP (-1) /* Kafka's, on the wire */
#define PURGE_ROUNDS 100  /* of POLL_MS: how long destroy waits for the last reports */

struct kafka_producer {
    rd_kafka_t *client;
    struct kafka_events events;
    struct kafka_tag_slots slots;
    struct kafka_topics topics;
    struct kafka_transaction transaction;
    struct kafka_halt halt;
    pthread_mutex_t reporting; /* two threads report where there are transactions */
    kafka_report_callback report;
    void *user;
    bool sends_again;  /* the user does with what is unavailable */
    int message_flags; /* RD_KAFKA_MSG_F_COPY, or 0: values are borrowed */
    pthread_t thread;
    atomic_bool stopping;
    atomic_bool delivered;       /* something was acknowledged */
    atomic_bool id_is_lost;      /* it will never send: producer_id.h */
    atomic_bool looks;           /* a topic is missing that Kafka may be making */
    atomic_uint flushing;        /* callers in kafka_producer_flush */
    _Atomic uint64_t pending;    /* records taken and not yet reported */
    _Atomic uint64_t reported;   /* reports so far */
    _Atomic uint64_t full_after; /* `reported` when a send last found the queue full */
    atomic_uint waiters;
    pthread_mutex_t mutex; /* only for waiting on `changed` */
    pthread_cond_t changed;
    struct kafka_tag_slot *done_first; /* of who reports: slots to give back in one go */
    struct kafka_tag_slot *done_last;
    unsigned done_count;
};

static void wake_waiters(struct kafka_producer *producer)
{
    if (atomic_load(&producer->waiters) == 0)
        return;
    (void)pthread_mutex_lock(&producer->mutex);
    (void)pthread_cond_broadcast(&producer->changed);
    (void)pthread_mutex_unlock(&producer->mutex);
}

static void give_back_slots(struct kafka_producer *producer)
{
    if (producer->done_count == 0)
        return;
    kafka_tag_slots_give(&producer->slots, producer->done_first, producer->done_last);
    producer->done_first = NULL;
    producer->done_last = NULL;
    producer->done_count = 0;
}

static void keep_slot(struct kafka_producer *producer, struct kafka_tag_slot *slot)
{
    slot->next = producer->done_first;
    producer->done_first = slot;
    if (!producer->done_last)
        producer->done_last = slot;
    if (++producer->done_count < GIVE_BATCH)
        return;
    give_back_slots(producer);
    wake_waiters(producer);
}

static void hear(void *owner, const char *facility, const char *text)
{
    struct kafka_producer *producer = owner;
    if (kafka_producer_id_is_lost(facility, text))
        atomic_store(&producer->id_is_lost, true);
    kafka_transaction_refusals_hear(&producer->transaction.refusals, facility, text);
}

/* A record of a transaction that failed: whether it was the cause. */
static void judge_undelivered(struct kafka_producer *producer, struct kafka_report *report)
{
    const char *reason =
        kafka_transaction_refusals_reason(&producer->transaction.refusals, report->topic);
    if (report->delivery == KAFKA_NOT_DELIVERED && reason) {
        report->delivery = KAFKA_UNAVAILABLE;
        report->reason = reason;
    }
    if (report->delivery != KAFKA_NOT_DELIVERED)
        kafka_transaction_refusals_note(&producer->transaction.refusals, report->topic,
                                        report->reason);
    (void)atomic_fetch_add(&producer->transaction.undelivered, 1); /* the cause is noted by then */
}

static void deliver_report(struct kafka_producer *producer, const struct kafka_report *report,
                           struct kafka_tag_slot *slot)
{
    producer->report(report, producer->user);
    keep_slot(producer, slot);
    (void)atomic_fetch_add(&producer->reported, 1);
    (void)atomic_fetch_sub(&producer->pending, 1);
}

/* Whether a topic is taken for missing too soon to believe it: it may be tried again. */
static bool is_hasty(struct kafka_producer *producer, rd_kafka_resp_err_t failure,
                     const char *topic)
{
    bool missing = failure == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
                   failure == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
#if RD_KAFKA_VERSION < 0x010500ff
    /* It gives a broker that makes topics by itself no time for that, and does not ask again. */
    missing = missing || failure == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
    if (missing && !producer->sends_again &&
        kafka_topics_age_ms(&producer->topics, topic) < producer->events.settling_ms) {
        atomic_store(&producer->looks, true);
        return true;
    }
#else
    (void)topic;
#endif
    return missing && !producer->sends_again && kafka_events_is_settling(&producer->events);
}

#if RD_KAFKA_VERSION < 0x010500ff
/* Asks for all topics, so that librdkafka learns of one that has been made. */
static void look_for_topics(struct kafka_producer *producer)
{
    const struct rd_kafka_metadata *metadata;
    if (atomic_exchange(&producer->looks, false) &&
        rd_kafka_metadata(producer->client, 1, NULL, &metadata, LOOK_MS) ==
            RD_KAFKA_RESP_ERR_NO_ERROR)
        rd_kafka_metadata_destroy(metadata);
}
#endif

/* librdkafka's delivery report: on the producer's thread, or where a transaction is ended. */
static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque)
{
    struct kafka_producer *producer = kafka_events_owner(opaque);
    struct kafka_tag_slot *slot = message->_private;
    (void)client;
    struct kafka_report report;
    kafka_report_read(message, &report);
    if (report.delivery == KAFKA_DELIVERED) {
        kafka_events_delivered(&producer->events);
        if (!atomic_load_explicit(&producer->delivered, memory_order_relaxed))
            atomic_store(&producer->delivered, true);
    } else if (is_hasty(producer, message->err, report.topic)) {
        report.delivery = KAFKA_NOT_DELIVERED;
    }
    if (!producer->transaction.enabled) {
        deliver_report(producer, &report, slot);
        return;
    }
    if (report.delivery != KAFKA_DELIVERED)
        judge_undelivered(producer, &report);
    (void)pthread_mutex_lock(&producer->reporting);
    deliver_report(producer, &report, slot);
    (void)pthread_mutex_unlock(&producer->reporting);
}

static void give_back_all(struct kafka_producer *producer)
{
    (void)pthread_mutex_lock(&producer->reporting);
    give_back_slots(producer);
    (void)pthread_mutex_unlock(&producer->reporting);
}

/* Everything that is still queued or under way comes back as a report. */
static void drain(struct kafka_producer *producer)
{
    for (int round = 0; round < PURGE_ROUNDS && atomic_load(&producer->pending) > 0; round++) {
        (void)rd_kafka_purge(producer->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        (void)rd_kafka_poll(producer->client, POLL_MS);
    }
    uint64_t left = atomic_load(&producer->pending);
    if (left > 0)
        kafka_log_write(KAFKA_LOG_ERROR, "producer: librdkafka keeps %llu records without a report",
                        (unsigned long long)left);
}

/* A fatal error, so that another producer is made. */
static void give_up_without_id(struct kafka_producer *producer)
{
    if (atomic_exchange(&producer->id_is_lost, false))
        (void)rd_kafka_test_fatal_error(producer->client, RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE,
                                        "it had no producer id to give just then, and a "
                                        "librdkafka before 1.4 asks once");
}

static void *serve(void *argument)
{
    struct kafka_producer *producer = argument;
    while (!atomic_load(&producer->stopping)) {
        /* rd_kafka_flush is a poll that also sends what linger.ms holds back. */
        if (atomic_load(&producer->flushing) > 0 && atomic_load(&producer->pending) > 0)
            (void)rd_kafka_flush(producer->client, POLL_MS);
        else
            (void)rd_kafka_poll(producer->client, POLL_MS);
        give_back_all(producer);
        wake_waiters(producer);
        kafka_events_progress(&producer->events, atomic_load(&producer->pending),
                              atomic_load(&producer->reported));
        kafka_events_probe(&producer->events, producer->client);
        give_up_without_id(producer);
#if RD_KAFKA_VERSION < 0x010500ff
        look_for_topics(producer);
#endif
    }
    drain(producer);
    give_back_all(producer);
    wake_waiters(producer);
    return NULL;
}

/* `conf` becomes the caller's. */
static enum error_code make_conf(const struct kafka_producer_options *options,
                                 rd_kafka_conf_t **conf, struct error *error)
{
    enum error_code code = kafka_conf_create(KAFKA_ROLE_PRODUCER, options->properties, conf, error);
    if (code != ERROR_NONE)
        return code;
    code = kafka_conf_bound_batch(*conf, options->batch_max_bytes, error);
    if (code == ERROR_NONE && options->missing_ms > 0)
        code = kafka_conf_await_topics(*conf, options->properties, options->missing_ms, error);
    if (code == ERROR_NONE && options->transactional_id)
        code = kafka_conf_make_transactional(*conf, options->properties, options->transactional_id,
                                             error);
    if (code == ERROR_NONE)
        code = kafka_producer_id_listen(*conf, error);
    if (code != ERROR_NONE)
        rd_kafka_conf_destroy(*conf);
    return code;
}

enum error_code kafka_producer_options_check(const struct kafka_producer_options *options,
                                             struct error *error)
{
    rd_kafka_conf_t *conf;
    enum error_code code = make_conf(options, &conf, error);
    if (code != ERROR_NONE)
        return code;
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    code = kafka_client_check(KAFKA_ROLE_PRODUCER, conf, options->properties, error);
    rd_kafka_conf_destroy(conf);
    return code;
}

static enum error_code make_client(struct kafka_producer *producer,
                                   const struct kafka_producer_options *options,
                                   struct error *error)
{
    rd_kafka_conf_t *conf;
    enum error_code code = make_conf(options, &conf, error);
    if (code != ERROR_NONE)
        return code;
    kafka_events_listen(&producer->events, conf);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    return kafka_client_create(KAFKA_ROLE_PRODUCER, conf, options->properties, &producer->halt,
                               &producer->client, error);
}

static void init_waiting(struct kafka_producer *producer)
{
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&producer->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)pthread_mutex_init(&producer->mutex, NULL);
    (void)pthread_mutex_init(&producer->reporting, NULL);
}

static void free_producer(struct kafka_producer *producer)
{
    kafka_topics_fini(&producer->topics);
    if (producer->client)
        rd_kafka_destroy(producer->client);
    kafka_tag_slots_fini(&producer->slots);
    kafka_transaction_refusals_fini(&producer->transaction.refusals);
    (void)pthread_mutex_destroy(&producer->mutex);
    (void)pthread_mutex_destroy(&producer->reporting);
    (void)pthread_cond_destroy(&producer->changed);
    kafka_events_fini(&producer->events);
    free(producer);
}

enum error_code kafka_producer_create(const struct kafka_producer_options *options,
                                      struct kafka_producer **producer, struct error *error)
{
    struct kafka_producer *self = calloc(1, sizeof *self);
    if (!self ||
        kafka_events_init(&self->events, "producer", options->properties, self) != ERROR_NONE) {
        free(self);
        return error_set(error, ERROR_MEMORY, NULL, 0, "no memory for a producer");
    }
    self->report = options->report;
    self->user = options->user;
    self->transaction.enabled = options->transactional_id != NULL;
    self->sends_again = options->missing_ms > 0;
    self->halt = (struct kafka_halt){.halts = options->halts, .user = options->user};
    self->message_flags = options->borrow_values ? 0 : RD_KAFKA_MSG_F_COPY;
    kafka_tag_slots_init(&self->slots);
    kafka_topics_init(&self->topics);
    kafka_transaction_refusals_init(&self->transaction.refusals);
    self->events.hear = hear;
    self->events.introduces = true;
    init_waiting(self);
    enum error_code code = make_client(self, options, error);
    if (code == ERROR_NONE && pthread_create(&self->thread, NULL, serve, self) != 0)
        code = error_set(error, ERROR_IO, NULL, 0, "the producer's thread cannot be started");
    if (code != ERROR_NONE) {
        free_producer(self);
        return code;
    }
    (void)pthread_setname_np(self->thread, "kafka_producer");
    *producer = self;
    return ERROR_NONE;
}

void kafka_producer_destroy(struct kafka_producer *producer)
{
    if (!producer)
        return;
    atomic_store(&producer->stopping, true);
    (void)pthread_join(producer->thread, NULL);
    free_producer(producer);
}

static rd_kafka_headers_t *make_headers(const struct kafka_record *record)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(record->header_count);
    for (size_t i = 0; headers && i < record->header_count; i++) {
        const struct kafka_header *header = &record->headers[i];
        if (rd_kafka_header_add(headers, header->name, -1, header->value, (ssize_t)header->size) !=
            RD_KAFKA_RESP_ERR_NO_ERROR) {
            rd_kafka_headers_destroy(headers);
            headers = NULL;
        }
    }
    return headers;
}

/* librdkafka takes no const; without RD_KAFKA_MSG_F_FREE it only reads. */
static void *unconst(const void *bytes)
{
    union {
        const void *in;
        void *out;
    } pointer = {.in = bytes};
    return pointer.out;
}

static rd_kafka_resp_err_t produce(struct kafka_producer *producer, rd_kafka_topic_t *topic,
                                   const struct kafka_record *record, struct kafka_tag_slot *slot)
{
    rd_kafka_headers_t *headers = NULL;
    if (record->header_count > 0) {
        headers = make_headers(record);
        if (!headers)
            return RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE;
    }
    int64_t timestamp = record->timestamp > 0 ? record->timestamp : 0;
    if (record->timestamp == KAFKA_NO_TIME)
        timestamp = NO_TIMESTAMP;
    /* The RD_KAFKA_V_ macros are GNU expressions in librdkafka's header; this is what they make. */
    rd_kafka_resp_err_t failure = rd_kafka_producev(
        producer->client, RD_KAFKA_VTYPE_RKT, topic, RD_KAFKA_VTYPE_PARTITION, record->partition,
        RD_KAFKA_VTYPE_MSGFLAGS, producer->message_flags, RD_KAFKA_VTYPE_KEY, record->key,
        record->key_size, RD_KAFKA_VTYPE_VALUE, unconst(record->value), record->value_size,
        RD_KAFKA_VTYPE_TIMESTAMP, timestamp, RD_KAFKA_VTYPE_HEADERS, headers, RD_KAFKA_VTYPE_OPAQUE,
        slot, RD_KAFKA_VTYPE_END);
    if (failure != RD_KAFKA_RESP_ERR_NO_ERROR && headers)
        rd_kafka_headers_destroy(headers);
    return failure;
}

static enum error_code explain(struct kafka_producer *producer, rd_kafka_resp_err_t failure,
                               const struct kafka_record *record, struct error *error)
{
    if (failure == RD_KAFKA_RESP_ERR__QUEUE_FULL)
        return error_set(error, ERROR_FULL, record->topic, 0,
                         "the producer's queue is full (queue.buffering.max.kbytes, "
                         "queue.buffering.max.messages)");
    if (failure == RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE)
        return error_set(error, ERROR_MEMORY, record->topic, 0, "no memory for a record");
    if (kafka_producer_is_fatal(producer, error))
        return ERROR_IO;
    if (failure == RD_KAFKA_RESP_ERR__STATE)
        return error_set(error, ERROR_IO, record->topic, 0,
                         "no transaction is open, or it has failed and must be ended");
    if (is_hasty(producer, failure, record->topic))
        return error_set(error, ERROR_FULL, record->topic, 0, "Kafka may be making this topic");
    switch (kafka_delivery_of(failure)) {
    case KAFKA_TOO_LARGE:
        return error_set(error, ERROR_LIMIT, record->topic, 0,
                         "with its key it has %zu bytes, more than this client's message.max.bytes",
                         record->value_size + record->key_size);
    case KAFKA_REFUSED:
        return error_set(error, ERROR_UNKNOWN, record->topic, 0, "%s", rd_kafka_err2str(failure));
    case KAFKA_UNAVAILABLE:
        return error_set(error, ERROR_MISSING, record->topic, 0, "%s",
                         kafka_delivery_reason(failure));
    default:
        return error_set(error, ERROR_IO, record->topic, 0, "%s", rd_kafka_err2str(failure));
    }
}

enum error_code kafka_producer_send(struct kafka_producer *producer,
                                    const struct kafka_record *record, uint64_t tag, void *owner,
                                    struct error *error)
{
    rd_kafka_topic_t *topic = kafka_topics_get(&producer->topics, producer->client, record->topic);
    if (!topic)
        return error_set(error, ERROR_UNKNOWN, record->topic, 0,
                         "not a topic name that Kafka takes: %s",
                         rd_kafka_err2str(rd_kafka_last_error()));
    struct kafka_tag_slot *slot = kafka_tag_slots_take(&producer->slots);
    if (!slot)
        return error_set(error, ERROR_MEMORY, record->topic, 0, "no memory for a record");
    slot->tag = (struct kafka_tag){tag, owner};
    uint64_t reported = atomic_load(&producer->reported);
    (void)atomic_fetch_add(&producer->pending, 1); /* before the report can come */
    rd_kafka_resp_err_t failure = produce(producer, topic, record, slot);
    if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
        return ERROR_NONE;
    (void)atomic_fetch_sub(&producer->pending, 1);
    kafka_tag_slots_give(&producer->slots, slot, slot);
    wake_waiters(producer);
    if (failure == RD_KAFKA_RESP_ERR__QUEUE_FULL)
        atomic_store(&producer->full_after, reported);
    return explain(producer, failure, record, error);
}

/* One wait for a change until `deadline` (kafka_now_ms); false: it has passed. The mutex is held.
 */
static bool wait_change(struct kafka_producer *producer, int64_t deadline)
{
    if (kafka_now_ms() >= deadline)
        return false;
    struct timespec until = {.tv_sec = (time_t)(deadline / 1000),
                             .tv_nsec = (long)(deadline % 1000) * 1000000};
    (void)pthread_cond_timedwait(&producer->changed, &producer->mutex, &until);
    return true;
}

void kafka_producer_wait_for_room(struct kafka_producer *producer, int timeout_ms)
{
    int64_t deadline = kafka_now_ms() + timeout_ms;
    uint64_t full_after = atomic_load(&producer->full_after);
    (void)atomic_fetch_add(&producer->waiters, 1);
    (void)pthread_mutex_lock(&producer->mutex);
    while (atomic_load(&producer->reported) == full_after && wait_change(producer, deadline))
        ;
    (void)pthread_mutex_unlock(&producer->mutex);
    (void)atomic_fetch_sub(&producer->waiters, 1);
}

uint64_t kafka_producer_flush(struct kafka_producer *producer, int timeout_ms)
{
    int64_t deadline = kafka_now_ms() + timeout_ms;
    (void)atomic_fetch_add(&producer->flushing, 1);
    (void)atomic_fetch_add(&producer->waiters, 1);
    (void)pthread_mutex_lock(&producer->mutex);
    while (atomic_load(&producer->pending) > 0 && wait_change(producer, deadline))
        ;
    (void)pthread_mutex_unlock(&producer->mutex);
    (void)atomic_fetch_sub(&producer->waiters, 1);
    (void)atomic_fetch_sub(&producer->flushing, 1);
    return atomic_load(&producer->pending);
}

void kafka_producer_take_back(struct kafka_producer *producer)
{
    (void)rd_kafka_purge(producer->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

bool kafka_producer_has_delivered(const struct kafka_producer *producer)
{
    return atomic_load(&producer->delivered);
}

uint64_t kafka_producer_pending(const struct kafka_producer *producer)
{
    return atomic_load(&producer->pending);
}

bool kafka_producer_is_halted(const struct kafka_producer *producer)
{
    return kafka_fatal_is_wanted(producer->client);
}

bool kafka_producer_is_fatal(const struct kafka_producer *producer, struct error *error)
{
    return kafka_fatal_describe(producer->client, error);
}

rd_kafka_t *kafka_producer_client(struct kafka_producer *producer)
{
    return producer->client;
}

struct kafka_events *kafka_producer_events(struct kafka_producer *producer)
{
    return &producer->events;
}

struct kafka_transaction *kafka_producer_transaction(struct kafka_producer *producer)
{
    return &producer->transaction;
}
