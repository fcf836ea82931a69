#!/bin/sh
# Starts the framework of one configuration in the background: runs the program alluxio-mesos.
set -eu

usage() {
  cat <<'USAGE'
Usage: alluxio-mesos-start.sh [-h] [-w] [--flag ...]
           MESOS_MASTER [ALLUXIO_MASTER_HOSTNAME]

Starts Alluxio on Mesos: a framework in the background, which launches an
Alluxio master and its workers and keeps them running.

  MESOS_MASTER             host:port of the Mesos master, a comma list of all of
                           them, zk://host:port,host:port/path, or file:///path
                           of a file that holds one of these
  ALLUXIO_MASTER_HOSTNAME  the host on which the Alluxio master must run;
                           any host if left out

  -h                       show this help
  -w                       wait until the cluster serves, and show the progress;
                           at most alluxio.integration.mesos.start.timeout
  --property key=value     set a property; it wins over the site file; the flag
                           may be repeated
  --lose-journal           give up, for ever, an Alluxio journal that is on a
                           lost host or was emptied
  --debug                  log every offer and acknowledgement, too

The configuration is alluxio-site.properties in $ALLUXIO_CONF_DIR, else in
$ALLUXIO_HOME/conf, else in conf/ three levels above this script. The log is
framework.out in $ALLUXIO_LOGS_DIR, else in logs/ beside conf/. Only one
framework runs for a configuration: a second start says so and fails.

Exit codes:
  0  the framework runs, even if Mesos cannot be reached yet; with -w the
     cluster serves
  1  it does not
  2  the configuration or the command line is wrong, and nothing was started
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
  echo "alluxio-mesos-start.sh: there is no program alluxio-mesos beside this script, in" \
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
if [ $# -eq 0 ]; then
  usage >&2
  exit 2
fi
find_program
exec "$program" start --script-dir "$here" "$@"
