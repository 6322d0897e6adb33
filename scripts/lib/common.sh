# shellcheck shell=bash
# What every script here needs: where things are, how to speak, how to run a step and show progress.
# Sourced, never run. Sets ROOT, BUILD, LOGS and CACHE.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=${KAFKA_BRIDGE_BUILD:-$ROOT/build}
# shellcheck disable=SC2034 # read by the scripts that source this file
LOGS=$BUILD/log
# Shared with other checkouts: Kafka's jars, old headers, the linters' Python environment.
# shellcheck disable=SC2034
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/kafka_bridge

# The Python that ROS was installed for comes first; pyenv's and conda's have no catkin_pkg.
PATH=/usr/bin:$PATH
export PATH

say() {
    printf '%s\n' "$*"
}

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# usage: prints the comment at the head of the script that runs, which is its help.
usage() {
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
}

# show_progress PID LOG TEXT: until PID ends, shows how long it has run and the log's last line; on
# a terminal once a second in place, elsewhere a line every 20 seconds.
show_progress() {
    local pid=$1 log=$2 text=$3 start=$SECONDS said=$SECONDS last
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.2
        [ $((SECONDS - said)) -ge 1 ] || continue
        if [ -t 1 ]; then
            said=$SECONDS
            last=$(tail -c 300 "$log" | tr '\r' '\n' | tail -n 1 | cut -c 1-60)
            printf '\r\033[K  %s ... %d s  %s' "$text" $((SECONDS - start)) "$last"
        elif [ $((SECONDS - said)) -ge 20 ]; then
            said=$SECONDS
            last=$(tail -c 300 "$log" | tr '\r' '\n' | tail -n 1 | cut -c 1-90)
            printf '  %s ... %d s  %s\n' "$text" $((SECONDS - start)) "$last"
        fi
    done
    if [ -t 1 ]; then
        printf '\r\033[K'
    fi
}

# step TEXT LOG COMMAND...: runs COMMAND with its output in LOG and shows progress; when it fails,
# shows the log's tail and returns its status.
step() {
    local text=$1 log=$2 start=$SECONDS status=0 pid
    shift 2
    mkdir -p "$(dirname "$log")"
    # In a process group of its own, so that Ctrl-C here ends all of it.
    set -m
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    set +m
    # shellcheck disable=SC2064 # this pid, not a later one's
    trap "kill -TERM -$pid 2>/dev/null; exit 130" INT TERM
    show_progress "$pid" "$log" "$text"
    wait "$pid" || status=$?
    trap - INT TERM
    if [ "$status" -eq 0 ]; then
        printf '  %s: %d s\n' "$text" $((SECONDS - start))
    else
        printf '  %s: failed after %d s; the end of %s:\n' "$text" $((SECONDS - start)) "$log" >&2
        tail -n 40 "$log" | sed 's/^/    /' >&2
    fi
    return "$status"
}

# as_root COMMAND...: runs it as root, through sudo where needed.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif have sudo; then
        sudo "$@"
    else
        die "root is needed, and sudo is not here: run as root: $*"
    fi
}

# free_ports COUNT: prints that many free loopback ports, one a line. They lie below the range that
# the kernel takes source ports from: a client that retries a closed port inside that range may end
# up connected to itself.
free_ports() {
    python3 - "$1" <<'PYTHON'
import random, socket, sys
held = []
while len(held) < int(sys.argv[1]):
    one = socket.socket()
    try:
        one.bind(("127.0.0.1", random.randrange(20000, 32000)))
        held.append(one)
    except OSError:
        one.close()
for one in held:
    print(one.getsockname()[1])
PYTHON
}

# wait_for SECONDS COMMAND...: runs COMMAND until it succeeds; fails when SECONDS have passed.
wait_for() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

# end_process PID [SECONDS]: asks PID to end, insists after SECONDS (10), waits until it is gone.
end_process() {
    local pid=$1 seconds=${2:-10}
    kill "$pid" 2>/dev/null || return 0
    if ! wait_for "$seconds" process_is_gone "$pid"; then
        kill -KILL "$pid" 2>/dev/null || true
        wait_for 10 process_is_gone "$pid"
    fi
}

process_is_gone() {
    # A zombie is gone too: its parent has only not asked yet.
    ! [ -e "/proc/$1/stat" ] || [ "$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -c 1)" = Z ]
}
