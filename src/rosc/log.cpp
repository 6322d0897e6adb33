#include "log.hpp"
#include "base/one_line.h"
#include "guard.hpp"

#include <rosc/log.h>

#include <array>
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include <ros/console.h>

// The logger's name where nothing else was said: that of the package this was compiled in.
#ifndef ROS_PACKAGE_NAME
#define ROS_PACKAGE_NAME "rosc"
#endif

namespace
{

using ros::console::levels::Level;

constexpr std::array<Level, 5> levels = {{ros::console::levels::Debug, ros::console::levels::Info,
                                          ros::console::levels::Warn, ros::console::levels::Error,
                                          ros::console::levels::Fatal}};
constexpr std::array<const char *, 5> level_names = {{"DEBUG", " INFO", " WARN", "ERROR", "FATAL"}};

// One location per level, known to rosconsole: it keeps `logger_enabled_` right when somebody
// changes the logger's level (the node's set_logger_level service, rosconsole.config).
struct Locations {
    std::array<ros::console::LogLocation, 5> at;

    Locations() : at()
    {
        rosc::log_lines_at_once();
        if (!ros::console::g_initialized)
            ros::console::initialize();
        for (size_t i = 0; i < at.size(); i++)
            ros::console::initializeLogLocation(&at[i], "ros." + package(), levels[i]);
    }

    static std::string &package()
    {
        static std::string name = ROS_PACKAGE_NAME;
        return name;
    }
};

ros::console::LogLocation &location(rosc_level level)
{
    // rosconsole keeps the addresses for good: never destroyed.
    static Locations &locations = *new Locations;
    const size_t index = static_cast<size_t>(level);
    return locations.at[index < locations.at.size() ? index : locations.at.size() - 1];
}

// rosconsole has closed its outputs: what the node says last goes where the console's lines went.
void print_after_shutdown(rosc_level level, const char *text)
{
    const double now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    const size_t index = static_cast<size_t>(level);
    (void)std::fprintf(level >= ROSC_WARN ? stderr : stdout, "[%s] [%.9f]: %s\n",
                       level_names[index < level_names.size() ? index : level_names.size() - 1],
                       now, text);
    (void)std::fflush(stdout);
}

void print(rosc_level level, const char *file, int line, const char *function, const char *text)
{
    if (rosc::phase() == rosc::Phase::stopped) {
        if (level >= ROSC_INFO)
            print_after_shutdown(level, text);
        return;
    }
    ros::console::LogLocation &here = location(level);
    if (here.logger_enabled_)
        ros::console::print(nullptr, here.logger_, here.level_, file, line, function, "%s", text);
}

int64_t steady_nanoseconds()
{
    using namespace std::chrono;
    return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

} // namespace

namespace rosc
{

void log_lines_at_once()
{
    // rosconsole has read the variable of its own before anybody could set it.
    if (std::getenv("ROSCONSOLE_STDOUT_LINE_BUFFERED") == nullptr)
        (void)std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
}

} // namespace rosc

extern "C" {

void rosc_log_set_package(const char *package)
{
    if (package != nullptr && package[0] != '\0')
        rosc::guard_void("rosc_log_set_package", [package] { Locations::package() = package; });
}

void rosc_log(rosc_level level, const char *file, int line, const char *function,
              const char *format, ...)
{
    char small[1024];
    std::va_list arguments;
    va_start(arguments, format);
    const int length = std::vsnprintf(small, sizeof small, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    try {
        const size_t size = static_cast<size_t>(length) + 1;
        one_line(small); // names come from the network: a line break forges lines
        if (size <= sizeof small) {
            print(level, file, line, function, small);
            return;
        }
        std::vector<char> large(size);
        va_start(arguments, format);
        (void)std::vsnprintf(large.data(), size, format, arguments);
        va_end(arguments);
        one_line(large.data());
        print(level, file, line, function, large.data());
    } catch (...) {
        print_after_shutdown(level, small); // rosconsole or memory failed: the line still gets out
    }
}

bool rosc_log_enabled(rosc_level level)
{
    try {
        if (rosc::phase() == rosc::Phase::stopped)
            return level >= ROSC_INFO;
        return location(level).logger_enabled_;
    } catch (...) {
        return level >= ROSC_INFO;
    }
}

bool rosc_throttle_pass(rosc_throttle *throttle, double seconds, uint64_t *suppressed)
{
    static std::mutex mutex;
    const std::lock_guard<std::mutex> lock(mutex);
    const int64_t now = steady_nanoseconds();
    if (now < throttle->next) {
        throttle->suppressed++;
        return false;
    }
    throttle->next = now + static_cast<int64_t>(seconds * 1e9);
    if (suppressed != nullptr)
        *suppressed = throttle->suppressed;
    throttle->suppressed = 0;
    return true;
}
}
