#!/bin/sh
# Stops the framework of one configuration and no other; see usage below. The work is done by the program alluxio-mesos.
set -eu

usage() {
  cat <<'USAGE'
Usage: alluxio-mesos-stop.sh [-h] [--teardown [--timeout 5m] | --cancel-teardown] [--property key=value ...]

Stops the framework of this configuration and waits until it is gone. The Alluxio processes live on: the next start adopts them, as long as
it comes within alluxio.integration.mesos.failover.timeout.

  -h          show this help
  --teardown  end the Alluxio cluster as well: workers, then masters, then the framework in Mesos. Journals and under stores stay.
  --timeout   how long to wait for --teardown, 5m unless given. A teardown that has not begun by then, since Mesos is away, is dropped; one
              that has begun goes on
  --cancel-teardown
              take back a teardown that has not begun
  --property  key=value, as given to the start script, when it moves the state folder

The configuration is found as by alluxio-mesos-start.sh: $ALLUXIO_CONF_DIR, else $ALLUXIO_HOME/conf, else conf/ three levels above this
script. The process is known by its pid and start time, never by its name.

Exit codes: 0 no framework of this configuration runs any more; 1 it could not be stopped, or the cluster could not be ended; 2 the command
line or the state folder's property is wrong.
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
  echo "alluxio-mesos-stop.sh: the program alluxio-mesos is neither beside this script, nor in $here/../../../bin, nor on the PATH" >&2
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
