# shellcheck shell=bash
# Prometheus' node exporter, from apt, without its service: this host's processors, memory and disks.

node_exporter_fetch() {
    have prometheus-node-exporter || install_packages prometheus
}

node_exporter_start() {
    local port=$GIVEN_PORT
    port=$(place_ports "$DIRECTORY" 1 "$port")
    need_port "$port" "the node exporter" "$PORT_ADVICE"
    launch "$DIRECTORY" node_exporter prometheus-node-exporter \
        --web.listen-address="127.0.0.1:$port"
    await "$DIRECTORY" node_exporter "the node exporter" 30 node_exporter_is_healthy
}

node_exporter_is_healthy() {
    http_answers "http://127.0.0.1:$(cat "$DIRECTORY/ports")/metrics" '(?m)^node_cpu_seconds_total'
}

node_exporter_stop() {
    end_launched "$DIRECTORY" node_exporter 10 "$SIGNAL"
}
