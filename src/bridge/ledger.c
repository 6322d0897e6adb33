#include "bridge/ledger.h"

#include "base/hash.h"
#include "bridge/names.h"

#include <rosc/rosc.h>
#include <stdlib.h>
#include <string.h>

struct ledger_entry {
    struct ledger_entry *next;
    UT_hash_handle hh;       /* by key */
    UT_hash_handle hh_kafka; /* by kafka_topic, of which it is the first account */
    const char *route;
    const char *kafka_topic; /* in the key, as ros_topic */
    const char *ros_topic;
    struct counters counters;
    size_t key_size;
    char key[]; /* the three texts */
};

void ledger_init(struct ledger *ledger)
{
    *ledger = (struct ledger){0};
    ledger->last = &ledger->first;
    pthread_mutex_init(&ledger->mutex, NULL);
}

void ledger_fini(struct ledger *ledger)
{
    HASH_CLEAR(hh_kafka, ledger->by_kafka_topic);
    HASH_CLEAR(hh, ledger->by_topics);
    while (ledger->first) {
        struct ledger_entry *entry = ledger->first;
        ledger->first = entry->next;
        free(entry);
    }
    pthread_mutex_destroy(&ledger->mutex);
}

static struct ledger_entry *create(const char *route, const char *kafka_topic,
                                   const char *ros_topic)
{
    size_t kafka = strlen(kafka_topic) + 1, ros = strlen(ros_topic) + 1, own = strlen(route) + 1;
    struct ledger_entry *entry = calloc(1, sizeof *entry + kafka + ros + own);
    if (!entry)
        return NULL;
    entry->route = route;
    entry->kafka_topic = memcpy(entry->key, kafka_topic, kafka);
    entry->ros_topic = memcpy(entry->key + kafka, ros_topic, ros);
    memcpy(entry->key + kafka + ros, route, own);
    entry->key_size = kafka + ros + own;
    return entry;
}

static struct ledger_entry *find_kafka(const struct ledger *ledger, const char *kafka_topic)
{
    struct ledger_entry *found = NULL;
    HASH_FIND(hh_kafka, ledger->by_kafka_topic, kafka_topic, strlen(kafka_topic), found);
    return found;
}

/* Takes the entry. False: too many, or no memory. */
static bool add(struct ledger *ledger, struct ledger_entry *entry)
{
    if (ledger->count < LEDGER_ACCOUNTS)
        HASH_ADD_KEYPTR(hh, ledger->by_topics, entry->key, entry->key_size, entry);
    if (!hash_has(entry)) {
        free(entry);
        return false;
    }
    if (!find_kafka(ledger, entry->kafka_topic))
        HASH_ADD_KEYPTR(hh_kafka, ledger->by_kafka_topic, entry->kafka_topic,
                        strlen(entry->kafka_topic), entry);
    ledger->count++;
    pthread_mutex_lock(&ledger->mutex);
    *ledger->last = entry;
    ledger->last = &entry->next;
    pthread_mutex_unlock(&ledger->mutex);
    return true;
}

struct counters *ledger_open(struct ledger *ledger, const char *route, const char *kafka_topic,
                             const char *ros_topic)
{
    char name[NAMES_ROS_SIZE];
    if (*ros_topic && rosc_name_resolve(ros_topic, name, sizeof name, NULL) == ROSC_OK)
        ros_topic = name;
    struct ledger_entry *known = NULL, *made = create(route, kafka_topic, ros_topic);
    if (!made)
        return &ledger->others;
    HASH_FIND(hh, ledger->by_topics, made->key, made->key_size, known);
    if (!known)
        return add(ledger, made) ? &made->counters : &ledger->others;
    free(made);
    return &known->counters;
}

struct counters *ledger_of_kafka(struct ledger *ledger, const char *route, const char *kafka_topic)
{
    struct ledger_entry *entry = find_kafka(ledger, kafka_topic);
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
