#include "bridge/report/exposition.h"

#include "kafka/connection/version.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 16 /* accounts */

struct exposition_entry {
    struct account account;
    uint64_t received; /* with those that were given back: what falls is a restart to Prometheus */
    uint64_t pending;
};

void exposition_init(struct exposition *exposition, const char *robot, const char *direction,
                     const struct flow_view *source)
{
    *exposition = (struct exposition){.robot = robot,
                                      .direction = direction,
                                      .to_kafka = strcmp(direction, "ros_to_kafka") == 0,
                                      .source = *source};
}

void exposition_fini(struct exposition *exposition)
{
    free(exposition->entries);
}

struct collection {
    struct exposition *exposition;
    struct metrics_text *text;
};

static void collect(const struct account *account, void *user)
{
    const struct collection *collection = user;
    struct exposition *exposition = collection->exposition;
    if (exposition->count == exposition->room) {
        size_t room = exposition->room > 0 ? 2 * exposition->room : FIRST_ROOM;
        struct exposition_entry *grown = realloc(exposition->entries, room * sizeof *grown);
        if (!grown) {
            collection->text->code = ERROR_MEMORY;
            return;
        }
        exposition->entries = grown;
        exposition->room = room;
    }
    const struct totals *totals = &account->totals;
    exposition->entries[exposition->count++] =
        (struct exposition_entry){.account = *account,
                                  .received = totals->received + totals->given_back,
                                  .pending = totals_pending(totals)};
}

/* The labels of an account; the reason of a drop comes behind them. */
enum { ROBOT, DIRECTION, ROUTE, ROS_TOPIC, KAFKA_TOPIC, REASON, LABEL_COUNT };

static void label_node(const struct exposition *exposition, struct metrics_label *labels)
{
    labels[ROBOT] = (struct metrics_label){"robot", exposition->robot};
    labels[DIRECTION] = (struct metrics_label){"direction", exposition->direction};
}

static void label_account(const struct exposition *exposition, const struct account *account,
                          struct metrics_label *labels)
{
    label_node(exposition, labels);
    labels[ROUTE] = (struct metrics_label){"route", account->route};
    labels[ROS_TOPIC] = (struct metrics_label){"ros_topic", account->ros_topic};
    labels[KAFKA_TOPIC] = (struct metrics_label){"kafka_topic", account->kafka_topic};
}

struct family {
    const char *name;
    enum metrics_type type;
    const char *help;
    size_t place;       /* of the figure, a uint64_t, in struct exposition_entry */
    bool only_to_kafka; /* the way back has none */
};

#define FIGURE(name) offsetof(struct exposition_entry, name)
#define TOTAL(name)  offsetof(struct exposition_entry, account.totals.name)

static const struct family families[] = {
    {"kafka_bridge_messages_received_total", METRICS_COUNTER,
     "Messages (to ROS: records) that came in.", FIGURE(received), false},
    {"kafka_bridge_messages_restored_total", METRICS_COUNTER,
     "Messages found in the spool when the node started.", TOTAL(restored), true},
    {"kafka_bridge_messages_delivered_total", METRICS_COUNTER,
     "Messages that every in-sync replica has acknowledged; to ROS: published.", TOTAL(delivered),
     false},
    {"kafka_bridge_messages_dead_lettered_total", METRICS_COUNTER,
     "Messages that were written to a dead-letter topic instead.", TOTAL(dead_lettered), false},
    {"kafka_bridge_messages_given_back_total", METRICS_COUNTER,
     "Records received that a rebalance gave to another member of the group.", TOTAL(given_back),
     false},
    {"kafka_bridge_messages_spooled", METRICS_GAUGE,
     "Messages on the disk that Kafka has not acknowledged.", TOTAL(spooled), true},
    {"kafka_bridge_messages_pending", METRICS_GAUGE, "Messages that wait in memory only.",
     FIGURE(pending), false},
    {"kafka_bridge_messages_missed_total", METRICS_COUNTER,
     "Messages lost before the bridge: gaps in header.seq; to ROS: deleted in Kafka unread.",
     TOTAL(missed), false},
    {"kafka_bridge_messages_unheard_total", METRICS_COUNTER,
     "Messages published in ROS while nobody had subscribed.", TOTAL(unheard), false},
    {"kafka_bridge_publishers", METRICS_GAUGE, "Publishers of the ROS topic that are connected.",
     FIGURE(account.publishers), true},
    {"kafka_bridge_publishers_waiting", METRICS_GAUGE,
     "Publishers that the master lists and that have no connection: what they publish is lost.",
     FIGURE(account.waiting_publishers), true},
    {"kafka_bridge_invalid_utf8_bytes_total", METRICS_COUNTER,
     "Bytes of texts that were not UTF-8 and were replaced.", TOTAL(invalid_utf8), false},
    {"kafka_bridge_non_finite_numbers_total", METRICS_COUNTER,
     "NaN and infinities that were written as null.", TOTAL(non_finite), false},
    {"kafka_bridge_records_restamped_total", METRICS_COUNTER,
     "Records delivered with another time than their own.", TOTAL(restamped), false},
};

