#include "bridge/send/sender.h"

#include "bridge/send/announcer.h"
#include "bridge/send/committer.h"
#include "bridge/send/home_cluster.h"
#include "bridge/send/item_sender.h"
#include "bridge/send/waiting.h"
#include "kafka/producer/topic_limit.h"

#include <pthread.h>
#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDLE_MS            100
#define STOPPING_MS        20
#define LOG_PERIOD_SECONDS 10.0
#define REPLAY_PAUSE_MS    1000
#define RECALL_FIRST_MS    200
#define RECALL_LAST_MS     60000   /* librdkafka's socket.timeout.ms */
#define BATCH_DEFAULT      1000000 /* librdkafka's batch.size */
#define BATCH_SHARE        4       /* how much smaller batches get where what fits is not known */
#define BATCH_LEAST        1024    /* and below that each record goes alone */
#define LIMIT_WAIT_MS      1000    /* for a topic's limit */
#define MISSING_MS         3000    /* for a topic that is not there: its records wait elsewhere */

struct sender {
    const struct config *config;
    struct outbox *outbox;
    pthread_mutex_t mutex;           /* held where the producer changes */
    struct kafka_producer *producer; /* NULL while one is replaced */
    struct accounting accounting;
    struct item_sender item_sender;
    struct committer *committer; /* NULL: at least once */
    struct home_cluster *home;
    pthread_t thread;
    bool runs;
    _Atomic int64_t deadline; /* INT64_MAX while not stopping */
    atomic_bool held_up;      /* nothing is left but what waits for closed gates */
    atomic_bool recalled;     /* the replay is so that the spool can drop what is oldest */
    size_t batch_max_bytes;   /* 0: as configured */
    int64_t last_replay;
    struct rosc_throttle replay_log;
};

static void set_producer(struct sender *sender, struct kafka_producer *producer)
{
    (void)pthread_mutex_lock(&sender->mutex);
    sender->producer = producer;
    (void)pthread_mutex_unlock(&sender->mutex);
    sender->item_sender.producer = producer;
    accounting_set_producer(&sender->accounting, producer);
}

/* What bounds a batch now. */
static size_t batch_limit(const struct sender *sender)
{
    const char *written = kafka_properties_get(&sender->config->kafka, "batch.size");
    size_t limit = written ? (size_t)strtoull(written, NULL, 10) : BATCH_DEFAULT;
    return sender->batch_max_bytes && sender->batch_max_bytes < limit ? sender->batch_max_bytes
                                                                      : limit;
}

static enum error_code make_producer(struct sender *sender, struct error *error)
{
    struct kafka_producer_options options = {.properties = &sender->config->kafka,
                                             .report = accounting_report,
                                             .user = &sender->accounting,
                                             .borrow_values = true,
                                             .missing_ms = MISSING_MS,
                                             .batch_max_bytes = sender->batch_max_bytes};
    if (sender->committer)
        options.transactional_id = committer_id(sender->committer);
    else
        options.halts = accounting_halts;
    struct kafka_producer *producer = NULL;
    /* Reports come only of what is sent from here on. */
    sender->accounting.batch_max_bytes = batch_limit(sender);
    enum error_code code = kafka_producer_create(&options, &producer, error);
    set_producer(sender, producer);
    return code;
}

void sender_contact(struct sender *sender, struct kafka_contact *contact)
{
    *contact = (struct kafka_contact){.trouble = "librdkafka gave up: a new producer is made"};
    (void)pthread_mutex_lock(&sender->mutex);
    if (sender->producer)
        kafka_producer_contact(sender->producer, contact);
    (void)pthread_mutex_unlock(&sender->mutex);
    if (home_cluster_trouble(sender->home, contact->trouble, sizeof contact->trouble))
        contact->answers = false;
    else if (contact->trouble[0] == '\0')
        (void)gates_trouble(&sender->accounting.gates, contact->trouble, sizeof contact->trouble);
}

/* Gives back what was taken where Kafka is away, or has said nothing for so long that librdkafka
 * itself gives up; sooner it may only be slow, and would have to begin again each time. */
