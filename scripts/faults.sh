#!/usr/bin/env bash
# faults.sh [ROUNDS]: runs every fault of integration/faults, ROUNDS times (default 1), and prints the table of the measured times. With
# UPDATE=1 it also puts them into docs/reliability.md. A round takes about an hour; needs root, and what install-prerequisites.sh installs.
set -euo pipefail
rounds=${1:-1}
cd "$(dirname "$0")/.."

table=$(mktemp)
trap 'rm -f "$table"' EXIT
status=0
go test -tags faults -count "$rounds" -timeout "$((rounds * 120))m" ./integration/faults -table "$table" ${UPDATE:+-update} || status=$?
cat "$table"
exit $status
