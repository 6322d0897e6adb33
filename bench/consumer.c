/* bench_consumer BOOTSTRAP TOPIC COUNT: librdkafka alone, the other way. Reads COUNT records from
 * partition 0 of TOPIC, looks at nothing in them, and prints how many seconds there were between
 * the first and the last. What no node can beat that takes its records from librdkafka. */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BATCH      1000
#define TIMEOUT_MS 60000

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static rd_kafka_t *make_client(const char *bootstrap_servers)
{
    char why[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_t *client = NULL;
    if (rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap_servers, why, sizeof why) ==
        RD_KAFKA_CONF_OK)
        client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    if (!client) {
        (void)fprintf(stderr, "bench_consumer: %s\n", why);
        rd_kafka_conf_destroy(conf);
    }
    return client;
}

/* Seconds from the first record to the last; negative: not all of them came. */
static double consume(rd_kafka_topic_t *topic, unsigned long count)
{
    static rd_kafka_message_t *messages[BATCH];
    double first = 0;
    for (unsigned long seen = 0; seen < count;) {
        ssize_t got = rd_kafka_consume_batch(topic, 0, TIMEOUT_MS, messages, BATCH);
        if (got <= 0)
            return -1;
        if (seen == 0)
            first = now();
        for (ssize_t i = 0; i < got; i++) {
            seen += messages[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR;
            rd_kafka_message_destroy(messages[i]);
        }
    }
    return now() - first;
}

int main(int argc, char **argv)
{
    unsigned long count = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    if (count == 0) {
        (void)fprintf(stderr, "usage: bench_consumer BOOTSTRAP TOPIC COUNT\n");
        return EXIT_FAILURE;
    }
    rd_kafka_t *client = make_client(argv[1]);
    if (!client)
        return EXIT_FAILURE;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(client, argv[2], NULL);
    double seconds = -1;
    if (rd_kafka_consume_start(topic, 0, RD_KAFKA_OFFSET_BEGINNING) == 0) {
        seconds = consume(topic, count);
        (void)rd_kafka_consume_stop(topic, 0);
    }
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(client);
    if (seconds < 0) {
        (void)fprintf(stderr, "bench_consumer: not all of %lu records came\n", count);
        return EXIT_FAILURE;
    }
    (void)printf("%.3f\n", seconds);
    return EXIT_SUCCESS;
}
