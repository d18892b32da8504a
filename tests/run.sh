#!/usr/bin/env bash
# All of it on a fresh Debian 12, as root: installs what is missing, builds, runs every test, ends with one line.
set -euo pipefail
cd "$(dirname "$0")/.."

tests/install_packages.sh tests/packages.txt

cmake --preset ci
cmake --build --preset ci

log=build/ci/tests.log
status=0
ctest --preset ci --parallel 2 2>&1 | tee "$log" || status=$?

total=$(sed -nE 's/.* tests failed out of ([0-9]+)$/\1/p' "$log" | tail -n 1)
failed=$(sed -nE 's/.*, ([0-9]+) tests failed out of [0-9]+$/\1/p' "$log" | tail -n 1)
echo "$(( ${total:-0} - ${failed:-0} )) passed, ${failed:-0} failed"
if [ "${total:-0}" -eq 0 ]; then
  echo "tests/run.sh: no test ran" >&2
  exit 1
fi
exit "$status"
