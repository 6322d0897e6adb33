/* bench_subscriber TOPIC COUNT: a subscriber that does nothing. Ends when COUNT messages of TOPIC
 * have come. What no node can beat that takes its messages from roscpp. */
#include <inttypes.h>
#include <rosc/rosc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct tally {
    _Atomic uint64_t count;
    uint64_t wanted;
};

static void count_message(const struct rosc_message *message, void *user)
{
    struct tally *tally = user;
    (void)message;
    if (atomic_fetch_add(&tally->count, 1) + 1 == tally->wanted)
        rosc_request_shutdown();
}

int main(int argc, char **argv)
{
    struct rosc_error error;
    struct rosc_subscription *subscription;
    struct tally tally = {0};
    if (rosc_init(&argc, argv, "bench_subscriber", ROSC_INIT_NO_ROSOUT, &error) != ROSC_OK ||
        rosc_start(10, &error) != ROSC_OK) {
        (void)fprintf(stderr, "bench_subscriber: %s\n", error.text);
        return EXIT_FAILURE;
    }
    if (argc != 3 || (tally.wanted = strtoull(argv[2], NULL, 10)) == 0) {
        (void)fprintf(stderr, "usage: bench_subscriber TOPIC COUNT\n");
        return EXIT_FAILURE;
    }
    if (rosc_subscription_create(NULL, argv[1], 0, count_message, &tally, &subscription, &error) !=
        ROSC_OK) {
        (void)fprintf(stderr, "bench_subscriber: %s\n", error.text);
        return EXIT_FAILURE;
    }
    rosc_queue_spin(NULL);
    rosc_subscription_destroy(subscription);
    rosc_shutdown();
    return atomic_load(&tally.count) >= tally.wanted ? EXIT_SUCCESS : EXIT_FAILURE;
}
