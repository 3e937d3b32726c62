# Keeps one PostgreSQL cluster, and leaves nothing of it: `sh -c "$(cat guardian.sh)" guardian PROGRAMS`.
#
# It says where the cluster's directory is and how initdb ended. Then it does what its input says, `start PORT OPTIONS`,
# `stop`, `pause` or `resume`, a line each, and answers each with its exit status. Its input ends when the process that
# writes it does, however that ends: then the cluster goes.

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

# Sends a signal to the server and to all of its processes, to it first: a server that is paused starts none.
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
