#include "bridge/send/gates.h"

#include "bridge/flow/names.h"

#include <rosc/log.h>
#include <rosc/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND       INT64_C(1000000000)
#define PAUSE        (SECOND / 2) /* before the first try, and then twice as long each time */
#define PAUSE_MAX    (4 * SECOND)
#define SAY_AFTER    SECOND /* a topic that Kafka is making is there by then */
#define LOOK_TIME_MS 1000

enum gate_state {
    GATE_OPEN,
    GATE_CLOSED,
    GATE_TRIED,  /* one record is under way */
    GATE_PASSED, /* it has arrived */
};

void gates_init(struct gates *gates, bool shared)
{
    *gates = (struct gates){.shared = shared};
    (void)pthread_mutex_init(&gates->mutex, NULL);
}

void gates_fini(struct gates *gates)
{
    while (gates->by_topic) {
        struct gate *gate = gates->by_topic;
        HASH_DEL(gates->by_topic, gate);
        free(gate);
    }
    (void)pthread_mutex_destroy(&gates->mutex);
}

static struct gate *find(struct gates *gates, const char *topic)
{
    struct gate *gate = NULL;
    HASH_FIND_STR(gates->by_topic, topic, gate);
    if (gate || !*topic)
        return gate;
    gate = calloc(1, sizeof *gate);
    if (!gate)
        return NULL;
    (void)snprintf(gate->topic, sizeof gate->topic, "%s", topic);
    gate->oldest = UINT64_MAX;
    HASH_ADD_STR(gates->by_topic, topic, gate);
    if (hash_has(gate))
        return gate;
    free(gate);
    return NULL;
}

struct gate *gates_of(struct gates *gates, struct origin *origin, bool letter)
{
    struct gate **of = letter && !gates->shared ? &origin->letter_gate : &origin->gate;
    if (!*of)
        *of = find(gates,
                   of == &origin->gate ? origin->facts->kafka_topic : origin->dead_letter_topic);
    return *of;
}

bool gate_is_open(const struct gate *gate)
{
    return !gate || atomic_load_explicit(&gate->state, memory_order_acquire) == GATE_OPEN;
}

void gate_keep(struct gate *gate, uint64_t id)
{
    uint64_t oldest = atomic_load(&gate->oldest);
    while (id < oldest && !atomic_compare_exchange_weak(&gate->oldest, &oldest, id))
        ;
}

bool gate_close(struct gates *gates, struct gate *gate, uint64_t id, const char *topic,
                const char *reason)
{
    if (!gate)
        return true;
    gate_keep(gate, id);
    (void)pthread_mutex_lock(&gates->mutex);
    (void)snprintf(gate->closed, sizeof gate->closed, "%s", topic);
    (void)snprintf(gate->reason, sizeof gate->reason, "%s", reason);
    (void)pthread_mutex_unlock(&gates->mutex);
    int before = atomic_exchange(&gate->state, GATE_CLOSED);
    atomic_store(&gates->any, true);
    return before != GATE_TRIED;
}

void gate_passed(struct gate *gate)
{
    int tried = GATE_TRIED;
    if (gate)
        (void)atomic_compare_exchange_strong(&gate->state, &tried, GATE_PASSED);
}

static bool is_twin(const char *topic, const void *name)
{
    return strlen(topic) == strlen(name) && names_collide(topic, name);
}

/* Remembers, as who asks shall know, that the gate was said to be closed, or no longer is. */
static void note_said(struct gates *gates, struct gate *gate, bool said)
{
    if (gate->said == said)
        return;
    (void)pthread_mutex_lock(&gates->mutex);
    gate->said = said;
    gates->said += said ? 1 : -1U;
    if (said && !gates->named)
        gates->named = gate;
    if (!said && gates->named == gate) {
        gates->named = gates->said > 0 ? gates->by_topic : NULL;
        while (gates->named && !gates->named->said)
            gates->named = gates->named->hh.next;
    }
    (void)pthread_mutex_unlock(&gates->mutex);
}

bool gates_trouble(struct gates *gates, char *text, size_t size)
{
    char more[32] = " takes";
    (void)pthread_mutex_lock(&gates->mutex);
    const struct gate *named = gates->named;
    if (gates->said > 1)
        (void)snprintf(more, sizeof more, " and %u more take", gates->said - 1);
    if (named)
        (void)snprintf(text, size, "Kafka topic %s%s no records: %s", named->closed, more,
                       named->reason);
    (void)pthread_mutex_unlock(&gates->mutex);
    return named;
}

