# shellcheck shell=bash
# Spark: pyspark in a Python environment of its own, the jars that it needs besides its own, and a
# standalone cluster of one master and one worker. Sourced by scripts/engine and scripts/job.

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
    "/usr/bin/python3" - "$ROOT/analytics/pyproject.toml" <<'PYTHON'
import sys

try:
    import tomllib
except ImportError:  # Python before 3.11
    from pip._vendor import tomli as tomllib

with open(sys.argv[1], "rb") as file:
    project = tomllib.load(file)["project"]
extras = project.get("optional-dependencies", {})
for requirement in project["dependencies"] + extras.get("test", []):
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
