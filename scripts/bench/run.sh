#!/usr/bin/env bash
# run.sh [ROUNDS]: measures what docs/performance.md says, each thing beside its peer in the same round, ROUNDS times (default 5), and prints
# medians. Only ratios from one run mean anything: the machine is shared. Nothing fails because it is slow. Raw output stays in a folder
# that is named at the end. Needs what install-prerequisites.sh installs; takes a quarter of an hour.
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-5}
here=$PWD/scripts/bench
cache=${ALLUXIO_MESOS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/alluxio-mesos}/bench
raw=$(mktemp -d "${TMPDIR:-/tmp}/alluxio-mesos-bench-XXXXXX")
mkdir -p "$cache"

# prepare makes the binary as it is released, the tests compiled once, the Java side with Mesos's own classes.
prepare() {
  CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=bench' -o "$raw/alluxio-mesos" ./cmd/alluxio-mesos
  local package
  for package in scheduler/cluster scheduler/mesosmaster scheduler/store executor executor/install integration/bench; do
    go test -c -o "$raw/bin/$(basename $package).test" "./$package"
  done
  [ -d "$cache/jars" ] || mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$cache/jars"
  javac -cp "$cache/jars/*" -d "$raw/java" "$here/Match.java"
}

# fail ends the run with the last lines of the benchmark that failed.
fail() {
  tail -n 30 "$raw/output" >&2
  echo "a benchmark failed; raw output: $raw/output" >&2
  exit 1
}

# bench PACKAGE REGEXP [BENCHTIME]: one round of a package's benchmarks; what they print goes to the raw output.
bench() {
  local package=$1 options=(-test.run '^$' -test.bench "$2" -test.benchtime "${3:-1s}")
  echo "   $package $2" >&2
  (cd "$package" && BENCH_OFFERS="$raw/offers" BENCH_BINARY="$raw/alluxio-mesos" \
    "$raw/bin/$(basename "$package").test" "${options[@]}") >>"$raw/output" 2>&1 || fail
}

# figure WHICH BENCHMARK METRIC: the median, min or max of a metric, which go test prints as "VALUE METRIC" in the line of a benchmark.
figure() {
  awk -v bench="$2" -v metric="$3" '$1 ~ "^" bench "(-[0-9]+)?$" { for (i = 2; i < NF; i++) if ($(i + 1) == metric) print $i }' "$raw/output" |
    sort -g | awk -v which="$1" '{ v[NR] = $1 } END { print NR == 0 ? "none" : which == "min" ? v[1] : which == "max" ? v[NR] : v[int((NR + 1) / 2)] }'
}

# row WHAT UNIT BENCHMARK METRIC PEER PEER_METRIC BETTER BAR: a line of the table. BETTER is more or less; PEER is - when there is none.
row() {
  local ours peer=- ratio=-
  ours=$(figure median "$3" "$4")
  if [ "$5" != - ]; then
    peer=$(figure median "$5" "$6")
    ratio=$(awk -v a="$ours" -v b="$peer" -v better="$7" 'BEGIN { if (a + 0 == 0 || b + 0 == 0) print "-"; else printf "%.2f", better == "more" ? a / b : b / a }')
  fi
  printf '| %s | %s | %s | %s..%s | %s | %s | %s |\n' "$1" "$2" "$ours" "$(figure min "$3" "$4")" "$(figure max "$3" "$4")" "$peer" "$ratio" "$8"
}

