#!/usr/bin/env bash
# fuzz.sh TIME: runs every fuzz target of the module for TIME, one after the other, and says at the end which of them failed; Go leaves the
# input in testdata/fuzz beside the target. TIME is as go test has it: 30s, 5m, or 1000x for a number of inputs.
# An input that reaches new code is made smaller in at most 100 tries. Go's default is 60 s for each, in which it counts no input: a target with long
# inputs stood still for its whole time.
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
    execs=$(sed -n 's/.*execs: \([0-9]*\).*/\1/p' "$log" | tail -n 1)
    printf -v summary '%s%-7s %12s inputs  %s %s\n' "$summary" $result "${execs:-0}" "$package" "$target"
  done
done
printf '\n%s' "$summary"
exit $status
