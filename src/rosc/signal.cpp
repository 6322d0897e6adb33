#include "signal.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

namespace rosc
{

namespace
{

// roscpp's own handler would take the node down at once, from its poll thread: publishers and the
// master would be gone before the node could flush. Ours only sets this.
std::atomic<bool> requested{false};
static_assert(ATOMIC_BOOL_LOCK_FREE == 2, "a signal handler sets the flag");

// The longest time in which a request goes unnoticed by a sleeper.
constexpr std::chrono::milliseconds slice{50};

} // namespace

extern "C" {
static void rosc_on_signal(int)
{
    requested.store(true);
}
}

bool shutdown_requested() noexcept
{
    return requested.load();
}

void shutdown_request() noexcept
{
    requested.store(true);
}

void signals_install() noexcept
{
    struct sigaction action = {};
    action.sa_handler = rosc_on_signal;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    (void)sigaction(SIGINT, &action, nullptr);
    (void)sigaction(SIGTERM, &action, nullptr);
}

bool sleep_unless_shutdown(double seconds) noexcept
{
    using clock = std::chrono::steady_clock;
    const auto begin = clock::now();
    const std::chrono::duration<double> whole(seconds);
    while (!shutdown_requested()) {
        const auto left = whole - (clock::now() - begin);
        if (left.count() <= 0)
            return true;
        std::this_thread::sleep_for(std::min<std::chrono::duration<double>>(left, slice));
    }
    return false;
}

} // namespace rosc
