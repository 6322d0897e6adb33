#include "host_address.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace rosc
{

std::string host_trouble(const std::string &host)
{
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    const int failure = getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (failure == 0) {
        freeaddrinfo(found);
        return "";
    }
    return "its machine gives out the name '" + host + "', which has no address here (" +
           gai_strerror(failure) +
           "): before that node is started set ROS_IP there to an address that this machine "
           "reaches, or ROS_HOSTNAME to a name that it knows (or add the name to /etc/hosts here)";
}

std::string host_hint(const std::string &host)
{
    if (host != "localhost" && host.compare(0, 4, "127.") != 0)
        return "";
    return " (" + host +
           " is this machine: if the node runs on another one, set ROS_IP or ROS_HOSTNAME there)";
}

} // namespace rosc
