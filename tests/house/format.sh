#!/usr/bin/env bash
# Fails and names the file when clang-format would change it.
#   format.sh ROOT
set -euo pipefail
cd "$1"
find engine providers schema tests \( -name '*.cc' -o -name '*.h' \) -print0 | xargs -0 clang-format-14 --dry-run -Werror
