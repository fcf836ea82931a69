#!/usr/bin/env bash
# compare.sh OLD NEW [ROUNDS] [REGEXP]: the benchmarks of two commits (or of the working tree, written as "."), one round of the one and one
# of the other in turn, ROUNDS times (default 10), then what benchstat says of them. With REGEXP only the packages that match it are run.
# The exit code is 1 when a row is worse and benchstat calls that significant; worse.awk says what is worse. Raw output and binaries are
# in a folder that is named at the end. Takes an hour; a machine that does other work meanwhile says nothing.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
old=$1 new=$2 rounds=${3:-10} regexp=${4:-.}
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"
cache=${ALLUXIO_MESOS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/alluxio-mesos}
raw=$(mktemp -d "${TMPDIR:-/tmp}/alluxio-mesos-compare-XXXXXX")
# What is measured: package, its benchmarks, how long each runs. Those of integration/bench start processes, once a round.
measured=(
  'scheduler/cluster . 0.5s'
  'scheduler/mesosmaster DecodeAndMatch 0.5s'
  'scheduler/store ^BenchmarkSaveOneOf10000$ 0.5s'
  'scheduler/web/text . 0.5s'
  'executor LaunchToExec 20x'
  'executor/install ^BenchmarkUnpack$ 1x'
  'integration/bench Version|Launches|Relaunch|Restart|FrameworkMemory 1x'
)

# build SIDE COMMIT: the program and the test binaries of a commit, in $raw/SIDE/bin, with its source beside them.
build() {
  local side=$raw/$1 row
  mkdir -p "$side/bin"
  if [ "$2" = . ]; then
    ln -s "$top" "$side/source"
  else
    mkdir "$side/source"
    git archive "$2" | tar -x -C "$side/source"
  fi
  (
    cd "$side/source/"
    CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags '-s -w -X main.version=bench' -o "$side/bin/alluxio-mesos" ./cmd/alluxio-mesos
    for row in "${measured[@]}"; do
      set -- $row
      go test -buildvcs=false -c -o "$side/bin/${1//\//-}.test" "./$1"
    done
  )
}

# round SIDE: one round of all benchmarks of a side.
round() {
  local side=$raw/$1 row package
  for row in "${measured[@]}"; do
    set -- $row
    package=$1
    [[ "$package" =~ $regexp ]] || continue
    (cd "$side/source/$package" && BENCH_OFFERS="$side/offers" BENCH_BINARY="$side/bin/alluxio-mesos" \
      "$side/bin/${package//\//-}.test" -test.run '^$' -test.bench "$2" -test.benchtime "$3" -test.benchmem) \
      >>"$side/output" 2>>"$side/errors" || { cat "$side/errors" >&2; exit 1; }
  done
}

[ -x "$cache/bin/benchstat" ] || (cd scripts && go build -modfile=tools.mod -o "$cache/bin/benchstat" golang.org/x/perf/cmd/benchstat)
build old "$old"
build new "$new"
for ((i = 1; i <= rounds; i++)); do
  echo "round $i of $rounds, load $(cut -d' ' -f1-3 /proc/loadavg)" | tee -a "$raw/machine" >&2
  round old
  round new
done
"$cache/bin/benchstat" old="$raw/old/output" new="$raw/new/output" | tee "$raw/table"
echo "raw output: $raw/{old,new}/output"
"$cache/bin/benchstat" -format csv old="$raw/old/output" new="$raw/new/output" 2>>"$raw/machine" |
  awk -f scripts/bench/worse.awk
