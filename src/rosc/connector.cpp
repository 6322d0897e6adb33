#include "connector.hpp"

#include "attempts.hpp"
#include "guard.hpp"
#include "late.hpp"
#include "roster.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <pthread.h>
#include <ros/xmlrpc_manager.h>

namespace rosc
{

namespace
{

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds idle_round{1};
constexpr milliseconds waiting_round{20}; // some wait for their time
constexpr double busy_round = 0.001;      // seconds
constexpr double slow_round = 0.02;
constexpr unsigned slow_after = 200; // rounds in which nothing happened

class Connector
{
  public:
    void start();
    void stop();
    void hold(int more);
    void add(const ros::SubscriptionPtr &subscription, bool nodelay);
    void ask_nodelay(const std::string &topic);
    void remove(const std::string &topic);
    bool update(const std::string &topic, const std::vector<std::string> &uris, bool registered);
    bool carry(const std::string &topic);
    Publishers publishers(const std::string &topic);

  private:
    void run();
    void step(Lock &lock);
    void report(Lock &lock);
    void wait(Lock &lock);

    Roster roster_;
    Attempts attempts_{roster_};
    std::thread thread_;
    bool stopping_ = false; // with the roster's mutex
    int holds_ = 0;         // likewise
    Clock::time_point next_report_;
    std::vector<Report> reports_;
};

Connector &connector()
{
    static Connector &instance = *new Connector; // outlives every thread
    return instance;
}

void Connector::start()
{
    const Lock lock(roster_.mutex);
    stopping_ = false;
    thread_ = std::thread([this] { guard_void("the connector", [this] { run(); }); });
}

void Connector::stop()
{
    {
        const Lock lock(roster_.mutex);
        stopping_ = true;
        roster_.wake();
    }
    if (thread_.joinable())
        thread_.join();
}

void Connector::hold(int more)
{
    const Lock lock(roster_.mutex);
    holds_ += more;
    if (holds_ == 0)
        roster_.wake();
}

void Connector::run()
{
    (void)pthread_setname_np(pthread_self(), "connector");
    Lock lock(roster_.mutex);
    while (!stopping_) {
        roster_.woken = false;
        if (holds_ == 0)
            step(lock);
        report(lock);
        wait(lock);
    }
    for (auto &entry : roster_.nodes)
        entry.second->request.reset();
}

// One step for each node; takes away those of which nothing is wanted any more.
void Connector::step(Lock &lock)
{
    for (auto at = roster_.nodes.begin(); at != roster_.nodes.end();) {
        Node &node = *at->second;
        attempts_.step(node, lock);
        if (node.wants > 0 || node.asked != nullptr) {
            ++at;
            continue;
        }
        if (node.said)
            reports_.push_back(late_gone(node));
        at = roster_.nodes.erase(at);
    }
}

void Connector::report(Lock &lock)
{
    const Clock::time_point now = Clock::now();
    if (now < next_report_)
        return;
    next_report_ = now + idle_round;
    late_look(roster_.nodes, now, attempts_.lack_files(), &reports_);
    const std::vector<Report> reports = std::move(reports_);
    reports_.clear();
    lock.unlock();
    late_say(reports);
    lock.lock();
}

void Connector::wait(Lock &lock)
{
    if (attempts_.are_asked()) {
        const double round = roster_.quiet++ > slow_after ? slow_round : busy_round;
        lock.unlock();
        attempts_.work(round);
        lock.lock();
    } else if (!roster_.woken && !stopping_) {
        const bool soon =
            std::any_of(roster_.nodes.begin(), roster_.nodes.end(), [](const auto &entry) {
                return entry.second->connected < entry.second->wants;
            });
        (void)roster_.changed.wait_for(lock, soon ? Clock::duration(waiting_round)
                                                  : Clock::duration(idle_round));
    }
}

void Connector::add(const ros::SubscriptionPtr &subscription, bool nodelay)
{
    const Lock lock(roster_.mutex);
    Topic &topic = roster_.topics[subscription->getName()];
    topic.subscription = subscription;
    topic.nodelay = nodelay;
}

void Connector::ask_nodelay(const std::string &topic)
{
    const Lock lock(roster_.mutex);
    const auto found = roster_.topics.find(topic);
    if (found != roster_.topics.end())
        found->second.nodelay = true;
}

void Connector::remove(const std::string &topic)
{
    (void)update(topic, std::vector<std::string>(), false);
    const Lock lock(roster_.mutex);
    roster_.topics.erase(topic);
}

bool Connector::update(const std::string &topic, const std::vector<std::string> &uris,
                       bool registered)
{
    const std::string self = ros::XMLRPCManager::instance()->getServerURI();
    Links links;
    {
        const Lock lock(roster_.mutex);
        if (!roster_.update(topic, uris, registered, self, &links))
            return false;
    }
    for (const auto &link : links)
        link->drop();
    return true;
}

bool Connector::carry(const std::string &topic)
{
    const Lock lock(roster_.mutex);
    return roster_.carry(topic);
}

Publishers Connector::publishers(const std::string &topic)
{
    const Lock lock(roster_.mutex);
    return roster_.publishers(topic);
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

void connector_hold()
{
    connector().hold(1);
}

void connector_release()
{
    connector().hold(-1);
}

void connector_add(const ros::SubscriptionPtr &subscription, bool nodelay)
{
    connector().add(subscription, nodelay);
}

void connector_ask_nodelay(const std::string &topic)
{
    connector().ask_nodelay(topic);
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
