# shellcheck shell=bash
# The bridge's nodes with a robot, an embedded broker and a master of their own, for the checks that
# watch them while they run. Sourced after common.sh, ros.sh and checks.sh.

# nodes_begin DIRECTORY CONFIG: the package as built in DIRECTORY, and the YAML file that both nodes
# take. Sets NODES, where its nodes are, WORK, where they log, and BROKER, the embedded broker's
# address. All that is started ends with the script.
nodes_begin() {
    local BUILD=$1
    use_package
    NODES=$BUILD/devel/lib/kafka_bridge
    CONFIG=$2
    [ -x "$NODES/embedded_broker" ] || skip "this librdkafka has no mock cluster to run the nodes with"
    KCAT=$(command -v kcat || command -v kafkacat)
    CHILDREN=()
    trap nodes_end EXIT
    use_own_master "$WORK"
    CHILDREN+=("$MASTER_PID")
    nodes_start embedded_broker "$NODES/embedded_broker"
    wait_for 120 rosparam get /embedded_broker/bootstrap_servers || nodes_fail embedded_broker \
        "embedded_broker did not start"
    BROKER=$(rosparam get /embedded_broker/bootstrap_servers)
}

# nodes_end: the latest first, the master last.
nodes_end() {
    local i
    for ((i = ${#CHILDREN[@]} - 1; i >= 0; i--)); do
        end_process "${CHILDREN[i]}" 60
    done
    rm -rf "$WORK"
}

# nodes_start NAME COMMAND...: in the background, its output in NAME.log. Sets STARTED.
nodes_start() {
    local name=$1
    shift
    "$@" >"$WORK/$name.log" 2>&1 </dev/null &
    STARTED=$!
    CHILDREN+=("$STARTED")
}

# nodes_start_bridge NAME PREFIX...: one of the bridge's nodes; PREFIX is a command that runs it.
nodes_start_bridge() {
    local name=$1
    shift
    nodes_start "$name" "$@" "$NODES/$name" _config:="$CONFIG" _bootstrap_servers:=embedded
}

# nodes_stop NAME PID: as Ctrl-C does; what it said is shown where it does not end well.
nodes_stop() {
    local status=0
    kill -INT "$2" 2>/dev/null || true
    wait "$2" || status=$?
    [ "$status" -eq 0 ] || nodes_fail "$1" "$1 ended with status $status"
}

# nodes_fail NAME TEXT
nodes_fail() {
    local log
    for log in "$WORK/$1".*; do
        tail -n 200 "$log"
    done
    die "$2"
}

# nodes_have_records TOPIC COUNT: so many records are in Kafka.
nodes_have_records() {
    [ "$("$KCAT" -C -b "$BROKER" -t "$1" -o beginning -e -q 2>/dev/null | wc -l)" -ge "$2" ]
}

# nodes_totals NAME: the line with its totals.
nodes_totals() {
    sed 's/\x1b\[[0-9;]*m//g' "$WORK/$1.log" | grep -o 'received [0-9]* = .*' | tail -n 1
}
