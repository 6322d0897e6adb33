#include "support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static pthread_mutex_t log_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct {
    enum kafka_log_level level;
    char text[512];
} lines[256];
static size_t line_count;

static void keep_line(enum kafka_log_level level, const char *text, void *user)
{
    (void)user;
    (void)pthread_mutex_lock(&log_mutex);
    if (line_count < sizeof lines / sizeof lines[0]) {
        lines[line_count].level = level;
        (void)snprintf(lines[line_count].text, sizeof lines[line_count].text, "%s", text);
        line_count++;
    }
    (void)pthread_mutex_unlock(&log_mutex);
    if (getenv("SHOW_LOG"))
        (void)fprintf(stderr, "%d %s\n", (int)level, text);
}

void watch_log(void)
{
    (void)pthread_mutex_lock(&log_mutex);
    line_count = 0;
    (void)pthread_mutex_unlock(&log_mutex);
    kafka_log_set(keep_line, NULL);
}

int count_lines(enum kafka_log_level level, const char *part)
{
    int count = 0;
    (void)pthread_mutex_lock(&log_mutex);
    for (size_t i = 0; i < line_count; i++)
        count += lines[i].level >= level && strstr(lines[i].text, part);
    (void)pthread_mutex_unlock(&log_mutex);
    return count;
}

void wait_until(bool (*condition)(void *argument), void *argument, const char *what)
{
    int64_t deadline = now_ms() + PATIENCE_MS;
    while (!condition(argument)) {
        if (now_ms() > deadline)
            fail_msg("waited in vain until %s", what);
        const struct timespec pause = {.tv_nsec = 5000000};
        (void)nanosleep(&pause, NULL);
    }
}

void set(struct kafka_properties *properties, const char *name, const char *value)
{
    assert_int_equal(kafka_properties_set(properties, name, value), ERROR_NONE);
}

int start_broker(void **state)
{
    static struct broker broker;
    struct error error = {.code = ERROR_NONE};
    watch_log();
    if (kafka_embedded_create(&broker.embedded, &broker.address, &error) != ERROR_NONE) {
        (void)fprintf(stderr, "%s\n", error.text);
        return -1;
    }
    broker.cluster = kafka_embedded_cluster(broker.embedded);
    kafka_properties_init(&broker.properties);
    set(&broker.properties, "bootstrap.servers", broker.address);
    set(&broker.properties, "topic.metadata.refresh.interval.ms", "500");
    set(&broker.properties, "reconnect.backoff.max.ms", "200");
    set(&broker.properties, "fetch.wait.max.ms", "50");
    /* The mock cluster's rebalances last 3 s at first, then a second less than the session. */
    set(&broker.properties, "session.timeout.ms", "3600");
    set(&broker.properties, "heartbeat.interval.ms", "100");
    *state = &broker;
    return 0;
}

int stop_broker(void **state)
{
    struct broker *broker = *state;
    kafka_properties_fini(&broker->properties);
    kafka_embedded_destroy(broker->embedded);
    kafka_log_set(NULL, NULL);
    return 0;
}

static void copy_bytes(char *text, size_t size, const void *bytes, size_t length)
{
    (void)snprintf(text, size, "%.*s", (int)length, bytes ? (const char *)bytes : "");
}

void on_report(const struct kafka_report *report, void *user)
{
    struct reports *reports = user;
    if (report->delivery != KAFKA_DELIVERED)
        (void)snprintf(reports->reason, sizeof reports->reason, "%s", report->reason);
    else
        reports->last_offset = report->offset;
    reports->in_flight += strstr(report->reason, "in flight") != NULL;
    reports->owner = report->owner;
    reports->value_at = report->value;
    copy_bytes(reports->value, sizeof reports->value, report->value, report->value_size);
    copy_bytes(reports->key, sizeof reports->key, report->key, report->key_size);
    (void)snprintf(reports->topic, sizeof reports->topic, "%s", report->topic);
    if (report->tag < TAGS) {
        reports->of_tag[report->tag]++;
        reports->delivery_of_tag[report->tag] = (int)report->delivery;
    }
    reports->of_delivery[report->delivery]++;
    reports->total++;
}

