#include "samples.h"

#include "message/json/to_json.h"
#include "simulators/kind.h"

#include <stdio.h>
#include <stdlib.h>

#define SAMPLE_LIMIT (1U << 20)
#define IMAGE_SIZE   100000
#define POSE         7 /* doubles of an odometry message, in this order */
#define COVARIANCE   36
#define TWIST        6
#define STAMP        INT64_C(1700000000000000000)

void must(enum error_code code, const struct error *error)
{
    if (code == ERROR_NONE)
        return;
    (void)fprintf(stderr, "bench: %s: %s\n", error->path, error->text);
    exit(EXIT_FAILURE);
}

static void fill_covariance(char *doubles, struct noise *noise)
{
    for (size_t i = 0; i < COVARIANCE; i++) {
        double value = noise_around_zero(noise, 0.01);
        memcpy(doubles + i * sizeof value, &value, sizeof value);
    }
}

static void write_full_odometry(struct serial_writer *writer, struct moment *moment)
{
    const size_t doubles = POSE + COVARIANCE + TWIST + COVARIANCE;
    write_odometry(writer, moment);
    if (writer->code != ERROR_NONE)
        return;
    char *pose = writer->out->data + writer->out->length - doubles * sizeof(double);
    fill_covariance(pose + POSE * sizeof(double), &moment->noise);
    fill_covariance(pose + (POSE + COVARIANCE + TWIST) * sizeof(double), &moment->noise);
}

static void write_large_image(struct serial_writer *writer, struct moment *moment)
{
    put_header(writer, moment, "camera_optical");
    put_string(writer, "jpeg");
    put_count(writer, IMAGE_SIZE);
    for (int i = 0; i < IMAGE_SIZE / 8; i++)
        put_u64(writer, noise_next(&moment->noise));
}

static const struct {
    const char *type;
    kind_write write;
} sources[] = {
    [SAMPLE_ODOMETRY] = {"nav_msgs/Odometry", write_odometry},
    [SAMPLE_ODOMETRY_FULL] = {"nav_msgs/Odometry", write_full_odometry},
    [SAMPLE_LASER_SCAN] = {"sensor_msgs/LaserScan", write_laser_scan},
    [SAMPLE_JOINT_STATE] = {"sensor_msgs/JointState", write_joint_state},
    [SAMPLE_COMPRESSED_IMAGE] = {"sensor_msgs/CompressedImage", write_large_image},
};

static void write_sample(enum sample_kind kind, uint32_t n, struct buffer *out)
{
    struct drive drive;
    struct drive_state state;
    struct serial_writer writer;
    struct error error = {.text = "a sample was not written"};
    double time = 10 + 3.7 * n;
    drive_init(&drive, 1);
    drive_at(&drive, time, &state);
    struct moment moment = {.seq = 1000 + n,
                            .stamp = STAMP + (int64_t)(time * 1e9) + 7919 * (int64_t)n,
                            .time = time,
                            .robot = "warty",
                            .instance = 1,
                            .state = &state};
    noise_init(&moment.noise, n);
    serial_writer_init(&writer, out);
    sources[kind].write(&writer, &moment);
    must(writer.code, &error);
}

void samples_init(struct samples *samples, enum sample_kind kind, struct type_table *types)
{
    struct error error;
    must(type_table_find(types, sources[kind].type, &samples->plan, &error), &error);
    for (uint32_t n = 0; n < SAMPLE_COUNT; n++) {
        struct buffer *message = &samples->messages[n], *json = &samples->json[n];
        buffer_init(message, SAMPLE_LIMIT);
        buffer_init(json, SAMPLE_LIMIT);
        write_sample(kind, n, message);
        must(to_json(samples->plan, (const uint8_t *)message->data, message->length, NULL, json,
                     NULL, &error),
             &error);
    }
}

void samples_fini(struct samples *samples)
{
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        buffer_fini(&samples->messages[i]);
        buffer_fini(&samples->json[i]);
    }
}
