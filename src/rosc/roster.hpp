// Which publishers are wanted: the topics that are the connector's, for each its publishers as the
// master lists them, and the nodes where they are. Any thread, with `mutex`, which nobody holds
// while roscpp is called.
#ifndef ROSC_ROSTER_HPP
#define ROSC_ROSTER_HPP

#include "connector.hpp"
#include "want.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace rosc
{

using Lock = std::unique_lock<std::mutex>;
using Links = std::vector<boost::shared_ptr<PublisherLink>>;

struct Roster {
    std::mutex mutex;
    std::condition_variable changed; // the thread waits for it
    bool woken = false;
    unsigned quiet = 0; // the thread's rounds in which nothing happened
    std::unordered_map<std::string, Topic> topics;
    Nodes nodes;           // only the thread takes any away
    size_t connecting = 0; // over all nodes

    // Something is there for the thread to do.
    void wake();

    // As connector_update; `self` is this process's URI. The caller drops `links` without the
    // mutex.
    bool update(const std::string &topic, const std::vector<std::string> &uris, bool registered,
                const std::string &self, Links *links);
    bool carry(const std::string &topic);
    Publishers publishers(const std::string &topic) const;

    // A try has failed: the want waits for the next, or goes where the master does not list it.
    void failed(const WantPtr &want, const std::string &trouble);

    // The publisher has answered, or does not any more.
    void leave_connecting(const WantPtr &want);

  private:
    Node *node_of(const std::string &uri);
    void add(Topic &topic, const std::string &name, const std::string &uri);
    void forget(const WantPtr &want, Links *links);
    void leave(const WantPtr &want);
};

} // namespace rosc

#endif
