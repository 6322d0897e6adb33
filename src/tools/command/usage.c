#include "tools/command/usage.h"

#define CONNECTION                                                                                 \
    "  --config FILE             the bridge's own file: its robot, its section kafka and where\n"  \
    "                            its spool is\n"                                                   \
    "  --bootstrap-servers H:P   the brokers, over what the file says\n"                           \
    "  --property NAME=VALUE     any librdkafka property, over what the file says; may be\n"       \
    "                            repeated\n"

#define DIRECTORY                                                                                  \
    "  --directory DIR           where spools are, instead of the config's spool.directory or\n"   \
    "                            $ROS_HOME/kafka_bridge (~/.ros/kafka_bridge)\n"

#define HELP "  --help                    this text\n"

static const char *const texts[] = {
    [COMMAND_LIST] =
        "usage: spool list [DIRECTORY|FILE] [OPTION...]\n"
        "\n"
        "Lists the spools of this machine: robot, what each holds, and whether a node has it.\n"
        "\n"
        "options:\n" DIRECTORY "  --config FILE             takes spool.directory from there\n" HELP
        "\n"
        "examples:\n"
        "  rosrun kafka_bridge spool list\n"
        "  rosrun kafka_bridge spool list /var/lib/warty\n",
    [COMMAND_SHOW] =
        "usage: spool show FILE|ROBOT [OPTION...]\n"
        "\n"
        "Shows the records that wait in a spool, oldest first, also while a node has it.\n"
        "\n"
        "options:\n"
        "  --topic TOPIC             only those for this Kafka topic\n"
        "  --limit N                 at most so many\n" DIRECTORY
        "  --config FILE             takes spool.directory from there\n" HELP "\n"
        "examples:\n"
        "  rosrun kafka_bridge spool show warty --limit 20\n"
        "  rosrun kafka_bridge spool show ~/.ros/kafka_bridge/warty.db --topic odometry\n",
    [COMMAND_EXPORT] =
        "usage: spool export FILE|ROBOT [OPTION...]\n"
        "       spool export --dead-letters TOPIC --bootstrap-servers H:P|--config FILE "
        "[OPTION...]\n"
        "\n"
        "Writes every record as a line of JSON, whole: id, topic, time, key, headers, value\n"
        "(as text where it is UTF-8, else in base64 as value_base64).\n"
        "\n"
        "options:\n"
        "  --topic TOPIC             only records for this Kafka topic\n"
        "  --limit N                 at most so many\n"
        "  --output FILE             into a new file instead of standard output\n" DIRECTORY "\n"
        "options of dead letters:\n"
        "  --dead-letters TOPIC      what a dead-letter topic holds, such as results.dead_letter\n"
        "  --reason REASON           only letters with this reason; may be repeated\n"
        "  --from OFFSET|TIME        from there on, each partition\n"
        "  --to OFFSET|TIME          before that; a TIME is as 2026-11-21T10:35:00Z\n" CONNECTION
            HELP "\n"
        "examples:\n"
        "  rosrun kafka_bridge spool export warty --output warty.jsonl\n"
        "  rosrun kafka_bridge spool export --dead-letters results.dead_letter \\\n"
        "      --bootstrap-servers localhost:9092 | jq .letter.reason | sort | uniq -c\n",
    [COMMAND_SEND] =
        "usage: spool send FILE|ROBOT --bootstrap-servers H:P|--config FILE [OPTION...]\n"
        "\n"
        "Delivers to Kafka what a spool holds, without its node: the records leave the spool as\n"
        "Kafka acknowledges them. Refused while a node has the spool. A damaged spool is repaired\n"
        "first, as by its node.\n"
        "\n"
        "options:\n"
        "  --cluster ID|any          the Kafka cluster that they may go to, instead of the one "
        "that\n"
        "                            the spool belongs to\n" CONNECTION DIRECTORY HELP "\n"
        "examples:\n"
        "  rosrun kafka_bridge spool send warty --config warty.yaml\n"
        "  rosrun kafka_bridge spool send ./warty.db --bootstrap-servers localhost:9092\n",
    [COMMAND_RESEND] =
        "usage: spool resend TOPIC.dead_letter --bootstrap-servers H:P|--config FILE [OPTION...]\n"
        "\n"
        "Sends the originals of dead letters again, at least once: records to their Kafka topic\n"
        "with key, headers and time; ROS messages to their ROS topic (which needs the ROS master\n"
        "and ros_to_kafka). A consumer group remembers how far that is, so that a later run goes\n"
        "on there. Where a letter failed, the later run begins with that, and sends what is\n"
        "behind it again.\n"
        "\n"
        "options:\n"
        "  --reason REASON           only letters with this reason; may be repeated. How far that\n"
        "                            is has a group of its own (kafka_bridge.resend.REASON), so\n"
        "                            that a run with none sends these letters again\n"
        "  --limit N                 sends at most so many\n"
        "  --dry-run                 says what would be sent, and sends nothing\n"
        "  --skip-failed             the next run does not try again what fails in this one\n"
        "  --from OFFSET|TIME        from there on, each partition, whatever was sent before;\n"
        "                            nothing is remembered\n"
        "  --to OFFSET|TIME          before that; a TIME is as 2026-11-21T10:35:00Z\n"
        "  --now                     with the time of now instead of the original's, by which\n"
        "                            Kafka may delete it (a topic's retention.ms)\n"
        "  --group NAME              the consumer group that remembers "
        "(kafka_bridge.resend)\n" CONNECTION HELP "\n"
        "examples:\n"
        "  rosrun kafka_bridge spool resend results.dead_letter --config warty.yaml --dry-run\n"
        "  rosrun kafka_bridge spool resend results.dead_letter --config warty.yaml \\\n"
        "      --reason syntax --limit 100\n",
    [COMMAND_NONE] =
        "usage: spool COMMAND ... ; spool COMMAND --help says more\n"
        "\n"
        "What waits for Kafka on this machine, and what Kafka holds in dead-letter topics.\n"
        "\n"
        "commands:\n"
        "  list     the spools there are: robot, records, bytes, times, in use or free\n"
        "  show     the records of a spool, readable\n"
        "  export   the records of a spool, or dead letters, as lines of JSON\n"
        "  send     delivers to Kafka what a spool holds, without its node\n"
        "  resend   sends the originals of dead letters again\n"
        "\n"
        "exit status: 0 all done, 1 something could not be done, 2 a mistake in the command line\n"
        "\n"
        "examples:\n"
        "  rosrun kafka_bridge spool list\n"
        "  rosrun kafka_bridge spool show warty --limit 20\n"
        "  rosrun kafka_bridge spool export warty --output warty.jsonl\n"
        "  rosrun kafka_bridge spool resend results.dead_letter --config warty.yaml\n",
};

const char *usage_text(enum tool_command command)
{
    return texts[command];
}
