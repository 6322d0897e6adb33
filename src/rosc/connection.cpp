#include "connection.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
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

// The process's connections: as many as live now, about.
Connection process_connection(const boost::shared_ptr<ros::M_string> &header)
{
    static std::mutex &mutex = *new std::mutex;
    static auto &connections = *new ConnectionMap;
    static uint64_t next_id = 1;
    const std::lock_guard<std::mutex> lock(mutex);
    const Connection *found = connections.find(header);
    if (found == nullptr) {
        found = connections.add(connection_made(header, next_id));
        next_id++;
    }
    return *found;
}

} // namespace

const Connection *ConnectionMap::find(const boost::shared_ptr<ros::M_string> &header) const
{
    const auto found = known_.find(header.get());
    return found != known_.end() && found->second.is(header) ? &found->second : nullptr;
}

const Connection *ConnectionMap::add(const Connection &connection)
{
    if (known_.size() >= sweep_) {
        for (auto at = known_.begin(); at != known_.end();)
            at = at->second.header.expired() ? known_.erase(at) : std::next(at);
        sweep_ = std::max<size_t>(64, 2 * known_.size());
    }
    Connection &place = known_[connection.address];
    place = connection;
    return &place;
}

const rosc_connection *ConnectionCache::find(const boost::shared_ptr<ros::M_string> &header)
{
    if (last_ == nullptr || !last_->is(header)) {
        last_ = known_.find(header);
        if (last_ == nullptr)
            last_ = known_.add(process_connection(header));
    }
    return &last_->view;
}

} // namespace rosc
