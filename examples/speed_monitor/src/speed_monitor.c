/* A node in C. Of the speeds on `speed` it publishes a summary, as a message of this package on
 * `speed_summary`, and in words on `speed_text`. */
#include <rosc/rosc.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As `rosmsg md5 TYPE` and `rosmsg show --raw TYPE` say. */
static const struct rosc_publisher_options summary_options = {
    .type = "speed_monitor/SpeedSummary",
    .md5sum = "b3f67046aa18ae6f1b997a0d5a0e8103",
    .definition = "uint32 count\nfloat64 mean\nfloat64 highest\n",
    .queue_size = 10,
};
static const struct rosc_publisher_options text_options = {
    .type = "std_msgs/String",
    .md5sum = "992ce8a1687cec8c8bd883ec73ca41d1",
    .definition = "string data\n",
    .queue_size = 10,
};

static struct rosc_publisher *summaries, *texts;
static struct rosc_error error;

static void must(enum rosc_status status)
{
    if (status == ROSC_OK)
        return;
    ROSC_LOG_FATAL("%s", error.text);
    exit(EXIT_FAILURE);
}

/* A message on the wire is its fields one after the other; a string is its length and its bytes. */
static void publish(uint32_t count, double mean, double highest)
{
    uint8_t summary[20];
    memcpy(summary, &count, 4);
    memcpy(summary + 4, &mean, 8);
    memcpy(summary + 12, &highest, 8);
    must(rosc_publisher_publish(summaries, summary, sizeof summary, &error));

    char text[100];
    const uint32_t length = (uint32_t)snprintf(text + 4, sizeof text - 4,
                                               "%u speeds, %.2f m/s on average", count, mean);
    memcpy(text, &length, 4);
    must(rosc_publisher_publish(texts, text, 4 + length, &error));
}

static void on_speed(const struct rosc_message *message, void *user)
{
    static uint32_t count;
    static double sum, highest;
    double speed;
    (void)user;
    /* rosc hears every type, and whoever publishes may send any bytes. */
    if (strcmp(message->connection->type, "std_msgs/Float64") != 0 || message->size != sizeof speed)
        return;
    memcpy(&speed, message->data, sizeof speed);
    count++;
    sum += speed;
    highest = speed > highest ? speed : highest;
    publish(count, sum / count, highest);
}

int main(int argc, char **argv)
{
    const struct rosc_subscription_options last_ten = {.queue_size = 10};
    struct rosc_subscription *speeds;
    must(rosc_init(&argc, argv, "speed_monitor", ROSC_INIT_DEFAULT, &error));
    must(rosc_start(-1, &error));
    must(rosc_publisher_create("speed_summary", &summary_options, &summaries, &error));
    must(rosc_publisher_create("speed_text", &text_options, &texts, &error));
    must(rosc_subscription_create(NULL, "speed", &last_ten, on_speed, NULL, &speeds, &error));
    rosc_queue_spin(NULL);
    rosc_subscription_destroy(speeds);
    rosc_publisher_destroy(texts);
    rosc_publisher_destroy(summaries);
    rosc_shutdown();
    return EXIT_SUCCESS;
}
