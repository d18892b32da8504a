#!/usr/bin/env bash
# Fails when an include goes up a floor: schema/ includes schema/, providers/ includes providers/ and schema/,
# engine/ includes everything, but names concrete providers only in engine/cli/. tests/ is included by tests/ alone.
#   include_direction.sh ROOT
set -euo pipefail
cd "$1"

found=$(
  {
    grep -rnE '^#include "(engine|providers|tests)/' schema || true
    grep -rnE '^#include "(engine|tests)/' providers || true
    grep -rnE '^#include "tests/' engine || true
    grep -rnE '^#include "providers/[^"/]+/' engine | grep -v '^engine/cli/' || true
    # Inside the project every include names its floor.
    grep -rnE '^#include "' schema providers engine |
      grep -vE '#include "(engine|providers|schema)/' |
      grep -vE '#include "(absl|fmt|re2|yaml-cpp|nlohmann|CLI|curl|openssl)/' || true
  } | sort -u
)
if [ -n "$found" ]; then
  echo "Includes that go against the floors (docs/architecture.md):"
  echo "$found"
  exit 1
fi
