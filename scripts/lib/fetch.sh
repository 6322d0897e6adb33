# shellcheck shell=bash
# What the engines are made of, from Maven and PyPI into $CACHE, once for all checkouts; and the
# versions. Sourced after common.sh and packages.sh.

# shellcheck source=deploy/engines.env
. "$ROOT/deploy/engines.env"
if ! /usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))'; then
    # shellcheck disable=SC2034 # read by the scripts that source this file
    CQLSH_VERSION=$CQLSH_VERSION_FOR_PYTHON_3_8
fi

# fetch_once DIRECTORY WHAT TEXT COMMAND...: runs COMMAND with a progress line unless DIRECTORY is
# complete with TEXT, which says what shall be in it. Several may come here at once: one fetches, the
# others wait for it.
fetch_once() {
    local directory=$1 what=$2 text=$3
    shift 3
    ! is_fetched "$directory" "$text" || return 0
    mkdir -p "$directory"
    (
        flock 9
        ! is_fetched "$directory" "$text" || exit 0
        rm -f "$directory/complete"
        step "fetching $what" "$directory/fetch.log" "$@" || exit 1
        printf '%s\n' "$text" >"$directory/complete"
    ) 9>"$directory/lock" || die "$what could not be fetched: is the network up?"
}

is_fetched() {
    [ "$(cat "$1/complete" 2>/dev/null)" = "$2" ]
}

# maven_fetch DIRECTORY WHAT GROUP:ARTIFACT:VERSION...: these jars, and all that they need, are in
# DIRECTORY. Java and Maven come first, where they are missing.
maven_fetch() {
    local directory=$1 what=$2
    shift 2
    have java || install_packages broker
    ! is_fetched "$directory" "$*" || return 0
    have mvn || install_packages broker
    fetch_once "$directory" "$what" "$*" maven_copy "$directory" "$@"
}

# maven_copy DIRECTORY COORDINATES...: each jar appears whole, so that a Java which runs from this
# directory is not disturbed.
maven_copy() {
    local directory=$1 jar
    shift
    rm -rf "$directory/new" && mkdir -p "$directory/new"
    maven_pom "$@" >"$directory/pom.xml"
    mvn -B -f "$directory/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
        -DoutputDirectory="$directory/new" || return 1
    for jar in "$directory"/*.jar; do
        [ -e "$directory/new/$(basename "$jar")" ] || rm -f "$jar"
    done
    mv -f "$directory/new"/*.jar "$directory" && rmdir "$directory/new"
}

maven_pom() {
    local group artifact version
    cat <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>kafka_bridge</groupId>
  <artifactId>engine</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
XML
    while IFS=: read -r group artifact version; do
        printf '    <dependency>\n      <groupId>%s</groupId><artifactId>%s</artifactId>' \
            "$group" "$artifact"
        # Kafka 3 brings a second logger, which would take the place of slf4j-simple.
        printf '<version>%s</version>\n      <exclusions>' "$version"
        printf '<exclusion><groupId>%s</groupId><artifactId>%s</artifactId></exclusion>' \
            org.slf4j slf4j-reload4j ch.qos.reload4j reload4j
        printf '</exclusions>\n    </dependency>\n'
    done < <(printf '%s\n' "$@")
    printf '  </dependencies>\n</project>\n'
}

# python_fetch DIRECTORY WHAT REQUIREMENT...: a Python environment in DIRECTORY/venv that holds these.
python_fetch() {
    local directory=$1 what=$2
    shift 2
    is_installed python3-venv || have_ensurepip || install_packages python
    fetch_once "$directory" "$what" "$*" python_install "$directory/venv" "$@"
}

have_ensurepip() {
    /usr/bin/python3 -c 'import ensurepip' 2>/dev/null
}

# python_install VENV REQUIREMENT...: where the newest of what they need has no wheel for this Python, an older one
# that has: no compiler is asked for.
python_install() {
    local venv=$1
    shift
    [ -x "$venv/bin/pip" ] || /usr/bin/python3 -m venv "$venv" || return 1
    "$venv/bin/pip" --disable-pip-version-check install --prefer-binary "$@"
}
