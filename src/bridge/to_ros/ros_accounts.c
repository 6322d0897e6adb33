#include "bridge/to_ros/ros_accounts.h"

#include "base/hash.h"
#include "bridge/flow/names.h"

#include <rosc/rosc.h>
#include <stdlib.h>
#include <string.h>

struct ros_accounts_entry {
    struct ros_accounts_entry *next;
    UT_hash_handle hh;       /* by key */
    UT_hash_handle hh_kafka; /* by kafka_topic, of which it is the first account */
    const char *route;
    const char *kafka_topic; /* in the key, as ros_topic */
    const char *ros_topic;
    struct counters counters;
    size_t key_size;
    char key[]; /* the three texts */
};

void ros_accounts_init(struct ros_accounts *ros_accounts)
{
    *ros_accounts = (struct ros_accounts){0};
    ros_accounts->last = &ros_accounts->first;
    pthread_mutex_init(&ros_accounts->mutex, NULL);
}

void ros_accounts_fini(struct ros_accounts *ros_accounts)
{
    HASH_CLEAR(hh_kafka, ros_accounts->by_kafka_topic);
    HASH_CLEAR(hh, ros_accounts->by_topics);
    while (ros_accounts->first) {
        struct ros_accounts_entry *entry = ros_accounts->first;
        ros_accounts->first = entry->next;
        free(entry);
    }
    pthread_mutex_destroy(&ros_accounts->mutex);
}

static struct ros_accounts_entry *create(const char *route, const char *kafka_topic,
                                         const char *ros_topic)
{
    size_t kafka = strlen(kafka_topic) + 1, ros = strlen(ros_topic) + 1, own = strlen(route) + 1;
    struct ros_accounts_entry *entry = calloc(1, sizeof *entry + kafka + ros + own);
    if (!entry)
        return NULL;
    entry->route = route;
    entry->kafka_topic = memcpy(entry->key, kafka_topic, kafka);
    entry->ros_topic = memcpy(entry->key + kafka, ros_topic, ros);
    memcpy(entry->key + kafka + ros, route, own);
    entry->key_size = kafka + ros + own;
    return entry;
}

static struct ros_accounts_entry *find_kafka(const struct ros_accounts *ros_accounts,
                                             const char *kafka_topic)
{
    struct ros_accounts_entry *found = NULL;
    HASH_FIND(hh_kafka, ros_accounts->by_kafka_topic, kafka_topic, strlen(kafka_topic), found);
    return found;
}

/* Takes the entry. False: too many, or no memory. */
static bool add(struct ros_accounts *ros_accounts, struct ros_accounts_entry *entry)
{
    if (ros_accounts->count < LEDGER_ACCOUNTS)
        HASH_ADD_KEYPTR(hh, ros_accounts->by_topics, entry->key, entry->key_size, entry);
    if (!hash_has(entry)) {
        free(entry);
        return false;
    }
    if (!find_kafka(ros_accounts, entry->kafka_topic))
        HASH_ADD_KEYPTR(hh_kafka, ros_accounts->by_kafka_topic, entry->kafka_topic,
                        strlen(entry->kafka_topic), entry);
    ros_accounts->count++;
    pthread_mutex_lock(&ros_accounts->mutex);
    *ros_accounts->last = entry;
    ros_accounts->last = &entry->next;
    pthread_mutex_unlock(&ros_accounts->mutex);
    return true;
}

struct counters *ros_accounts_open(struct ros_accounts *ros_accounts, const char *route,
                                   const char *kafka_topic, const char *ros_topic)
{
    char name[NAMES_ROS_SIZE];
    if (*ros_topic && rosc_name_resolve(ros_topic, name, sizeof name, NULL) == ROSC_OK)
        ros_topic = name;
    struct ros_accounts_entry *known = NULL, *made = create(route, kafka_topic, ros_topic);
    if (!made)
        return &ros_accounts->others;
    HASH_FIND(hh, ros_accounts->by_topics, made->key, made->key_size, known);
    if (!known)
        return add(ros_accounts, made) ? &made->counters : &ros_accounts->others;
    free(made);
    return &known->counters;
}

struct counters *ros_accounts_of_kafka(struct ros_accounts *ros_accounts, const char *route,
                                       const char *kafka_topic)
{
    struct ros_accounts_entry *entry = find_kafka(ros_accounts, kafka_topic);
    return entry ? &entry->counters : ros_accounts_open(ros_accounts, route, kafka_topic, "");
}

void ros_accounts_visit(struct ros_accounts *ros_accounts, account_visitor visit, void *user)
{
    pthread_mutex_lock(&ros_accounts->mutex);
    for (const struct ros_accounts_entry *entry = ros_accounts->first; entry; entry = entry->next) {
        struct account account = {.route = entry->route,
                                  .ros_topic = entry->ros_topic,
                                  .kafka_topic = entry->kafka_topic};
        totals_add(&account.totals, &entry->counters);
        visit(&account, user);
    }
    pthread_mutex_unlock(&ros_accounts->mutex);
    struct account others = {.route = "", .ros_topic = "", .kafka_topic = ""};
    totals_add(&others.totals, &ros_accounts->others);
    if (others.totals.received > 0)
        visit(&others, user);
}

void ros_accounts_totals(struct ros_accounts *ros_accounts, struct totals *totals)
{
    pthread_mutex_lock(&ros_accounts->mutex);
    for (const struct ros_accounts_entry *entry = ros_accounts->first; entry; entry = entry->next)
        totals_add(totals, &entry->counters);
    pthread_mutex_unlock(&ros_accounts->mutex);
    totals_add(totals, &ros_accounts->others);
}
