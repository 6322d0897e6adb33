# shellcheck shell=bash
# Prometheus, from apt, without its service. Its directory holds prometheus.yml and data/.

prometheus_fetch() {
    have prometheus || install_packages prometheus
}

prometheus_start() {
    local port=$GIVEN_PORT
    [ -z "$CONFIG" ] || { mkdir -p "$DIRECTORY" && cp "$CONFIG" "$DIRECTORY/prometheus.yml"; }
    [ -e "$DIRECTORY/prometheus.yml" ] || die "Prometheus needs --config FILE in a new directory"
    promtool check config "$DIRECTORY/prometheus.yml" >"$DIRECTORY/check.log" 2>&1 || {
        cat "$DIRECTORY/check.log" >&2
        die "Prometheus does not take $DIRECTORY/prometheus.yml"
    }
    port=$(place_ports "$DIRECTORY" 1 "$port")
    need_port "$port" Prometheus "$PORT_ADVICE"
    launch "$DIRECTORY" prometheus prometheus --config.file="$DIRECTORY/prometheus.yml" \
        --storage.tsdb.path="$DIRECTORY/data" --web.listen-address="127.0.0.1:$port"
    await "$DIRECTORY" prometheus Prometheus 60 prometheus_is_healthy
}

prometheus_is_healthy() {
    http_answers "http://127.0.0.1:$(cat "$DIRECTORY/ports")/-/ready"
}

prometheus_stop() {
    end_launched "$DIRECTORY" prometheus 30 "$SIGNAL"
}
