#!/usr/bin/env bash
# The check itself must fail on a tree that breaks each rule, and pass on one that keeps them all.
set -euo pipefail
check=$(cd "$(dirname "$0")" && pwd)/include_direction.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{schema,providers/http,engine/plan,engine/cli}

echo '#include "providers/http/curl.h"' > "$tree/engine/cli/main.cc"
echo '#include "providers/registry.h"' > "$tree/engine/plan/plan.cc"
echo '#include "schema/image/digest.h"' > "$tree/providers/http/curl.cc"
"$check" "$tree"

refuses() {
  echo "$2" > "$tree/$1"
  if "$check" "$tree" > /dev/null; then
    echo "not refused: $2 in $1"
    exit 1
  fi
  rm "$tree/$1"
}
refuses schema/a.h '#include "providers/registry.h"'
refuses schema/a.h '#include "engine/plan/plan.h"'
refuses providers/a.h '#include "engine/plan/plan.h"'
refuses engine/plan/a.h '#include "providers/http/curl.h"'
refuses engine/plan/a.h '#include "tests/support/x.h"'
refuses engine/plan/a.h '#include "plan.h"'
"$check" "$tree"
