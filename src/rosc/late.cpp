#include "late.hpp"

#include "file_limit.hpp"

#include <rosc/log.h>

#include <algorithm>
#include <cstdio>

namespace rosc
{

namespace
{

constexpr std::chrono::seconds a_moment{5};
constexpr std::chrono::seconds again{60};
constexpr size_t names_most = 5;

std::string name_of(const Node &node)
{
    return node.name.empty() ? node.uri : node.name + " (" + node.uri + ")";
}

struct Late {
    size_t count = 0;
    Clock::time_point since;
    std::string names;
    std::string trouble;
};

void look_at(const WantPtr &want, Late *late)
{
    if (want == nullptr || want->state == Want::State::gone)
        return;
    if (late->count == 0 || want->since < late->since)
        late->since = want->since;
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
    return name_of(node) + ": " + head +
           ", what is published there does not arrive: " + late.names + ": " + trouble +
           ". It is tried again; a node that is gone for good leaves the master's list with: "
           "rosnode cleanup";
}

} // namespace

Report late_gone(const Node &node)
{
    return {false, name_of(node) + ": the master does not list it any more"};
}

void late_look(Nodes &nodes, Clock::time_point now, bool no_files, std::vector<Report> *reports)
{
    for (auto &entry : nodes) {
        Node &node = *entry.second;
        if (node.connected == node.wants) {
            if (node.said)
                reports->push_back({false, name_of(node) + ": all topics are connected again"});
            node.said = false;
            continue;
        }
        if (node.said && now - node.said_at < again)
            continue;
        const Late late = late_of(node);
        if (late.count == 0 || now - late.since < a_moment)
            continue;
        reports->push_back({true, warning_of(node, late, now, no_files)});
        node.said = true;
        node.said_at = now;
    }
}

void late_say(const std::vector<Report> &reports)
{
    for (const Report &report : reports)
        if (report.warning)
            ROSC_LOG_WARN("%s", report.text.c_str());
        else
            ROSC_LOG_INFO("%s", report.text.c_str());
}

} // namespace rosc
