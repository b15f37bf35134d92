#!/usr/bin/env bash
# Runs one quickstart against a fake of its own:  run.sh BIN_DIR [--tls] COMMAND…
set -euo pipefail
. "$(dirname "$0")/fake.sh"

bin=$1
shift
serve=()
if [ "$1" = --tls ]; then
  serve=(--tls)
  shift
fi
start_fake "$bin" ${serve[@]+"${serve[@]}"}

export NAIRI_BASE_URL NAIRI_API_KEY=nr_quickstart NAIRI_AGENT NAIRI_SLACK_JOB
NAIRI_BASE_URL=$(ready base_url)
NAIRI_AGENT=$(ready agent)
NAIRI_SLACK_JOB=$(ready slack_job)
# The fake moves on by reads, so nobody has to wait between two polls.
export NAIRI_POLL_MS=${NAIRI_POLL_MS:-0}

if [ ${#serve[@]} -gt 0 ]; then
  ca=$(ready ca_file)
  # One variable each: curl, requests, Ruby and Go, Node.
  export CURL_CA_BUNDLE=$ca REQUESTS_CA_BUNDLE=$ca SSL_CERT_FILE=$ca NODE_EXTRA_CA_CERTS=$ca
fi
"$@"