static bool recall(void *user, int64_t silent_ms)
{
    struct sender *sender = user;
    struct kafka_contact contact;
    sender_contact(sender, &contact);
    if (silent_ms < (contact.connected ? RECALL_LAST_MS : RECALL_FIRST_MS))
        return false;
    atomic_store(&sender->recalled, true);
    atomic_store(&sender->accounting.replay, true);
    return true;
}

static bool is_over(const struct sender *sender)
{
    return rosc_time_steady() >= sender->deadline;
}

static void pause_for(struct sender *sender, int64_t until)
{
    while (rosc_time_steady() < until && !is_over(sender))
        (void)nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
}

/* What the old producer held comes back as reports, which leave it as it is. */
static void end_producer(struct sender *sender)
{
    struct kafka_producer *producer = sender->producer;
    set_producer(sender, NULL);
    atomic_store(&sender->accounting.purging, true);
    kafka_producer_destroy(producer);
    atomic_store(&sender->accounting.purging, false);
}

static void say_replay(struct sender *sender)
{
    struct error why;
    if (atomic_exchange(&sender->recalled, false) ||
        !rosc_throttle_pass(&sender->replay_log, LOG_PERIOD_SECONDS, NULL))
        return;
    bool fatal = kafka_producer_is_fatal(sender->producer, &why);
    if (fatal && kafka_producer_is_halted(sender->producer))
        ROSC_LOG_WARN("Kafka did not take a record: %s; it and those behind it are sent again",
                      why.text);
    else if (fatal)
        ROSC_LOG_ERROR("librdkafka gave up: %s; a new producer sends again what was not "
                       "acknowledged",
                       why.text);
    else
        ROSC_LOG_WARN("records came back from librdkafka: they are sent again");
}

/* Batches in company were too large for the topic: what it takes, or else a part of what it did not
 * take, bounds them from now on. */
static void bound_batches(struct sender *sender, const char *topic)
{
    struct error error;
    size_t limit = batch_limit(sender), bytes = 0;
    int64_t left = (sender->deadline - rosc_time_steady()) / 1000000;
    if (left <= 0)
        return;
    if (kafka_producer_topic_limit(sender->producer, topic,
                                   left < LIMIT_WAIT_MS ? (int)left : LIMIT_WAIT_MS, &bytes,
                                   &error) == ERROR_NONE &&
        bytes < limit) {
        ROSC_LOG_WARN("topic %s takes batches of %zu bytes (max.message.bytes), not of %zu "
                      "(batch.size): from now on they are no larger",
                      topic, bytes, limit);
        sender->batch_max_bytes = bytes;
        return;
    }
    sender->batch_max_bytes = limit / BATCH_SHARE >= BATCH_LEAST ? limit / BATCH_SHARE : 1;
    ROSC_LOG_WARN("topic %s does not take batches of %zu bytes (batch.size), and how large they "
                  "may be is not known%s%s: trying %zu",
                  topic, limit, bytes > 0 ? "" : ": ", bytes > 0 ? "" : error.text,
                  sender->batch_max_bytes);
}

/* Begins again with a new producer from the oldest record that is not settled. */
static void replay(struct sender *sender)
{
    struct error error;
    char topic[NAMES_KAFKA_TOPIC_SIZE];
    pause_for(sender, sender->last_replay + REPLAY_PAUSE_MS * INT64_C(1000000));
    sender->last_replay = rosc_time_steady();
    if (accounting_wants_smaller_batches(&sender->accounting, topic))
        bound_batches(sender, topic);
    else
        say_replay(sender);
    end_producer(sender);
    if (sender->committer)
        committer_forget(sender->committer);
    outbox_rewind(sender->outbox); /* from here on the writer may drop what is there */
    accounting_begin_again(&sender->accounting);
    home_cluster_forget(sender->home, !outbox_is_empty(sender->outbox));
    while (make_producer(sender, &error) != ERROR_NONE && !is_over(sender)) {
        ROSC_LOG_THROTTLE(LOG_PERIOD_SECONDS, ROSC_ERROR_LEVEL,
                          "no new producer: %s; trying again every second", error.text);
        pause_for(sender, rosc_time_steady() + REPLAY_PAUSE_MS * INT64_C(1000000));
    }
    record_times_learn(sender->accounting.times, sender->producer, sender->deadline);
}

