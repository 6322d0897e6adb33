#include "late.hpp"

#include "file_limit.hpp"
#include "guard.hpp"
#include "master_probe.hpp"

#include <rosc/log.h>

#include <algorithm>
#include <cstdio>

#include <ros/master.h>
#include <ros/this_node.h>

namespace rosc
{

namespace
{

constexpr std::chrono::seconds a_moment{5};
constexpr std::chrono::seconds again{60};
constexpr size_t names_most = 5;
constexpr unsigned questions_most = 5; // to the master, in one round

using XmlRpc::XmlRpcValue;

bool ask_master(const char *method, const std::string &second, XmlRpcValue &answer)
{
    XmlRpcValue request;
    XmlRpcValue response;
    request[0] = ros::this_node::getName();
    if (!second.empty())
        request[1] = second;
    return ros::master::execute(method, request, response, answer, false);
}

// Those that the master lists as publishers of the topic.
std::vector<std::string> publishers_of(const std::string &topic)
{
    std::vector<std::string> names;
    XmlRpcValue state;
    if (!master_answers_within(0) || !ask_master("getSystemState", "", state))
        return names;
    XmlRpcValue &all = state[0];
    for (int i = 0; i < all.size(); i++) {
        if (static_cast<std::string &>(all[i][0]) != topic)
            continue;
        for (int k = 0; k < all[i][1].size(); k++)
            names.push_back(all[i][1][k]);
    }
    return names;
}

// The name that the node at `uri` has at the master; "": it does not say.
std::string registered_name(const std::string &topic, const std::string &uri)
{
    const std::vector<std::string> names = publishers_of(topic);
    if (names.size() == 1)
        return names.front();
    for (const std::string &name : names) {
        XmlRpcValue found;
        if (ask_master("lookupNode", name, found) && static_cast<std::string &>(found) == uri)
            return name;
    }
    return "";
}

// Where the node has not said its name the master is asked, as long as `*questions` are left.
std::string name_of(const Report &report, unsigned *questions)
{
    std::string name = report.node;
    if (name.empty() && !report.topic.empty() && *questions > 0) {
        (*questions)--;
        guard_void("the name of a node", [&] { name = registered_name(report.topic, report.uri); });
    }
    return name.empty() ? report.uri : name + " (" + report.uri + ")";
}

struct Late {
    size_t count = 0;
    Clock::time_point since;
    std::string first;
    std::string names;
    std::string trouble;
};

void look_at(const WantPtr &want, Late *late)
{
    if (want == nullptr || want->state == Want::State::gone)
        return;
    if (late->count == 0 || want->since < late->since)
        late->since = want->since;
    if (late->count == 0)
        late->first = want->topic;
    if (late->count < names_most)
        late->names += (late->count == 0 ? "" : ", ") + want->topic;
    if (late->trouble.empty())
        late->trouble = want->trouble;
    late->count++;
}

Late late_of(const Node &node)
{
    Late late;
    for (const WantPtr &want : node.connecting)
        look_at(want, &late);
    look_at(node.asked, &late);
    for (const WantPtr &want : node.waiting)
        look_at(want, &late);
    if (late.count > names_most)
        late.names += ", …";
    return late;
}

std::string no_files_text()
{
    char text[160];
    (void)std::snprintf(text, sizeof text,
                        "this process may have no more than %zu files open; raise the hard limit "
                        "(ulimit -Hn, LimitNOFILE=, --ulimit nofile=)",
                        file_limit());
    return text;
}

std::string warning_of(const Node &node, const Late &late, Clock::time_point now, bool no_files)
{
    std::string trouble = node.trouble.empty() ? late.trouble : node.trouble;
    if (no_files)
        trouble = no_files_text();
    else if (trouble.empty())
        trouble = "their turn has not come yet";
    char head[128];
    (void)std::snprintf(head, sizeof head, "%zu of %zu topics have no connection for up to %.0f s",
                        late.count, node.wants,
                        std::chrono::duration<double>(now - late.since).count());
    return std::string(head) + ", what is published there does not arrive: " + late.names + ": " +
           trouble +
           ". It is tried again; a node that is gone for good leaves the master's list with: "
           "rosnode cleanup";
}

} // namespace

Report late_gone(const Node &node)
{
    return {false, node.name, node.uri, "", "the master does not list it any more"};
}

void late_look(Nodes &nodes, Clock::time_point now, bool no_files, std::vector<Report> *reports)
{
    for (auto &entry : nodes) {
        Node &node = *entry.second;
        if (node.connected == node.wants) {
            if (node.said)
                reports->push_back(
                    {false, node.name, node.uri, "", "all topics are connected again"});
            node.said = false;
            continue;
        }
        if (node.said && now - node.said_at < again)
            continue;
        const Late late = late_of(node);
        if (late.count == 0 || now - late.since < a_moment)
            continue;
        reports->push_back(
            {true, node.name, node.uri, late.first, warning_of(node, late, now, no_files)});
        node.said = true;
        node.said_at = now;
    }
}

void late_say(const std::vector<Report> &reports)
{
    unsigned questions = questions_most;
    for (const Report &report : reports) {
        const std::string name = name_of(report, &questions);
        if (report.warning)
            ROSC_LOG_WARN("%s: %s", name.c_str(), report.text.c_str());
        else
            ROSC_LOG_INFO("%s: %s", name.c_str(), report.text.c_str());
    }
}

} // namespace rosc
