#!/usr/bin/env bash
# Walks through the guide's repository with a built imglife: two docker-registry servers on free loopback ports (one
# plays Docker Hub, one is the private registry) and endoflife.date's documents. Every step is checked; nothing is left.
#   walk.sh IMGLIFE
set -euo pipefail
imglife=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
source "$here/servers.sh"

step() { printf '\n\033[1m== %s\033[0m\n' "$1"; }
fail() { printf 'quickstart: %s\n' "$1" >&2; exit 1; }

# Runs a command, shows it and what it says, and keeps that in $said. Any exit code but the expected one ends the walk.
say() {
  local expected=$1 code=0
  shift
  printf '$ imglife %s\n' "$*"
  "$imglife" "$@" > "$work/said" 2>&1 || code=$?
  cat "$work/said"
  said=$(cat "$work/said")
  [ "$code" -eq "$expected" ] || fail "imglife $* ended with $code instead of $expected"
}
must_say() { case $said in *"$1"*) ;; *) fail "expected it to say: $1" ;; esac; }
must_have() {
  local digest
  digest=$(digest_at "$private" "$1")
  [ -n "$digest" ] || fail "$1 is missing in the private registry"
  [ $# -eq 1 ] || [ "$digest" = "$(digest_at "$hub" "$2")" ] || fail "$1 differs from upstream's $2"
}

step "A Docker Hub, a private registry and endoflife.date, all on loopback"
start_servers
"$here/fill_registry.py" "http://$hub" < "$here/upstream.tsv"
echo "Docker Hub: $hub   private registry: $private   endoflife.date: $eol"

export CI_REGISTRY=$private
export IMGLIFE_REGISTRY_ENDPOINT_DOCKER_IO=http://$hub
export IMGLIFE_EOL_URL=http://$eol
export IMGLIFE_NOW=2026-08-20T06:00:00Z
export IMGLIFE_CACHE_DIR=$work/cache
cp -r "$here/repository" "$work/repository"
cd "$work/repository"
make_git_repository

step "What is there to do?"
say 0 plan --out plan.json
must_say "Plan: "

step "Do it: mirror, build, record end-of-life dates"
say 0 apply plan.json
must_say "Apply complete"
for tag in 3.23.4 3.23.5 3.24.0 3.21.3; do must_have "mirrors/alpine:$tag" "library/alpine:$tag"; done
for tag in 1.26.7-alpine3.23 1.26.6-alpine3.24 1.22.3-alpine3.21; do
  must_have "mirrors/golang:$tag" "library/golang:$tag"
done
must_have bases/alpine:3.21.3-core1.0.0
must_have bases/golang:1.22.3-alpine3.21-core1.0.0
[ "$(git log --oneline -- eol-data.yaml | wc -l)" -eq 1 ] || fail "eol-data.yaml is not one commit"

step "Nothing is left to do"
say 0 plan --detailed-exitcode
must_say "No changes. Registries match the configuration."

step "How do the images stand?"
say 0 status --output README.md
cat README.md
grep -q 3.21.3-core1.0.0 README.md || fail "README.md does not report the base image"

step "Upstream releases alpine 3.24.1, and the alpine image gets a build argument"
printf 'library/alpine\t3.24.1\t2026-06-15\n' | "$here/fill_registry.py" "http://$hub"
sed -i '0,/version: "3.21.3"/s//&\n      args: {MIRROR: "eu-1"}/' imglife.yaml
git commit -qam "Use the mirror in Europe"
say 0 apply --auto-approve
must_say "Apply complete"
must_have mirrors/alpine:3.24.1 library/alpine:3.24.1
say 0 plan --detailed-exitcode
must_say "No changes. Registries match the configuration."

step "Old tags appear in the mirror: what would cleanup delete, and why is it safe?"
sed 's,^library,mirrors,' "$here/old-tags.tsv" | "$here/fill_registry.py" "http://$private"
say 0 cleanup --list
must_say "mirrors/alpine:3.18.4"
must_have mirrors/alpine:3.18.4

printf '\nThe quickstart did everything that it says.\n'
