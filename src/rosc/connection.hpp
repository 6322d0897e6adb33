// Publishers' connections, as callbacks see them.
#ifndef ROSC_CONNECTION_HPP
#define ROSC_CONNECTION_HPP

#include <rosc/topic.h>

#include <unordered_map>

#include <boost/shared_ptr.hpp>
#include <boost/weak_ptr.hpp>
#include <ros/datatypes.h>

namespace rosc
{

// One connection's header and what was made of it. `view` points into the header's own texts: it is
// good while somebody else (the message at hand) keeps the header.
struct Connection {
    const ros::M_string *address = nullptr;
    boost::weak_ptr<ros::M_string> header;
    rosc_connection view = {};

    // Whether this was made from that very header. roscpp gives every message of a connection the
    // same one; the weak pointer tells a new header at a freed address from the old one.
    bool is(const boost::shared_ptr<ros::M_string> &other) const
    {
        return address == other.get() && !header.expired();
    }
};

// By where the header is. Those that ended are forgotten when it has doubled.
class ConnectionMap
{
  public:
    // NULL where there is none of that very header.
    const Connection *find(const boost::shared_ptr<ros::M_string> &header) const;
    const Connection *add(const Connection &connection);

  private:
    std::unordered_map<const ros::M_string *, Connection> known_;
    size_t sweep_ = 64; // entries at which it is looked for those that ended
};

// The connections that one subscription has had messages from; forgets those that ended. Not
// thread-safe: belongs to the subscription's callback. Ids come from the process's one list, so
// that the same connection has the same id in every subscription.
class ConnectionCache
{
  public:
    const rosc_connection *find(const boost::shared_ptr<ros::M_string> &header);

  private:
    ConnectionMap known_;
    const Connection *last_ = nullptr; // of the previous message
};

} // namespace rosc

#endif
