#!/usr/bin/env bash
# Walks through the guide's repository with a built imglife: two docker-registry servers on free loopback ports (one
# plays Docker Hub, one is the private registry) and endoflife.date's documents. Every step is checked; nothing is left.
#   walk.sh IMGLIFE
set -euo pipefail
export LC_ALL=C.UTF-8
imglife=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
source "$here/servers.sh"
source "$here/checks.sh"

step() { printf '\n\033[1m== %s\033[0m\n' "$1"; }

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
say 0 plan --out plan.json --gitlab-report tf.json
must_say "Plan: 10 to add, 0 to change, 0 to destroy."
must_be_same tf.json '{"create":10,"update":0,"delete":0,"blocked":0}' "$(cat tf.json)"
must_hold_nothing

step "Do it: mirror, build, record end-of-life dates"
say 0 apply plan.json
must_say "Apply complete: 10 added, 0 changed, 0 destroyed; "
newest_golang=(mirrors/golang:1.26.6-alpine3.24 mirrors/golang:1.26.7-alpine3.23)
pinned=(mirrors/alpine:3.21.3 mirrors/golang:1.22.3-alpine3.21)
bases=(bases/alpine:3.21.3-core1.0.0 bases/golang:1.22.3-alpine3.21-core1.0.0)
must_hold mirrors/alpine:{3.23.4,3.23.5,3.24.0} "${newest_golang[@]}" "${pinned[@]}" "${bases[@]}"
mirrors_must_equal_upstream
eol_data_must_be_one_commit

step "Nothing is left to do"
say 0 plan --detailed-exitcode
must_say "No changes. Registries match the configuration."

step "How do the images stand?"
say 0 status --output README.md
sed '/^## Products/Q' README.md
must_report_bases README.md
must_be_untouched

step "Upstream releases alpine 3.24.1, and the alpine image gets a build argument"
printf 'library/alpine\t3.24.1\t2026-06-15\n' | "$here/fill_registry.py" "http://$hub"
sed -i '0,/version: "3.21.3"/s//&\n      args: {MIRROR: "eu-1"}/' imglife.yaml
git commit -qam "Use the mirror in Europe"
say 0 apply --auto-approve
must_say "Apply complete: 1 added, 1 changed, 1 destroyed; "
must_hold mirrors/alpine:{3.23.5,3.24.0,3.24.1} "${newest_golang[@]}" "${pinned[@]}" "${bases[@]}"
must_have_changed bases/alpine:3.21.3-core1.0.0 mirrors/alpine:3.24.1
must_be_labelled bases/alpine:3.21.3-core1.0.0 org.example.MIRROR=eu-1
mirrors_must_equal_upstream
eol_data_must_be_one_commit
say 0 plan --detailed-exitcode
must_say "No changes. Registries match the configuration."

step "Old tags appear in the mirror: what would cleanup delete, and why is it safe?"
sed 's,^library,mirrors,' "$here/old-tags.tsv" | "$here/fill_registry.py" "http://$private"
look_at_images
say 0 cleanup --list
must_list_for_deletion mirrors/alpine:{3.18.4,3.19.1,3.20.6,3.21.7,3.22.3,3.22.4}
must_be_untouched

printf '\nThe quickstart did everything that it says.\n'
