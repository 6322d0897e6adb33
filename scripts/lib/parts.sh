# shellcheck shell=bash
# shellcheck disable=SC2153 # the script that sources this sets them
# The parts of a pipeline: how each is started, ended and asked how it is. Sourced by
# scripts/pipeline, after engine.sh, ros.sh and template.sh. They use DIRECTORY, the pipeline's, NAME,
# FREE_PORTS (yes or no) and what pipelines.sh says of the pipeline.
#
# Each process of a pipeline has KAFKA_BRIDGE_PIPELINE=DIRECTORY in its environment.

# part_start PART: it answers when it returns. What it says is for a log.
part_start() {
    case $1 in
        kafka) start_kafka ;;
        master) start_master ;;
        cassandra | mariadb) start_engine "$1" --schema "$ROOT/$SCHEMA" ;;
        spark) start_engine spark --ui-port "$(port_of SPARK_MASTER_UI_PORT)" ;;
        word_count) start_engine word_count --kafka "$(address_of KAFKA)" ;;
        prometheus) start_prometheus ;;
        node_exporter) start_engine node_exporter ;;
        job) start_job ;;
        ros) start_ros ;;
        *) start_node "$1" ;;
    esac
}

# part_end PART [KILL]: in its own time, or at once, as by a crash.
part_end() {
    local part=$1 kill=()
    [ "${2:-}" != KILL ] || kill=(--kill)
    case $part in
        kafka) "$ROOT/scripts/kafka" stop --dir "$DIRECTORY/kafka" "${kill[@]}" ;;
        master) end_launched "$DIRECTORY" master 15 "${2:-TERM}" ;;
        # A batch under way is brought to its end.
        job) end_launched "$DIRECTORY" job 60 "${2:-TERM}" ;;
        ros) end_ros "${2:-INT}" ;;
        cassandra | mariadb | spark | word_count | prometheus | node_exporter)
            "$ROOT/scripts/engine" "$part" stop --dir "$DIRECTORY/$part" "${kill[@]}"
            ;;
        *) end_node "$part" "${2:-INT}" ;;
    esac
}

# part_pids PART: those that run, on one line.
part_pids() {
    case $1 in
        kafka) "$ROOT/scripts/kafka" status --dir "$DIRECTORY/kafka" | sed -n 's/.* pid //p' ;;
        master | job | ros) running_pid "$DIRECTORY" "$1" ;;
        spark) pids_of "$DIRECTORY/spark" master worker ;;
        cassandra | mariadb | word_count | prometheus | node_exporter)
            running_pid "$DIRECTORY/$1" "$1"
            ;;
        *) node_pid "$1" ;;
    esac 2>/dev/null || true
}

pids_of() {
    local directory=$1 name
    shift
    for name; do
        running_pid "$directory" "$name" || true
    done | paste -sd ' '
}

# part_is_healthy PART: it does what it is there for.
part_is_healthy() {
    case $1 in
        kafka) timeout 10 "$KCAT" -L -b "$(address_of KAFKA)" ;;
        master) timeout 10 rosparam get /run_id ;;
        job) grep -qE "^$NAME(\[.*\])?: running" "$DIRECTORY/job.log" ;;
        ros) [ -n "$(part_pids ros)" ] ;;
        ros_to_kafka | kafka_to_ros) [ -n "$(node_pid "$1")" ] && node_totals "$1" ;;
        cassandra | mariadb | spark | word_count | prometheus | node_exporter)
            "$ROOT/scripts/engine" "$1" status --dir "$DIRECTORY/$1"
            ;;
        *) [ -n "$(node_pid "$1")" ] || node_has_finished "$1" ;;
    esac >/dev/null 2>&1
}

# part_log PART: the file of what it says.
part_log() {
    case $1 in
        kafka) echo "$DIRECTORY/kafka/broker.log" ;;
        master | job | ros) echo "$DIRECTORY/$1.log" ;;
        spark) echo "$DIRECTORY/spark/master.log" "$DIRECTORY/spark/worker.log" ;;
        cassandra | mariadb | word_count | prometheus | node_exporter)
            echo "$DIRECTORY/$1/$1.log"
            ;;
        *)
            # Its lines before it was started again are among those of the launch file.
            if [ -e "$DIRECTORY/nodes/$1.log" ]; then
                echo "$DIRECTORY/nodes/$1.log"
            else
                echo "$DIRECTORY/ros.log"
            fi
            ;;
    esac
}

# port_of KEY: the port that a new directory's engine takes; 0 is a free one.
port_of() {
    if [ "$FREE_PORTS" = yes ]; then
        echo 0
    else
        echo "${!1}"
    fi
}

# as_word VALUE: as a shell reads it again; plain where that is the same.
as_word() {
    if [[ $1 =~ ^[A-Za-z0-9_./:@%+=,-]+$ ]]; then
        printf '%s\n' "$1"
    else
        printf "'%s'\n" "${1//\'/\'\\\'\'}"
    fi
}

