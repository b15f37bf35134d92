#!/usr/bin/env bash
# Makes the wheel of nairi-mock for Python:  packaging/python/build.sh OUT
# The program in it is the static one that packaging/linux made, if OUT has it; else it is built here.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$(realpath -m "${1:?usage: packaging/python/build.sh OUT}")
work=$root/build/python
version=$("$root/packaging/version.sh")
python=/usr/bin/python3
mkdir -p "$out" "$work"

cd "$root"
packaging/linux/from_debian.sh build/debian
static=$(find "$out" -maxdepth 1 -name "nairi-mock-$version-linux-$(dpkg --print-architecture).tar.gz")
targets=(nairi_embed)
[ -n "$static" ] || targets+=(nairi_mock_app)
echo "python: building ${targets[*]}"
cmake --preset static --log-level=NOTICE >/dev/null
cmake --build build/static --target "${targets[@]}" >"$work/build.log" 2>&1 || {
  tail -n 30 "$work/build.log" >&2
  exit 1
}
strip -o "$work/libnairi_embed.so" build/static/lib/libnairi_embed.so

program=$work/nairi-mock
if [ -z "$static" ]; then
  strip -o "$program" build/static/bin/nairi-mock
else
  tar -xzOf "$static" --wildcards '*/bin/nairi-mock' >"$program"
fi
$python "$root/packaging/python/wheel.py" --version "$version" --program "$program" \
  --library "$work/libnairi_embed.so" "$out"
