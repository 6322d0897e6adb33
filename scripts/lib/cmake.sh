# shellcheck shell=bash
# Configuring and building. Sourced after common.sh and ros.sh.

generator() {
    if have ninja; then
        echo Ninja
    else
        echo 'Unix Makefiles'
    fi
}

# Where ccache is there, what one checkout compiled serves the others: paths are taken from the
# checkout, and a debugger is shown those of the one that compiled first.
LAUNCHERS=()
if have ccache; then
    LAUNCHERS=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    export CCACHE_DIR=${CCACHE_DIR:-$CACHE/ccache} CCACHE_BASEDIR=$ROOT CCACHE_NOHASHDIR=1
    export CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-3G}
fi

# Many test programs are linked: gold takes a fifth of the time where roscpp's libraries are behind.
LINKER=()
! have ld.gold || LINKER=(-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=gold)

# is_configured DIRECTORY
is_configured() {
    [ -e "$1/CMakeCache.txt" ] && { [ -e "$1/build.ninja" ] || [ -e "$1/Makefile" ]; }
}

# A build that is made once compiles rosc in a fifth of the time.
TOGETHER=(-DKAFKA_BRIDGE_TOGETHER=ON)

# Options of a build that is made to see that it can be made.
# shellcheck disable=SC2034 # read by the scripts that source this file
QUICK=(-DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG= -DCMAKE_CXX_FLAGS_DEBUG= "${TOGETHER[@]}")

# configure DIRECTORY OPTIONS...: the build tool runs CMake again by itself when a CMakeLists.txt
# changes, so this is needed once, and after packages were installed.
configure() {
    local directory=$1 generator=()
    shift
    [ -e "$directory/CMakeCache.txt" ] || generator=(-G "$(generator)")
    step "configuring ${directory#"$ROOT"/}" "$directory/log/configure.log" \
        cmake -S "$ROOT" -B "$directory" "${generator[@]}" \
        -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_EXPORT_COMPILE_COMMANDS=ON \
        "${LAUNCHERS[@]}" "${LINKER[@]}" ${RDKAFKA_ROOT:+-DRDKAFKA_ROOT="$RDKAFKA_ROOT"} "$@"
}

# build DIRECTORY [TARGETS...]: gives way to what runs beside it.
build() {
    local directory=$1 targets=()
    shift
    [ $# -eq 0 ] || targets=(--target "$@")
    step "building ${directory#"$ROOT"/}" "$directory/log/build.log" \
        nice cmake --build "$directory" --parallel "$(nproc)" "${targets[@]}"
}

# run_units DIRECTORY [REGEX]: its unit tests, several at a time since some wait; none is a failure.
run_units() {
    (cd "$1" && ctest -j 8 -R "${2:-^unit\.}" --no-tests=error --output-on-failure --timeout 1200)
}
