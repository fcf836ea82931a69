#!/usr/bin/env bash
# install-prerequisites.sh [--all]: installs what `make demo` and `make test` need on Debian 12 and is not there yet; with --all also
# what `make test-all` needs.
#
# Looks for the things themselves (a command, a library), never for package names, so that a compiler or a Java
# from elsewhere counts too. Nothing missing: no output, exit 0. Something missing: as root it installs it with
# apt; as anybody else it prints the one command that does and exits 1.
set -euo pipefail

go_minimum=1.26
java_minimum=17
all=${1:-}

missing=()
want() { missing+=("$@"); }
has() { command -v "$1" >/dev/null 2>&1; }
# has_library NAME: whether the dynamic linker knows NAME. The cache is read once; grep -q on a pipe would break it.
libraries=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p)
has_library() { grep -qF "	$1 " <<<"$libraries"; }
# java_version: the major version of the java on PATH, 0 without one.
java_version() {
  local line
  line=$(java -version 2>&1 | head -n 1) || true
  line=${line#*\"}
  [[ $line =~ ^[0-9]+ ]] && echo "${BASH_REMATCH[0]}" || echo 0
}

find_missing() {
  missing=()
  has gcc || want gcc
  has g++ || want g++
  # The system's python3 by path: PATH may hold another one, of which apt's venv module is no part.
  [ -x /usr/bin/python3 ] || want python3
  /usr/bin/python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || want python3-venv
  has curl || want curl
  [ -e /etc/ssl/certs/ca-certificates.crt ] || want ca-certificates
  has unzip || want unzip
  has xz || want xz-utils
  has git || want git
  has make || want make
  has flock || want util-linux
  has pgrep || want procps
  # javac too: the client of Alluxio 1.4 and the Java side of the benchmarks are compiled here.
  has java && has javac && [ "$(java_version)" -ge $java_minimum ] || want openjdk-17-jdk-headless
  has mvn || want maven
  # What the genuine libmesos is linked with.
  has_library libcurl.so.4 || want libcurl4
  has_library libsvn_delta-1.so.1 || want libsvn1
  has_library libapr-1.so.0 || want libapr1
  has_library libsasl2.so.2 || want libsasl2-2
  compgen -G '/usr/lib/*/sasl2/libcrammd5.so*' >/dev/null || want libsasl2-modules
  has_library libssl.so.3 || want libssl3
  [ "$all" = --all ] || return 0
  # The genuine libmesos of 1.4 and 1.7.
  has_library libevent-2.1.so.7 || want libevent-2.1-7
  has_library libevent_openssl-2.1.so.7 || want libevent-openssl-2.1-7
  has_library libevent_pthreads-2.1.so.7 || want libevent-pthreads-2.1-7
}

# check_go: Go comes from its own site, not from Debian 12 (whose Go is too old), so it can only be asked for.
check_go() {
  if ! has go; then
    echo "install-prerequisites: go was not found on PATH; install Go $go_minimum or later from https://go.dev/dl/" >&2
    return 1
  fi
  local have
  have=$(go env GOVERSION)
  have=${have#go}
  if [ "$(printf '%s\n' "$go_minimum" "${have%%-*}" | sort -V | head -n 1)" != "$go_minimum" ]; then
    echo "install-prerequisites: go on PATH is $have; install Go $go_minimum or later from https://go.dev/dl/" >&2
    return 1
  fi
}

# retry COMMAND...: seven attempts, 2 to 64 s apart: package mirrors fail for moments, and a machine that was just started may be
# at its own updates.
retry() {
  local wait=2
  for _ in 1 2 3 4 5 6; do
    "$@" && return 0
    echo "install-prerequisites: '$*' failed, again in $wait s" >&2
    sleep $wait
    wait=$((wait * 2))
  done
  "$@"
}

check_go
find_missing
[ ${#missing[@]} -eq 0 ] && exit 0

if ! has apt-get; then
  echo "install-prerequisites: missing, by their Debian names: ${missing[*]}; there is no apt-get here, install them by other means" >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "install-prerequisites: missing: ${missing[*]}; install them with" >&2
  echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
  exit 1
fi

echo "install-prerequisites: installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
retry apt-get -qq update
retry apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "${missing[@]}" >/dev/null

libraries=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p)
find_missing
if [ ${#missing[@]} -ne 0 ]; then
  echo "install-prerequisites: still missing after the installation: ${missing[*]}" >&2
  exit 1
fi
