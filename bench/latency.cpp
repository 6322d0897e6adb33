// How long a message is under way between ROS and Kafka, in microseconds: through whatever program
// carries it, and such programs of nothing but roscpp and librdkafka as the anchor.
//
// bench_latency to_kafka BOOTSTRAP ROS_TOPIC KAFKA_TOPIC RATE SIZE COUNT
//     publishes std_msgs/String of SIZE bytes, RATE a second, and consumes the records.
// bench_latency to_ros BOOTSTRAP ROS_TOPIC KAFKA_TOPIC RATE SIZE COUNT
//     produces such serialized messages, and subscribes.
// Both wait until a first message has arrived, and print "P50 P99" of COUNT others.
//
// bench_latency hop BOOTSTRAP ROS_TOPIC KAFKA_TOPIC: each message is produced in its callback.
// bench_latency relay BOOTSTRAP ROS_TOPIC KAFKA_TOPIC: each record is published when it is polled.
// Both run until they are interrupted.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <librdkafka/rdkafka.h>
#include <ros/ros.h>
#include <std_msgs/String.h>
#include <sys/prctl.h>

namespace
{

using Clock = std::chrono::steady_clock;

constexpr size_t length_size = 4; // bytes, before a serialized text
constexpr int poll_ms = 100;
constexpr std::chrono::seconds patience(60);
constexpr std::chrono::milliseconds knock(50); // between two first messages

int64_t now()
{
    return std::chrono::nanoseconds(Clock::now().time_since_epoch()).count();
}

// What arrived: a text begins with when it was sent, or 0 for one that only makes the way.
class Arrivals
{
  public:
    void add(const char *text, size_t size)
    {
        const int64_t arrived = now();
        int64_t sent = 0;
        if (size < sizeof sent)
            return;
        std::memcpy(&sent, text, sizeof sent);
        if (sent == 0) {
            open_ = true;
            return;
        }
        const std::lock_guard<std::mutex> lock(mutex_);
        times_.push_back(arrived - sent);
    }

    bool is_open() const
    {
        return open_;
    }

    size_t count()
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        return times_.size();
    }

    void print()
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        std::sort(times_.begin(), times_.end());
        const auto at = [this](size_t percent) {
            return static_cast<double>(times_[(times_.size() - 1) * percent / 100]) * 1e-3;
        };
        (void)std::printf("%.1f %.1f\n", at(50), at(99));
    }

  private:
    std::atomic<bool> open_{false};
    std::mutex mutex_;
    std::vector<int64_t> times_; // ns
};

rd_kafka_t *make_client(rd_kafka_type_t type, const std::string &bootstrap)
{
    char why[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    const auto set = [&](const char *name, const char *value) {
        if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK)
            throw std::runtime_error(why);
    };
    set("bootstrap.servers", bootstrap.c_str());
    set("message.max.bytes", "10000000");
    if (type == RD_KAFKA_PRODUCER) {
        set("enable.idempotence", "true");
        set("linger.ms", "0");
    } else {
        set("group.id", "bench_latency");
        set("enable.auto.commit", "false");
        set("allow.auto.create.topics", "true");
    }
    rd_kafka_t *client = rd_kafka_new(type, conf, why, sizeof why);
    if (client == nullptr)
        throw std::runtime_error(why);
    return client;
}

class Producer
{
  public:
    Producer(const std::string &bootstrap, const std::string &topic)
        : client_(make_client(RD_KAFKA_PRODUCER, bootstrap)),
          topic_(rd_kafka_topic_new(client_, topic.c_str(), nullptr)), thread_([this] {
              while (!stopping_)
                  (void)rd_kafka_poll(client_, poll_ms);
          })
    {
    }

    ~Producer()
    {
        stopping_ = true;
        thread_.join();
        rd_kafka_topic_destroy(topic_);
        rd_kafka_destroy(client_);
    }

    // A text as ROS serializes it.
    void send(const std::string &text)
    {
        std::string bytes(length_size, '\0');
        const auto length = static_cast<uint32_t>(text.size());
        std::memcpy(&bytes[0], &length, sizeof length);
        bytes += text;
        if (rd_kafka_produce(topic_, 0, RD_KAFKA_MSG_F_COPY, &bytes[0], bytes.size(), nullptr, 0,
                             nullptr) != 0)
            (void)std::fprintf(stderr, "%s\n", rd_kafka_err2str(rd_kafka_last_error()));
    }

  private:
    rd_kafka_t *const client_;
    rd_kafka_topic_t *const topic_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

// Polls the topic's first partition from its present end on, on a thread of its own.
class Consumer
{
  public:
    using Take = std::function<void(const char *text, size_t size)>;

    Consumer(const std::string &bootstrap, const std::string &topic, Take take)
        : client_(make_client(RD_KAFKA_CONSUMER, bootstrap)), take_(std::move(take))
    {
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
        rd_kafka_topic_partition_list_add(list, topic.c_str(), 0)->offset = RD_KAFKA_OFFSET_END;
        (void)rd_kafka_poll_set_consumer(client_);
        (void)rd_kafka_assign(client_, list);
        rd_kafka_topic_partition_list_destroy(list);
        thread_ = std::thread([this] { run(); });
    }

