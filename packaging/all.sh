#!/usr/bin/env bash
# Makes or tests what is given to people:  packaging/all.sh build|test OUT
# A room of packaging/ takes part by having a build.sh or a test.sh, which get the folder OUT.
# linux comes first: other rooms pack the programs that it makes. sbom comes last: it lists what they
# made.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
action=${1:-} out=${2:-}
case $action in
  build | test) ;;
  *) action= ;;
esac
[ -n "$action" ] && [ -n "$out" ] || { echo "usage: packaging/all.sh build|test OUT" >&2; exit 2; }

# What is built must be what a commit holds: nobody could build it again otherwise.
if [ "$action" = build ]; then
  changes=$(git -C "$root" status --porcelain) || {
    echo "dist: no clone of git here: what is built must be what a commit holds" >&2
    exit 1
  }
  if [ -n "$changes" ]; then
    printf 'dist: commit or stash these first; only what is committed is built:\n%s\n' "$changes" >&2
    exit 1
  fi
  mkdir -p "$out"
  # What an earlier one left is deleted, and nothing else.
  if [ -n "$(ls -A "$out")" ] && [ ! -f "$out/SHA256SUMS" ]; then
    echo "dist: $out holds other things, without a SHA256SUMS of an earlier make dist" >&2
    exit 1
  fi
  find "$out" -mindepth 1 -delete
  : >"$out/SHA256SUMS"
fi
[ -d "$out" ] || { echo "packages: no folder $out; make dist makes it" >&2; exit 1; }
out=$(cd "$out" && pwd)

if [ "$action" = test ]; then
  (cd "$out" && sha256sum --quiet -c SHA256SUMS)
fi

ran=0
for room in linux $(cd "$root/packaging" && ls -d */ | tr -d / | grep -vx 'linux\|sbom') sbom; do
  script=$root/packaging/$room/$action.sh
  [ -f "$script" ] || continue
  echo "== packaging/$room/$action.sh"
  TIMEFORMAT="== $room: %0R s; of a processor %0U s, and %0S s in the kernel"
  time "$script" "$out" || { echo "packaging/$room/$action.sh failed" >&2; exit 1; }
  ran=$((ran + 1))
done
[ "$ran" -gt 0 ] || { echo "packaging: no room has a $action.sh" >&2; exit 1; }

if [ "$action" = build ]; then
  (cd "$out" && find . -type f ! -path ./SHA256SUMS -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum >SHA256SUMS)
  echo "== $out"
  (cd "$out" && find . -type f -printf '%10s  %P\n' | sort -k 2)
else
  echo "== packaging/first_test.py"
  "$root/packaging/first_test.py" "$out"
fi
