#include "kafka/producer/address_probe.h"

#include "kafka/connection/flood.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* 0 or an errno. */
static int try_address(const struct addrinfo *address, int64_t deadline)
{
    int type = address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC;
    int descriptor = socket(address->ai_family, type, address->ai_protocol);
    if (descriptor < 0)
        return errno;
    int failure = 0;
    if (connect(descriptor, address->ai_addr, address->ai_addrlen) != 0)
        failure = errno;
    if (failure == EINPROGRESS) {
        int64_t left = deadline - kafka_now_ms();
        struct pollfd wait = {.fd = descriptor, .events = POLLOUT};
        socklen_t size = sizeof failure;
        if (poll(&wait, 1, left > 0 ? (int)left : 0) != 1)
            failure = ETIMEDOUT;
        else if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size) != 0)
            failure = errno;
    }
    (void)close(descriptor);
    return failure;
}

enum error_code kafka_probe_address(const char *host, int port, int timeout_ms, struct error *error)
{
    int64_t deadline = kafka_now_ms() + timeout_ms;
    char service[16];
    (void)snprintf(service, sizeof service, "%d", port);
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses;
    int result = getaddrinfo(host, service, &hints, &addresses);
    if (result != 0)
        return error_set(error, ERROR_IO, NULL, 0, "%s", gai_strerror(result));
    int failure = EHOSTUNREACH;
    for (const struct addrinfo *one = addresses; one && failure != 0; one = one->ai_next)
        failure = try_address(one, deadline);
    freeaddrinfo(addresses);
    char words[128];
    if (failure != 0)
        return error_set(error, ERROR_IO, NULL, 0, "%s", strerror_r(failure, words, sizeof words));
    return ERROR_NONE;
}
