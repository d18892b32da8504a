#!/usr/bin/env bash
# All of it on a fresh Debian 12, as root: installs what is missing, builds, runs every test, ends with one line.
#   run.sh [--long] [--preset NAME]
#     --long    also runs the fuzz targets for a minute each
#     --preset  another build than ci: asan, tsan (sanitizers), clang, dev
set -euo pipefail
cd "$(dirname "$0")/.."

long=no
preset=ci
packages=(tests/packages.txt)
while [ $# -gt 0 ]; do
  case $1 in
    --long)
      long=yes
      shift
      ;;
    --preset)
      preset=${2:-}
      case $preset in
        ci | dev | clang | asan | tsan) ;;
        *)
          echo "tests/run.sh: --preset takes ci, dev, clang, asan or tsan" >&2
          exit 2
          ;;
      esac
      shift 2
      ;;
    *)
      echo "usage: tests/run.sh [--long] [--preset NAME]" >&2
      exit 2
      ;;
  esac
done
if [ "$long" = yes ] || [ "$preset" = clang ]; then packages+=(tests/packages-long.txt); fi

tests/install_packages.sh "${packages[@]}"

mkdir -p "build/$preset"
log=build/$preset/build.log
echo "Building (log: $log)"
if ! { cmake --preset "$preset" && cmake --build --preset "$preset"; } > "$log" 2>&1; then
  { grep -iE -A 12 'error|FAILED' "$log" || tail -n 40 "$log"; } > "$log.short"
  head -n 80 "$log.short" | cut -c 1-300 >&2
  echo "tests/run.sh: the build failed" >&2
  exit 1
fi

log=build/$preset/tests.log
status=0
echo "Testing (log: $log)"
ctest --preset "$preset" --parallel 2 > "$log" 2>&1 || status=$?
[ "$status" -eq 0 ] || grep -vE ' Passed +[0-9.]+ sec$|^ +Start +[0-9]+: ' "$log" | tail -n 300

fuzzed=build/$preset/fuzz.log
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
