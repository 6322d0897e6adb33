/* bench_large_publisher TOPIC image|cloud COUNT RATE: waits for a subscriber, says "ready", and at
 * a line on stdin publishes COUNT messages, RATE a second: 1080p rgb8 images, or clouds of 2 MB.
 * Then it says "done", and stays until stdin is closed, so that the last message arrives. */
#include "simulators/serial_writer.h"
#include "simulators/type_table.h"

#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WIDTH         1920
#define HEIGHT        1080
#define CHANNELS      3
#define CLOUD_POINTS  125000
#define POINT_SIZE    16 /* x, y, z, intensity */
#define FLOAT32       7
#define MESSAGE_LIMIT (16U << 20)
#define SUBSCRIBER_MS 30000
#define SECOND        1000000000

static void fail(const char *what)
{
    (void)fprintf(stderr, "bench_large_publisher: %s\n", what);
    exit(EXIT_FAILURE);
}

static void must(enum rosc_status status, const struct rosc_error *error)
{
    if (status != ROSC_OK)
        fail(error->text);
}

/* std_msgs/Header */
static void put_stamped(struct serial_writer *writer, const char *frame)
{
    put_u32(writer, 0);
    put_u32(writer, 1700000000);
    put_u32(writer, 0);
    put_string(writer, frame);
}

/* Bytes that look like none other: what compresses or repeats well would be another matter. */
static void put_noise(struct serial_writer *writer, uint32_t size)
{
    uint64_t state = 88172645463325252ULL;
    put_count(writer, size);
    for (uint32_t i = 0; i < size / sizeof state; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        put_u64(writer, state);
    }
}

static void write_image(struct serial_writer *writer)
{
    put_stamped(writer, "camera_optical");
    put_u32(writer, HEIGHT);
    put_u32(writer, WIDTH);
    put_string(writer, "rgb8");
    put_u8(writer, 0);
    put_u32(writer, WIDTH * CHANNELS);
    put_noise(writer, WIDTH * HEIGHT * CHANNELS);
}

static void write_cloud(struct serial_writer *writer)
{
    static const char *const names[] = {"x", "y", "z", "intensity"};
    put_stamped(writer, "lidar");
    put_u32(writer, 1);
    put_u32(writer, CLOUD_POINTS);
    put_count(writer, 4);
    for (uint32_t i = 0; i < 4; i++) {
        put_string(writer, names[i]);
        put_u32(writer, i * 4);
        put_u8(writer, FLOAT32);
        put_u32(writer, 1);
    }
    put_u8(writer, 0);
    put_u32(writer, POINT_SIZE);
    put_u32(writer, POINT_SIZE * CLOUD_POINTS);
    put_noise(writer, POINT_SIZE * CLOUD_POINTS);
    put_u8(writer, 1);
}

static struct rosc_publisher *advertise(const char *topic, const char *type)
{
    struct type_table *types;
    const struct plan *plan;
    struct error why;
    struct rosc_error error;
    struct rosc_publisher *publisher;
    if (type_table_create(&types, &why) != ERROR_NONE ||
        type_table_find(types, type, &plan, &why) != ERROR_NONE)
        fail(why.text);
    const struct rosc_publisher_options options = {
        .type = type, .md5sum = plan_md5sum(plan), .definition = plan_text(plan)};
    must(rosc_publisher_create(topic, &options, &publisher, &error), &error);
    type_table_destroy(types);
    return publisher;
}

static void await_subscriber(const struct rosc_publisher *publisher)
{
    for (int i = 0; rosc_publisher_subscriber_count(publisher) == 0; i++) {
        if (i == SUBSCRIBER_MS / 10)
            fail("nobody subscribed");
        (void)nanosleep(&(struct timespec){.tv_nsec = SECOND / 100}, NULL);
    }
}

/* Each message at its time, whatever the ones before took. */
static void publish(struct rosc_publisher *publisher, struct buffer *message, unsigned long count,
                    double rate)
{
    struct rosc_error error;
    int64_t start = rosc_time_steady();
    for (uint32_t i = 0; i < count; i++) {
        int64_t wait = start + (int64_t)(i / rate * SECOND) - rosc_time_steady();
        if (wait > 0)
            (void)nanosleep(&(struct timespec){.tv_sec = wait / SECOND, .tv_nsec = wait % SECOND},
                            NULL);
        memcpy(message->data, &i, sizeof i); /* header.seq */
        must(rosc_publisher_publish(publisher, message->data, message->length, &error), &error);
    }
}

int main(int argc, char **argv)
{
    struct rosc_error error;
    struct buffer message;
    struct serial_writer writer = {.out = &message};
    char line[16];
    must(rosc_init(&argc, argv, "bench_large_publisher", ROSC_INIT_NO_ROSOUT, &error), &error);
    must(rosc_start(10, &error), &error);
    if (argc != 5 || strtoul(argv[3], NULL, 10) == 0 || strtod(argv[4], NULL) <= 0)
        fail("usage: bench_large_publisher TOPIC image|cloud COUNT RATE");
    bool is_image = strcmp(argv[2], "image") == 0;
    buffer_init(&message, MESSAGE_LIMIT);
    if (is_image)
        write_image(&writer);
    else
        write_cloud(&writer);
    if (writer.code != ERROR_NONE)
        fail("out of memory");
    struct rosc_publisher *publisher =
        advertise(argv[1], is_image ? "sensor_msgs/Image" : "sensor_msgs/PointCloud2");
    await_subscriber(publisher);
    (void)printf("ready %zu\n", message.length);
    (void)fflush(stdout);
    if (fgets(line, sizeof line, stdin)) {
        publish(publisher, &message, strtoul(argv[3], NULL, 10), strtod(argv[4], NULL));
        (void)puts("done");
        (void)fflush(stdout);
        (void)fgets(line, sizeof line, stdin);
    }
    rosc_publisher_destroy(publisher);
    buffer_fini(&message);
    rosc_shutdown();
    return EXIT_SUCCESS;
}
