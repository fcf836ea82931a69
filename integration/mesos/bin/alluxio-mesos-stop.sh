#!/bin/sh
# Stops the framework of one configuration and no other: runs the program alluxio-mesos.
set -eu

usage() {
  cat <<'USAGE'
Usage: alluxio-mesos-stop.sh [-h] [--property key=value ...]
           [--teardown [--yes] [--timeout 5m] | --cancel-teardown]

Stops the framework of this configuration and waits until it is gone. The
Alluxio processes keep running, and the next start finds them if it comes within
alluxio.integration.mesos.failover.timeout.

  -h                    show this help
  --teardown            end the Alluxio cluster as well: workers, then masters,
                        then the framework in Mesos. Journals and under stores
                        stay. It asks for the name of the framework first
  --yes                 do not ask; without a terminal --teardown needs it
  --timeout 5m          how long to wait for --teardown. A teardown that has not
                        begun by then, because Mesos is away, is dropped; one
                        that has begun goes on
  --cancel-teardown     cancel a teardown that has not begun
  --property key=value  as given to the start script, if it moves the state
                        folder

The configuration is found as by alluxio-mesos-start.sh: in $ALLUXIO_CONF_DIR,
else in $ALLUXIO_HOME/conf, else in conf/ three levels above this script. The
process is known by its pid and start time, never by its name.

Exit codes:
  0  no framework of this configuration runs any more
  1  it could not be stopped, or the cluster could not be ended
  2  the command line or the property of the state folder is wrong, or --yes is
     missing
USAGE
}

# A link to this script leads to its real folder.
script=$(readlink -f -- "$0")
here=$(dirname -- "$script")

# find_program sets program: beside this script, bin/ three levels above it, or on the PATH.
find_program() {
  for program in "$here/alluxio-mesos" "$here/../../../bin/alluxio-mesos"; do
    if [ -f "$program" ] && [ -x "$program" ]; then
      return
    fi
  done
  if program=$(command -v alluxio-mesos); then
    return
  fi
  echo "alluxio-mesos-stop.sh: there is no program alluxio-mesos beside this script, in" \
    "$here/../../../bin or on the PATH" >&2
  exit 1
}

for argument in "$@"; do
  case $argument in
    -h | --help)
      usage
      exit 0
      ;;
  esac
done
find_program
exec "$program" stop --script-dir "$here" "$@"
