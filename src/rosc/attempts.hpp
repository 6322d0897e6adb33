// The tries to connect to publishers: the node is asked where it publishes the topic, the publisher
// is connected to, and answers; or one of these fails, and the want goes back to its node's queue.
// A few at a time: a rospy node's queue of connections holds five. The connector's thread, save for
// what a link tells on roscpp's.
#ifndef ROSC_ATTEMPTS_HPP
#define ROSC_ATTEMPTS_HPP

#include "roster.hpp"

#include <XmlRpcDispatch.h>

namespace rosc
{

class Attempts
{
  public:
    explicit Attempts(Roster &roster) : roster_(roster) {}

    // Does what can be done for the node now, with the roster's lock, which is given up while
    // roscpp is called.
    void step(Node &node, Lock &lock);

    // Whether questions are under way; takes their answers, for so many seconds at most, without
    // the lock.
    bool are_asked() const;
    void work(double longest);

    // Whether tries wait because this process may open no more files.
    bool lack_files() const
    {
        return no_files_;
    }

  private:
    void expire(Node &node, Lock &lock);
    void take_answer(Node &node, Lock &lock);
    void connect(const WantPtr &want, const TopicRequest::Answer &answer, Lock &lock);
    void ask_next(Node &node, Lock &lock);
    void opened(const WantPtr &want, uint64_t attempt, const std::string &caller_id);
    void ended(const WantPtr &want, uint64_t attempt, const std::string &why);

    Roster &roster_;
    bool no_files_ = false;
    XmlRpc::XmlRpcDispatch dispatch_;
};

} // namespace rosc

#endif
