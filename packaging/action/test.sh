#!/usr/bin/env bash
# Tests action.yml, and the recipes of docs/ci.md and docs/in-shell-tests.md, with the program of OUT:
#   packaging/action/test.sh OUT
set -euo pipefail
export LC_ALL=C.UTF-8  # pages and verdicts are more than ASCII
timeout 300 ruby -w "$(dirname "$0")/action_test.rb" "${1:?usage: packaging/action/test.sh OUT}"
