#include "master_probe.hpp"

#include "signal.hpp"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <netdb.h>
#include <poll.h>
#include <ros/master.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace rosc
{

namespace
{

bool connects(const addrinfo &address, int timeout_ms) noexcept
{
    const int fd = socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                          address.ai_protocol);
    if (fd < 0)
        return false;
    bool connected = connect(fd, address.ai_addr, address.ai_addrlen) == 0;
    if (!connected && errno == EINPROGRESS) {
        pollfd waiting = {fd, POLLOUT, 0};
        int fault = 0;
        socklen_t length = sizeof fault;
        connected = poll(&waiting, 1, timeout_ms) == 1 &&
                    getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &length) == 0 && fault == 0;
    }
    close(fd);
    return connected;
}

} // namespace

bool tcp_reachable(const std::string &host, unsigned port, double timeout) noexcept
{
    char service[16];
    (void)std::snprintf(service, sizeof service, "%u", port);
    addrinfo hints = {};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *addresses = nullptr;
    if (getaddrinfo(host.c_str(), service, &hints, &addresses) != 0)
        return false;
    bool reachable = false;
    for (const addrinfo *a = addresses; a != nullptr && !reachable; a = a->ai_next)
        reachable = connects(*a, static_cast<int>(timeout * 1000));
    freeaddrinfo(addresses);
    return reachable;
}

bool master_answers_within(double seconds)
{
    using clock = std::chrono::steady_clock;
    const auto end = clock::now() + std::chrono::duration<double>(seconds);
    while (!ros::master::check()) {
        if (shutdown_requested() || clock::now() >= end)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return true;
}

} // namespace rosc