/* Hands every record of the batch, which is held, that is not settled to librdkafka. */
static void send_batch(struct sender *sender, struct batch *batch)
{
    struct error error;
    enum error_code code = ERROR_NONE;
    for (uint32_t i = 0; i < batch->block.count && code == ERROR_NONE; i++) {
        if (atomic_load(&batch->items[i].state) & (ITEM_SETTLED | ITEM_SENT))
            continue;
        announcer_add(sender->accounting.announcer, batch->items[i].origin);
        code = item_sender_send(&sender->item_sender, batch, i, &error);
    }
    accounting_release(&sender->accounting, batch);
    if (code != ERROR_NONE) /* the rest is not sent: begin again, unless it is the end */
        atomic_store(&sender->accounting.replay, true);
}

/* Sends dead letters in the place of records that Kafka refused. */
static void send_letters(struct sender *sender)
{
    struct refusal refusal;
    struct error error;
    while (!atomic_load(&sender->accounting.replay) &&
           accounting_take_refusal(&sender->accounting, &refusal)) {
        unsigned state = atomic_load(&refusal.batch->items[refusal.index].state);
        if (!(state & (ITEM_SETTLED | ITEM_SENT)) &&
            item_sender_send(&sender->item_sender, refusal.batch, refusal.index, &error) !=
                ERROR_NONE)
            atomic_store(&sender->accounting.replay, true);
        accounting_release(&sender->accounting, refusal.batch);
    }
}

/* Opens the gates of topics that take records again, and tries those that may. */
static void try_gates(struct sender *sender)
{
    struct accounting *accounting = &sender->accounting;
    struct error error;
    struct gate *gate;
    uint64_t oldest;
    if (gates_open(&accounting->gates, &oldest))
        outbox_resume(sender->outbox, oldest);
    while (!atomic_load(&accounting->replay) && !is_over(sender) &&
           (gate = gates_due(&accounting->gates, sender->producer, sender->item_sender.where))) {
        struct waiting waiting;
        enum error_code found = waiting_find(&waiting, accounting, gate);
        if (found == ERROR_MISSING) {
            gates_forget(&accounting->gates, gate);
            continue;
        }
        if (found != ERROR_NONE)
            return;
        if (!waiting.is_sent && item_sender_try(&sender->item_sender, waiting.batch, waiting.index,
                                                gate, &error) != ERROR_NONE)
            atomic_store(&accounting->replay, true);
        accounting_release(accounting, waiting.batch);
        if (waiting.is_sent)
            return;
    }
}

/* Definitions are sent when Kafka is known to answer. */
static void announce(struct sender *sender)
{
    if (atomic_load(&sender->accounting.reachable) &&
        !announcer_work(sender->accounting.announcer, sender->producer, sender->deadline))
        atomic_store(&sender->accounting.reachable, false);
}

/* Whether nothing is left but what waits for closed gates. */
static bool is_held_up(struct sender *sender)
{
    const struct accounting *accounting = &sender->accounting;
    return gates_are_said(&accounting->gates) && !atomic_load(&accounting->replay) &&
           outbox_is_idle(sender->outbox) && kafka_producer_pending(sender->producer) == 0 &&
           !(sender->committer && committer_is_busy(sender->committer));
}

bool sender_is_held_up(struct sender *sender)
{
    return atomic_load(&sender->held_up);
}

static bool is_done(struct sender *sender)
{
    char why[ERROR_TEXT_SIZE];
    if (home_cluster_trouble(sender->home, why, sizeof why))
        return true; /* it is of no use to wait */
    bool announces = announcer_is_waiting(sender->accounting.announcer) &&
                     atomic_load(&sender->accounting.reachable);
    return !announces && (outbox_is_empty(sender->outbox) || is_held_up(sender)) &&
           kafka_producer_pending(sender->producer) == 0;
}

