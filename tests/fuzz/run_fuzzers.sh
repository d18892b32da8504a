#!/usr/bin/env bash
# Builds the fuzz targets and runs each for some time on a copy of its seeds. Prints one line each, and fails if one
# found something; the inputs that show it are then in build/fuzz/found, to be tried again with
# build/fuzz/tests/fuzz/NAME_fuzzer FILE.
#   run_fuzzers.sh [SECONDS_EACH]
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}

mkdir -p build/fuzz
log=build/fuzz/build.log
echo "Building the fuzz targets (log: $log)"
if ! { cmake --preset fuzz && cmake --build --preset fuzz; } > "$log" 2>&1; then
  grep -E -A 12 'error|FAILED' "$log" | cut -c 1-300 | head -n 80 >&2
  echo "tests/fuzz/run_fuzzers.sh: the build failed" >&2
  exit 1
fi

export ASAN_SYMBOLIZER_PATH=/usr/bin/llvm-symbolizer-14
found=build/fuzz/found
corpora=$(mktemp -d)
trap 'rm -rf "$corpora"' EXIT
rm -rf "$found"
mkdir -p "$found"

status=0
echo "Fuzzing, $seconds s each (logs and findings: $found)"
for seeds in testdata/fuzz/*/; do
  name=$(basename "$seeds")
  cp -r "$seeds" "$corpora/$name"
  if nice "build/fuzz/tests/fuzz/${name}_fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
    -print_final_stats=1 -artifact_prefix="$found/$name-" "$corpora/$name" > "$found/$name.log" 2>&1; then
    echo "fuzz.$name: nothing found in $(sed -nE 's/^stat::number_of_executed_units: //p' "$found/$name.log") inputs"
  else
    status=1
    echo "fuzz.$name: FOUND $(grep -m 1 -E '^broken promise|^SUMMARY' "$found/$name.log" || tail -n 1 "$found/$name.log")"
  fi
done
exit "$status"