struct kafka_producer *make_producer(const struct kafka_properties *properties,
                                     struct reports *reports)
{
    return make_producer_of((struct kafka_producer_options){.properties = properties}, reports);
}

struct kafka_producer *make_producer_of(struct kafka_producer_options options,
                                        struct reports *reports)
{
    memset(reports, 0, sizeof *reports);
    options.report = on_report;
    options.user = reports;
    struct kafka_producer *producer = NULL;
    struct error error = {.code = ERROR_NONE};
    if (kafka_producer_create(&options, &producer, &error) != ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
    return producer;
}

struct kafka_record text_record(const char *topic, const char *key, const char *value)
{
    return (struct kafka_record){.topic = topic,
                                 .partition = -1,
                                 .offset = -1,
                                 .key = key,
                                 .key_size = key ? strlen(key) : 0,
                                 .value = value,
                                 .value_size = value ? strlen(value) : 0};
}

void send_text(struct kafka_producer *producer, const char *topic, const char *key,
               const char *value, uint64_t tag)
{
    struct kafka_record record = text_record(topic, key, value);
    struct error error = {.code = ERROR_NONE};
    if (kafka_producer_send(producer, &record, tag, NULL, &error) != ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
}

void produce_numbers(const struct kafka_properties *properties, const char *topic, int first,
                     int count)
{
    struct reports reports;
    struct kafka_producer *producer = make_producer(properties, &reports);
    for (int i = first; i < first + count; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%d", i);
        send_text(producer, topic, "one key", text, (uint64_t)i);
    }
    assert_int_equal(kafka_producer_flush(producer, PATIENCE_MS), 0);
    assert_int_equal(reports.of_delivery[KAFKA_DELIVERED], count);
    kafka_producer_destroy(producer);
}

struct kafka_consumer *make_consumer(const struct kafka_properties *properties, const char *group,
                                     const char *topic, enum kafka_start start, int64_t timestamp)
{
    const struct kafka_subscription subscription = {
        .topic = topic, .start = start, .timestamp = timestamp};
    struct kafka_consumer *consumer = NULL;
    struct error error = {.code = ERROR_NONE};
    const struct kafka_consumer_options options = {.properties = properties,
                                                   .group = group,
                                                   .subscriptions = &subscription,
                                                   .subscription_count = 1};
    if (kafka_consumer_create(&options, &consumer, &error) != ERROR_NONE)
        fail_msg("%s: %s", error.path, error.text);
    return consumer;
}

int next_number(struct kafka_consumer *consumer, bool store)
{
    int64_t deadline = now_ms() + PATIENCE_MS;
    struct kafka_record record;
    struct error error = {.code = ERROR_NONE};
    enum error_code code;
    do {
        code = kafka_consumer_next(consumer, 100, &record, &error);
    } while (code == ERROR_MISSING && now_ms() < deadline);
    if (code != ERROR_NONE)
        fail_msg("no record: %s", error.text);
    if (store)
        kafka_consumer_store(consumer, record.topic, record.partition, record.offset);
    char text[16];
    copy_bytes(text, sizeof text, record.value, record.value_size);
    return (int)strtol(text, NULL, 10);
}

bool is_quiet(struct kafka_consumer *consumer, int wait_ms)
{
    int64_t deadline = now_ms() + wait_ms;
    struct kafka_record record;
    enum error_code code = ERROR_MISSING;
    while (code == ERROR_MISSING && now_ms() < deadline)
        code = kafka_consumer_next(consumer, 20, &record, NULL);
    return code == ERROR_MISSING;
}

bool is_assigned(void *argument)
{
    struct kafka_record record;
    (void)!kafka_consumer_next(argument, 20, &record, NULL);
    return kafka_consumer_is_assigned(argument);
}
