#!/usr/bin/env bash
# Measures imglife side by side with its peers. See docs/performance.md.
#   run.sh [--quick] [--runs N] [--direct] [--tool NAME]... [--skip-delayed NAME]... [--json FILE] [--imglife FILE] [CASE...]
# Measures the release build; --imglife takes another.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
if [[ " $* " != *" --imglife"* ]]; then
  { cmake -S "$root" --preset release && cmake --build "$root/build/release" --target imglife; } > /dev/null
  set -- --imglife "$root/build/release/imglife" "$@"
fi
PYTHONDONTWRITEBYTECODE=1 exec "$here/bench.py" "$@"
