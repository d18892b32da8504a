#!/usr/bin/env bash
# All of it on a fresh Debian 12, as root: installs what is missing, builds, runs every test, ends with one line.
#   run.sh [--long]    --long also runs the fuzz targets for a minute each
set -euo pipefail
cd "$(dirname "$0")/.."

long=no
packages=(tests/packages.txt)
case ${1:-} in
  "") ;;
  --long)
    long=yes
    packages+=(tests/packages-long.txt)
    ;;
  *)
    echo "usage: tests/run.sh [--long]" >&2
    exit 2
    ;;
esac

tests/install_packages.sh "${packages[@]}"

mkdir -p build/ci
log=build/ci/build.log
echo "Building (log: $log)"
if ! { cmake --preset ci && cmake --build --preset ci; } > "$log" 2>&1; then
  { grep -iE -A 12 'error|FAILED' "$log" || tail -n 40 "$log"; } > "$log.short"
  head -n 80 "$log.short" | cut -c 1-300 >&2
  echo "tests/run.sh: the build failed" >&2
  exit 1
fi

log=build/ci/tests.log
status=0
echo "Testing (log: $log)"
ctest --preset ci --parallel 2 > "$log" 2>&1 || status=$?
[ "$status" -eq 0 ] || grep -vE ' Passed +[0-9.]+ sec$|^ +Start +[0-9]+: ' "$log" | tail -n 300

fuzzed=build/ci/fuzz.log
: > "$fuzzed"
if [ "$long" = yes ]; then tests/fuzz/run_fuzzers.sh | tee "$fuzzed" || status=$?; fi

total=$(sed -nE 's/.* tests failed out of ([0-9]+)$/\1/p' "$log" | tail -n 1)
failed=$(sed -nE 's/.*, ([0-9]+) tests failed out of [0-9]+$/\1/p' "$log" | tail -n 1)
fuzz_passed=$(grep -c ': nothing found' "$fuzzed" || true)
fuzz_failed=$(grep -c ': FOUND' "$fuzzed" || true)
echo "$(( ${total:-0} - ${failed:-0} + fuzz_passed )) passed, $(( ${failed:-0} + fuzz_failed )) failed"
if [ "${total:-0}" -eq 0 ]; then
  echo "tests/run.sh: no test ran" >&2
  exit 1
fi
exit "$status"