static void write_family(const struct exposition *exposition, const struct family *family,
                         struct metrics_text *text)
{
    struct metrics_label labels[LABEL_COUNT];
    if (family->only_to_kafka && !exposition->to_kafka)
        return;
    metrics_text_family(text, family->name, family->type, family->help);
    for (size_t i = 0; i < exposition->count; i++) {
        uint64_t figure;
        const struct exposition_entry *entry = &exposition->entries[i];
        memcpy(&figure, (const char *)entry + family->place, sizeof figure);
        label_account(exposition, &entry->account, labels);
        metrics_text_count(text, labels, REASON, figure);
    }
}

/* Every reason, also at 0: an increase is only seen from a value that was there before. */
static void write_dropped(const struct exposition *exposition, struct metrics_text *text)
{
    struct metrics_label labels[LABEL_COUNT];
    metrics_text_family(text, "kafka_bridge_messages_dropped_total", METRICS_COUNTER,
                        "Messages that were neither delivered nor dead-lettered, by reason.");
    for (size_t i = 0; i < exposition->count; i++) {
        const struct account *account = &exposition->entries[i].account;
        label_account(exposition, account, labels);
        for (int reason = 0; reason < DROP_COUNT; reason++) {
            const char *name = drop_reason_name((enum drop_reason)reason);
            labels[REASON] = (struct metrics_label){"reason", name};
            metrics_text_count(text, labels, LABEL_COUNT, account->totals.dropped[reason]);
        }
    }
}

static void write_gauge(const struct exposition *exposition, struct metrics_text *text,
                        const char *name, const char *help, uint64_t value)
{
    struct metrics_label labels[ROUTE];
    label_node(exposition, labels);
    metrics_text_family(text, name, METRICS_GAUGE, help);
    metrics_text_count(text, labels, ROUTE, value);
}

static void write_state(const struct exposition *exposition, const struct flow_state *state,
                        struct metrics_text *text)
{
    write_gauge(exposition, text, "kafka_bridge_connected", "1 while Kafka answers, else 0.",
                state->connected);
    write_gauge(exposition, text, "kafka_bridge_in_flight_bytes",
                "Bytes of messages on their way: to Kafka's acknowledgement, or to subscribers.",
                state->in_flight_bytes);
    if (!exposition->to_kafka)
        return;
    write_gauge(exposition, text, "kafka_bridge_queue_bytes",
                "Bytes of messages that wait for the encoder.", state->queue_bytes);
    write_gauge(exposition, text, "kafka_bridge_spool_records", "Records on the disk.",
                state->spool_records);
    write_gauge(exposition, text, "kafka_bridge_spool_bytes", "Bytes of records on the disk.",
                state->spool_bytes);
    write_gauge(exposition, text, "kafka_bridge_spool_max_bytes",
                "Bytes of records that the spool may hold.", state->spool_max_bytes);
}

static void write_build(const struct exposition *exposition, struct metrics_text *text)
{
    struct metrics_label labels[ROUTE + 2];
    label_node(exposition, labels);
    labels[ROUTE] = (struct metrics_label){"version", KAFKA_BRIDGE_VERSION};
    labels[ROUTE + 1] = (struct metrics_label){"librdkafka", kafka_version()};
    metrics_text_family(text, "kafka_bridge_build_info", METRICS_GAUGE,
                        "1; of which versions the node is made.");
    metrics_text_count(text, labels, ROUTE + 2, 1);
}

void exposition_write(struct exposition *exposition, struct metrics_text *text)
{
    struct flow_state state;
    struct collection collection = {exposition, text};
    exposition->count = 0;
    exposition->source.state(exposition->source.flow, &state);
    exposition->source.accounts(exposition->source.flow, collect, &collection);
    write_build(exposition, text);
    write_state(exposition, &state, text);
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        write_family(exposition, &families[i], text);
    write_dropped(exposition, text);
}
