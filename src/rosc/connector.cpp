#include "connector.hpp"

#include "file_limit.hpp"
#include "guard.hpp"
#include "late.hpp"
#include "want.hpp"

#include <rosc/log.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>

#include <pthread.h>
#include <ros/network.h>
#include <ros/xmlrpc_manager.h>

namespace rosc
{

namespace
{

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Lock = std::unique_lock<std::mutex>;

constexpr size_t node_connecting = 4; // at most to one node: rospy's queue holds five
constexpr size_t all_connecting = 128;
constexpr milliseconds first_pause{100}; // after a failure
constexpr seconds longest_pause{10};
constexpr seconds first_patience{1}; // the kernel sends again what found the queue full
constexpr seconds longest_patience{15};
constexpr seconds answer_patience{15}; // for requestTopic
constexpr seconds steady{10};          // a connection that lasted so long was a good one
constexpr seconds idle_round{1};
constexpr double busy_round = 0.001; // seconds
constexpr double slow_round = 0.02;
constexpr unsigned slow_after = 200; // rounds in which nothing happened

void lengthen(Clock::duration *pause)
{
    *pause = *pause == Clock::duration::zero()
                 ? Clock::duration(first_pause)
                 : std::min<Clock::duration>(*pause * 2, longest_pause);
}

bool is_open(const Want &want)
{
    return want.state == Want::State::connecting || want.state == Want::State::connected;
}

class Connector
{
  public:
    void start();
    void stop();
    void add(const ros::SubscriptionPtr &subscription);
    void remove(const std::string &topic);
    bool update(const std::string &topic, const std::vector<std::string> &uris, bool registered);
    bool carry(const std::string &topic);
    Publishers publishers(const std::string &topic);

  private:
    using Links = std::vector<boost::shared_ptr<PublisherLink>>;

    void run();
    void step(Node &node, Lock &lock);
    void expire(Node &node, Lock &lock);
    void take_answer(Node &node, Lock &lock);
    void connect(const WantPtr &want, const TopicRequest::Answer &answer, Lock &lock);
    void ask_next(Node &node, Lock &lock);
    WantPtr next_want(Node &node) const;
    void node_failed(Node &node, const std::string &trouble);
    void want_failed(const WantPtr &want, const std::string &trouble);
    void opened(const WantPtr &want, uint64_t attempt, const std::string &caller_id);
    void ended(const WantPtr &want, uint64_t attempt, const std::string &why);
    void leave(const WantPtr &want);
    void leave_connecting(const WantPtr &want);
    void add_want(Topic &topic, const std::string &name, const std::string &uri);
    void forget(const WantPtr &want, Links *links);
    Node *node_of(const std::string &uri);
    void wake();

