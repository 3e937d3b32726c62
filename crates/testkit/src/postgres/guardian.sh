# Manages one PostgreSQL cluster and removes it at the end: `sh -c "$(cat guardian.sh)" guardian PROGRAMS`.
#
# It prints the cluster's directory and the exit status of initdb. Then it executes commands from its input, one a line:
# `start PORT OPTIONS`, `stop`, `pause` or `resume`, and prints the exit status of each. The input ends with the process
# that writes it, even if that is killed: then the cluster is removed.

trap '' PIPE
programs=$1
export LC_ALL=C
directory=$(mktemp -d "${TMPDIR:-/tmp}/headroom-postgres.XXXXXX") || exit
exec 2>> "$directory/log"
echo "$directory"

"$programs/initdb" --pgdata="$directory/data" --username=headroom --auth=trust --encoding=UTF8 --no-sync < /dev/null >&2
echo $?
cat >> "$directory/data/postgresql.conf" << 'END'
listen_addresses = '127.0.0.1'
unix_socket_directories = '..'
max_connections = 300
fsync = off
full_page_writes = off
END

control() {
    "$programs/pg_ctl" --pgdata="$directory/data" --log="$directory/log" --wait "$@" < /dev/null >&2
}

# Sends a signal to the server and then to its processes. In this order, because a paused server starts no process.
signal() {
    server=$(head -n 1 "$directory/data/postmaster.pid") && kill -s "$1" "$server" || return
    for process in $(ps -A -o ppid= -o pid= | while read -r parent process; do
        if [ "$parent" = "$server" ]; then echo "$process"; fi
    done); do
        # It may have ended by itself.
        kill -s "$1" "$process" || true
    done
}

while read -r command arguments; do
    case $command in
        start) control start --options="-p $arguments" ;;
        stop) control stop --mode=immediate ;;
        pause) signal STOP ;;
        resume) signal CONT ;;
    esac
    echo $?
done

if [ -f "$directory/data/postmaster.pid" ]; then signal CONT; fi
control stop --mode=immediate
rm -rf "$directory"
