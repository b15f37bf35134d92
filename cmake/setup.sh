#!/bin/sh
# Installs the Debian packages that are missing:  cmake/setup.sh build|test|bench|dist|packages|ci
# Instant, silent and without root when all is there.
set -eu

build="g++ cmake ninja-build pkg-config libssl-dev libcpp-httplib-dev nlohmann-json3-dev libasio-dev
       libre2-dev libcli11-dev libexpected-dev zlib1g-dev"
test="$build libgtest-dev libgmock-dev libvalijson-dev libbenchmark-dev python3 python3-requests curl jq"
bench="$test wrk nginx-light valgrind"
ci="$test make git clang clang-tidy clang-format libclang-rt-14-dev lld
    ruby golang-go nodejs haproxy nginx-light chromium"

# Debian's nodejs comes without npm; other builds of Node.js bring it, and clash with the package.
command -v npm >/dev/null || ci="$ci npm"

# Each room of packaging/ has a line of its own here, and one below for its tests.
dist="$build make git"
dist="$dist g++-aarch64-linux-gnu binutils dpkg-dev python3"  # linux
dist="$dist emscripten nodejs perl python3-six unicode-data"  # npm
command -v npm >/dev/null || dist="$dist npm"
dist="$dist dpkg-dev python3"  # python
dist="$dist ruby"  # ruby

packages="$dist"
packages="$packages debootstrap qemu-user-static lintian man-db bash-completion python3 curl jq"  # linux
packages="$packages chromium"  # npm
packages="$packages umoci qemu-user-static python3"  # image
packages="$packages golang-go"  # go
packages="$packages ruby ruby-rspec"  # ruby
packages="$packages ruby curl jq"  # action
packages="$packages default-jdk-headless junit5"  # java
packages="$packages pkg-config libgtest-dev libcpp-httplib-dev"  # the first test in C++
packages="$packages python3-venv python3-pip python3-requests python3-httpx python3-pytest
    python3-pytest-xdist mypy"  # python

case "${1:-}" in
  build) wanted=$build ;;
  test) wanted=$test ;;
  bench) wanted=$bench ;;
  dist) wanted=$dist ;;
  packages) wanted=$packages ;;
  ci) wanted=$ci ;;
  *) echo "usage: cmake/setup.sh build|test|bench|dist|packages|ci" >&2; exit 2 ;;
esac

# Without apt nothing can be installed here; say once what is needed.
if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  absent=""
  for tool in c++ cmake ninja; do command -v $tool >/dev/null || absent="$absent $tool"; done
  if [ -n "$absent" ] || [ ! -f build/CMakeCache.txt ]; then
    echo "setup: no apt here. Install a C++20 compiler, CMake 3.25, Ninja, pkg-config and OpenSSL's"
    echo "  headers. The libraries, which CMake fetches as pinned sources (with git) where they are"
    echo "  missing: cpp-httplib nlohmann_json asio re2 CLI11 tl-expected zlib, and for the tests"
    echo "  googletest valijson benchmark (and python3)."
  fi
  [ -z "$absent" ] || { echo "setup: missing:$absent" >&2; exit 1; }
  exit 0
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
            sed -n 's/^installed //p') || true
missing=""
for package in $wanted; do
  printf '%s\n' "$installed" | grep -qxF -- "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

echo "setup: installing$missing" | fold -s -w 78
as_root=""
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || {
    echo "setup: neither root nor sudo; have them installed with: apt-get install$missing" >&2
    exit 1
  }
  as_root=sudo
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" </dev/null; }

# The package lists may be absent or stale, and another apt may hold a lock for a while.
attempt=1
until apt install -y --no-install-recommends $missing >"$log" 2>&1; do
  if [ $attempt -ge 5 ]; then
    tail -n 15 "$log" >&2
    echo "setup: could not install$missing" >&2
    exit 1
  fi
  [ $attempt = 1 ] || sleep 5
  attempt=$((attempt + 1))
  apt update >>"$log" 2>&1 || true  # the next install tells whether it mattered
done
