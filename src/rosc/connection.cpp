#include "connection.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>

namespace rosc
{

namespace
{

const char *text_of(const ros::M_string &header, const char *key)
{
    const auto found = header.find(key);
    return found == header.end() ? "" : found->second.c_str();
}

void forget_ended(std::vector<Connection> &connections)
{
    connections.erase(std::remove_if(connections.begin(), connections.end(),
                                     [](const Connection &c) { return c.header.expired(); }),
                      connections.end());
}

Connection connection_made(const boost::shared_ptr<ros::M_string> &header, uint64_t id)
{
    Connection made;
    made.address = header.get();
    made.header = header;
    made.view.id = id;
    made.view.type = text_of(*header, "type");
    made.view.md5sum = text_of(*header, "md5sum");
    made.view.definition = text_of(*header, "message_definition");
    made.view.caller_id = text_of(*header, "callerid");
    made.view.latched = std::strcmp(text_of(*header, "latching"), "1") == 0;
    return made;
}

// The process's list: its length is that of the connections that live now.
Connection process_connection(const boost::shared_ptr<ros::M_string> &header)
{
    static std::mutex &mutex = *new std::mutex;
    static auto &connections = *new std::vector<Connection>;
    static uint64_t next_id = 1;
    const std::lock_guard<std::mutex> lock(mutex);
    for (const Connection &connection : connections)
        if (connection.is(header))
            return connection;
    forget_ended(connections);
    connections.push_back(connection_made(header, next_id));
    next_id++;
    return connections.back();
}

} // namespace

const rosc_connection *ConnectionCache::find(const boost::shared_ptr<ros::M_string> &header)
{
    if (last_ < known_.size() && known_[last_].is(header))
        return &known_[last_].view;
    const auto found = std::find_if(known_.begin(), known_.end(),
                                    [&header](const Connection &c) { return c.is(header); });
    if (found != known_.end()) {
        last_ = static_cast<size_t>(found - known_.begin());
        return &found->view;
    }
    forget_ended(known_);
    known_.push_back(process_connection(header));
    last_ = known_.size() - 1;
    return &known_.back().view;
}

} // namespace rosc