static void say_closed(struct gates *gates, struct gate *gate, struct kafka_producer *producer,
                       const char *where)
{
    char topic[NAMES_KAFKA_TOPIC_SIZE], reason[sizeof gate->reason], twin[NAMES_KAFKA_TOPIC_SIZE];
    if (gate->said)
        return;
    note_said(gates, gate, true);
    (void)pthread_mutex_lock(&gates->mutex);
    (void)snprintf(topic, sizeof topic, "%s", gate->closed);
    (void)snprintf(reason, sizeof reason, "%s", gate->reason);
    (void)pthread_mutex_unlock(&gates->mutex);
    /* Of the topic that keeps it from being made Kafka says nothing. */
    bool kept =
        kafka_producer_find_topic(producer, is_twin, topic, twin, sizeof twin, LOOK_TIME_MS);
    ROSC_LOG_ERROR("Kafka topic %s takes no records: %s%s%s%s; what is for it waits in %s and is "
                   "sent when it does",
                   topic, reason, kept ? "; Kafka has a topic " : "", kept ? twin : "",
                   kept ? ", and takes no second one whose name differs by '.' and '_' alone: give "
                          "the route another kafka_topic"
                        : "",
                   where);
}

/* Asks Kafka for its topics, at most every so often. False: it does not answer. */
static bool look(struct gates *gates, struct kafka_producer *producer, int64_t now)
{
    struct error error;
    if (now < gates->look_at)
        return gates->known;
    gates->known = kafka_producer_look(producer, LOOK_TIME_MS, &error) == ERROR_NONE;
    gates->look_at = rosc_time_steady() + (gates->known ? PAUSE : 2 * SECOND);
    return gates->known;
}

/* The gate is closed: when it was found so, and when it is tried. */
static void note_closed(struct gate *gate, int64_t now)
{
    if (gate->since != 0)
        return;
    gate->since = now;
    gate->pause = PAUSE;
    gate->try_at = now + PAUSE;
}

struct gate *gates_due(struct gates *gates, struct kafka_producer *producer, const char *where)
{
    int64_t now = rosc_time_steady();
    struct gate *due = NULL;
    if (!atomic_load_explicit(&gates->any, memory_order_relaxed))
        return NULL;
    atomic_store(&gates->any, false); /* set again by one that closes meanwhile */
    for (struct gate *gate = gates->by_topic; gate; gate = gate->hh.next) {
        int state = atomic_load(&gate->state);
        if (state != GATE_OPEN)
            atomic_store(&gates->any, true);
        if (state != GATE_CLOSED)
            continue;
        note_closed(gate, now);
        if (now - gate->since > SAY_AFTER)
            say_closed(gates, gate, producer, where);
        if (now >= gate->try_at && (!due || gate->try_at < due->try_at))
            due = gate;
    }
    return due && look(gates, producer, now) ? due : NULL;
}

void gate_try(struct gate *gate)
{
    gate->try_at = rosc_time_steady() + gate->pause;
    gate->pause = 2 * gate->pause < PAUSE_MAX ? 2 * gate->pause : PAUSE_MAX;
    atomic_store(&gate->state, GATE_TRIED);
}

void gate_try_again(struct gate *gate)
{
    int tried = GATE_TRIED;
    if (gate && atomic_compare_exchange_strong(&gate->state, &tried, GATE_CLOSED))
        gate->try_at = 0;
}

void gate_shut(struct gate *gate)
{
    int tried = GATE_TRIED;
    if (gate)
        (void)atomic_compare_exchange_strong(&gate->state, &tried, GATE_CLOSED);
}

/* Nothing that was passed over is forgotten: who closes it meanwhile does so after. */
static uint64_t open_gate(struct gates *gates, struct gate *gate)
{
    uint64_t oldest = atomic_exchange(&gate->oldest, UINT64_MAX);
    if (gate->said)
        ROSC_LOG_INFO("Kafka topic %s takes records again, after %lld s", gate->closed,
                      (long long)((rosc_time_steady() - gate->since) / SECOND));
    note_said(gates, gate, false);
    gate->since = 0;
    atomic_store(&gate->state, GATE_OPEN);
    return oldest;
}

bool gates_open(struct gates *gates, uint64_t *oldest)
{
    *oldest = UINT64_MAX;
    if (!atomic_load_explicit(&gates->any, memory_order_relaxed))
        return false;
    for (struct gate *gate = gates->by_topic; gate; gate = gate->hh.next) {
        if (atomic_load(&gate->state) != GATE_PASSED)
            continue;
        uint64_t waits = open_gate(gates, gate);
        *oldest = waits < *oldest ? waits : *oldest;
    }
    return *oldest != UINT64_MAX;
}

void gates_forget(struct gates *gates, struct gate *gate)
{
    (void)open_gate(gates, gate);
}

void gates_begin_again(struct gates *gates)
{
    for (struct gate *gate = gates->by_topic; gate; gate = gate->hh.next)
        gate_try_again(gate);
}

bool gates_are_said(const struct gates *gates)
{
    bool any = false, said = true;
    for (const struct gate *gate = gates->by_topic; gate; gate = gate->hh.next) {
        if (gate_is_open(gate))
            continue;
        any = true;
        said = said && gate->said;
    }
    return any && said;
}