# from_word WORD: the value again; of an older version's file, too, which did not quote.
from_word() {
    local value=$1
    if [[ $value == \'*\' ]]; then
        value=${value:1:-1}
        value=${value//\'\\\'\'/\'}
    fi
    printf '%s\n' "$value"
}

# address_of KEY: as addresses.env says.
address_of() {
    local word
    word=$(sed -n "s/^$1=//p" "$DIRECTORY/addresses.env")
    [ -z "$word" ] || from_word "$word"
}

# note_address KEY VALUE: in addresses.env, which a shell can source.
note_address() {
    local others
    others=$(grep -v "^$1=" "$DIRECTORY/addresses.env" 2>/dev/null) || true
    printf '%s\n' ${others:+"$others"} "$1=$(as_word "$2")" >"$DIRECTORY/addresses.env.new"
    mv "$DIRECTORY/addresses.env.new" "$DIRECTORY/addresses.env"
}

ADVICE='another pipeline there? end it with scripts/pipeline NAME down, or take free ports with
--free-ports (in a new directory: --dir, or after down --clean)'

start_kafka() {
    local port
    port=$(cut -d ' ' -f 1 "$DIRECTORY/kafka/ports" 2>/dev/null) || port=$(port_of KAFKA_PORT)
    [ "$port" = 0 ] || need_port "$port" Kafka "$ADVICE"
    # The lock on the directory is not the broker's.
    "$ROOT/scripts/kafka" start --dir "$DIRECTORY/kafka" --port "$port" >"$DIRECTORY/kafka.address" \
        8>&- || return 1
    note_address KAFKA "$(cat "$DIRECTORY/kafka.address")"
    rm -f "$DIRECTORY/kafka.address"
    make_topics
}

make_topics() {
    local topic there
    there=$("$ROOT/scripts/kafka" topics --dir "$DIRECTORY/kafka" --list) || return 1
    for topic in "${TOPICS[@]}"; do
        grep -qxF "$topic" <<<"$there" || "$ROOT/scripts/kafka" topics --dir "$DIRECTORY/kafka" \
            --create --topic "$topic" --partitions 1 || return 1
    done
}

# start_engine ENGINE OPTIONS...
start_engine() {
    local engine=$1 key=${1^^} address
    shift
    [ "$engine" != spark ] || key=SPARK_MASTER
    local port=${key}_PORT
    if [ "$engine" = word_count ]; then
        port=0
    else
        port=$(port_of "$port")
    fi
    address=$("$ROOT/scripts/engine" "$engine" start --dir "$DIRECTORY/$engine" --port "$port" \
        --advice "$ADVICE" "$@") || return 1
    note_address "${engine^^}" "$address"
    case $engine in
        cassandra)
            note_address CQLSH "$CACHE/cqlsh-$CQLSH_VERSION/venv/bin/cqlsh ${address/:/ }"
            ;;
        mariadb) note_address MARIADB_LOGIN "$DIRECTORY/mariadb/client.cnf" ;;
        spark) note_address SPARK_UI "http://127.0.0.1:$(sed -n 2p "$DIRECTORY/spark/ports")" ;;
    esac
}

# place_metrics: where both nodes, and the job that does, show their figures.
place_metrics() {
    local ports job=()
    [[ " ${JOB[*]} " != *METRICS_JOB* ]] || job=("$(port_of METRICS_JOB_PORT)")
    mapfile -t ports < <(place_ports "$DIRECTORY/metrics" $((2 + ${#job[@]})) \
        "$(port_of METRICS_ROS_TO_KAFKA_PORT)" "$(port_of METRICS_KAFKA_TO_ROS_PORT)" "${job[@]}")
    note_address METRICS_ROS_TO_KAFKA "127.0.0.1:${ports[0]}"
    note_address METRICS_KAFKA_TO_ROS "127.0.0.1:${ports[1]}"
    note_address METRICS_ROS_TO_KAFKA_PORT "${ports[0]}"
    note_address METRICS_KAFKA_TO_ROS_PORT "${ports[1]}"
    if [ ${#job[@]} -gt 0 ]; then
        note_address METRICS_JOB "127.0.0.1:${ports[2]}"
        note_address METRICS_JOB_PORT "${ports[2]}"
    fi
}

# start_prometheus: it looks for Spark jobs in the files of jobs/ beside its configuration.
start_prometheus() {
    local job
    job=$(address_of METRICS_JOB)
    if [ -n "$job" ]; then
        mkdir -p "$DIRECTORY/prometheus/jobs"
        printf '[{"targets": ["%s"]}]\n' "$job" >"$DIRECTORY/prometheus/jobs/$NAME.json"
    fi
    render_template "$ROOT/deploy/prometheus/prometheus.yml.in" \
        "METRICS_ROS_TO_KAFKA=$(address_of METRICS_ROS_TO_KAFKA)" \
        "METRICS_KAFKA_TO_ROS=$(address_of METRICS_KAFKA_TO_ROS)" \
        "NODE_EXPORTER=$(address_of NODE_EXPORTER)" \
        "RULES=$ROOT/deploy/prometheus/rules.yml" >"$DIRECTORY/prometheus.yml" || return 1
    start_engine prometheus --config "$DIRECTORY/prometheus.yml"
}

# fill TEXT: with {KEY} replaced by what addresses.env says.
fill() {
    local text=$1 key value
    text=${text//'{DIRECTORY}'/"$DIRECTORY"}
    while IFS='=' read -r key value; do
        text=${text//"{$key}"/"$(from_word "$value")"}
    done <"$DIRECTORY/addresses.env"
    printf '%s\n' "$text"
}

start_job() {
    local arguments=() argument
    for argument in "${JOB[@]}"; do
        arguments+=("$(fill "$argument")")
    done
    mkdir -p "$DIRECTORY/tmp"
    # What a killed job leaves lies in the directory, too.
    TMPDIR=$DIRECTORY/tmp SPARK_LOCAL_DIRS=$DIRECTORY/tmp \
        SPARK_SUBMIT_OPTS=-Djava.io.tmpdir=$DIRECTORY/tmp \
        launch "$DIRECTORY" job "$ROOT/scripts/job" "$NAME" \
        --bootstrap-servers "$(address_of KAFKA)" --checkpoint "$DIRECTORY/checkpoint" \
        "${arguments[@]}"
    await "$DIRECTORY" job "the Spark job $NAME" 300 part_is_healthy job
}
