#include "master_watch.hpp"

#include "guard.hpp"
#include "master_probe.hpp"
#include "param_memory.hpp"
#include "registration.hpp"
#include "signal.hpp"

#include <rosc/log.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include <pthread.h>
#include <ros/master.h>
#include <ros/network.h>
#include <ros/this_node.h>
#include <ros/xmlrpc_manager.h>
#include <signal.h>

namespace rosc
{

namespace
{

using XmlRpc::XmlRpcValue;

constexpr std::chrono::seconds period{1};
constexpr double probe_seconds = 1.0;
constexpr int looks_until_told = 5;
constexpr char restarted[] = "was restarted";

// What tells one run of a master from another. roscore gives each run a UUID, the parameter
// /run_id; a bare rosmaster does not, and roscore only a moment after its start.
struct MasterRun {
    std::string id;
    int pid = 0;

    bool goes_on_as(const MasterRun &later) const
    {
        return id.empty() ? pid == later.pid : id == later.id;
    }
};

enum class Place { here, nowhere, elsewhere };

// Whether the master answered, be it with a no, which leaves `payload` invalid.
bool ask(const char *method, const char *what, XmlRpcValue &payload)
{
    XmlRpcValue request;
    XmlRpcValue response;
    request[0] = ros::this_node::getName();
    if (what != nullptr)
        request[1] = std::string(what);
    if (ros::master::execute(method, request, response, payload, false))
        return true;
    payload.clear();
    return response.getType() == XmlRpcValue::TypeArray;
}

bool run_read(MasterRun &run)
{
    XmlRpcValue id;
    XmlRpcValue pid;
    if (!ask("getParam", "/run_id", id) || !ask("getPid", nullptr, pid))
        return false;
    if (id.getType() == XmlRpcValue::TypeString)
        run.id = static_cast<std::string &>(id);
    if (pid.getType() == XmlRpcValue::TypeInt)
        run.pid = static_cast<int &>(pid);
    return true;
}

// Where the master says that this node is.
bool place_read(Place &place)
{
    XmlRpcValue uri;
    if (!ask("lookupNode", ros::this_node::getName().c_str(), uri))
        return false;
    place = Place::nowhere;
    if (uri.getType() != XmlRpcValue::TypeString)
        return true;
    const std::string &there = static_cast<std::string &>(uri);
    std::string host;
    uint32_t port = 0;
    if (there == ros::XMLRPCManager::instance()->getServerURI())
        place = Place::here;
    else if (ros::network::splitURI(there, host, port) && tcp_reachable(host, port, probe_seconds))
        place = Place::elsewhere;
    return true;
}

class Watch
{
  public:
    void start()
    {
        MasterRun run;
        if (run_read(run))
            run_ = run;
        else
            missed_ = 1;
    }

    void begin()
    {
        sigset_t all;
        sigset_t before;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, &before); // signals are for the program's threads
        thread_ = std::thread([this] { run(); });
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    void end()
    {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            ended_ = true;
        }
        wake_.notify_all();
        if (thread_.joinable())
            thread_.join();
    }

  private:
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool ended_ = false;
    // The thread's alone:
    MasterRun run_;
    int missed_ = 0; // looks in a row to which the master did not answer, or not all
    bool told_ = false;

    void run()
    {
        std::unique_lock<std::mutex> lock(mutex_);
        while (!wake_.wait_for(lock, period, [this] { return ended_; })) {
            lock.unlock();
            guard_void("rosc's look at the master", [this] { look(); });
            lock.lock();
        }
    }

    void look()
    {
        MasterRun now;
        Place place = Place::here;
        if (shutdown_requested())
            return;
        if (!tcp_reachable(ros::master::getHost(), ros::master::getPort(), probe_seconds) ||
            !run_read(now) || !place_read(place)) {
            miss();
            return;
        }
        if (place == Place::elsewhere) {
            yield();
            return;
        }
        const char *happened = nullptr;
        if (!run_.goes_on_as(now))
            happened = restarted;
        else if (place == Place::nowhere)
            happened = "had forgotten this node";
        else if (missed_ > 0) // what was registered meanwhile may not have come to it
            happened = "answers again";
        if (happened == nullptr || register_all_again(happened))
            run_ = now;
        else
            missed_++; // the next look does it
    }

    void miss()
    {
        missed_++;
        if (missed_ < looks_until_told || told_)
            return;
        told_ = true;
        ROSC_LOG_WARN("the ROS master at %s does not answer: what is connected goes on, nothing "
                      "new is found until it is back",
                      ros::master::getURI().c_str());
    }

    // The same that a master does which knew both.
    static void yield()
    {
        ROSC_LOG_WARN("another node has the name %s at the ROS master: this one ends",
                      ros::this_node::getName().c_str());
        shutdown_request();
    }

    bool register_all_again(const char *happened)
    {
        Registered registered;
        size_t params = 0;
        if (!register_again(registered) || (happened == restarted && !params_set_again(params)))
            return false;
        missed_ = 0;
        told_ = false;
        ROSC_LOG_WARN("the ROS master at %s %s: registered %zu topics and %zu services, and set "
                      "%zu parameters, again",
                      ros::master::getURI().c_str(), happened, registered.topics,
                      registered.services, params);
        return true;
    }
};

Watch &watch()
{
    static Watch &instance = *new Watch; // outlives every thread
    return instance;
}

} // namespace

void master_watch_start()
{
    watch().start();
}

void master_watch_begin()
{
    watch().begin();
}

void master_watch_end()
{
    watch().end();
}

} // namespace rosc
