# shellcheck shell=bash
# The ROS parts of a pipeline: the master, the launch file and its nodes. Sourced with parts.sh.

# place_master: sets ROS_MASTER_URI and what belongs to it. The environment's master, or one of our
# own on a free port.
place_master() {
    local uri
    uri=$(cat "$DIRECTORY/master.uri" 2>/dev/null) || true
    if [ -z "$uri" ] && [ "$FREE_PORTS" = yes ]; then
        uri=http://127.0.0.1:$(free_ports 1)
        printf '%s\n' "$uri" >"$DIRECTORY/master.uri"
    fi
    export ROS_MASTER_URI=${uri:-${ROS_MASTER_URI:-http://localhost:11311}}
    note_address ROS_MASTER_URI "$ROS_MASTER_URI"
}

# use_pipeline_ros: the environment of its nodes, which log and spool in the directory.
use_pipeline_ros() {
    use_package
    export ROS_HOME=$DIRECTORY/ros_home ROS_LOG_DIR=$DIRECTORY/ros_home/log
    if [[ $ROS_MASTER_URI =~ //(127\.0\.0\.1|localhost): ]]; then
        export ROS_IP=127.0.0.1
        unset ROS_HOSTNAME
    fi
    mkdir -p "$ROS_LOG_DIR"
    # shellcheck disable=SC2016 # rosconsole puts these in
    export ROSCONSOLE_FORMAT='[${severity}] [${time}] ${node}: ${message}'
    # What a node says is in its log at once.
    export ROSCONSOLE_STDOUT_LINE_BUFFERED=1
}

# master_port: the port of a ROS_MASTER_URI on this machine; fails for another machine's.
master_port() {
    [[ $ROS_MASTER_URI =~ ^http://(127\.0\.0\.1|localhost|$(uname -n)):([0-9]+)/?$ ]] &&
        printf '%s\n' "${BASH_REMATCH[2]}"
}

# start_master: unless there is one already, which is left alone then.
start_master() {
    local port
    ! part_is_healthy master || return 0
    port=$(master_port) || die "no ROS master answers at $ROS_MASTER_URI, which ROS_MASTER_URI names"
    need_port "$port" "the ROS master" "$ADVICE"
    launch "$DIRECTORY" master roscore -p "$port"
    await "$DIRECTORY" master "the ROS master" 60 part_is_healthy master
}

# launch_arguments: sets ARGUMENTS: the launch file and what it is given; what the user gave comes last.
launch_arguments() {
    local argument user=()
    ARGUMENTS=("$ROOT/launch/pipelines/$NAME.launch" "bootstrap_servers:=$(address_of KAFKA)")
    for argument in "${LAUNCH[@]}"; do
        ARGUMENTS+=("$(fill "$argument")")
    done
    mapfile -t user <"$DIRECTORY/arguments"
    ARGUMENTS+=("${user[@]}")
}

# start_ros: each node runs, and both of the bridge answer.
start_ros() {
    local node taken
    launch_arguments
    roslaunch --nodes "${ARGUMENTS[@]}" | sed 's|.*/||' >"$DIRECTORY/nodes.list" || return 1
    taken=$(rosnode list 2>/dev/null | sed 's|^/||' | grep -xFf "$DIRECTORY/nodes.list") || true
    for node in $taken; do
        # A node that was killed stays in the master's list.
        ! timeout 10 rosnode ping -c 1 "/$node" >/dev/null 2>&1 ||
            die "the node /$node runs at $ROS_MASTER_URI already, of another pipeline or of yours; end it, or take a master of its own with --free-ports (in a new directory)"
    done
    launch "$DIRECTORY" ros roslaunch "${ARGUMENTS[@]}"
    await "$DIRECTORY" ros "the launch file" 120 nodes_run || return 1
    for node in $(bridge_nodes); do
        wait_for 90 node_totals "$node" || {
            tail -n 20 "$DIRECTORY/ros.log" >&2
            end_ros INT
            die "$node does not answer; above is what the nodes said"
        }
    done
    note_nodes
}

# nodes: the launch file's, one a line.
nodes() {
    cat "$DIRECTORY/nodes.list" 2>/dev/null || true
}

bridge_nodes() {
    nodes | grep -xE 'ros_to_kafka|kafka_to_ros' || true
}

nodes_run() {
    local node
    for node in $(nodes); do
        [ -n "$(node_pid "$node")" ] || node_has_finished "$node" || return 1
    done
}

# node_pid NODE: of this pipeline; nothing when it does not run.
node_pid() {
    local pid
    for pid in $(pids_with "__name:=$1" cmdline); do
        if is_own "$pid"; then
            echo "$pid"
            return 0
        fi
    done
}

# own_processes: the pids of all that belongs to this pipeline, but for this script.
own_processes() {
    pids_with "KAFKA_BRIDGE_PIPELINE=$DIRECTORY" environ
}

is_own() {
    grep -zxF "KAFKA_BRIDGE_PIPELINE=$DIRECTORY" "/proc/$1/environ" >/dev/null 2>&1
}

# pids_with TEXT FILE: processes with TEXT as a whole entry of their cmdline or environ. One grep for
# all: this is asked for again and again. Some end meanwhile, and nobody's fault is that.
pids_with() {
    local file pid
    for file in $(grep -lzxF -e "$1" /proc/[0-9]*/"$2" 2>/dev/null || true); do
        pid=${file#/proc/}
        pid=${pid%%/*}
        process_is_gone "$pid" || echo "$pid"
    done
}

# note_nodes: the command line of each node, for when it is started again.
note_nodes() {
    local node pid
    mkdir -p "$DIRECTORY/nodes"
    for node in $(nodes); do
        pid=$(node_pid "$node")
        [ -z "$pid" ] || cp "/proc/$pid/cmdline" "$DIRECTORY/nodes/$node.command"
    done
}

# node_has_finished NODE: it came to its end, as a truck without fuel does.
node_has_finished() {
    sed 's/\x1b\[[0-9;]*m//g' "$DIRECTORY/ros.log" |
        grep -E "^\[$1-[0-9]+\] process has finished cleanly" >/dev/null
}

# node_totals NODE: what its service says of its account.
node_totals() {
    timeout 15 rosservice call "/$1/totals" | tr -d '\\\n' | sed -n 's/.*message: "\(.*\)".*/\1/p' |
        sed 's/  */ /g' | grep .
}

# start_node NODE: again, as the launch file started it. Its parameters are with the master.
start_node() {
    local command
    [ -e "$DIRECTORY/nodes/$1.command" ] || die "$1 did not run at the last up: it cannot be started again as it was"
    mapfile -d '' -t command <"$DIRECTORY/nodes/$1.command"
    launch "$DIRECTORY/nodes" "$1" "${command[@]}"
    await "$DIRECTORY/nodes" "$1" "the node $1" 60 part_is_healthy "$1"
}

# end_node NODE SIGNAL: INT, or KILL. The bridge brings its account to an end, for shutdown_timeout.
end_node() {
    local pid
    pid=$(node_pid "$1")
    if [ -n "$pid" ]; then
        kill "-$2" "$pid" 2>/dev/null || true
        wait_for 60 process_is_gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
        wait_for 10 process_is_gone "$pid"
    fi
    rm -f "$DIRECTORY/nodes/$1.pid"
}

# end_ros SIGNAL: the sources first, then the bridge, then the launch file.
end_ros() {
    local node
    for node in $(nodes | grep -vxE 'ros_to_kafka|kafka_to_ros') $(bridge_nodes); do
        end_node "$node" "$1"
    done
    end_launched "$DIRECTORY" ros 30 "$1"
}
