/* numbers_publisher RATE BYTES KEYS TOPIC...: publishes 1, 2, 3, … on each TOPIC, from when all of
 * them have a subscriber until it is told to stop, whoever listens meanwhile: so that a test can
 * tell what became of each number while the node under test dies and comes back.
 *
 * The messages are sensor_msgs/CompressedImage: header.seq is the number, header.frame_id the key,
 * "k0" to "k<KEYS - 1>" in turn, format a padding of BYTES bytes, data empty. RATE is in messages a
 * second over all topics. What a subscriber has coming waits without bound.
 *
 * Services (std_srvs/Trigger): ~stop ends the numbering, ~count does not; both answer the last
 * number that was published. SIGINT ends the program.
 */
#include <rosc/rosc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TOPICS_LIMIT  8
#define PADDING_LIMIT 65536
#define MESSAGE_LIMIT (PADDING_LIMIT + 64)
#define TICK          1000000L /* ns */
#define SECOND        1000000000

static const char definition[] =
    "std_msgs/Header header\nstring format\nuint8[] data\n"
    "================================================================================\n"
    "MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n";
static const char md5sum[] = "8f7a12909da2c9d3332d540a0977563f";

struct numbers {
    double rate;
    uint32_t padding, keys;
    size_t topics;
    struct rosc_publisher *publishers[TOPICS_LIMIT];
    _Atomic uint32_t last; /* that was published on all topics */
    atomic_bool stopped;   /* nothing is published after `last` */
    atomic_bool stopping;
    uint8_t message[MESSAGE_LIMIT];
};

static uint8_t *put(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        *at++ = (uint8_t)(value >> 8 * i);
    return at;
}

/* Writes the message `number` and returns its size. */
static size_t write_message(struct numbers *numbers, uint32_t number)
{
    char key[16];
    struct timespec now;
    uint8_t *at = numbers->message;
    int length = snprintf(key, sizeof key, "k%u", number % numbers->keys);
    (void)clock_gettime(CLOCK_REALTIME, &now);
    at = put(at, number);
    at = put(at, (uint32_t)now.tv_sec);
    at = put(at, (uint32_t)now.tv_nsec);
    at = put(at, (uint32_t)length);
    memcpy(at, key, (size_t)length);
    at = put(at + length, numbers->padding);
    memset(at, 'x', numbers->padding);
    at = put(at + numbers->padding, 0);
    return (size_t)(at - numbers->message);
}

static bool publish(struct numbers *numbers, uint32_t number)
{
    struct rosc_error error;
    size_t size = write_message(numbers, number);
    for (size_t i = 0; i < numbers->topics; i++)
        if (rosc_publisher_publish(numbers->publishers[i], numbers->message, size, &error) !=
            ROSC_OK) {
            (void)fprintf(stderr, "numbers_publisher: %s\n", error.text);
            return false;
        }
    numbers->last = number;
    return true;
}

static void pause_a_tick(void)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = TICK}, NULL);
}

static bool all_are_heard(const struct numbers *numbers)
{
    for (size_t i = 0; i < numbers->topics; i++)
        if (rosc_publisher_subscriber_count(numbers->publishers[i]) == 0)
            return false;
    return true;
}

/* Publishes at the rate until stopped; a publisher that was held up catches up. */
static bool publish_numbers(struct numbers *numbers)
{
    while (rosc_ok() && !all_are_heard(numbers))
        pause_a_tick();
    int64_t start = rosc_time_steady();
    bool good = true;
    while (good && rosc_ok() && !numbers->stopping) {
        double elapsed = (double)(rosc_time_steady() - start) / SECOND;
        double due = elapsed * numbers->rate / (double)numbers->topics;
        while (good && numbers->last < due && !numbers->stopping)
            good = publish(numbers, numbers->last + 1);
        pause_a_tick();
    }
    numbers->stopped = true;
    return good;
}

static bool say_count(char *message, size_t size, void *user)
{
    const struct numbers *numbers = user;
    (void)snprintf(message, size, "%u", numbers->last);
    return true;
}

static bool stop(char *message, size_t size, void *user)
{
    struct numbers *numbers = user;
    numbers->stopping = true;
    while (!numbers->stopped && rosc_ok())
        pause_a_tick();
    return say_count(message, size, user);
}

static bool read_arguments(struct numbers *numbers, int argc, char **argv)
{
    if (argc < 5 || argc - 4 > TOPICS_LIMIT)
        return false;
    numbers->rate = strtod(argv[1], NULL);
    numbers->padding = (uint32_t)strtoul(argv[2], NULL, 10);
    numbers->keys = (uint32_t)strtoul(argv[3], NULL, 10);
    return numbers->rate > 0 && numbers->keys > 0 && numbers->padding <= PADDING_LIMIT;
}

static enum rosc_status advertise(struct numbers *numbers, int count, char **names,
                                  struct rosc_error *error)
{
    const struct rosc_publisher_options options = {
        .type = "sensor_msgs/CompressedImage", .md5sum = md5sum, .definition = definition};
    enum rosc_status status = ROSC_OK;
    for (int i = 0; i < count && status == ROSC_OK; i++) {
        status = rosc_publisher_create(names[i], &options, &numbers->publishers[i], error);
        numbers->topics += status == ROSC_OK;
    }
    return status;
}

static bool serve(struct numbers *numbers, int argc, char **argv, struct rosc_error *error)
{
    struct rosc_service *services[2] = {NULL, NULL};
    struct rosc_spinner *spinner = NULL;
    bool good =
        advertise(numbers, argc - 4, argv + 4, error) == ROSC_OK &&
        rosc_service_create_trigger(NULL, "~stop", stop, numbers, &services[0], error) == ROSC_OK &&
        rosc_service_create_trigger(NULL, "~count", say_count, numbers, &services[1], error) ==
            ROSC_OK &&
        rosc_spinner_create(NULL, 1, &spinner, error) == ROSC_OK;
    if (good) {
        good = publish_numbers(numbers);
        while (good && rosc_ok())
            pause_a_tick();
    }
    rosc_spinner_destroy(spinner);
    for (size_t i = 0; i < 2; i++)
        rosc_service_destroy(services[i]);
    for (size_t i = 0; i < numbers->topics; i++)
        rosc_publisher_destroy(numbers->publishers[i]);
    return good;
}

int main(int argc, char **argv)
{
    static struct numbers numbers;
    struct rosc_error error = {0};
    bool good =
        rosc_init(&argc, argv, "numbers_publisher", ROSC_INIT_NO_ROSOUT, &error) == ROSC_OK &&
        rosc_start(10, &error) == ROSC_OK;
    if (good && !read_arguments(&numbers, argc, argv)) {
        (void)fprintf(stderr, "usage: numbers_publisher RATE BYTES KEYS TOPIC...\n");
        return EXIT_FAILURE;
    }
    good = good && serve(&numbers, argc, argv, &error);
    if (!good)
        (void)fprintf(stderr, "numbers_publisher: %s\n", error.text);
    rosc_shutdown();
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
