#include "roster.hpp"

#include "node_queue.hpp"

#include <algorithm>
#include <set>

namespace rosc
{

namespace
{

bool is_open(const Want &want)
{
    return want.state == Want::State::connecting || want.state == Want::State::connected;
}

} // namespace

void Roster::wake()
{
    woken = true;
    quiet = 0;
    changed.notify_one();
}

bool Roster::update(const std::string &topic, const std::vector<std::string> &uris, bool registered,
                    const std::string &self, Links *links)
{
    const auto found = topics.find(topic);
    if (found == topics.end())
        return false;
    Topic &entry = found->second;
    if (registered && entry.updated)
        return true;
    entry.updated = true;
    const std::set<std::string> listed(uris.begin(), uris.end());
    for (const std::string &uri : listed)
        if (uri != self && entry.wants.find(uri) == entry.wants.end())
            add(entry, topic, uri);
    for (auto at = entry.wants.begin(); at != entry.wants.end();) {
        Want &want = *at->second;
        want.carried = want.carried && is_open(want) && listed.count(at->first) == 0;
        if (want.carried || listed.count(at->first) > 0) {
            ++at;
            continue;
        }
        forget(at->second, links);
        at = entry.wants.erase(at);
    }
    wake();
    return true;
}

bool Roster::carry(const std::string &topic)
{
    const auto found = topics.find(topic);
    if (found == topics.end())
        return false;
    found->second.updated = false;
    for (const auto &entry : found->second.wants)
        entry.second->carried = is_open(*entry.second);
    return true;
}

Publishers Roster::publishers(const std::string &topic) const
{
    Publishers counts;
    const auto found = topics.find(topic);
    if (found == topics.end())
        return counts;
    const Clock::time_point now = Clock::now();
    for (const auto &entry : found->second.wants) {
        const Want &want = *entry.second;
        if (want.state == Want::State::connected) {
            counts.connected++;
            continue;
        }
        counts.waiting++;
        counts.seconds =
            std::max(counts.seconds, std::chrono::duration<double>(now - want.since).count());
    }
    return counts;
}

void Roster::failed(const WantPtr &want, const std::string &trouble)
{
    if (want->carried)
        leave(want);
    else
        node_put_back(want, trouble);
}

void Roster::leave_connecting(const WantPtr &want)
{
    std::vector<WantPtr> &list = want->node->connecting;
    const auto found = std::find(list.begin(), list.end(), want);
    if (found == list.end())
        return;
    list.erase(found);
    connecting--;
}

Node *Roster::node_of(const std::string &uri)
{
    std::unique_ptr<Node> &node = nodes[uri];
    if (node == nullptr)
        node = node_open(uri);
    return node.get();
}

void Roster::add(Topic &topic, const std::string &name, const std::string &uri)
{
    const WantPtr want = std::make_shared<Want>();
    want->topic = name;
    want->node = node_of(uri);
    want->subscription = topic.subscription;
    want->since = Clock::now();
    want->node->wants++;
    want->node->waiting.push_back(want);
    topic.wants[uri] = want;
}

void Roster::forget(const WantPtr &want, Links *links)
{
    leave_connecting(want);
    if (want->state == Want::State::connected)
        want->node->connected--;
    want->state = Want::State::gone;
    want->attempt++;
    want->node->wants--;
    const auto link = want->link.lock();
    if (link != nullptr)
        links->push_back(link);
}

// It was there only for as long as it was connected.
void Roster::leave(const WantPtr &want)
{
    Links none;
    want->link.reset(); // ended, or dropped by whoever calls
    const auto topic = topics.find(want->topic);
    if (topic != topics.end())
        topic->second.wants.erase(want->node->uri);
    forget(want, &none);
}

} // namespace rosc
