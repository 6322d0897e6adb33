/* bench_forwarder ROS_TOPIC BOOTSTRAP KAFKA_TOPIC: hands each message's bytes to librdkafka within
 * the callback, idempotent and with acks=all as the node does, and no more. At its end it prints
 * how many were delivered. What no node can beat that carries the same bytes. */
#include <librdkafka/rdkafka.h>
#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>

#define FLUSH_MS 60000

struct forwarder {
    rd_kafka_t *client;
    rd_kafka_topic_t *topic;
    unsigned long received, delivered;
};

static void fail(const char *what)
{
    (void)fprintf(stderr, "bench_forwarder: %s\n", what);
    exit(EXIT_FAILURE);
}

static void count_report(rd_kafka_t *client, const rd_kafka_message_t *message, void *user)
{
    struct forwarder *forwarder = user;
    (void)client;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
        forwarder->delivered++;
    else
        (void)fprintf(stderr, "bench_forwarder: %s\n", rd_kafka_err2str(message->err));
}

static union {
    const void *in;
    void *out;
} unconst;

static void forward(const struct rosc_message *message, void *user)
{
    struct forwarder *forwarder = user;
    forwarder->received++;
    unconst.in = message->data;
    if (rd_kafka_produce(forwarder->topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, unconst.out,
                         message->size, NULL, 0, NULL) != 0)
        (void)fprintf(stderr, "bench_forwarder: %s\n", rd_kafka_err2str(rd_kafka_last_error()));
    rd_kafka_poll(forwarder->client, 0);
}

static void connect_to(struct forwarder *forwarder, const char *bootstrap, const char *topic)
{
    const char *const properties[][2] = {{"bootstrap.servers", bootstrap},
                                         {"enable.idempotence", "true"},
                                         {"linger.ms", "5"},
                                         {"message.max.bytes", "20000000"}};
    char why[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_opaque(conf, forwarder);
    rd_kafka_conf_set_dr_msg_cb(conf, count_report);
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        if (rd_kafka_conf_set(conf, properties[i][0], properties[i][1], why, sizeof why) !=
            RD_KAFKA_CONF_OK)
            fail(why);
    forwarder->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!forwarder->client)
        fail(why);
    forwarder->topic = rd_kafka_topic_new(forwarder->client, topic, NULL);
}

int main(int argc, char **argv)
{
    struct rosc_error error;
    struct rosc_subscription *subscription;
    struct forwarder forwarder = {0};
    if (rosc_init(&argc, argv, "bench_forwarder", ROSC_INIT_NO_ROSOUT, &error) != ROSC_OK ||
        rosc_start(10, &error) != ROSC_OK)
        fail(error.text);
    if (argc != 4)
        fail("usage: bench_forwarder ROS_TOPIC BOOTSTRAP KAFKA_TOPIC");
    connect_to(&forwarder, argv[2], argv[3]);
    if (rosc_subscription_create(NULL, argv[1], NULL, forward, &forwarder, &subscription, &error) !=
        ROSC_OK)
        fail(error.text);
    rosc_queue_spin(NULL);
    rosc_subscription_destroy(subscription);
    rosc_shutdown();
    (void)rd_kafka_flush(forwarder.client, FLUSH_MS);
    (void)printf("received %lu, delivered %lu\n", forwarder.received, forwarder.delivered);
    rd_kafka_topic_destroy(forwarder.topic);
    rd_kafka_destroy(forwarder.client);
    return forwarder.delivered == forwarder.received ? EXIT_SUCCESS : EXIT_FAILURE;
}