    std::mutex mutex_; // never held while roscpp is called
    std::condition_variable changed_;
    bool woken_ = false;
    bool stopping_ = false;
    std::thread thread_;
    std::unordered_map<std::string, Topic> topics_;
    Nodes nodes_;           // only the thread takes any away
    unsigned quiet_ = 0;    // rounds in which nothing happened
    size_t connecting_ = 0; // over all nodes
    bool no_files_ = false; // and so it waits
    Clock::time_point next_report_;
    std::vector<Report> reports_;
    XmlRpc::XmlRpcDispatch dispatch_; // the thread's
};

Connector &connector()
{
    static Connector &instance = *new Connector; // outlives every thread
    return instance;
}

void Connector::wake()
{
    woken_ = true;
    quiet_ = 0;
    changed_.notify_one();
}

void Connector::start()
{
    const Lock lock(mutex_);
    stopping_ = false;
    thread_ = std::thread([this] { guard_void("the connector", [this] { run(); }); });
}

void Connector::stop()
{
    {
        const Lock lock(mutex_);
        stopping_ = true;
        wake();
    }
    if (thread_.joinable())
        thread_.join();
}

void Connector::run()
{
    (void)pthread_setname_np(pthread_self(), "connector");
    Lock lock(mutex_);
    while (!stopping_) {
        woken_ = false;
        for (auto at = nodes_.begin(); at != nodes_.end();) {
            Node &node = *at->second;
            step(node, lock);
            if (node.wants > 0 || node.asked != nullptr) {
                ++at;
                continue;
            }
            if (node.said)
                reports_.push_back(late_gone(node));
            at = nodes_.erase(at);
        }
        const Clock::time_point now = Clock::now();
        if (now >= next_report_) {
            next_report_ = now + idle_round;
            late_look(nodes_, now, no_files_, &reports_);
            const std::vector<Report> reports = std::move(reports_);
            reports_.clear();
            lock.unlock();
            late_say(reports);
            lock.lock();
        }
        if (!dispatch_._sources.empty()) {
            lock.unlock();
            dispatch_.work(quiet_++ > slow_after ? slow_round : busy_round);
            lock.lock();
        } else if (!woken_ && !stopping_) {
            const bool soon = std::any_of(nodes_.begin(), nodes_.end(), [](const auto &entry) {
                return entry.second->connected < entry.second->wants;
            });
            (void)changed_.wait_for(lock, soon ? Clock::duration(milliseconds(20))
                                               : Clock::duration(idle_round));
        }
    }
    for (auto &entry : nodes_)
        entry.second->request.reset();
}

void Connector::step(Node &node, Lock &lock)
{
    if (node.connected == node.wants && node.asked == nullptr && node.connecting.empty()) {
        node.waiting.clear(); // of wants that are gone
        node.patience = first_patience;
        node.request.reset();
        return;
    }
    expire(node, lock);
    take_answer(node, lock);
    ask_next(node, lock);
}

// Publishers that do not answer: most likely the queue was full. Drops them, to come again.
void Connector::expire(Node &node, Lock &lock)
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
        leave_connecting(want);
        char text[64];
        (void)std::snprintf(text, sizeof text, "no answer to the connection within %.0f s",
                            std::chrono::duration<double>(node.patience).count());
        want_failed(want, text);
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

void Connector::take_answer(Node &node, Lock &lock)
{
    if (node.asked == nullptr || !node.request->done())
        return;
    quiet_ = 0;
    const TopicRequest::Answer answer = node.request->answer();
    if (answer.outcome == TopicRequest::Outcome::failed) {
        node.request.reset();
        node_failed(node, "it does not answer: " + answer.trouble);
        return;
    }
    const WantPtr want = std::move(node.asked);
    node.asked = nullptr;
    node.pause = Clock::duration::zero();
    node.trouble.clear();
    if (want->state == Want::State::gone)
        return;
    if (answer.outcome == TopicRequest::Outcome::refused)
        want_failed(want, answer.trouble);
    else
        connect(want, answer, lock);
}

void Connector::connect(const WantPtr &want, const TopicRequest::Answer &answer, Lock &lock)
{
    const uint64_t attempt = ++want->attempt;
    const ros::SubscriptionPtr subscription = want->subscription.lock();
    want->state = Want::State::connecting;
    want->deadline = Clock::now() + want->node->patience;
    want->node->connecting.push_back(want);
    connecting_++;
    const std::string uri = want->node->uri;
    lock.unlock();
    PublisherLink::Listener listener;
    listener.opened = [this, want, attempt](const std::string &caller_id) {
        opened(want, attempt, caller_id);
    };
    listener.ended = [this, want, attempt](const std::string &why) { ended(want, attempt, why); };
    boost::shared_ptr<PublisherLink> link;
    if (subscription != nullptr && !subscription->isDropped())
        link = PublisherLink::open(subscription, uri, answer.host, answer.port, listener);
    lock.lock();
    const bool wanted = want->state != Want::State::gone;
    want->link = link;
    if (link == nullptr && wanted) {
        leave_connecting(want);
        want_failed(want,
                    "there is no connection to " + answer.host + ":" + std::to_string(answer.port));
    } else if (link != nullptr && !wanted) {
        lock.unlock();
        link->drop();
        lock.lock();
    }
}

// The first whose time has come.
WantPtr Connector::next_want(Node &node) const
{
    const Clock::time_point now = Clock::now();
    for (size_t left = node.waiting.size(); left > 0; left--) {
        WantPtr want = std::move(node.waiting.front());
        node.waiting.pop_front();
        if (want->state == Want::State::gone)
            continue;
        if (now >= want->not_before)
            return want;
        node.waiting.push_back(std::move(want));
    }
    return nullptr;
}

void Connector::ask_next(Node &node, Lock &lock)
{
    const Clock::time_point now = Clock::now();
    if (node.asked != nullptr || now < node.not_before || node.waiting.empty() ||
        node.connecting.size() >= node_connecting || connecting_ >= all_connecting)
        return;
    no_files_ = !file_limit_has_room();
    if (no_files_) {
        node.not_before = now + idle_round;
        return;
    }
    node.asked = next_want(node);
    if (node.asked == nullptr)
        return;
    node.asked->state = Want::State::asked;
    node.deadline = now + answer_patience;
    const std::string topic = node.asked->topic;
    std::string trouble;
    lock.unlock();
    if (node.request == nullptr)
        node.request.reset(new TopicRequest(node.host, static_cast<int>(node.port), dispatch_));
    const bool sent = node.request->start(topic, &trouble);
    lock.lock();
    if (sent)
        return;
    node.request.reset();
    node_failed(node, "it cannot be reached: " + trouble);
}

// The node cannot be asked: all its topics wait.
void Connector::node_failed(Node &node, const std::string &trouble)
{
    const WantPtr want = std::move(node.asked);
    node.asked = nullptr;
    if (want->state != Want::State::gone) {
        want->state = Want::State::waiting;
        node.waiting.push_front(want);
    }
    lengthen(&node.pause);
    node.not_before = Clock::now() + node.pause;
    node.trouble = trouble;
}

void Connector::want_failed(const WantPtr &want, const std::string &trouble)
{
    if (want->carried) {
        leave(want);
        return;
    }
    want->state = Want::State::waiting;
    lengthen(&want->pause);
    want->not_before = Clock::now() + want->pause;
    want->trouble = trouble;
    want->node->waiting.push_back(want);
}

void Connector::leave_connecting(const WantPtr &want)
{
    std::vector<WantPtr> &list = want->node->connecting;
    const auto found = std::find(list.begin(), list.end(), want);
    if (found == list.end())
        return;
    list.erase(found);
    connecting_--;
}

void Connector::opened(const WantPtr &want, uint64_t attempt, const std::string &caller_id)
{
    const Lock lock(mutex_);
    if (want->attempt != attempt || want->state != Want::State::connecting)
        return;
    leave_connecting(want);
    want->state = Want::State::connected;
    want->since = Clock::now();
    want->trouble.clear();
    want->node->name = caller_id;
    want->node->connected++;
    wake();
}

void Connector::ended(const WantPtr &want, uint64_t attempt, const std::string &why)
{
    const Lock lock(mutex_);
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
        leave_connecting(want);
    } else {
        return;
    }
    want_failed(want, why);
    wake();
}

// It was there only for as long as it was connected.
void Connector::leave(const WantPtr &want)
{
    Links none;
    want->link.reset(); // ended, or dropped by whoever calls
    const auto topic = topics_.find(want->topic);
    if (topic != topics_.end())
        topic->second.wants.erase(want->node->uri);
    forget(want, &none);
}

Node *Connector::node_of(const std::string &uri)
{
    std::unique_ptr<Node> &node = nodes_[uri];
    if (node == nullptr) {
        node.reset(new Node);
        node->uri = uri;
        node->patience = first_patience;
        if (!ros::network::splitURI(uri, node->host, node->port))
            node->trouble = "that is no URI of a node"; // and no host to reach
    }
    return node.get();
}

void Connector::add_want(Topic &topic, const std::string &name, const std::string &uri)
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

void Connector::forget(const WantPtr &want, Links *links)
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

void Connector::add(const ros::SubscriptionPtr &subscription)
{
    const Lock lock(mutex_);
    topics_[subscription->getName()].subscription = subscription;
}

void Connector::remove(const std::string &topic)
{
    (void)update(topic, std::vector<std::string>(), false);
    const Lock lock(mutex_);
    topics_.erase(topic);
}

bool Connector::update(const std::string &topic, const std::vector<std::string> &uris,
                       bool registered)
{
    const std::string self = ros::XMLRPCManager::instance()->getServerURI();
    Links links;
    {
        const Lock lock(mutex_);
        const auto found = topics_.find(topic);
        if (found == topics_.end())
            return false;
        Topic &entry = found->second;
        if (registered && entry.updated)
            return true;
        entry.updated = true;
        const std::set<std::string> listed(uris.begin(), uris.end());
        for (const std::string &uri : listed)
            if (uri != self && entry.wants.find(uri) == entry.wants.end())
                add_want(entry, topic, uri);
        for (auto at = entry.wants.begin(); at != entry.wants.end();) {
            Want &want = *at->second;
            want.carried = want.carried && is_open(want) && listed.count(at->first) == 0;
            if (want.carried || listed.count(at->first) > 0) {
                ++at;
                continue;
            }
            forget(at->second, &links);
            at = entry.wants.erase(at);
        }
        wake();
    }
    for (const auto &link : links)
        link->drop();
    return true;
}

bool Connector::carry(const std::string &topic)
{
    const Lock lock(mutex_);
    const auto found = topics_.find(topic);
    if (found == topics_.end())
        return false;
    found->second.updated = false;
    for (const auto &entry : found->second.wants)
        entry.second->carried = is_open(*entry.second);
    return true;
}

Publishers Connector::publishers(const std::string &topic)
{
    Publishers counts;
    const Lock lock(mutex_);
    const auto found = topics_.find(topic);
    if (found == topics_.end())
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

} // namespace

void connector_start()
{
    connector().start();
}

void connector_stop()
{
    connector().stop();
}

void connector_add(const ros::SubscriptionPtr &subscription)
{
    connector().add(subscription);
}

void connector_remove(const std::string &topic)
{
    connector().remove(topic);
}

bool connector_carry(const std::string &topic)
{
    return connector().carry(topic);
}

bool connector_update(const std::string &topic, const std::vector<std::string> &uris,
                      bool registered)
{
    return connector().update(topic, uris, registered);
}

Publishers connector_publishers(const std::string &topic)
{
    return connector().publishers(topic);
}

} // namespace rosc
