// What a service offers, asked of its server before a call.
#ifndef ROSC_SERVICE_PROBE_HPP
#define ROSC_SERVICE_PROBE_HPP

#include <string>

namespace rosc
{

struct ServiceOffer {
    bool reachable = false;
    std::string type; // empty where the server does not say
    std::string md5sum;
};

// Looks `service` (resolved) up and asks its server. roscpp itself says only that a call failed,
// whether for want of a server, of the right type, or of success.
ServiceOffer service_probe(const std::string &service);

} // namespace rosc

#endif
