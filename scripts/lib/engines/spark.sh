# shellcheck shell=bash
# Spark: pyspark in a Python environment of its own, the jars that it needs besides its own, and a
# standalone cluster of one master and one worker. Sourced by scripts/engine and scripts/job.
# The cluster's directory holds master.log, worker.log and work/, where executors run.

SPARK_HOME_DIRECTORY=$CACHE/spark-$SPARK_VERSION
SPARK_PYTHON=$SPARK_HOME_DIRECTORY/venv/bin/python
SPARK_JARS=$SPARK_HOME_DIRECTORY/jars

# spark_fetch: Java, the Python environment with what analytics/pyproject.toml names (its tests' too)
# and the jars for Kafka and Cassandra.
spark_fetch() {
    local requirements
    mapfile -t requirements < <(spark_requirements)
    [ ${#requirements[@]} -gt 0 ] || die "no requirements were found in analytics/pyproject.toml"
    python_fetch "$SPARK_HOME_DIRECTORY" "Spark $SPARK_VERSION for Python" "${requirements[@]}"
    maven_fetch "$SPARK_JARS.all" "Spark's jars for Kafka and Cassandra" \
        "org.apache.spark:spark-sql-kafka-0-10_2.12:$SPARK_VERSION" \
        "com.datastax.spark:spark-cassandra-connector_2.12:$CASSANDRA_CONNECTOR_VERSION"
    spark_select_jars
}

spark_requirements() {
    # Neither tomllib (from Python 3.11 on) nor pip is everywhere: its arrays are Python's, too.
    /usr/bin/python3 - "$ROOT/analytics/pyproject.toml" <<'PYTHON'
import ast
import re
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
for name in ("dependencies", "test"):
    array = re.search(r"^%s = (\[.*?\])$" % name, text, re.MULTILINE | re.DOTALL)
    for requirement in ast.literal_eval(array.group(1)):
        print(requirement)
PYTHON
}

# spark_select_jars: into jars/ those that pyspark does not bring itself, in whatever version.
spark_select_jars() {
    local own jar text
    own=$("$SPARK_PYTHON" -c 'import pathlib, pyspark
print(pathlib.Path(pyspark.__file__).parent / "jars")')
    text="$(cat "$SPARK_JARS.all/complete") beside $own"
    ! is_fetched "$SPARK_JARS" "$text" || return 0
    mkdir -p "$SPARK_JARS"
    (
        flock 9
        rm -f "$SPARK_JARS"/*.jar
        for jar in "$SPARK_JARS.all"/*.jar; do
            spark_brings "$own" "$jar" || ln "$jar" "$SPARK_JARS"
        done
        printf '%s\n' "$text" >"$SPARK_JARS/complete"
    ) 9>"$SPARK_JARS/lock"
}

# spark_brings DIRECTORY JAR: DIRECTORY holds the same jar, in this or another version.
spark_brings() {
    local name other
    name=$(spark_jar_name "$2")
    for other in "$1/$name"-[0-9]*.jar; do
        [ -e "$other" ] && [ "$(spark_jar_name "$other")" = "$name" ] && return 0
    done
    return 1
}

# spark_jar_name FILE: its name without directory and version.
spark_jar_name() {
    basename "$1" .jar | sed 's/-[0-9][^-]*\(-[^-]*\)\{0,1\}$//'
}

# spark_start: the master has one worker alive when it returns.
spark_start() {
    local ports home
    mapfile -t ports < <(place_ports "$DIRECTORY" 4 "$GIVEN_PORT" "$UI_PORT")
    need_port "${ports[0]}" "Spark's master" "$PORT_ADVICE"
    need_port "${ports[1]}" "the pages of Spark's master" "$PORT_ADVICE"
    need_port "${ports[2]}" "Spark's worker" "$PORT_ADVICE"
    need_port "${ports[3]}" "the pages of Spark's worker" "$PORT_ADVICE"
    home=$("$SPARK_PYTHON" -c 'import os, pyspark; print(os.path.dirname(pyspark.__file__))')
    spark_properties >"$DIRECTORY/spark.properties"
    spark_launch master Master --port "${ports[0]}" --webui-port "${ports[1]}"
    await "$DIRECTORY" master "Spark's master" 120 spark_master_serves || return 1
    spark_launch worker Worker --port "${ports[2]}" --webui-port "${ports[3]}" \
        --cores "${SPARK_WORKER_CORES:-$(nproc)}" --memory "${SPARK_WORKER_MEMORY:-2g}" \
        --work-dir "$DIRECTORY/work" "spark://127.0.0.1:${ports[0]}"
    await "$DIRECTORY" worker "Spark's worker" 120 spark_is_healthy || {
        end_launched "$DIRECTORY" master 10
        return 1
    }
}

# spark_properties: a master that is started again knows its applications, which go on then. For those
# that do not answer it waits a minute; its worker it need not wait for.
spark_properties() {
    mkdir -p "$DIRECTORY/recovery"
    rm -f "$DIRECTORY/recovery"/worker_*
    printf '%s\n' 'spark.master.rest.enabled false' 'spark.deploy.recoveryMode FILESYSTEM' \
        "spark.deploy.recoveryDirectory $DIRECTORY/recovery"
}

# spark_launch NAME CLASS ARGUMENTS...
spark_launch() {
    local name=$1 class=$2
    shift 2
    SPARK_HOME=$home SPARK_LOCAL_IP=127.0.0.1 SPARK_LOCAL_DIRS=$DIRECTORY/tmp \
        SPARK_DAEMON_MEMORY=${SPARK_DAEMON_MEMORY:-512m} launch "$DIRECTORY" "$name" \
        "$home/bin/spark-class" "org.apache.spark.deploy.${name}.$class" --host 127.0.0.1 \
        --properties-file "$DIRECTORY/spark.properties" "$@"
}

spark_master_serves() {
    http_answers "http://127.0.0.1:$(sed -n 2p "$DIRECTORY/ports")/json/" '"status" : "ALIVE"'
}

spark_is_healthy() {
    http_answers "http://127.0.0.1:$(sed -n 2p "$DIRECTORY/ports")/json/" '"aliveworkers" : 1\b'
}

# spark_stop: the worker first, which ends its executors.
spark_stop() {
    end_launched "$DIRECTORY" worker 20 "$SIGNAL"
    end_launched "$DIRECTORY" master 20 "$SIGNAL"
}
