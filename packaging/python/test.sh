#!/usr/bin/env bash
# Tests the wheel of OUT as a stranger would:  packaging/python/test.sh OUT [options of pytest]
# Into a virtual environment that has Debian's requests, httpx and pytest, in a temporary folder.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$(cd "${1:?usage: packaging/python/test.sh OUT}" && pwd)
shift
python=/usr/bin/python3  # whose packages Debian's are

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wheel=$(find "$out" -maxdepth 1 -name 'nairi_mock-*.whl')
[ -f "$wheel" ] || { echo "python: expected one wheel in $out" >&2; exit 1; }

$python -m venv --system-site-packages "$work/venv"
"$work/venv/bin/pip" install --quiet --no-index "$wheel"

cp -R "$root/packaging/python/tests" "$work/tests"
"$root/packaging/pages.py" "$root/docs/in-python-tests.md" "$work/page"
"$work/venv/bin/python" "$root/packaging/identity/record.py" \
  "$work"/venv/lib/python3*/site-packages/nairi_mock/bin/nairi-mock "$work/recording.json"

cd "$work/tests"
unset PYTHONPATH NAIRI_BASE_URL NAIRI_API_KEY
export NAIRI_TEST_WHEEL=$wheel NAIRI_TEST_RECORDING=$work/recording.json \
  NAIRI_TEST_PAGE=$work/page NAIRI_TEST_WHEEL_MAKER=$root/packaging/python/wheel.py
"$work/venv/bin/python" -m pytest -q -p no:cacheprovider -n "$(nproc)" "$@"
"$work/venv/bin/python" -I "$root/packaging/python/figures.py"  # not the clone's package