table() {
  echo '| what | unit | ours | min..max | peer | times better | bar |'
  echo '|---|---|---|---|---|---|---|'
  row 'match of decoded offers; peer: Java, on the classes of Mesos' offers/s BenchmarkMatch10000 offers/s BenchmarkJava/match offers/s more '3'
  row 'the same; peer: Java, on plain arrays' offers/s BenchmarkMatch10000 offers/s BenchmarkJava/plain-match offers/s more -
  row 'bytes of an OFFERS event to the decision; peer: Java, parse and match' offers/s BenchmarkDecodeAndMatch/ours offers/s BenchmarkJava/parse-and-match offers/s more '3 (later)'
  row 'the same; peer: mesos-go, decoding alone' offers/s BenchmarkDecodeAndMatch/ours offers/s BenchmarkDecodeAndMatch/full offers/s more -
  row 'LAUNCH to exec of the JVM, median' us BenchmarkLaunchToExec launch-to-exec-p50-us - - less '5000'
  row 'LAUNCH to exec of the JVM, 90 %' us BenchmarkLaunchToExec launch-to-exec-p90-us - - less '5000'
  row 'unpack of Alluxio 2.9.6; peer: tar xzf' s BenchmarkUnpackRelease ours-s BenchmarkUnpackRelease tar-s less '1.5'
  row 'unpack of a generated tarball; peer: tar xzf' MB/s BenchmarkUnpack MB/s BenchmarkUnpack tar_MB/s more '1.5'
  for agents in 1000 10000; do
    for count in fixed all; do
      row "memory of the framework, $agents workers, count $count" MB BenchmarkFrameworkMemory/$count/$agents rss-MB - - less "$([ $agents = 1000 ] && echo 40 || echo '40 (later)')"
      row '... at its highest' MB BenchmarkFrameworkMemory/$count/$agents peak-MB - - less -
    done
  done
  row 'calls in a quiet minute, 1000 workers, fixed count' calls BenchmarkQuietMinute/fixed calls/min - - less '0'
  row 'calls in a quiet minute, 1000 workers, count all' calls BenchmarkQuietMinute/all calls/min - - less '17 (later)'
  row 'processor in a quiet minute, fixed count' % BenchmarkQuietMinute/fixed cpu-% - - less '0.1 (later)'
  row 'launches on 10000 agents; peer: bare POSTs' /s BenchmarkLaunches/silent/10000 launches/s BenchmarkLaunches/silent/10000 posts/s more '0.5 (later)'
  row 'all running and acknowledged, times the launches' x BenchmarkLaunches/updates/10000 x-until-acknowledged - - less '1.3 (later)'
  row 'offer to ACCEPT for a task that failed, of 10000, median' ms BenchmarkRelaunch p50-ms - - less '0.2 (later)'
  row 'offer to ACCEPT for a task that failed, of 10000, 99 %' ms BenchmarkRelaunch p99-ms - - less '2 (later)'
  row 'restart of the framework until 10000 tasks are reconciled' ms BenchmarkRestart/10000 restart-ms - - less '500'
  row "change of Mesos's leader in ZooKeeper to subscribed" ns BenchmarkLeaderChange ns/op - - less '100000000'
  row 'save of one changed row of 10000, in memory' ns BenchmarkSaveOneOf10000/memory ns/op - - less '1000000'
  row '... on disk, synced' ns BenchmarkSaveOneOf10000/disk ns/op - - less -
  row '... in ZooKeeper on this machine, not synced' ns BenchmarkZooKeeperSaveOneOf10000 ns/op - - less -
  row 'start of the binary; peer: true(1)' ms BenchmarkVersion start-ms BenchmarkVersion true-ms less '10 ms'
  row 'size of the binary' MB BenchmarkVersion size-MB - - less '20'
  row 'memory of an executor, local installation' MB BenchmarkExecutorMemory/local rss-MB - - less '20 (later)'
  row 'memory of an executor, tarball' MB BenchmarkExecutorMemory/tarball peak-MB - - less '20 (later)'
}

prepare
lscpu | grep -E '^(Model name|CPU\(s\))' >"$raw/machine"
for ((round = 1; round <= rounds; round++)); do
  echo "round $round of $rounds, load $(cut -d' ' -f1-3 /proc/loadavg)" | tee -a "$raw/machine" >&2
  bench scheduler/mesosmaster '^BenchmarkDecodeAndMatch$'
  java -cp "$raw/java:$cache/jars/*" Match "$raw/offers" >>"$raw/output"
  bench scheduler/cluster '^Benchmark(Match10000|Frame10000Offers)$'
  bench executor '^BenchmarkLaunchToExec$' 20x
  bench executor/install '^BenchmarkUnpack$' 1x
  bench scheduler/store '^Benchmark(ZooKeeper)?SaveOneOf10000$'
  bench scheduler/mesosmaster '^BenchmarkLeaderChange$' 20x
  bench integration/bench 'Unpack|Version|Executor|Launches|Relaunch|Restart|Memory' 1x
done
bench integration/bench Quiet 1x # minutes of doing nothing: once

table | tee "$raw/table"
echo
cat "$raw/machine"
echo "raw output: $raw/output"
rm -r "${raw:?}"/{bin,java,offers,alluxio-mesos}
