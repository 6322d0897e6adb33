# shellcheck shell=bash
# Cassandra: one Java process. Its directory holds cassandra.yaml, logback.xml, data/ and logs/.

CASSANDRA_JARS=$CACHE/cassandra-$CASSANDRA_VERSION
CQLSH_DIRECTORY=$CACHE/cqlsh-$CQLSH_VERSION

cassandra_fetch() {
    maven_fetch "$CASSANDRA_JARS" "Cassandra $CASSANDRA_VERSION" \
        "org.apache.cassandra:cassandra-all:$CASSANDRA_VERSION"
    python_fetch "$CQLSH_DIRECTORY" "cqlsh $CQLSH_VERSION" "cqlsh==$CQLSH_VERSION"
}

# cassandra_start: CQL answers a query when it returns.
cassandra_start() {
    local ports jamm
    mapfile -t ports < <(place_ports "$DIRECTORY" 2 "$GIVEN_PORT")
    need_port "${ports[0]}" Cassandra "$PORT_ADVICE"
    need_port "${ports[1]}" "Cassandra (between nodes)" "$PORT_ADVICE"
    cassandra_configure "${ports[@]}"
    jamm=$(find "$CASSANDRA_JARS" -name 'jamm-*.jar')
    launch "$DIRECTORY" cassandra java "-Xmx${CASSANDRA_HEAP:-768m}" "-javaagent:$jamm" \
        --add-exports=java.base/jdk.internal.misc=ALL-UNNAMED \
        --add-exports=java.base/jdk.internal.ref=ALL-UNNAMED \
        --add-exports=java.management.rmi/com.sun.jmx.remote.internal.rmi=ALL-UNNAMED \
        --add-opens=java.base/sun.nio.ch=ALL-UNNAMED --add-opens=java.base/java.io=ALL-UNNAMED \
        -Djava.io.tmpdir="$DIRECTORY/tmp" -Djna.tmpdir="$DIRECTORY/tmp" \
        -Dlogback.configurationFile="file://$DIRECTORY/logback.xml" \
        -Dcassandra.config="file://$DIRECTORY/cassandra.yaml" \
        -Dcassandra.storagedir="$DIRECTORY/data" -Dcassandra.logdir="$DIRECTORY/logs" \
        -Dcassandra-foreground=yes -cp "$CASSANDRA_JARS/*" \
        org.apache.cassandra.service.CassandraDaemon
    await "$DIRECTORY" cassandra Cassandra 300 cassandra_listens || return 1
    await "$DIRECTORY" cassandra Cassandra 120 cassandra_is_healthy
}

# A cqlsh takes half a second to be told that nobody is there yet.
cassandra_listens() {
    grep -q 'Starting listening for CQL clients' "$DIRECTORY/cassandra.log"
}

# cassandra_configure PORT STORAGE_PORT
cassandra_configure() {
    mkdir -p "$DIRECTORY/tmp"
    cat >"$DIRECTORY/cassandra.yaml" <<YAML
cluster_name: kafka_bridge
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: SimpleSnitch
listen_address: 127.0.0.1
rpc_address: 127.0.0.1
native_transport_port: $1
storage_port: $2
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters:
      - seeds: "127.0.0.1:$2"
commitlog_sync: periodic
commitlog_sync_period: 10s
YAML
    cat >"$DIRECTORY/logback.xml" <<'XML'
<configuration>
  <appender name="STDOUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%-5level %date{ISO8601} %logger{20} - %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="STDOUT"/></root>
</configuration>
XML
}

# cassandra_cqlsh ARGUMENTS...
cassandra_cqlsh() {
    HOME=$DIRECTORY/tmp "$CQLSH_DIRECTORY/venv/bin/cqlsh" "$@" 127.0.0.1 \
        "$(head -n 1 "$DIRECTORY/ports")"
}

cassandra_is_healthy() {
    cassandra_cqlsh -e 'select release_version from system.local'
}

# cassandra_schema FILE
cassandra_schema() {
    cassandra_cqlsh -f "$1"
}

cassandra_stop() {
    end_launched "$DIRECTORY" cassandra 40 "$SIGNAL"
}
