# shellcheck shell=bash
# A Docker engine for one script, in a directory of its own; Docker's own packages, no registry.
# Sourced after common.sh, packages.sh and fetch.sh.

# docker_begin DIRECTORY WORK: starts it, and from now on `docker` asks this one. What it has built
# stays in DIRECTORY, one script at a time; its socket is in WORK, whose path is short. It gives way
# to what runs beside it, and so do its containers.
docker_begin() {
    DOCKER_DIRECTORY=$1 DOCKER_EXEC=$2/exec
    mkdir -p "$1"
    exec 8>"$1/lock"
    flock -n 8 || { say "waiting for another engine in $1" && flock 8; }
    export DOCKER_HOST=unix://$2/docker.sock DOCKER_CONFIG=$2/config DOCKER_BUILDKIT=0
    echo '{}' >"$2/docker.json"
    # In a session of its own: a Ctrl-C on the terminal is for the script that ends it in order.
    setsid nice dockerd --config-file "$2/docker.json" --host "$DOCKER_HOST" --pidfile "$2/docker.pid" \
        --data-root "$1/data" --exec-root "$DOCKER_EXEC" --bridge=none --iptables=false --ip6tables=false \
        >"$2/docker.log" 2>&1 </dev/null 8>&- &
    DOCKER_PID=$!
    if ! wait_for 120 docker_is_settled || ! docker info >/dev/null 2>&1; then
        tail -n 20 "$2/docker.log" >&2
        die "no Docker engine starts here; above is what dockerd said"
    fi
    docker_clean
}

docker_is_settled() {
    docker info || process_is_gone "$DOCKER_PID"
}

# docker_clean: containers, volumes and images without a name, which an earlier time left.
docker_clean() {
    docker ps -aq | xargs -r docker rm -f >/dev/null
    docker volume ls -q | xargs -r docker volume rm >/dev/null
    docker image prune -f >/dev/null
}

docker_end() {
    [ -n "${DOCKER_PID:-}" ] || return 0
    docker_clean || true
    end_process "$DOCKER_PID" 60
    # What the host's network was for the containers stays mounted otherwise.
    ! mountpoint -q "$DOCKER_EXEC/netns/default" || umount "$DOCKER_EXEC/netns/default"
}

# docker_base TAG SUITE: an image TAG of Debian's SUITE as its slim image is. Sourced with debian.sh.
docker_base() {
    local image=$DOCKER_DIRECTORY/$2
    ! docker image inspect "$1" >/dev/null 2>&1 || return 0
    fetch_once "$image" "Debian's $2" "mmdebstrap minbase slim" debian_root "$2" "$image/root.tar"
    step "importing $1" "$LOGS/docker-import.log" docker import "$image/root.tar" "$1"
}
