// Says of which publishers there is no connection, and when there is one again.
#ifndef ROSC_LATE_HPP
#define ROSC_LATE_HPP

#include "want.hpp"

#include <string>
#include <vector>

namespace rosc
{

struct Report {
    bool warning;
    std::string node; // its name; "" where it has never answered: the master is asked
    std::string uri;
    std::string topic; // one of its topics
    std::string text;  // what is said of it
};

// One for each node of which topics wait for longer than a moment, now and again once a minute, and
// one where they do not any more. `no_files`: this process may open no more of them.
void late_look(Nodes &nodes, Clock::time_point now, bool no_files, std::vector<Report> *reports);

// For a node that was said to be late, and that publishes nothing any more.
Report late_gone(const Node &node);

// Asks the master for names: not with a lock.
void late_say(const std::vector<Report> &reports);

} // namespace rosc

#endif
