#include "kafka/producer/transaction_refusals.h"

#include "kafka/record/delivery.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <string.h>

void kafka_transaction_refusals_init(struct kafka_transaction_refusals *refusals)
{
    (void)pthread_mutex_init(&refusals->mutex, NULL);
    refusals->count = 0;
    refusals->first[0] = '\0';
}

void kafka_transaction_refusals_fini(struct kafka_transaction_refusals *refusals)
{
    (void)pthread_mutex_destroy(&refusals->mutex);
}

void kafka_transaction_refusals_clear(struct kafka_transaction_refusals *refusals)
{
    (void)pthread_mutex_lock(&refusals->mutex);
    refusals->count = 0;
    refusals->first[0] = '\0';
    (void)pthread_mutex_unlock(&refusals->mutex);
}

void kafka_transaction_refusals_hear(struct kafka_transaction_refusals *refusals,
                                     const char *facility, const char *text)
{
    static const char before[] = "Failed to add partition \"";
    const char *reason = rd_kafka_err2str(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    if (strcmp(facility, "ADDPARTS") != 0 || !strstr(text, reason))
        return;
    const char *topic = strstr(text, before);
    topic = topic ? topic + strlen(before) : "";
    size_t length = strcspn(topic, "\"");
    if (length == 0 || length > KAFKA_TOPIC_NAME_MAX)
        return;
    (void)pthread_mutex_lock(&refusals->mutex);
    if (refusals->count < KAFKA_TRANSACTION_REFUSALS_LIMIT) {
        char *kept = refusals->topics[refusals->count++];
        memcpy(kept, topic, length);
        kept[length] = '\0';
    }
    (void)pthread_mutex_unlock(&refusals->mutex);
}

void kafka_transaction_refusals_note(struct kafka_transaction_refusals *refusals, const char *topic,
                                     const char *reason)
{
    (void)pthread_mutex_lock(&refusals->mutex);
    if (!refusals->first[0]) {
        (void)snprintf(refusals->first, sizeof refusals->first, "%s", topic);
        (void)snprintf(refusals->reason, sizeof refusals->reason, "%s", reason);
    }
    (void)pthread_mutex_unlock(&refusals->mutex);
}

void kafka_transaction_refusals_describe(struct kafka_transaction_refusals *refusals, char *text,
                                         size_t size)
{
    (void)pthread_mutex_lock(&refusals->mutex);
    if (refusals->first[0])
        (void)snprintf(text, size, "Kafka topic %s: %s", refusals->first, refusals->reason);
    else
        text[0] = '\0';
    (void)pthread_mutex_unlock(&refusals->mutex);
}

const char *kafka_transaction_refusals_reason(struct kafka_transaction_refusals *refusals,
                                              const char *topic)
{
    bool found = false;
    (void)pthread_mutex_lock(&refusals->mutex);
    for (size_t i = 0; i < refusals->count && !found; i++)
        found = strcmp(refusals->topics[i], topic) == 0;
    (void)pthread_mutex_unlock(&refusals->mutex);
    return found ? kafka_delivery_reason(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) : NULL;
}
