# shellcheck shell=bash
# MariaDB, in the place of MySQL: apt's server without its service, as a private instance. Its
# directory holds data/, the socket, and client.cnf with the login of the user kafka_bridge, whose
# password is made with the directory: `mariadb --defaults-file=D/client.cnf`.
#
# root has it run as nobody where nobody can come to the directory, else as root.

mariadb_fetch() {
    mariadb_server >/dev/null || install_packages mariadb
}

mariadb_server() {
    PATH=$PATH:/usr/sbin:/usr/local/sbin command -v mariadbd || PATH=$PATH:/usr/sbin command -v mysqld
}

# mariadb_start: SQL answers when it returns.
mariadb_start() {
    local port=$GIVEN_PORT
    port=$(place_ports "$DIRECTORY" 1 "$port")
    need_port "$port" MariaDB "$PORT_ADVICE"
    mariadb_choose_user
    [ -e "$DIRECTORY/installed" ] || mariadb_install "$port" || return 1
    mariadb_launch --port="$port" --bind-address=127.0.0.1 || return 1
    await "$DIRECTORY" mariadb MariaDB 180 mariadb_is_healthy
}

# mariadb_choose_user: sets AS, the prefix of a command, and RUN_AS, mariadbd's option.
mariadb_choose_user() {
    AS=() RUN_AS=()
    mkdir -p "$DIRECTORY/data" "$DIRECTORY/run"
    [ "$(id -u)" -eq 0 ] || return 0
    AS=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
    if "${AS[@]}" test -x "$DIRECTORY/data" 2>/dev/null; then
        chown -R nobody:nogroup "$DIRECTORY/data" "$DIRECTORY/run"
    else
        AS=() RUN_AS=(--user=root)
    fi
}

# mariadb_launch OPTIONS...
mariadb_launch() {
    local binary
    binary=$(mariadb_server) || die "mariadbd is not installed: run scripts/engine mariadb fetch"
    launch "$DIRECTORY" mariadb "${AS[@]}" "$binary" --no-defaults "${RUN_AS[@]}" \
        --datadir="$DIRECTORY/data" --socket="$DIRECTORY/run/sql" --pid-file="$DIRECTORY/run/pid" \
        --skip-log-bin --character-set-server=utf8mb4 "$@"
}

# mariadb_install PORT: a new data directory, and the one user that may log in.
mariadb_install() {
    local password options=()
    rm -rf "$DIRECTORY/data" && mkdir -p "$DIRECTORY/data" && mariadb_choose_user
    password=$(python3 -c 'import secrets; print(secrets.token_hex(16))')
    [ ${#RUN_AS[@]} -eq 0 ] || options=(--user=root)
    "${AS[@]}" "$(command -v mariadb-install-db || command -v mysql_install_db)" --no-defaults \
        "${options[@]}" --datadir="$DIRECTORY/data" --auth-root-authentication-method=normal \
        --skip-test-db --skip-name-resolve >"$DIRECTORY/install.log" 2>&1 || {
        tail -n 20 "$DIRECTORY/install.log" >&2
        return 1
    }
    (
        umask 077
        printf '[client]\nuser=kafka_bridge\npassword=%s\nhost=127.0.0.1\nport=%s\n' \
            "$password" "$1" >"$DIRECTORY/client.cnf"
        cat >"$DIRECTORY/run/first.sql" <<SQL
FLUSH PRIVILEGES;
CREATE USER kafka_bridge@'127.0.0.1' IDENTIFIED BY '$password';
GRANT ALL ON *.* TO kafka_bridge@'127.0.0.1' WITH GRANT OPTION;
DROP USER IF EXISTS root@localhost, root@'127.0.0.1', root@'::1', ''@localhost, root@'$(uname -n)', ''@'$(uname -n)';
SQL
    )
    # Nobody listens before the users are as they shall be.
    "${AS[@]}" "$(mariadb_server)" --no-defaults "${RUN_AS[@]}" --datadir="$DIRECTORY/data" \
        --bootstrap <"$DIRECTORY/run/first.sql" >>"$DIRECTORY/install.log" 2>&1 || {
        tail -n 20 "$DIRECTORY/install.log" >&2
        return 1
    }
    rm -f "$DIRECTORY/run/first.sql"
    touch "$DIRECTORY/installed"
}

# mariadb_sql ARGUMENTS...
mariadb_sql() {
    mariadb --defaults-file="$DIRECTORY/client.cnf" "$@"
}

mariadb_is_healthy() {
    mariadb_sql -e 'select 1'
}

# mariadb_schema FILE
mariadb_schema() {
    mariadb_sql <"$1"
}

mariadb_stop() {
    end_launched "$DIRECTORY" mariadb 30 "$SIGNAL"
}
