#include "service_probe.hpp"

#include <cstdint>
#include <vector>

#include <boost/make_shared.hpp>
#include <ros/header.h>
#include <ros/service_manager.h>
#include <ros/this_node.h>
#include <ros/transport/transport_tcp.h>

namespace rosc
{

namespace
{

constexpr uint32_t header_size_max = 1 << 20;

bool write_all(ros::TransportTCP &transport, uint8_t *data, uint32_t size)
{
    uint32_t done = 0;
    while (done < size) {
        const int32_t n = transport.write(data + done, size - done);
        if (n <= 0)
            return false;
        done += static_cast<uint32_t>(n);
    }
    return true;
}

bool read_all(ros::TransportTCP &transport, uint8_t *data, uint32_t size)
{
    uint32_t done = 0;
    while (done < size) {
        const int32_t n = transport.read(data + done, size - done);
        if (n <= 0)
            return false;
        done += static_cast<uint32_t>(n);
    }
    return true;
}

// Lengths in TCPROS are little-endian.
uint32_t length_of(const uint8_t (&bytes)[4])
{
    return static_cast<uint32_t>(bytes[0]) | static_cast<uint32_t>(bytes[1]) << 8 |
           static_cast<uint32_t>(bytes[2]) << 16 | static_cast<uint32_t>(bytes[3]) << 24;
}

bool write_question(ros::TransportTCP &transport, const std::string &service)
{
    ros::M_string question;
    question["probe"] = "1";
    question["md5sum"] = "*";
    question["callerid"] = ros::this_node::getName();
    question["service"] = service;
    boost::shared_array<uint8_t> header;
    uint32_t size = 0;
    ros::Header::write(question, header, size);
    uint8_t length[4] = {static_cast<uint8_t>(size), static_cast<uint8_t>(size >> 8),
                         static_cast<uint8_t>(size >> 16), static_cast<uint8_t>(size >> 24)};
    return write_all(transport, length, sizeof length) && write_all(transport, header.get(), size);
}

} // namespace

ServiceOffer service_probe(const std::string &service)
{
    ServiceOffer offer;
    std::string host;
    uint32_t port = 0;
    if (!ros::ServiceManager::instance()->lookupService(service, host, port))
        return offer;
    const auto transport = boost::make_shared<ros::TransportTCP>(
        static_cast<ros::PollSet *>(nullptr), ros::TransportTCP::SYNCHRONOUS);
    if (!transport->connect(host, static_cast<int>(port)))
        return offer;
    uint8_t length[4];
    if (write_question(*transport, service) && read_all(*transport, length, sizeof length) &&
        length_of(length) <= header_size_max) {
        std::vector<uint8_t> answer(length_of(length));
        ros::Header header;
        std::string problem;
        if (read_all(*transport, answer.data(), length_of(length)) &&
            header.parse(answer.data(), length_of(length), problem)) {
            offer.reachable = true;
            (void)header.getValue("type", offer.type);
            (void)header.getValue("md5sum", offer.md5sum);
        }
    }
    transport->close();
    return offer;
}

} // namespace rosc
