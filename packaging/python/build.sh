#!/usr/bin/env bash
# Makes the wheel of nairi-mock for Python:  packaging/python/build.sh OUT
# The program in it is the static one that packaging/linux made, if OUT has it; else its like is
# built here.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$(realpath -m "${1:?usage: packaging/python/build.sh OUT}")
work=$root/build/python
version=$("$root/packaging/version.sh")
libraries=/usr/lib/$(uname -m)-linux-gnu
python=/usr/bin/python3
mkdir -p "$out" "$work"

# Debian's libre2.a is compiled for programs, and can't be linked into a shared library. Its source
# can, all but the tables, which Debian's build generates: these are data, and come from libre2.a.
re2=$work/re2
if [ ! -f "$re2/libre2.a" ]; then
  echo "python: building RE2 from Debian's source"
  "$root/packaging/debian_source.sh" re2 "$work/re2-source"
  mkdir -p "$re2/objects"
  (cd "$re2/objects" &&
    printf '%s\0' "$work"/re2-source/re2/*.cc "$work"/re2-source/util/{rune,strutil}.cc |
    xargs -0 -n 1 -P "$(nproc)" $(command -v ccache) c++ -std=c++17 -O2 -DNDEBUG -fPIC \
      -ffunction-sections -pthread "-ffile-prefix-map=$work=." "-I$work/re2-source" -c &&
    ar x "$libraries/libre2.a" perl_groups.o unicode_casefold.o unicode_groups.o)
  ar rcsD "$re2/libre2.a" "$re2"/objects/*.o
fi
cat >"$re2/re2.pc" <<END
Name: re2
Description: RE2 for shared libraries
Version: 9.0.0
Libs: -L$re2 -lre2 -pthread
Cflags: -I$work/re2-source -pthread
END

static=$(find "$out" -maxdepth 1 -name "nairi-mock-$version-linux-$(dpkg --print-architecture).tar.gz")
targets=(nairi_embed)
[ -n "$static" ] || targets+=(nairi_mock_app)
echo "python: building ${targets[*]}"
# libgcc_s.so.1 is on every system that has glibc; linked statically it would want a newer glibc.
PKG_CONFIG_PATH=$re2 cmake -G Ninja -S "$root" -B "$work/cmake" --log-level=NOTICE \
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_UNITY_BUILD=ON \
  -DNAIRI_MOCK_TESTS=OFF -DNAIRI_MOCK_INSTALL=OFF -DNAIRI_MOCK_FETCH=NEVER -DNAIRI_MOCK_STATIC=ON \
  "-DCMAKE_CXX_FLAGS=-ffunction-sections -fdata-sections -ffile-prefix-map=$root=." \
  "-DCMAKE_CXX_FLAGS_RELEASE=-O2 -DNDEBUG" \
  "-DCMAKE_SHARED_LINKER_FLAGS=-static-libstdc++ -Wl,--gc-sections,-z,defs -s" \
  "-DCMAKE_EXE_LINKER_FLAGS=-Wl,--gc-sections -s" >/dev/null
cmake --build "$work/cmake" --target "${targets[@]}" >"$work/build.log" || {
  tail -n 30 "$work/build.log" >&2
  exit 1
}

program=$work/cmake/bin/nairi-mock
if [ -n "$static" ]; then
  program=$work/nairi-mock
  tar -xzOf "$static" --wildcards '*/bin/nairi-mock' >"$program"
fi
$python "$root/packaging/python/wheel.py" --version "$version" --program "$program" \
  --library "$work/cmake/lib/libnairi_embed.so" "$out"
