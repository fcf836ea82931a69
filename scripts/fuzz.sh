#!/usr/bin/env bash
# fuzz.sh TIME: runs every fuzz target of the module for TIME, one after the other, and lists at the
# end which of them failed and how many inputs each played, in all and per second. Go leaves a
# failing input in testdata/fuzz beside the target. TIME is as go test has it: 30s, 5m, or 1000x for
# a number of inputs.
# An input that reaches new code is made smaller in at most 100 tries. Go's default is 60 s for each,
# in which it counts no input: a target with long inputs stood still for its whole time.
set -euo pipefail
time=${1:?usage: fuzz.sh TIME, such as 30s}
cd "$(dirname "$0")/.."

if [[ -z ${TMPDIR:-} && -w /dev/shm ]]; then # many targets write files; what go builds stays where programs may run
  export GOTMPDIR=${GOTMPDIR:-/tmp} TMPDIR=/dev/shm
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
summary='' status=0
for package in $(go list ./...); do
  listed=$(go test "$package" -list '^Fuzz')
  for target in $listed; do
    [[ $target == Fuzz* ]] || continue # the last line tells the package and the time
    echo "== $package $target"
    result=ok
    go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 100x 2>&1 | tee "$log" || { result=FAILED; status=1; }
    read -r execs seconds < <(sed -n 's/^fuzz: elapsed: \([0-9hms]*\), execs: \([0-9]*\).*/\2 \1/p' "$log" | tail -n 1 |
      awk '{ n = split($2, part, /[hms]/); for (i = 1; i < n; i++) s = s * 60 + part[i]; print $1, s }') || true
    printf -v summary '%s%-7s %12s inputs %8s/s  %s %s\n' "$summary" $result "${execs:-0}" \
      "$((${execs:-0} / (${seconds:-0} > 0 ? ${seconds:-0} : 1)))" "$package" "$target"
  done
done
printf '\n%s' "$summary"
exit $status
