#include "topic_request.hpp"

#include <ros/this_node.h>
#include <xmlrpcpp/XmlRpc.h>

namespace rosc
{

namespace
{

// xmlrpcpp prints what goes wrong to the console at each try. What belongs to a request is kept for
// its answer instead.
class ErrorKeeper : public XmlRpc::XmlRpcErrorHandler
{
  public:
    ErrorKeeper() : before_(getErrorHandler())
    {
        setErrorHandler(this);
    }

    void error(const char *text) override
    {
        if (kept != nullptr)
            *kept = text;
        else
            before_->error(text);
    }

    static thread_local std::string *kept;

  private:
    XmlRpc::XmlRpcErrorHandler *const before_;
};

thread_local std::string *ErrorKeeper::kept = nullptr;

// "Error in XmlRpcClient::writeRequest: write error (Connection refused)." -> Connection refused
std::string reason_of(const std::string &text)
{
    const size_t begin = text.find('(');
    const size_t end = text.rfind(')');
    if (begin == std::string::npos || end == std::string::npos || end <= begin + 1)
        return text.empty() ? "no answer" : text;
    return text.substr(begin + 1, end - begin - 1);
}

} // namespace

class TopicRequest::Client : public XmlRpc::XmlRpcClient
{
  public:
    Client(const std::string &host, int port) : XmlRpc::XmlRpcClient(host.c_str(), port, "/")
    {
        static ErrorKeeper &keeper = *new ErrorKeeper; // xmlrpcpp holds it for good
        (void)keeper;
    }

    unsigned handleEvent(unsigned type) override
    {
        ErrorKeeper::kept = &trouble;
        const unsigned mask = XmlRpc::XmlRpcClient::handleEvent(type);
        ErrorKeeper::kept = nullptr;
        finished = finished || mask == 0;
        return mask;
    }

    bool has_answer() const
    {
        return _connectionState == IDLE;
    }

    bool finished = false;
    std::string trouble;
};

TopicRequest::TopicRequest(const std::string &host, int port, XmlRpc::XmlRpcDispatch &dispatch)
    : client_(new Client(host, port)), dispatch_(dispatch)
{
}

TopicRequest::~TopicRequest()
{
    dispatch_.removeSource(client_.get());
}

bool TopicRequest::start(const std::string &topic, std::string *trouble)
{
    XmlRpc::XmlRpcValue params, protocols, tcpros;
    tcpros[0] = std::string("TCPROS");
    protocols[0] = tcpros;
    params[0] = ros::this_node::getName();
    params[1] = topic;
    params[2] = protocols;
    client_->finished = false;
    client_->trouble.clear();
    ErrorKeeper::kept = &client_->trouble;
    const bool sent = client_->executeNonBlock("requestTopic", params);
    ErrorKeeper::kept = nullptr;
    if (sent)
        dispatch_.addSource(client_.get(), XmlRpc::XmlRpcDispatch::WritableEvent |
                                               XmlRpc::XmlRpcDispatch::Exception);
    else
        *trouble = reason_of(client_->trouble);
    return sent;
}

bool TopicRequest::done() const
{
    return client_->finished;
}

TopicRequest::Answer TopicRequest::answer()
{
    using XmlRpc::XmlRpcValue;
    Answer answer;
    XmlRpcValue result;
    ErrorKeeper::kept = &client_->trouble;
    const bool valid = client_->has_answer() && client_->executeCheckDone(result);
    ErrorKeeper::kept = nullptr;
    if (!valid || !result.valid()) {
        answer.trouble = reason_of(client_->trouble);
        return answer;
    }
    answer.outcome = Outcome::refused;
    answer.trouble = "its answer to requestTopic is none of ROS's";
    if (result.getType() != XmlRpcValue::TypeArray || result.size() < 2 ||
        result[0].getType() != XmlRpcValue::TypeInt ||
        result[1].getType() != XmlRpcValue::TypeString)
        return answer;
    if (static_cast<int &>(result[0]) != 1 || result.size() < 3 ||
        result[2].getType() != XmlRpcValue::TypeArray || result[2].size() < 3) {
        answer.trouble = "it says: " + static_cast<std::string &>(result[1]);
        return answer;
    }
    XmlRpcValue &protocol = result[2];
    if (protocol[0].getType() != XmlRpcValue::TypeString ||
        static_cast<std::string &>(protocol[0]) != "TCPROS" ||
        protocol[1].getType() != XmlRpcValue::TypeString ||
        protocol[2].getType() != XmlRpcValue::TypeInt)
        return answer;
    answer.outcome = Outcome::answered;
    answer.host = static_cast<std::string &>(protocol[1]);
    answer.port = static_cast<int &>(protocol[2]);
    return answer;
}

} // namespace rosc
