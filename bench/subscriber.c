/* bench_subscriber TOPIC COUNT: a subscriber that does nothing. Ends when COUNT messages of TOPIC
 * have come, and prints how many seconds there were between the first and the last. What no node
 * can beat that takes its messages from roscpp. */
#include <rosc/rosc.h>
#include <stdio.h>
#include <stdlib.h>

struct tally {
    uint64_t count, wanted;
    int64_t first, last; /* ns, steady */
};

static void count_message(const struct rosc_message *message, void *user)
{
    struct tally *tally = user;
    (void)message;
    if (++tally->count == 1)
        tally->first = rosc_time_steady();
    if (tally->count == tally->wanted) {
        tally->last = rosc_time_steady();
        rosc_request_shutdown();
    }
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
    if (rosc_subscription_create(NULL, argv[1], NULL, count_message, &tally, &subscription,
                                 &error) != ROSC_OK) {
        (void)fprintf(stderr, "bench_subscriber: %s\n", error.text);
        return EXIT_FAILURE;
    }
    rosc_queue_spin(NULL);
    rosc_subscription_destroy(subscription);
    rosc_shutdown();
    if (tally.count < tally.wanted)
        return EXIT_FAILURE;
    (void)printf("%.3f\n", (double)(tally.last - tally.first) * 1e-9);
    return EXIT_SUCCESS;
}
