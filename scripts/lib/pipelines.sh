# shellcheck shell=bash
# shellcheck disable=SC2034 # read by scripts/pipeline and scripts/lib/parts.sh
# What each pipeline is made of. Sourced after common.sh.
#
#   TITLE     what it does
#   PARTS     in the order in which they are started: kafka, cassandra, mariadb, spark, word_count,
#             job, node_exporter, prometheus, ros (the master comes before the first of all)
#   TOPICS    Kafka's, made when they are missing
#   SCHEMA    of the database
#   JOB       the Spark job's arguments besides --bootstrap-servers and --checkpoint
#   LAUNCH    the launch file's arguments besides bootstrap_servers
#   LOOK      where its results are: a text and the command that shows them, in turn
#
# {NAME} stands for what addresses.env says of NAME, {DIRECTORY} for the pipeline's directory.

PIPELINES='odometry words word_totals detector truck'

pipeline_odometry() {
    TITLE='a robot -> Kafka -> Spark -> Cassandra'
    PARTS=(kafka cassandra job ros)
    TOPICS=(odometry results)
    SCHEMA=deploy/cassandra/ros.cql
    JOB=(--cassandra '{CASSANDRA}')
    LAUNCH=()
    LOOK=(
        'what the robot says' 'rostopic echo -n 1 /warty/odom'
        'its records in Kafka' 'kcat -C -b {KAFKA} -t odometry -o -3 -c 3'
        'its rows in Cassandra' '{CQLSH} -e "select * from ros.odometry limit 5"'
    )
}

pipeline_words() {
    TITLE='lines -> Kafka -> word counts by Spark and by Kafka Streams -> ROS'
    PARTS=(kafka word_count job ros)
    TOPICS=(testTopic streams-plaintext-input streams-wordcount-output word-counts)
    SCHEMA=''
    JOB=()
    LAUNCH=()
    LOOK=(
        'the lines' 'rostopic echo /text'
        "Kafka Streams' counts in ROS" 'rostopic echo /word_count'
        "Spark's counts in ROS" 'rostopic echo /spark_word_count'
        "Kafka Streams' counts in Kafka"
        "kcat -C -b {KAFKA} -t streams-wordcount-output -e -s value=q -f '%k\\t%s\\n'"
        "Spark's tables" "$(this_pipeline 'logs job')"
    )
}

pipeline_word_totals() {
    TITLE='lines -> Kafka -> Spark, each second a SQL total -> ROS; Prometheus'
    PARTS=(kafka job ros node_exporter prometheus)
    TOPICS=(test-topic word-totals)
    SCHEMA=''
    JOB=(--metrics-port '{METRICS_JOB_PORT}')
    LAUNCH=(metrics_address:=127.0.0.1 to_kafka_metrics_port:='{METRICS_ROS_TO_KAFKA_PORT}'
        to_ros_metrics_port:='{METRICS_KAFKA_TO_ROS_PORT}')
    LOOK=(
        'the lines' 'rostopic echo /lines'
        'the totals in ROS' 'rostopic echo /word_totals'
        'the totals in Kafka' 'kcat -C -b {KAFKA} -t word-totals -o -3 -c 3'
        "Spark's tables" "$(this_pipeline 'logs job')"
        "the job's figures" 'http://{METRICS_JOB}/metrics'
        'words per second in Prometheus'
        'http://{PROMETHEUS}/graph?g0.expr=sum%20by(name)(rate(kafka_bridge_job_counted_total%7Bwhat%3D%22words%22%7D%5B20s%5D))&g0.tab=0&g0.range_input=5m'
    )
}

pipeline_detector() {
    TITLE='a detector -> Kafka -> Spark, histograms of each chamber -> ROS'
    PARTS=(kafka job ros)
    TOPICS=(Experiment_measurements results)
    SCHEMA=''
    JOB=()
    if [ "$CLUSTER" = yes ]; then
        PARTS=(kafka spark job ros)
        JOB=(--master '{SPARK}')
    fi
    LAUNCH=(picture:='{DIRECTORY}/chambers.png')
    LOOK=(
        'the hits in Kafka' 'kcat -C -b {KAFKA} -t Experiment_measurements -o -3 -c 3'
        'the histograms in ROS' 'rostopic echo -n 1 /chamber_results'
        'the histograms in Kafka' 'kcat -C -b {KAFKA} -t results -o -1 -c 1'
        'a picture of the newest' 'xdg-open {DIRECTORY}/chambers.png'
        'a picture that moves' 'rqt_image_view /chamber_plot'
    )
    [ "$CLUSTER" = no ] || LOOK+=("Spark's own pages" '{SPARK_UI}')
}

pipeline_truck() {
    TITLE='a truck -> Kafka -> Spark -> MySQL and CSV; Prometheus'
    PARTS=(kafka mariadb job ros node_exporter prometheus)
    TOPICS=(truck phone-orientation truck-correlations)
    SCHEMA=deploy/mysql/kafka_db.sql
    JOB=(--mysql-defaults '{MARIADB_LOGIN}' --csv '{DIRECTORY}/csv')
    LAUNCH=(metrics_address:=127.0.0.1 to_kafka_metrics_port:='{METRICS_ROS_TO_KAFKA_PORT}'
        to_ros_metrics_port:='{METRICS_KAFKA_TO_ROS_PORT}')
    LOOK=(
        'what the truck says' 'rostopic echo -n 1 /truck/state'
        'the correlations in ROS' 'rostopic echo /truck/correlation'
        'its rows in MySQL'
        'mariadb --defaults-file={MARIADB_LOGIN} KAFKA_DB -e "select count(*) from TRUCK_PARAMETER_MAP"'
        'its CSV files' 'ls {DIRECTORY}/csv'
        'Prometheus' 'http://{PROMETHEUS}/targets'
        "the bridge's figures" 'http://{METRICS_ROS_TO_KAFKA}/metrics'
    )
}