static void work(struct sender *sender, bool stopping)
{
    int timeout = stopping ? STOPPING_MS : IDLE_MS;
    enum home_cluster_answer home = home_cluster_ask(sender->home, sender->producer, timeout);
    if (home == HOME_CLUSTER_LEFT)
        atomic_store(&sender->accounting.replay, true);
    if (home != HOME_CLUSTER_ADMITS)
        return;
    record_times_look(sender->accounting.times, sender->deadline);
    if (sender->committer) {
        if (committer_work(sender->committer, sender->producer, timeout) != ERROR_NONE)
            atomic_store(&sender->accounting.replay, true);
        return;
    }
    try_gates(sender);
    waiting_park(&sender->accounting);
    send_letters(sender);
    announce(sender);
    struct batch *batch = outbox_take(sender->outbox, timeout);
    if (batch)
        send_batch(sender, batch);
    else if (stopping)
        (void)kafka_producer_flush(sender->producer, STOPPING_MS);
}

static void *send_loop(void *user)
{
    struct sender *sender = user;
    (void)pthread_setname_np(pthread_self(), "sender");
    for (;;) {
        bool stopping = sender->deadline != INT64_MAX;
        if (stopping && (is_over(sender) || !sender->producer || is_done(sender)))
            break;
        if (atomic_load(&sender->accounting.replay))
            replay(sender);
        else
            work(sender, stopping);
        if (sender->producer)
            atomic_store(&sender->held_up, is_held_up(sender));
    }
    if (sender->producer) /* what was delivered last says whose the spool is, too */
        (void)home_cluster_ask(sender->home, sender->producer, 0);
    end_producer(sender);
    return NULL;
}

/* Weaker than the promise, and the user's to choose. */
static void warn_of_acks(const struct config *config)
{
    const char *acks = kafka_properties_get(&config->kafka, "acks");
    if (acks && strcmp(acks, "all") != 0 && strcmp(acks, "-1") != 0)
        ROSC_LOG_WARN(
            "acks: %s: a record counts as delivered when not every in-sync replica has it, "
            "and is lost with the broker that has; leave acks out (all)",
            acks);
}

enum error_code sender_create(const struct config *config, struct spool *spool,
                              struct outbox *outbox, struct counters *restored,
                              struct sender **sender, struct error *error)
{
    struct sender *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_MEMORY, "", 0, "out of memory");
    warn_of_acks(config);
    made->config = config;
    made->outbox = outbox;
    made->deadline = INT64_MAX;
    (void)pthread_mutex_init(&made->mutex, NULL);
    accounting_init(&made->accounting, outbox, restored, config->exactly_once);
    made->item_sender = (struct item_sender){
        .accounting = &made->accounting,
        .deadline = &made->deadline,
        .where = config->spool.durability == DURABILITY_NONE ? "memory" : spool_path(spool)};
    enum error_code code = announcer_create(config->definitions_topic, &made->accounting.announcer);
    if (code == ERROR_NONE)
        code = record_times_create(config, &made->accounting.times);
    if (code == ERROR_NONE)
        code = home_cluster_create(config, spool, &made->home);
    if (code == ERROR_NONE && config->exactly_once)
        code = committer_create(config, spool, outbox, &made->item_sender, &made->committer);
    if (code != ERROR_NONE)
        (void)error_set(error, code, "", 0, "out of memory");
    else
        code = make_producer(made, error);
    if (code == ERROR_NONE && pthread_create(&made->thread, NULL, send_loop, made) != 0)
        code = error_set(error, ERROR_MEMORY, "", 0, "the sender's thread cannot be started");
    made->runs = code == ERROR_NONE;
    if (made->runs)
        outbox_on_recall(outbox, recall, made);
    if (code != ERROR_NONE) {
        sender_destroy(made);
        return code;
    }
    *sender = made;
    return ERROR_NONE;
}

void sender_stop(struct sender *sender, int64_t deadline)
{
    if (!sender || !sender->runs)
        return;
    sender->deadline = deadline;
    outbox_wake(sender->outbox);
    (void)pthread_join(sender->thread, NULL);
    sender->runs = false;
}

void sender_destroy(struct sender *sender)
{
    if (!sender)
        return;
    outbox_on_recall(sender->outbox, NULL, NULL);
    sender_stop(sender, 0);
    if (sender->producer)
        end_producer(sender);
    committer_destroy(sender->committer);
    home_cluster_destroy(sender->home);
    accounting_fini(&sender->accounting);
    announcer_destroy(sender->accounting.announcer);
    record_times_destroy(sender->accounting.times);
    (void)pthread_mutex_destroy(&sender->mutex);
    free(sender);
}
