#!/usr/bin/env bash
# Runs one quickstart against a fake of its own:  run.sh BIN_DIR [--tls] COMMAND…
set -euo pipefail
bin=$1
shift
options=()
if [ "$1" = --tls ]; then
  options=(--tls)
  shift
fi
# What the built-in world has. The fake moves on by reads, so nobody has to wait between two polls.
export NAIRI_AGENT=my-agent NAIRI_SLACK_JOB=job_01KRK1V46BXS73CSNK2VR35NPJ
export NAIRI_POLL_MS=${NAIRI_POLL_MS:-0}
exec "$bin/nairi-mock" run ${options[@]+"${options[@]}"} -- "$@"
