# shellcheck shell=bash
# A real Kafka broker: one Java process, KRaft, on loopback, in a directory of its own.
# Sourced after common.sh, packages.sh and fetch.sh.
#
# The directory holds server.properties, client.properties, ports, listeners, data/, broker.log and,
# while the broker runs, pid.

# Kafka 4 took away the requests that librdkafka commits offsets with before 1.4, and that kafkacat
# finds a topic's beginning and end with (not with 1.6.0).
KAFKA_4_NEEDS_LIBRDKAFKA=1.8

# librdkafka_version: of the one that the build uses, or would use.
librdkafka_version() {
    sed -n 's/^RDKAFKA_VERSION:INTERNAL=\(.\)/\1/p' "$BUILD/CMakeCache.txt" 2>/dev/null | grep . ||
        pkg-config --modversion rdkafka 2>/dev/null
}

# is_older VERSION THAN
is_older() {
    [ "$1" != "$2" ] && [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

if [ -n "${KAFKA_BRIDGE_KAFKA_VERSION:-}" ]; then # a trial's
    KAFKA_VERSION=$KAFKA_BRIDGE_KAFKA_VERSION
elif is_older "$(librdkafka_version || echo "$KAFKA_4_NEEDS_LIBRDKAFKA")" "$KAFKA_4_NEEDS_LIBRDKAFKA"; then
    KAFKA_VERSION=$KAFKA_VERSION_FOR_OLD_LIBRDKAFKA
fi
KAFKA_JARS=$CACHE/kafka-$KAFKA_VERSION

# kafka_fetch: Java, Maven and Kafka's jars, where they are not here yet.
kafka_fetch() {
    maven_fetch "$KAFKA_JARS" "Kafka $KAFKA_VERSION" "org.apache.kafka:kafka_2.13:$KAFKA_VERSION" \
        "org.apache.kafka:kafka-tools:$KAFKA_VERSION" org.slf4j:slf4j-simple:1.7.36
}

# A Java that starts with half the processor time, and is slower once it is warm.
KAFKA_QUICK='-XX:TieredStopAtLevel=1 -XX:+UseSerialGC'

# The classes of a started broker as Java keeps them (class-data sharing), of this Java and this Kafka:
# with them a start takes half the processor time. Where it is empty it could not be made; one that
# does not fit is passed over by Java.
kafka_archive() {
    local modules
    modules=$(dirname "$(readlink -f "$(command -v java)")")/../lib/modules
    printf '%s/kafka-archives/%s-%s.jsa' "$CACHE" "$KAFKA_VERSION" \
        "$(stat -c %Y-%s "$modules" 2>/dev/null)"
}

# kafka_use_archive: sets KAFKA_SHARING, options of java.
KAFKA_SHARING=()
kafka_use_archive() {
    local archive
    archive=$(kafka_archive)
    [ -s "$archive" ] || return 0
    KAFKA_SHARING=("-XX:SharedArchiveFile=$archive" -Xshare:auto -Xlog:cds=off -Xlog:cds+dynamic=off)
}

# kafka_make_archive: by a broker of its own, where it is not there; one makes it, others do without.
kafka_make_archive() {
    local archive directory pid
    archive=$(kafka_archive)
    [ ! -e "$archive" ] || return 0
    mkdir -p "$(dirname "$archive")"
    (
        if ! flock --nonblock 9 || [ -e "$archive" ]; then
            exit 0
        fi
        directory=$(mktemp -d "$archive.XXXXXX")
        trap 'rm -rf "$directory"' EXIT
        free_ports 2 | kafka_write_properties "$directory" 0 '' ''
        kafka_format "$directory"
        # shellcheck disable=SC2086 # a word each
        timeout 120 java $KAFKA_QUICK -Xmx512m "-XX:ArchiveClassesAtExit=$directory/archive" \
            -cp "$KAFKA_JARS/*" kafka.Kafka "$directory/server.properties" \
            >"$directory/broker.log" 2>&1 </dev/null 9>&- &
        pid=$!
        wait_for 100 kafka_is_up "$directory" "$pid" || true
        end_process "$pid" 60
        [ -s "$directory/archive" ] || : >"$directory/archive"
        mv "$directory/archive" "$archive"
    ) 9>"$archive.lock"
}

# kafka_tool CLASS ARGUMENTS...: runs one of Kafka's own tools.
kafka_tool() {
    kafka_use_archive
    # shellcheck disable=SC2086 # a word each
    java $KAFKA_QUICK "${KAFKA_SHARING[@]}" -Xmx256m -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$KAFKA_JARS/*" "$@"
}

# kafka_write_properties DIRECTORY PORT USERS LISTENERS [KEY=VALUE...]: a new directory's
# configuration, with the ports that stdin gives. USERS is "" or "name:password ...", LISTENERS "" or
# "name:protocol ...". In a VALUE {port} and {controller_port} stand for the ports.
kafka_write_properties() {
    local directory=$1 port=$2 users=$3 listeners=$4 controller protocol=PLAINTEXT property user
    local addresses='' protocols=''
    shift 4
    { [ "$port" -ne 0 ] || read -r port; } && read -r controller
    [ -z "$users" ] || protocol=SASL_PLAINTEXT
    mkdir -p "$directory/data"
    kafka_place_listeners "$listeners" >"$directory/listeners"
    addresses=$(sed 's|^\(.*\) \(.*\) .*|,\U\1\E://\2|' "$directory/listeners" | tr -d '\n')
    protocols=$(sed 's|^\(.*\) .* \(.*\)|,\U\1\E:\2|' "$directory/listeners" | tr -d '\n')
    printf '%s %s\n' "$port" "$controller" >"$directory/ports"
    {
        cat <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=CLIENT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller$addresses
advertised.listeners=CLIENT://127.0.0.1:$port$addresses
listener.security.protocol.map=CLIENT:$protocol,CONTROLLER:PLAINTEXT$protocols
inter.broker.listener.name=CLIENT
controller.listener.names=CONTROLLER
log.dirs=$directory/data
num.partitions=1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
# A broker killed and started again waits until its old session has ended.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=1000
PROPERTIES
        if [ -n "$users" ]; then
            printf 'sasl.enabled.mechanisms=PLAIN\nsasl.mechanism.inter.broker.protocol=PLAIN\n'
            printf 'listener.name.client.plain.sasl.jaas.config=%s required' \
                org.apache.kafka.common.security.plain.PlainLoginModule
            printf ' username="%s" password="%s"' "${users%%:*}" "$(first_password "$users")"
            for user in $users; do
                printf ' user_%s="%s"' "${user%%:*}" "${user#*:}"
            done
            printf ';\n'
        fi
        for property; do
            property=${property//'{port}'/$port}
            printf '%s\n' "${property//'{controller_port}'/$controller}"
        done
    } >"$directory/server.properties"
    kafka_write_client_properties "$users" >"$directory/client.properties"
}

# kafka_place_listeners "name:protocol ...": a line "name 127.0.0.1:port PROTOCOL" each, with ports
# from stdin.
kafka_place_listeners() {
    local listener port
    for listener in $1; do
        read -r port
        printf '%s 127.0.0.1:%s %s\n' "${listener%%:*}" "$port" "${listener#*:}"
    done
}

first_password() {
    local first=${1%% *}
    printf '%s' "${first#*:}"
}

kafka_write_client_properties() {
    [ -n "$1" ] || return 0
    cat <<PROPERTIES
security.protocol=SASL_PLAINTEXT
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="${1%%:*}" password="$(first_password "$1")";
PROPERTIES
}

kafka_format() {
    local id
    id=$(python3 -c 'import base64, uuid
print(base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("="))')
    kafka_tool kafka.tools.StorageTool format "--cluster-id=$id" -c "$1/server.properties" \
        >"$1/format.log" 2>&1 || {
        tail -n 20 "$1/format.log" >&2
        die "the broker's directory $1 could not be formatted"
    }
}

kafka_bootstrap() {
    local port controller
    # shellcheck disable=SC2034 # the line's second word has to go somewhere
    read -r port controller <"$1/ports" || die "$1 is not a broker's directory"
    printf '127.0.0.1:%s\n' "$port"
}

# kafka_pid DIRECTORY: prints the running broker's process id; fails when none runs there.
kafka_pid() {
    local pid
    pid=$(cat "$1/pid" 2>/dev/null) && grep -qsF "$1/server.properties" "/proc/$pid/cmdline" &&
        printf '%s\n' "$pid"
}

# kafka_is_up DIRECTORY PID: the broker serves, or has ended.
kafka_is_up() {
    grep -q 'Kafka Server started' "$1/broker.log" || process_is_gone "$2"
}

# kafka_launch DIRECTORY: starts the configured broker and waits until it serves.
kafka_launch() {
    local directory=$1 quick='' pid
    if [ -n "${KAFKA_QUICK_START:-}" ]; then
        quick=$KAFKA_QUICK
        kafka_use_archive
    else
        KAFKA_SHARING=()
    fi
    [ ! -e "$directory/broker.log" ] || mv "$directory/broker.log" "$directory/broker.log.1"
    # In a session of its own: a Ctrl-C on the terminal is not for the broker.
    # shellcheck disable=SC2086 # a word each
    setsid java $quick "${KAFKA_SHARING[@]}" -Xmx"${KAFKA_HEAP:-512m}" -Dorg.slf4j.simpleLogger.showDateTime=true \
        -cp "$KAFKA_JARS/*" kafka.Kafka "$directory/server.properties" \
        >"$directory/broker.log" 2>&1 </dev/null &
    pid=$!
    printf '%s\n' "$pid" >"$directory/pid"
    if ! wait_for 120 kafka_is_up "$directory" "$pid" || process_is_gone "$pid"; then
        end_process "$pid"
        rm -f "$directory/pid"
        grep -E ' (ERROR|WARN|FATAL) |Exception' "$directory/broker.log" | tail -n 20 >&2 || true
        tail -n 5 "$directory/broker.log" >&2
        die "the broker in $directory did not start; all it said is in $directory/broker.log"
    fi
}
