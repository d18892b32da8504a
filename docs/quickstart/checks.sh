# Functions for walk.sh: what has to be true. Each ends the walk if it isn't.

fail() { printf 'quickstart: %s\n' "$1" >&2; exit 1; }
checked() { printf 'checked: %s\n' "$1"; }

must_say() { case $said in *"$1"*) ;; *) fail "expected it to say: $1" ;; esac; }

# must_be_same WHAT EXPECTED FOUND: shows the difference.
must_be_same() {
  diff -u --label expected --label found <(echo "$2") <(echo "$3") >&2 || fail "$1 differs from what is expected"
}

# What the private registry holds, in $work/images, as list_images.py says it; what it held when this was called last is
# in $work/images.before.
look_at_images() {
  [ ! -e "$work/images" ] || mv "$work/images" "$work/images.before"
  "$here/list_images.py" "http://$private" > "$work/images"
}

# Exactly these REPOSITORY:TAG, each for both platforms.
must_hold() {
  local expected
  look_at_images
  expected=$(for image in "$@"; do printf '%s\tlinux/%s\n' "$image" amd64 "$image" arm64; done | sort)
  must_be_same "the private registry" "$expected" "$(cut -f 1,3 "$work/images")"
  checked "the private registry holds these $# images and no other, every one whole and for both platforms"
}

must_hold_nothing() {
  look_at_images
  must_be_same "the private registry" "" "$(cat "$work/images")"
  checked "the private registry holds nothing yet"
}

mirrors_must_equal_upstream() {
  "$here/list_images.py" "http://$hub" > "$work/upstream"
  must_be_same "a mirror of upstream" "$(grep '^mirrors/' "$work/images")" \
    "$(sed 's,^library/,mirrors/,' "$work/upstream" | comm -12 "$work/images" -)"
  checked "every mirrored digest equals upstream's"
}

# Since the look before the last, exactly these REPOSITORY:TAG are new or have another digest.
must_have_changed() {
  must_be_same "what changed in the private registry" "$(printf '%s\n' "$@")" \
    "$(comm -13 "$work/images.before" "$work/images" | cut -f 1 | uniq)"
  checked "$* changed, and no other"
}

must_be_untouched() {
  look_at_images
  must_be_same "the private registry, not to be touched," "$(cat "$work/images.before")" "$(cat "$work/images")"
  checked "nothing changed in the private registry"
}

# Both platforms of REPOSITORY:TAG have the label KEY=VALUE.
must_be_labelled() {
  must_be_same "how many platforms of $1 are labelled $2" 2 \
    "$(grep -cP "^\Q$1\E\t.*[\t ]\Q$2\E( |$)" "$work/images" || true)"
  checked "$1 is labelled $2"
}

# The file has a row for every base image with the digest that it has in the registry.
must_report_bases() {
  local image digest
  grep '^bases/' "$work/images" | cut -f 1,2 | uniq > "$work/bases"
  while read -r image digest; do
    grep -q "^| \`$private/$image\` .* \`${digest:0:15}\` |" "$1" || fail "$1 does not report $image with $digest"
  done < "$work/bases"
  checked "$1 reports both base images by their digests"
}

# The last command listed these REPOSITORY:TAG for deletion and no other.
must_list_for_deletion() {
  must_be_same "what is listed for deletion" "$(printf '%s\n' "${@/#/$private/}")" \
    "$(awk '$1 == "-" && $2 == "delete" { print $3 }' <<< "$said")"
  checked "these $# tags and no other are listed for deletion"
}

eol_data_must_be_one_commit() {
  must_be_same "what the commits of eol-data.yaml touch" eol-data.yaml \
    "$(git log --format= --name-only --full-diff -- eol-data.yaml)"
  git diff --quiet HEAD -- eol-data.yaml || fail "eol-data.yaml is not as it was committed"
  checked "eol-data.yaml is one commit"
}
