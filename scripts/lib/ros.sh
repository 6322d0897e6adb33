# shellcheck shell=bash
# The ROS environment of the scripts. Sourced after common.sh.

# use_ros: ROS's own environment, where it lives below /opt.
use_ros() {
    # ROS's scripts read variables that may not be set.
    set +u
    local name
    for name in noetic one; do
        if [ -e "/opt/ros/$name/setup.sh" ]; then
            # shellcheck disable=SC1090
            . "/opt/ros/$name/setup.sh"
            break
        fi
    done
    set -u
    # The setup script may put its own directory first; it holds no Python.
    export PATH=/usr/bin:$PATH
}

# use_package: besides, the package as it is built: its nodes and messages are found.
use_package() {
    use_ros
    set +u
    # shellcheck disable=SC1091
    . "$BUILD/devel/setup.sh"
    set -u
}

# use_own_master DIRECTORY: a ROS master of one's own on a free port, logging into DIRECTORY. Sets
# ROS_MASTER_URI and MASTER_PID; end it with end_process.
use_own_master() {
    local port
    port=$(free_ports 1)
    export ROS_HOME=$1/ros ROS_LOG_DIR=$1/ros/log
    export ROS_MASTER_URI=http://127.0.0.1:$port ROS_IP=127.0.0.1
    unset ROS_HOSTNAME
    mkdir -p "$ROS_LOG_DIR"
    # In a session of its own: a Ctrl-C on the terminal is for the script that ends it in order.
    setsid roscore -p "$port" >"$1/roscore.log" 2>&1 </dev/null &
    # shellcheck disable=SC2034 # read by the scripts that source this file
    MASTER_PID=$!
    wait_for 120 rosparam get /run_id || die "roscore did not start; see $1/roscore.log"
}
