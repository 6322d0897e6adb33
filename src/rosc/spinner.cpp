#include "guard.hpp"
#include "queue.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include <boost/make_shared.hpp>
#include <pthread.h>
#include <signal.h>

namespace
{

constexpr unsigned threads_max = 256;
constexpr double wait_seconds = 0.1;

// roscpp's answer for a callback whose subscription another thread is busy with: it goes back into
// the queue at once. Taking it again without a pause would be a busy loop.
constexpr std::chrono::microseconds contended_pause{200};

struct Wake : ros::CallbackInterface {
    CallResult call() override
    {
        return Success;
    }
};

} // namespace

struct rosc_spinner {
    ros::CallbackQueue *queue;
    std::atomic<bool> stopping{false};
    std::vector<std::thread> threads;

    explicit rosc_spinner(ros::CallbackQueue *served) : queue(served) {}
    ~rosc_spinner()
    {
        stop();
    }
    rosc_spinner(const rosc_spinner &) = delete;
    rosc_spinner &operator=(const rosc_spinner &) = delete;

    void run()
    {
        while (!stopping.load()) {
            const auto result = queue->callOne(ros::WallDuration(wait_seconds));
            if (result == ros::CallbackQueue::TryAgain)
                std::this_thread::sleep_for(contended_pause);
            else if (result == ros::CallbackQueue::Disabled)
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }

    // Signals are for the threads of the program, not for ours.
    void start(unsigned count)
    {
        sigset_t all;
        sigset_t before;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, &before);
        try {
            for (unsigned i = 0; i < count; i++)
                threads.emplace_back(
                    [this] { rosc::guard_void("rosc_spinner", [this] { run(); }); });
        } catch (...) {
            pthread_sigmask(SIG_SETMASK, &before, nullptr);
            throw;
        }
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    void stop() noexcept
    {
        stopping.store(true);
        rosc::guard_void("rosc_spinner_destroy", [this] {
            for (size_t i = 0; i < threads.size(); i++)
                queue->addCallback(boost::make_shared<Wake>(), reinterpret_cast<uint64_t>(this));
        });
        for (std::thread &thread : threads)
            thread.join();
        threads.clear();
        rosc::guard_void("rosc_spinner_destroy",
                         [this] { queue->removeByID(reinterpret_cast<uint64_t>(this)); });
    }
};

extern "C" {

rosc_status rosc_spinner_create(rosc_queue *queue, unsigned threads, rosc_spinner **spinner,
                                rosc_error *error)
{
    return rosc::guard("rosc_spinner_create", error, [&] {
        const rosc_status status =
            rosc::require(rosc::Phase::initialized, "rosc_spinner_create", error);
        if (status != ROSC_OK)
            return status;
        if (spinner == nullptr)
            return rosc::fail(error, ROSC_ERROR_ARGUMENT,
                              "rosc_spinner_create: there is no place for the spinner");
        if (threads == 0 || threads > threads_max)
            return rosc::fail(
                error, ROSC_ERROR_ARGUMENT,
                "rosc_spinner_create: %u threads were asked for; 1 to %u are possible", threads,
                threads_max);
        std::unique_ptr<rosc_spinner> made(new rosc_spinner(rosc::callbacks_of(queue)));
        made->start(threads);
        *spinner = made.release();
        return ROSC_OK;
    });
}

void rosc_spinner_destroy(rosc_spinner *spinner)
{
    delete spinner;
}
}