    ~Consumer()
    {
        stopping_ = true;
        thread_.join();
        (void)rd_kafka_consumer_close(client_);
        rd_kafka_destroy(client_);
    }

  private:
    void run()
    {
        while (!stopping_) {
            rd_kafka_message_t *message = rd_kafka_consumer_poll(client_, poll_ms);
            if (message == nullptr)
                continue;
            if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && message->len >= length_size)
                take_(static_cast<const char *>(message->payload) + length_size,
                      message->len - length_size);
            rd_kafka_message_destroy(message);
        }
    }

    rd_kafka_t *const client_;
    const Take take_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

ros::Publisher advertise(ros::NodeHandle &node, const std::string &topic)
{
    return node.advertise<std_msgs::String>(topic, 0);
}

ros::Subscriber subscribe(ros::NodeHandle &node, const std::string &topic, Consumer::Take take)
{
    const boost::function<void(const std_msgs::String::ConstPtr &)> callback =
        [take](const std_msgs::String::ConstPtr &message) {
            take(message->data.data(), message->data.size());
        };
    return node.subscribe<std_msgs::String>(topic, 0, callback, ros::VoidConstPtr(),
                                            ros::TransportHints().tcpNoDelay());
}

template <typename Condition> void wait_for(const char *what, Condition condition)
{
    const Clock::time_point end = Clock::now() + patience;
    while (!condition()) {
        if (Clock::now() > end)
            throw std::runtime_error(std::string("waited for ") + what);
        std::this_thread::sleep_for(knock);
    }
}

void measure(Arrivals &arrivals, double rate, size_t size, size_t count,
             const std::function<void(const std::string &)> &send)
{
    std::string text(std::max(size, sizeof(int64_t)), 'x');
    const auto send_at = [&](int64_t time) {
        std::memcpy(&text[0], &time, sizeof time);
        send(text);
    };
    wait_for("a first message", [&] {
        send_at(0);
        std::this_thread::sleep_for(knock);
        return arrivals.is_open();
    });
    const auto period = std::chrono::nanoseconds(static_cast<int64_t>(1e9 / rate));
    Clock::time_point next = Clock::now() + knock;
    for (size_t i = 0; i < count; i++, next += period) {
        std::this_thread::sleep_until(next);
        send_at(now());
    }
    wait_for("the last messages", [&] { return arrivals.count() >= count; });
    arrivals.print();
}

int run(int argc, char **argv)
{
    ros::init(argc, argv, "bench_latency",
              ros::init_options::AnonymousName | ros::init_options::NoRosout);
    const std::string mode = argc > 1 ? argv[1] : "";
    const bool measures = mode == "to_kafka" || mode == "to_ros";
    if (argc != (measures ? 8 : 5) || (!measures && mode != "hop" && mode != "relay")) {
        (void)std::fprintf(stderr, "usage: bench_latency to_kafka|to_ros BOOTSTRAP ROS_TOPIC "
                                   "KAFKA_TOPIC RATE SIZE COUNT\n"
                                   "       bench_latency hop|relay BOOTSTRAP ROS_TOPIC "
                                   "KAFKA_TOPIC\n");
        return EXIT_FAILURE;
    }
    (void)prctl(PR_SET_TIMERSLACK, 1UL);
    const std::string bootstrap = argv[2], ros_topic = argv[3], kafka_topic = argv[4];
    ros::NodeHandle node;
    ros::AsyncSpinner spinner(1);
    Arrivals arrivals;
    const auto arrive = [&](const char *text, size_t size) { arrivals.add(text, size); };
    spinner.start();
    if (mode == "to_kafka" || mode == "relay") {
        ros::Publisher publisher = advertise(node, ros_topic);
        const auto publish = [&](const char *text, size_t size) {
            std_msgs::String message;
            message.data.assign(text, size);
            publisher.publish(message);
        };
        Consumer consumer(bootstrap, kafka_topic,
                          measures ? Consumer::Take(arrive) : Consumer::Take(publish));
        if (measures)
            measure(arrivals, std::atof(argv[5]), std::strtoul(argv[6], nullptr, 10),
                    std::strtoul(argv[7], nullptr, 10),
                    [&](const std::string &text) { publish(text.data(), text.size()); });
        else
            ros::waitForShutdown();
    } else {
        Producer producer(bootstrap, kafka_topic);
        const auto produce = [&](const char *text, size_t size) {
            producer.send(std::string(text, size));
        };
        const ros::Subscriber subscriber =
            subscribe(node, ros_topic, measures ? Consumer::Take(arrive) : Consumer::Take(produce));
        if (measures)
            measure(arrivals, std::atof(argv[5]), std::strtoul(argv[6], nullptr, 10),
                    std::strtoul(argv[7], nullptr, 10),
                    [&](const std::string &text) { producer.send(text); });
        else
            ros::waitForShutdown();
        spinner.stop();
    }
    return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char **argv)
{
    try {
        return run(argc, argv);
    } catch (const std::exception &error) {
        (void)std::fprintf(stderr, "bench_latency: %s\n", error.what());
        return EXIT_FAILURE;
    }
}
