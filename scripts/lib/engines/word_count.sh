# shellcheck shell=bash
# Kafka Streams' own WordCountDemo: counts the words of streams-plaintext-input, which has to be
# there, into streams-wordcount-output. Its directory holds streams.properties and state/.

WORD_COUNT_JARS=$CACHE/kafka-streams-$KAFKA_VERSION

word_count_fetch() {
    maven_fetch "$WORD_COUNT_JARS" "Kafka Streams $KAFKA_VERSION" \
        "org.apache.kafka:kafka-streams-examples:$KAFKA_VERSION" org.slf4j:slf4j-simple:1.7.36
}

# word_count_start: it has its partitions when it returns.
word_count_start() {
    if [ -n "$KAFKA" ]; then
        mkdir -p "$DIRECTORY"
        cat >"$DIRECTORY/streams.properties" <<PROPERTIES
bootstrap.servers=$KAFKA
state.dir=$DIRECTORY/state
commit.interval.ms=1000
PROPERTIES
    fi
    [ -e "$DIRECTORY/streams.properties" ] || die "word_count needs --kafka HOST:PORT"
    launch "$DIRECTORY" word_count java "-Xmx${WORD_COUNT_HEAP:-256m}" \
        -Djava.io.tmpdir="$DIRECTORY" -Dorg.slf4j.simpleLogger.showDateTime=true \
        -cp "$WORD_COUNT_JARS/*" org.apache.kafka.streams.examples.wordcount.WordCountDemo \
        "$DIRECTORY/streams.properties"
    await "$DIRECTORY" word_count WordCountDemo 180 word_count_has_settled || return 1
    word_count_is_healthy || {
        end_launched "$DIRECTORY" word_count 10
        grep -m 3 -E ' ERROR |Exception' "$DIRECTORY/word_count.log" >&2
        return 1
    }
}

# Streams has no address to ask: what it said of its state last.
word_count_state() {
    grep -o 'stream-client .* State transition from [A-Z_]* to [A-Z_]*' \
        "$DIRECTORY/word_count.log" | tail -n 1 | sed 's/.* //'
}

word_count_has_settled() {
    [[ $(word_count_state) =~ ^(RUNNING|ERROR)$ ]]
}

word_count_is_healthy() {
    [ "$(word_count_state)" = RUNNING ]
}

word_count_stop() {
    end_launched "$DIRECTORY" word_count 30 "$SIGNAL"
}
