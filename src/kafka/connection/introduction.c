#include "kafka/connection/introduction.h"

#include "kafka/connection/flood.h"
#include "kafka/connection/log.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PERIOD_MS 1000

static const char *value_of(const struct kafka_properties *properties, const char *name,
                            const char *otherwise)
{
    const char *value = kafka_properties_get(properties, name);
    return value && *value ? value : otherwise;
}

void kafka_introduction_init(struct kafka_introduction *introduction,
                             const struct kafka_properties *properties)
{
    const char *protocol = value_of(properties, "security.protocol", "plaintext");
    const char *mechanism =
        value_of(properties, "sasl.mechanism", value_of(properties, "sasl.mechanisms", "GSSAPI"));
    const char *certificate = value_of(properties, "ssl.certificate.location", NULL);
    char *whom = introduction->whom;
    size_t size = sizeof introduction->whom;
    introduction->tried = 0;
    introduction->done = false;
    if (strncasecmp(protocol, "sasl", strlen("sasl")) == 0)
        (void)snprintf(whom, size, "as %.120s (%s, %s)",
                       value_of(properties, "sasl.username", "the owner of its token"), protocol,
                       mechanism);
    else if (certificate)
        (void)snprintf(whom, size, "by the certificate %.160s (%s)", certificate, protocol);
    else
        (void)snprintf(whom, size, "without a login (%s)", protocol);
}

static const char *name_of(const struct rd_kafka_metadata *metadata)
{
    return metadata->orig_broker_name ? metadata->orig_broker_name : "";
}

/* Of "ssl://host:9093/1" what stands before the broker's number. */
static size_t address_length(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? (size_t)(slash - name) : strlen(name);
}

int32_t kafka_introduction_broker(const struct rd_kafka_metadata *metadata)
{
    const char *name = name_of(metadata);
    const char *protocol = strstr(name, "://");
    const char *address = protocol ? protocol + strlen("://") : name;
    size_t length = address_length(address);
    char advertised[320];
    if (metadata->broker_cnt == 1)
        return metadata->brokers[0].id;
    for (int i = 0; metadata->orig_broker_id < 0 && i < metadata->broker_cnt; i++) {
        const struct rd_kafka_metadata_broker *broker = &metadata->brokers[i];
        (void)snprintf(advertised, sizeof advertised, "%s:%d", broker->host, broker->port);
        if (strlen(advertised) == length && memcmp(advertised, address, length) == 0)
            return broker->id;
    }
    return metadata->orig_broker_id;
}

static void say(const struct kafka_introduction *introduction, const char *cluster,
                const struct rd_kafka_metadata *metadata)
{
    const char *name = name_of(metadata);
    int32_t id = kafka_introduction_broker(metadata);
    char broker[32] = "a broker";
    if (id >= 0)
        (void)snprintf(broker, sizeof broker, "broker %d", (int)id);
    kafka_log_write(KAFKA_LOG_INFO, "connected to Kafka cluster %s: %s at %.*s, of %d, %s", cluster,
                    broker, (int)address_length(name), name, metadata->broker_cnt,
                    introduction->whom);
}

void kafka_introduction_look(struct kafka_introduction *introduction, rd_kafka_t *client,
                             int patience_ms)
{
    int64_t now = kafka_now_ms();
    if (introduction->done || now - introduction->tried < PERIOD_MS)
        return;
    char *cluster = rd_kafka_clusterid(client, 0);
    if (!cluster)
        return;
    const struct rd_kafka_metadata *metadata;
    introduction->tried = now;
    if (rd_kafka_metadata(client, 0, NULL, &metadata, patience_ms) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        introduction->done = true;
        say(introduction, cluster, metadata);
        rd_kafka_metadata_destroy(metadata);
    }
    rd_kafka_mem_free(client, cluster);
}
