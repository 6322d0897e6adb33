// Asking a node where it publishes a topic: requestTopic of ROS's slave API, without waiting.
#ifndef ROSC_TOPIC_REQUEST_HPP
#define ROSC_TOPIC_REQUEST_HPP

#include <memory>
#include <string>

#include <xmlrpcpp/XmlRpcDispatch.h>

namespace rosc
{

// One HTTP connection to a node, for one question after the other. Not thread-safe: everything is
// the thread's that works the dispatch.
class TopicRequest
{
  public:
    enum class Outcome {
        answered, // `host` and `port` say where
        refused,  // the node answers, but not for this topic: `trouble` says what it said
        failed,   // there is no answer
    };
    struct Answer {
        Outcome outcome = Outcome::failed;
        std::string host;
        int port = 0;
        std::string trouble;
    };

    TopicRequest(const std::string &host, int port, XmlRpc::XmlRpcDispatch &dispatch);
    ~TopicRequest();

    // Sends the question. False where it cannot be sent: `trouble` says why.
    bool start(const std::string &topic, std::string *trouble);
    // Whether the question has come to an end.
    bool done() const;
    Answer answer();

  private:
    class Client;
    std::unique_ptr<Client> client_;
    XmlRpc::XmlRpcDispatch &dispatch_;
};

} // namespace rosc

#endif
