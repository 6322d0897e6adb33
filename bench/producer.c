/* bench_producer BOOTSTRAP TOPIC COUNT SIZE: librdkafka alone. Produces COUNT records of SIZE bytes
 * that are in memory already, idempotent and with acks=all as the node does, waits until each has
 * been reported delivered, and prints how many seconds that took (one record before them, so that
 * connecting does not count). What no node can beat that hands its records to librdkafka. */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FLUSH_TIMEOUT 120000 /* ms */

static void count_report(rd_kafka_t *client, const rd_kafka_message_t *message, void *user)
{
    unsigned long *delivered = user;
    (void)client;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
        ++*delivered;
    else
        (void)fprintf(stderr, "bench_producer: %s\n", rd_kafka_err2str(message->err));
}

static rd_kafka_t *make_client(const char *bootstrap_servers, unsigned long *delivered)
{
    const char *const properties[][2] = {
        {"bootstrap.servers", bootstrap_servers},
        {"enable.idempotence", "true"},
        {"linger.ms", "5"},
    };
    char why[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_opaque(conf, delivered);
    rd_kafka_conf_set_dr_msg_cb(conf, count_report);
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        if (rd_kafka_conf_set(conf, properties[i][0], properties[i][1], why, sizeof why) !=
            RD_KAFKA_CONF_OK) {
            (void)fprintf(stderr, "bench_producer: %s\n", why);
            rd_kafka_conf_destroy(conf);
            return NULL;
        }
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!client) {
        (void)fprintf(stderr, "bench_producer: %s\n", why);
        rd_kafka_conf_destroy(conf);
    }
    return client;
}

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int produce(rd_kafka_t *client, rd_kafka_topic_t *topic, unsigned long count, char *value,
                   size_t size)
{
    rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (unsigned long i = 0; i < count && !err;) {
        if (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, value, size,
                             "warty", 5, NULL) == 0) {
            i++;
            rd_kafka_poll(client, 0);
        } else if (rd_kafka_last_error() == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            rd_kafka_poll(client, 100);
        } else {
            err = rd_kafka_last_error();
        }
    }
    if (!err)
        err = rd_kafka_flush(client, FLUSH_TIMEOUT);
    if (err)
        (void)fprintf(stderr, "bench_producer: %s\n", rd_kafka_err2str(err));
    return err ? -1 : 0;
}

/* Produces `count` records and prints how long it took. */
static int measure(rd_kafka_t *client, const char *name, unsigned long count, size_t size)
{
    int result = -1;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(client, name, NULL);
    char *value = malloc(size);
    if (topic && value) {
        memset(value, '0', size);
        result = produce(client, topic, 1, value, size);
        double start = now();
        if (result == 0)
            result = produce(client, topic, count, value, size);
        (void)printf("%.3f\n", now() - start);
    }
    free(value);
    if (topic)
        rd_kafka_topic_destroy(topic);
    return result;
}

int main(int argc, char **argv)
{
    unsigned long delivered = 0;
    unsigned long count = argc == 5 ? strtoul(argv[3], NULL, 10) : 0;
    size_t size = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;
    if (count == 0 || size == 0) {
        (void)fprintf(stderr, "usage: bench_producer BOOTSTRAP TOPIC COUNT SIZE\n");
        return EXIT_FAILURE;
    }
    rd_kafka_t *client = make_client(argv[1], &delivered);
    if (!client)
        return EXIT_FAILURE;
    int result = measure(client, argv[2], count, size);
    rd_kafka_destroy(client);
    return result == 0 && delivered == count + 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
