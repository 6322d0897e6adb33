#include "bridge/ledger.h"

#include "bridge/names.h"

#include <rosc/rosc.h>
#include <stdlib.h>
#include <string.h>

struct ledger_entry {
    struct ledger_entry *next;
    const char *route;
    char *kafka_topic;
    char *ros_topic;
    struct counters counters;
};

void ledger_init(struct ledger *ledger)
{
    *ledger = (struct ledger){0};
    ledger->last = &ledger->first;
    pthread_mutex_init(&ledger->mutex, NULL);
}

static void destroy(struct ledger_entry *entry)
{
    if (!entry)
        return;
    free(entry->kafka_topic);
    free(entry->ros_topic);
    free(entry);
}

void ledger_fini(struct ledger *ledger)
{
    while (ledger->first) {
        struct ledger_entry *entry = ledger->first;
        ledger->first = entry->next;
        destroy(entry);
    }
    pthread_mutex_destroy(&ledger->mutex);
}

static struct ledger_entry *create(const char *route, const char *kafka_topic,
                                   const char *ros_topic)
{
    struct ledger_entry *entry = calloc(1, sizeof *entry);
    if (!entry)
        return NULL;
    entry->route = route;
    entry->kafka_topic = strdup(kafka_topic);
    entry->ros_topic = strdup(ros_topic);
    if (entry->kafka_topic && entry->ros_topic)
        return entry;
    destroy(entry);
    return NULL;
}

struct counters *ledger_open(struct ledger *ledger, const char *route, const char *kafka_topic,
                             const char *ros_topic)
{
    char name[NAMES_ROS_SIZE];
    if (*ros_topic && rosc_name_resolve(ros_topic, name, sizeof name, NULL) == ROSC_OK)
        ros_topic = name;
    struct ledger_entry *entry = ledger->first;
    while (entry && (strcmp(entry->route, route) != 0 || strcmp(entry->ros_topic, ros_topic) != 0 ||
                     strcmp(entry->kafka_topic, kafka_topic) != 0))
        entry = entry->next;
    if (entry)
        return &entry->counters;
    entry = ledger->count < LEDGER_ACCOUNTS ? create(route, kafka_topic, ros_topic) : NULL;
    if (!entry)
        return &ledger->others;
    ledger->count++;
    pthread_mutex_lock(&ledger->mutex);
    *ledger->last = entry;
    ledger->last = &entry->next;
    pthread_mutex_unlock(&ledger->mutex);
    return &entry->counters;
}

struct counters *ledger_of_kafka(struct ledger *ledger, const char *route, const char *kafka_topic)
{
    struct ledger_entry *entry = ledger->first;
    while (entry && strcmp(entry->kafka_topic, kafka_topic) != 0)
        entry = entry->next;
    return entry ? &entry->counters : ledger_open(ledger, route, kafka_topic, "");
}

void ledger_visit(struct ledger *ledger, account_visitor visit, void *user)
{
    pthread_mutex_lock(&ledger->mutex);
    for (const struct ledger_entry *entry = ledger->first; entry; entry = entry->next) {
        struct account account = {.route = entry->route,
                                  .ros_topic = entry->ros_topic,
                                  .kafka_topic = entry->kafka_topic};
        totals_add(&account.totals, &entry->counters);
        visit(&account, user);
    }
    pthread_mutex_unlock(&ledger->mutex);
    struct account others = {.route = "", .ros_topic = "", .kafka_topic = ""};
    totals_add(&others.totals, &ledger->others);
    if (others.totals.received > 0)
        visit(&others, user);
}

void ledger_totals(struct ledger *ledger, struct totals *totals)
{
    pthread_mutex_lock(&ledger->mutex);
    for (const struct ledger_entry *entry = ledger->first; entry; entry = entry->next)
        totals_add(totals, &entry->counters);
    pthread_mutex_unlock(&ledger->mutex);
    totals_add(totals, &ledger->others);
}
