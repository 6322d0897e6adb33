#include "kafka/connection/embedded.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdlib.h>

struct kafka_embedded {
    rd_kafka_t *client; /* lends the cluster its main loop; connects to nothing */
    rd_kafka_mock_cluster_t *cluster;
};

enum error_code kafka_embedded_create(struct kafka_embedded **embedded,
                                      const char **bootstrap_servers, struct error *error)
{
    struct kafka_embedded *self = calloc(1, sizeof *self);
    if (!self)
        return error_set(error, ERROR_MEMORY, NULL, 0, "no memory for the embedded broker");
    char words[ERROR_TEXT_SIZE - 64] = "";
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    (void)rd_kafka_conf_set(conf, "client.id", "embedded_broker", NULL, 0);
    (void)rd_kafka_conf_set(conf, "log_level", "3", NULL, 0); /* it warns of having no brokers */
    self->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof words);
    if (!self->client) {
        rd_kafka_conf_destroy(conf);
        free(self);
        return error_set(error, ERROR_IO, NULL, 0, "the embedded broker cannot start: %s", words);
    }
    self->cluster = rd_kafka_mock_cluster_new(self->client, 1);
    if (!self->cluster) {
        kafka_embedded_destroy(self);
        return error_set(error, ERROR_IO, NULL, 0,
                         "the embedded broker cannot listen on 127.0.0.1");
    }
    *bootstrap_servers = rd_kafka_mock_cluster_bootstraps(self->cluster);
    *embedded = self;
    return ERROR_NONE;
}

void kafka_embedded_destroy(struct kafka_embedded *embedded)
{
    if (!embedded)
        return;
    if (embedded->cluster)
        rd_kafka_mock_cluster_destroy(embedded->cluster);
    rd_kafka_destroy(embedded->client);
    free(embedded);
}

enum error_code kafka_embedded_create_topic(struct kafka_embedded *embedded, const char *topic,
                                            int partitions, struct error *error)
{
    rd_kafka_resp_err_t failure =
        rd_kafka_mock_topic_create(embedded->cluster, topic, partitions, 1);
    if (failure == RD_KAFKA_RESP_ERR_NO_ERROR)
        return ERROR_NONE;
    return error_set(error, ERROR_IO, topic, 0, "the embedded broker cannot make it: %s",
                     rd_kafka_err2str(failure));
}

struct rd_kafka_mock_cluster_s *kafka_embedded_cluster(struct kafka_embedded *embedded)
{
    return embedded->cluster;
}
