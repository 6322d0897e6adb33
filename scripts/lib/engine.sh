# shellcheck shell=bash
# What all engines share: processes with a pid and a log in a directory of their own, ports, and
# waiting until an engine answers. Sourced after common.sh.
#
# A process NAME of a directory has NAME.pid and NAME.log there (the one before: NAME.log.1). A pid
# counts only while the process of that pid is the one that was started: its start time stands
# beside it.

# launch DIRECTORY NAME COMMAND...: in the background, in a session and process group of its own: a
# Ctrl-C on the terminal is not for it. Sets STARTED.
launch() {
    local directory=$1 name=$2
    shift 2
    mkdir -p "$directory"
    [ ! -e "$directory/$name.log" ] || mv "$directory/$name.log" "$directory/$name.log.1"
    # No lock that this script holds is the engine's.
    (cd "$directory" && exec setsid "$@" >"$directory/$name.log" 2>&1 </dev/null 9>&- 8>&-) &
    STARTED=$!
    printf '%s %s\n' "$STARTED" "$(start_time "$STARTED")" >"$directory/$name.pid"
}

# start_time PID: in ticks since the machine was started; "" when it is gone.
start_time() {
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

# running_pid DIRECTORY NAME: prints the pid of the running process; fails when it does not run.
running_pid() {
    local pid start
    # shellcheck disable=SC2034 # read by name
    read -r pid start 2>/dev/null <"$1/$2.pid" || return 1
    ! process_is_gone "$pid" && [ "$(start_time "$pid")" = "$start" ] && printf '%s\n' "$pid"
}

# end_launched DIRECTORY NAME SECONDS [SIGNAL]: asks it to end, with SIGTERM or SIGNAL, insists after
# SECONDS; what is left of its process group is killed. SIGNAL KILL does not ask.
end_launched() {
    local directory=$1 name=$2 seconds=$3 signal=${4:-TERM} pid
    if pid=$(running_pid "$directory" "$name"); then
        if [ "$signal" != KILL ]; then
            kill "-$signal" "$pid" 2>/dev/null || true
            wait_for "$seconds" process_is_gone "$pid" || true
        fi
        kill -KILL -- "-$pid" 2>/dev/null || true
        wait_for 10 group_is_gone "$pid" || die "process $pid ($name of $directory) does not end"
    fi
    rm -f "$directory/$name.pid"
}

# group_is_gone PID: nothing of the process group that PID leads is left, but for zombies.
group_is_gone() {
    local file line
    for file in /proc/[0-9]*/stat; do
        { read -r line <"$file"; } 2>/dev/null || continue
        # After the name in brackets: state, parent, group …
        # shellcheck disable=SC2086 # words
        set -- "$1" ${line##*) }
        if [ "$4" = "$1" ] && [ "$2" != Z ]; then
            return 1
        fi
    done
}

# await DIRECTORY NAME WHAT SECONDS COMMAND...: waits until COMMAND succeeds; when the process ends
# before, or SECONDS pass, ends it, shows the end of its log and fails.
await() {
    local directory=$1 name=$2 what=$3 seconds=$4 why
    shift 4
    wait_for "$seconds" is_up_or_gone "$directory" "$name" "$@" || true
    if ! running_pid "$directory" "$name" >/dev/null; then
        why="ended while it started"
    elif "$@" >/dev/null 2>&1; then
        return 0
    else
        why="did not answer within $seconds s"
    fi
    end_launched "$directory" "$name" 5
    printf '%s %s; the end of %s:\n' "$what" "$why" "$directory/$name.log" >&2
    tail -n 20 "$directory/$name.log" | sed 's/^/    /' >&2
    return 1
}

is_up_or_gone() {
    local directory=$1 name=$2
    shift 2
    ! running_pid "$directory" "$name" >/dev/null || "$@"
}

# need_port PORT WHAT [ADVICE]: fails when something listens there, and says what.
need_port() {
    local holder
    if [[ ! $1 =~ ^[0-9]{1,5}$ ]] || [ "$1" -eq 0 ] || [ "$1" -gt 65535 ]; then
        die "$1 is no port for $2: 1 to 65535 are"
    fi
    holder=$(port_holder "$1")
    # One that was killed just now may hold it for a moment yet, with nobody's name on it.
    if [[ $holder = 'another user'* ]] && wait_for 10 port_is_free "$1"; then
        holder=''
    fi
    [ -z "$holder" ] || die "port $1, which $2 needs, is in use by $holder${3:+; $3}"
}

port_is_free() {
    [ -z "$(port_holder "$1")" ]
}

# port_holder PORT: says which process listens there on loopback or everywhere; nothing when none.
port_holder() {
    python3 - "$1" <<'PYTHON'
import os, re, sys

port = "%04X" % int(sys.argv[1])
inodes = set()
for table in ("/proc/net/tcp", "/proc/net/tcp6"):
    try:
        lines = open(table).read().splitlines()[1:]
    except OSError:
        continue
    for words in map(str.split, lines):
        if words[3] == "0A" and words[1].split(":")[1] == port:
            inodes.add("socket:[%s]" % words[9])
if not inodes:
    sys.exit()
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        held = {os.readlink("/proc/%s/fd/%s" % (pid, one)) for one in os.listdir("/proc/%s/fd" % pid)}
        command = open("/proc/%s/cmdline" % pid).read().replace("\0", " ").strip()
    except OSError:
        continue
    if held & inodes:
        pipeline = re.search(r"(\S*/pipelines/(\w+))/", command)
        place = "pipeline %s: " % pipeline.group(2) if pipeline else ""
        if len(command) > 100:
            command = command[:50] + " … " + command[-50:]
        print("%sprocess %s (%s)" % (place, pid, command))
        sys.exit()
print("another user's process")
PYTHON
}

# http_answers URL [EXPRESSION]: it answers with success, with EXPRESSION in what it says.
http_answers() {
    python3 - "$@" <<'PYTHON'
import re, sys, urllib.request

try:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    text = opener.open(sys.argv[1], timeout=3).read().decode()
except OSError as error:
    sys.exit("%s: %s" % (sys.argv[1], error))
if len(sys.argv) > 2 and not re.search(sys.argv[2], text):
    sys.exit("%s says: %s" % (sys.argv[1], text[:2000]))
PYTHON
}

# place_ports DIRECTORY COUNT [PORT...]: prints the directory's ports, one a line; a new directory's
# are those given and, for 0 and what was not given, free ones.
place_ports() {
    local directory=$1 count=$2 port ports=() free
    shift 2
    if ! [ -e "$directory/ports" ]; then
        mapfile -t free < <(free_ports "$count")
        for ((; count > 0; count--)); do
            port=${1:-0}
            [ $# -eq 0 ] || shift
            [ "$port" != 0 ] || port=${free[count - 1]}
            ports+=("$port")
        done
        mkdir -p "$directory"
        printf '%s\n' "${ports[@]}" >"$directory/ports"
    fi
    cat "$directory/ports"
}
