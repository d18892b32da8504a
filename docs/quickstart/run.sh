#!/usr/bin/env bash
# imglife's main job on real registries of this machine, from nothing, on Debian 12 as root: installs what is missing,
# builds, and walks through the guide's repository (walk.sh).
set -euo pipefail
cd "$(dirname "$0")/../.."

tests/install_packages.sh docs/quickstart/packages.txt

echo "Building imglife (a few minutes the first time)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { cmake --preset release && cmake --build --preset release; } > "$log" 2>&1; then
  tail -n 40 "$log" >&2
  exit 1
fi

docs/quickstart/walk.sh build/release/imglife
