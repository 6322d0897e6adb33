# shellcheck shell=bash
# The packages of apt that are needed, by purpose and distribution, and how they are installed.
# Sourced after common.sh. A name `a|b` is met by either; the first that apt knows is installed.

# ros_prefix: what the names of ROS's packages begin with. Ubuntu 20.04 takes ROS Noetic from
# packages.ros.org, newer Ubuntus may have ROS One; nothing: the distribution (Debian 11 and 12,
# Ubuntu 22.04) carries ROS 1 itself, under other names.
ros_prefix() {
    if [ -e /opt/ros/noetic/setup.sh ] || grep -q '^VERSION_CODENAME=focal' /etc/os-release; then
        echo ros-noetic
    elif [ -e /opt/ros/one/setup.sh ] || { ! is_installed catkin && known_to_apt ros-one-roscpp; }; then
        echo ros-one
    fi
}

# packages_for PURPOSE: build (which is also what a run needs) | test | broker | python | mariadb |
# prometheus | compose | container | debian | npm
packages_for() {
    local ros name
    ros=$(ros_prefix)
    case $1 in
        build)
            echo 'g++ cmake ninja-build pkg-config libssl-dev libyaml-dev libcjson-dev libcsv-dev' \
                'libcairo2-dev librdkafka-dev libsqlite3-dev zlib1g-dev libdeflate-dev' \
                'libmicrohttpd-dev uthash-dev libdouble-conversion-dev kcat|kafkacat'
            if [ -n "$ros" ]; then
                for name in catkin roscpp rosconsole std-msgs std-srvs rosgraph-msgs \
                    message-generation message-runtime roslaunch rosbash rostopic rosparam rosnode \
                    rosservice rosmsg nav-msgs sensor-msgs geometry-msgs diagnostic-msgs tf2-msgs \
                    topic-tools; do
                    echo "$ros-$name"
                done
            else
                echo 'catkin ros-core-dev ros-core-python-dev python3-gencpp python3-genpy' \
                    'python3-genlisp python3-roslaunch rosbash libtopic-tools-dev libnav-msgs-dev' \
                    'libsensor-msgs-dev libgeometry-msgs-dev libdiagnostic-msgs-dev' \
                    'libtf2-msgs-dev python3-tf2-msgs ros-tf2-msgs'
            fi
            ;;
        test)
            echo 'libcmocka-dev ccache valgrind shellcheck clang clang-tidy clang-format' \
                'libgtest-dev libgmock-dev python3-nose python3-venv python3-confluent-kafka'
            if [ -n "$ros" ]; then
                echo "$ros-rostest $ros-actionlib catkin-lint|python3-catkin-lint"
            else
                echo 'python3-rostest librostest-dev python3-actionlib libactionlib-dev catkin-lint' \
                    'libclang-rt-14-dev|clang'
            fi
            ;;
        python)
            echo 'python3-venv'
            ;;
        broker)
            echo 'maven openjdk-17-jre-headless'
            ;;
        mariadb)
            # The server and the client alone: mariadb-server would start a service.
            if grep -q '^VERSION_CODENAME=focal' /etc/os-release; then
                echo 'mariadb-server-core-10.3 mariadb-client-core-10.3'
            else
                echo 'mariadb-server-core mariadb-client-core'
            fi
            ;;
        prometheus)
            echo 'prometheus prometheus-node-exporter'
            ;;
        compose)
            echo 'docker-compose python3-yaml'
            ;;
        container)
            echo 'docker.io mmdebstrap debian-archive-keyring kcat|kafkacat'
            ;;
        debian)
            echo 'mmdebstrap debian-archive-keyring'
            ;;
        npm)
            echo 'npm'
            ;;
    esac
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# any_is_installed 'a|b'
any_is_installed() {
    local name
    for name in ${1//|/ }; do
        ! is_installed "$name" || return 0
    done
    return 1
}

# missing_packages PURPOSE...: prints what is not installed, one `a|b` a line.
missing_packages() {
    local purpose entry
    for purpose in "$@"; do
        for entry in $(packages_for "$purpose"); do
            any_is_installed "$entry" || echo "$entry"
        done
    done
}

# known_to_apt NAME: apt could install it.
known_to_apt() {
    apt-cache policy "$1" 2>/dev/null | grep '^  Candidate: [^(]' >/dev/null
}

# first_known 'a|b': the first name that apt knows; where none is, fails and says what to do.
first_known() {
    local name
    for name in ${1//|/ }; do
        if known_to_apt "$name"; then
            echo "$name"
            return 0
        fi
    done
    case $name in
        ros-noetic-*)
            cat >&2 <<'TEXT'
apt does not know ROS Noetic: its source is missing. Add it, then run this again:

    sudo apt-get install -y curl
    sudo curl -sSL https://raw.githubusercontent.com/ros/rosdistro/master/ros.key \
        -o /usr/share/keyrings/ros-archive-keyring.gpg
    echo "deb [signed-by=/usr/share/keyrings/ros-archive-keyring.gpg] \
    http://packages.ros.org/ros/ubuntu focal main" | sudo tee /etc/apt/sources.list.d/ros.list

TEXT
            ;;
        *) say "apt knows no package ${1//|/ or }: is the distribution's main source enabled?" >&2 ;;
    esac
    return 1
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=300 "$@"
}

# apt_install NAME...: installs them. No service starts by this, now or with the machine: what is
# needed is started by these scripts, where and when it is needed.
apt_install() {
    local policy='' status=0 name
    if ! [ -e /usr/sbin/policy-rc.d ]; then
        policy=/usr/sbin/policy-rc.d
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    apt --no-install-recommends install "$@" || status=$?
    [ -z "$policy" ] || as_root rm -f "$policy"
    for name; do
        ! [ -e "/etc/init.d/$name" ] || as_root update-rc.d "$name" disable || status=$?
    done
    return "$status"
}

# install_packages PURPOSE...: installs what is missing. Sets INSTALLED to how many that were.
install_packages() {
    local missing names=() name entry
    INSTALLED=0
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    have apt-get || die "not installed: ${missing//$'\n'/ }; and there is no apt-get here to do it"
    [ "$(id -u)" -eq 0 ] || ! have sudo || sudo -v || die "sudo did not let us become root"
    step "package lists" "$LOGS/apt-update.log" apt update ||
        die "apt-get update failed: is the network up?"
    for entry in $missing; do
        name=$(first_known "$entry") || exit 1
        names+=("$name")
    done
    INSTALLED=${#names[@]}
    step "installing $INSTALLED packages" "$LOGS/apt-install.log" \
        apt_install "${names[@]}" ||
        die "apt-get install failed for: ${names[*]}"
}
