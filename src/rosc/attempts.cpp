#include "attempts.hpp"

#include "file_limit.hpp"
#include "host_address.hpp"
#include "node_queue.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace rosc
{

namespace
{

using std::chrono::seconds;

constexpr size_t node_connecting = 4; // at most to one node: rospy's queue holds five
constexpr size_t all_connecting = 128;
constexpr seconds longest_patience{15};
constexpr seconds answer_patience{15}; // for requestTopic
constexpr seconds steady{10};          // a connection that lasted so long was a good one
constexpr seconds files_pause{1};      // until files are looked for again
constexpr int slow_share = 20;         // of the time that a try took, until the next one

// A name server that does not answer takes its time, which is the other nodes' too.
void rest(Node &node, Clock::time_point begun)
{
    const Clock::time_point now = Clock::now();
    node.not_before = std::max(node.not_before, now + slow_share * (now - begun));
}

} // namespace

bool Attempts::are_asked() const
{
    return !dispatch_._sources.empty();
}

void Attempts::work(double longest)
{
    dispatch_.work(longest);
}

void Attempts::step(Node &node, Lock &lock)
{
    if (node_is_done(node)) {
        node_rest(node);
        return;
    }
    expire(node, lock);
    take_answer(node, lock);
    ask_next(node, lock);
}

// Publishers that do not answer: most likely the queue was full. Drops them, to come again.
void Attempts::expire(Node &node, Lock &lock)
{
    const Clock::time_point now = Clock::now();
    if (node.asked != nullptr && !node.request->done() && now >= node.deadline) {
        node.request.reset();
        node_failed(node, "it does not answer requestTopic");
    }
    Links links;
    for (const WantPtr &want : std::vector<WantPtr>(node.connecting)) {
        if (now < want->deadline)
            continue;
        links.push_back(want->link.lock());
        want->attempt++; // what is heard of the link does not count any more
        roster_.leave_connecting(want);
        char text[64];
        (void)std::snprintf(text, sizeof text, "no answer to the connection within %.0f s",
                            std::chrono::duration<double>(node.patience).count());
        roster_.failed(want, text);
    }
    if (links.empty())
        return;
    node.patience = std::min<Clock::duration>(node.patience * 2, longest_patience);
    lock.unlock();
    for (const auto &link : links)
        if (link != nullptr)
            link->drop();
    lock.lock();
}

void Attempts::take_answer(Node &node, Lock &lock)
{
    if (node.asked == nullptr || !node.request->done())
        return;
    roster_.quiet = 0;
    const TopicRequest::Answer answer = node.request->answer();
    if (answer.outcome == TopicRequest::Outcome::failed) {
        node.request.reset();
        node_failed(node, "it does not answer: " + answer.trouble + host_hint(node.host));
        return;
    }
    const WantPtr want = std::move(node.asked);
    node.asked = nullptr;
    node.pause = Clock::duration::zero();
    node.trouble.clear();
    if (want->state == Want::State::gone)
        return;
    if (answer.outcome == TopicRequest::Outcome::refused)
        roster_.failed(want, answer.trouble);
    else
        connect(want, answer, lock);
}

void Attempts::connect(const WantPtr &want, const TopicRequest::Answer &answer, Lock &lock)
{
    const uint64_t attempt = ++want->attempt;
    const ros::SubscriptionPtr subscription = want->subscription.lock();
    want->state = Want::State::connecting;
    want->deadline = Clock::now() + want->node->patience;
    want->node->connecting.push_back(want);
    roster_.connecting++;
    const std::string uri = want->node->uri;
    const bool nodelay = roster_.topics[want->topic].nodelay; // there while it is wanted
    lock.unlock();
    PublisherLink::Listener listener;
    listener.opened = [this, want, attempt](const std::string &caller_id) {
        opened(want, attempt, caller_id);
    };
    listener.ended = [this, want, attempt](const std::string &why) { ended(want, attempt, why); };
    boost::shared_ptr<PublisherLink> link;
    // Asked before: roscpp would say it at each try, and not what to do.
    const Clock::time_point begun = Clock::now();
    const std::string trouble = host_trouble(answer.host);
    if (trouble.empty() && subscription != nullptr && !subscription->isDropped())
        link = PublisherLink::open(subscription, uri, answer.host, answer.port, nodelay, listener);
    lock.lock();
    const bool wanted = want->state != Want::State::gone;
    want->link = link;
    if (!trouble.empty())
        rest(*want->node, begun);
    if (link == nullptr && wanted) {
        roster_.leave_connecting(want);
        roster_.failed(want, !trouble.empty() ? trouble
                                              : "there is no connection to " + answer.host + ":" +
                                                    std::to_string(answer.port));
    } else if (link != nullptr && !wanted) {
        lock.unlock();
        link->drop();
        lock.lock();
    }
}

void Attempts::ask_next(Node &node, Lock &lock)
{
    const Clock::time_point now = Clock::now();
    if (node.asked != nullptr || now < node.not_before || node.waiting.empty() ||
        node.connecting.size() >= node_connecting || roster_.connecting >= all_connecting)
        return;
    no_files_ = !file_limit_has_room();
    if (no_files_) {
        node.not_before = now + files_pause;
        return;
    }
    node.asked = node_next(node);
    if (node.asked == nullptr)
        return;
    node.asked->state = Want::State::asked;
    node.deadline = now + answer_patience;
    const std::string topic = node.asked->topic;
    std::string trouble;
    lock.unlock();
    std::string unknown;
    if (node.request == nullptr) {
        unknown = host_trouble(node.host);
        node.request.reset(new TopicRequest(node.host, static_cast<int>(node.port), dispatch_));
    }
    const bool sent = unknown.empty() && node.request->start(topic, &trouble);
    lock.lock();
    if (sent)
        return;
    node.request.reset();
    node_failed(node, !unknown.empty() ? unknown : "it cannot be reached: " + trouble);
    rest(node, now);
}

void Attempts::opened(const WantPtr &want, uint64_t attempt, const std::string &caller_id)
{
    const Lock lock(roster_.mutex);
    if (want->attempt != attempt || want->state != Want::State::connecting)
        return;
    roster_.leave_connecting(want);
    want->state = Want::State::connected;
    want->since = Clock::now();
    want->trouble.clear();
    want->node->name = caller_id;
    want->node->connected++;
    roster_.wake();
}

void Attempts::ended(const WantPtr &want, uint64_t attempt, const std::string &why)
{
    const Lock lock(roster_.mutex);
    if (want->attempt != attempt)
        return;
    if (want->state == Want::State::connected) {
        const Clock::time_point now = Clock::now();
        if (now - want->since >= steady)
            want->pause = Clock::duration::zero();
        want->since = now;
        want->state = Want::State::waiting;
        want->node->connected--;
    } else if (want->state == Want::State::connecting) {
        roster_.leave_connecting(want);
    } else {
        return;
    }
    roster_.failed(want, why);
    roster_.wake();
}

} // namespace rosc
