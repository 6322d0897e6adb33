#include "bridge_status.h"
#include "guard.hpp"
#include "message/values/utf8.h"

#include <memory>
#include <string>
#include <vector>

#include <kafka_bridge/BridgeStatus.h>
#include <ros/message_traits.h>
#include <ros/serialization.h>

struct rosc_status_message {
    kafka_bridge::BridgeStatus message;
    std::vector<uint8_t> bytes;
};

namespace
{

std::string clean(const char *text)
{
    std::string made = text;
    for (size_t at = 0; at < made.size();) {
        const auto *bytes = reinterpret_cast<const uint8_t *>(made.data()) + at;
        const size_t length = utf8_length(bytes, made.size() - at);
        if (length == 0)
            made[at] = '?';
        at += length > 0 ? length : 1;
    }
    return made;
}

void fill(const rosc_bridge_status &status, kafka_bridge::BridgeStatus &message)
{
    message.header.seq = status.seq;
    message.header.stamp.fromNSec(static_cast<uint64_t>(status.stamp));
    message.robot = clean(status.robot);
    message.direction = clean(status.direction);
    message.connected = status.connected;
    message.trouble = clean(status.trouble);
    message.queue_bytes = status.queue_bytes;
    message.in_flight_bytes = status.in_flight_bytes;
    message.spool_records = status.spool_records;
    message.spool_bytes = status.spool_bytes;
    message.spool_max_bytes = status.spool_max_bytes;
}

void fill(const rosc_route_status &route, kafka_bridge::RouteStatus &message)
{
    message.route = clean(route.route);
    message.ros_topic = clean(route.ros_topic);
    message.kafka_topic = clean(route.kafka_topic);
    message.received = route.received;
    message.restored = route.restored;
    message.delivered = route.delivered;
    message.dead_lettered = route.dead_lettered;
    message.dropped = route.dropped;
    message.spooled = route.spooled;
    message.pending = route.pending;
    for (size_t i = 0; i < route.drop_count; i++) {
        if (route.drop_counts[i] == 0)
            continue;
        message.drop_reasons.emplace_back(route.drop_reasons[i]);
        message.drop_counts.push_back(route.drop_counts[i]);
    }
    message.received_rate = route.received_rate;
    message.delivered_rate = route.delivered_rate;
    message.missed = route.missed;
    message.invalid_utf8 = route.invalid_utf8;
    message.non_finite = route.non_finite;
    message.restamped = route.restamped;
    message.unheard = route.unheard;
    message.publishers = route.publishers;
    message.waiting_publishers = route.waiting_publishers;
    message.waiting_seconds = route.waiting_seconds;
}

} // namespace

extern "C" {

void rosc_status_message_describe(rosc_publisher_options *options)
{
    using Status = kafka_bridge::BridgeStatus;
    options->type = ros::message_traits::datatype<Status>();
    options->md5sum = ros::message_traits::md5sum<Status>();
    options->definition = ros::message_traits::definition<Status>();
}

rosc_status rosc_status_message_create(const rosc_bridge_status *status,
                                       rosc_status_message **message, rosc_error *error)
{
    return rosc::guard("rosc_status_message_create", error, [&] {
        std::unique_ptr<rosc_status_message> made(new rosc_status_message);
        fill(*status, made->message);
        *message = made.release();
        return ROSC_OK;
    });
}

void rosc_status_message_destroy(rosc_status_message *message)
{
    delete message;
}

rosc_status rosc_status_message_add(rosc_status_message *message, const rosc_route_status *route,
                                    rosc_error *error)
{
    return rosc::guard("rosc_status_message_add", error, [&] {
        message->message.routes.emplace_back();
        fill(*route, message->message.routes.back());
        return ROSC_OK;
    });
}

rosc_status rosc_status_message_bytes(rosc_status_message *message, const void **bytes,
                                      size_t *size, rosc_error *error)
{
    return rosc::guard("rosc_status_message_bytes", error, [&] {
        const uint32_t length = ros::serialization::serializationLength(message->message);
        message->bytes.resize(length);
        ros::serialization::OStream stream(message->bytes.data(), length);
        ros::serialization::serialize(stream, message->message);
        *bytes = message->bytes.data();
        *size = length;
        return ROSC_OK;
    });
}
}
