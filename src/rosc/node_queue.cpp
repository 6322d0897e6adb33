#include "node_queue.hpp"

#include <algorithm>
#include <utility>

#include <ros/network.h>

namespace rosc
{

namespace
{

constexpr std::chrono::milliseconds first_pause{100}; // after a failure
constexpr std::chrono::seconds longest_pause{10};

void lengthen(Clock::duration *pause)
{
    *pause = *pause == Clock::duration::zero()
                 ? Clock::duration(first_pause)
                 : std::min<Clock::duration>(*pause * 2, longest_pause);
}

} // namespace

std::unique_ptr<Node> node_open(const std::string &uri)
{
    std::unique_ptr<Node> node(new Node);
    node->uri = uri;
    node->patience = first_patience;
    if (!ros::network::splitURI(uri, node->host, node->port))
        node->trouble = "that is no URI of a node"; // and no host to reach
    return node;
}

WantPtr node_next(Node &node)
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

void node_failed(Node &node, const std::string &trouble)
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

void node_put_back(const WantPtr &want, const std::string &trouble)
{
    want->state = Want::State::waiting;
    lengthen(&want->pause);
    want->not_before = Clock::now() + want->pause;
    want->trouble = trouble;
    want->node->waiting.push_back(want);
}

bool node_is_done(const Node &node)
{
    return node.connected == node.wants && node.asked == nullptr && node.connecting.empty();
}

void node_rest(Node &node)
{
    node.waiting.clear();
    node.patience = first_patience;
    node.request.reset();
}

} // namespace rosc
