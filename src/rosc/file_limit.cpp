#include "file_limit.hpp"

#include <algorithm>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace rosc
{

namespace
{

// Each call that comes to the node's XML-RPC server makes xmlrpcpp look at all files up to the
// limit: 2 ms at this one, 30 ms at the million that containers have.
constexpr rlim_t limit_most = 65536;
constexpr size_t reserve = 64; // files for all but connections to publishers

} // namespace

void file_limit_raise() noexcept
{
    rlimit limit = {};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    const rlim_t wanted = std::min(limit.rlim_max, limit_most);
    if (wanted <= limit.rlim_cur)
        return;
    limit.rlim_cur = wanted;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

size_t file_limit() noexcept
{
    rlimit limit = {};
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<size_t>(limit.rlim_cur) : 0;
}

// A new file gets the lowest number that is free.
bool file_limit_has_room() noexcept
{
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    (void)close(fd);
    return static_cast<size_t>(fd) + reserve < file_limit();
}

} // namespace rosc
