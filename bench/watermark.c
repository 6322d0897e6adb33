/* bench_watermark BOOTSTRAP TOPIC COUNT: says "ready", then watches TOPIC from outside until COUNT
 * records were added, and prints how many there were when it first saw some, and how many seconds
 * later all were there. */
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PAUSE_MS    20
#define ANSWER_MS   5000
#define PATIENCE_S  180.0 /* without any progress */
#define RETRY_LIMIT 100

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void pause_ms(long milliseconds)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = milliseconds * 1000000}, NULL);
}

/* The number of partitions, waiting for the topic to appear; 0 where it does not. */
static int32_t count_partitions(rd_kafka_t *client, rd_kafka_topic_t *topic)
{
    for (int i = 0; i < RETRY_LIMIT; i++) {
        const struct rd_kafka_metadata *metadata;
        if (rd_kafka_metadata(client, 0, topic, &metadata, ANSWER_MS) ==
            RD_KAFKA_RESP_ERR_NO_ERROR) {
            int32_t count =
                metadata->topic_cnt > 0 ? (int32_t)metadata->topics[0].partition_cnt : 0;
            rd_kafka_metadata_destroy(metadata);
            if (count > 0)
                return count;
        }
        pause_ms(100);
    }
    return 0;
}

/* How many records were ever written to the topic. */
static int64_t count_records(rd_kafka_t *client, const char *topic, int32_t partitions)
{
    int64_t sum = 0;
    for (int32_t partition = 0; partition < partitions; partition++) {
        int64_t low, high;
        if (rd_kafka_query_watermark_offsets(client, topic, partition, &low, &high, ANSWER_MS) ==
            RD_KAFKA_RESP_ERR_NO_ERROR)
            sum += high;
    }
    return sum;
}

static int watch(rd_kafka_t *client, const char *topic, int32_t partitions, int64_t wanted)
{
    int64_t before = count_records(client, topic, partitions), first = 0, last = 0;
    double began = 0, progress = now();
    (void)puts("ready");
    (void)fflush(stdout);
    while (last < wanted) {
        pause_ms(PAUSE_MS);
        int64_t added = count_records(client, topic, partitions) - before;
        double time = now();
        if (added > 0 && first == 0) {
            first = added;
            began = time;
        }
        if (added > last)
            progress = time;
        last = added;
        if (time - progress > PATIENCE_S) {
            (void)fprintf(stderr, "bench_watermark: %" PRId64 " of %" PRId64 " records came\n",
                          last, wanted);
            return EXIT_FAILURE;
        }
    }
    (void)printf("%" PRId64 " %.3f\n", first, now() - began);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    char why[512];
    int64_t wanted = argc == 4 ? strtoll(argv[3], NULL, 10) : 0;
    if (wanted <= 0) {
        (void)fprintf(stderr, "usage: bench_watermark BOOTSTRAP TOPIC COUNT\n");
        return EXIT_FAILURE;
    }
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (rd_kafka_conf_set(conf, "bootstrap.servers", argv[1], why, sizeof why) !=
            RD_KAFKA_CONF_OK ||
        rd_kafka_conf_set(conf, "allow.auto.create.topics", "true", why, sizeof why) !=
            RD_KAFKA_CONF_OK) {
        (void)fprintf(stderr, "bench_watermark: %s\n", why);
        rd_kafka_conf_destroy(conf);
        return EXIT_FAILURE;
    }
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    if (!client) {
        (void)fprintf(stderr, "bench_watermark: %s\n", why);
        rd_kafka_conf_destroy(conf);
        return EXIT_FAILURE;
    }
    rd_kafka_topic_t *topic = rd_kafka_topic_new(client, argv[2], NULL);
    int32_t partitions = topic ? count_partitions(client, topic) : 0;
    int result = EXIT_FAILURE;
    if (partitions > 0)
        result = watch(client, argv[2], partitions, wanted);
    else
        (void)fprintf(stderr, "bench_watermark: there is no topic %s at %s\n", argv[2], argv[1]);
    if (topic)
        rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(client);
    return result;
}
