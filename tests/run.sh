#!/usr/bin/env bash
# All of it on a fresh Debian 12, as root: installs what is missing, builds, runs every test, ends with one line.
set -euo pipefail
cd "$(dirname "$0")/.."

tests/install_packages.sh tests/packages.txt

mkdir -p build/ci
log=build/ci/build.log
echo "Building (log: $log)"
if ! { cmake --preset ci && cmake --build --preset ci; } > "$log" 2>&1; then
  grep -E -A 12 'error|FAILED' "$log" | cut -c 1-300 | head -n 80 >&2
  echo "tests/run.sh: the build failed" >&2
  exit 1
fi

log=build/ci/tests.log
status=0
echo "Testing (log: $log)"
ctest --preset ci --parallel 2 > "$log" 2>&1 || status=$?
[ "$status" -eq 0 ] || grep -vE ' Passed +[0-9.]+ sec$|^ +Start +[0-9]+: ' "$log" | tail -n 300

total=$(sed -nE 's/.* tests failed out of ([0-9]+)$/\1/p' "$log" | tail -n 1)
failed=$(sed -nE 's/.*, ([0-9]+) tests failed out of [0-9]+$/\1/p' "$log" | tail -n 1)
echo "$(( ${total:-0} - ${failed:-0} )) passed, ${failed:-0} failed"
if [ "${total:-0}" -eq 0 ]; then
  echo "tests/run.sh: no test ran" >&2
  exit 1
fi
exit "$status"
