#!/usr/bin/env bash
# Drives a conversation with curl and jq. Against the real service: poll every 2 s (the default
# here), and leave NAIRI_BASE_URL at https://api.nairi.ai/api/public/v1.
set -euo pipefail
api=${NAIRI_BASE_URL:?is empty: expected the URL of the API}
poll_s=$(jq -n "${NAIRI_POLL_MS:-2000} / 1000")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

call() { curl -sS --fail-with-body -H "Authorization: Bearer $NAIRI_API_KEY" "$@"; }
post() { call -H 'Content-Type: application/json' -d "$2" "$api$1"; }
expect() { [ "$2" = "$3" ] || { echo "$1: expected '$3', got '$2'" >&2; exit 1; }; }

wait_for() {  # message id
  local status
  while true; do
    status=$(call "$api/messages/$1" | jq -r .status)
    case $status in completed) return ;; failed) echo "$1 failed" >&2; return 1 ;; esac
    sleep "$poll_s"
  done
}

echo '== start, poll, list'
body=$(jq -n --arg agent "$NAIRI_AGENT" '{agent_id: $agent, prompt: "Refund the failed charge"}')
turn=$(post /conversations/start "$body")
job=$(jq -r .job_id <<<"$turn")
wait_for "$(jq -r .message_id <<<"$turn")"
timeline=$(call "$api/conversations/$job/messages")
expect 'has progress' "$(jq '[.messages[] | select(.role == "progress")] | length > 0' <<<"$timeline")" true
jq -r '.messages[] | select(.role != "progress") | "\(.role): \(.content)"' <<<"$timeline"

echo '== upload a file and continue with it'
printf 'a\0b\377\r\n' >"$work/data"
upload=$(call -F "file=@$work/data;filename=\"Beleg \\\"März\\\" €.txt\"" "$api/attachments")
attachment=$(jq -r .attachment_id <<<"$upload")
body=$(jq -n --arg id "$attachment" '{prompt: "And mail the receipt", attachment_ids: [$id]}')
message=$(post "/conversations/$job/continue" "$body" | jq -r .message_id)
wait_for "$message"
visible=$(call "$api/conversations/$job/messages" | jq '[.messages[] | select(.role != "progress")]')
expect roles "$(jq -r '[.[].role] | join(" ")' <<<"$visible")" 'user assistant user assistant'
expect echo "$(jq -r '.[2].attachment_ids[0]' <<<"$visible")" "$attachment"

echo '== the file comes back unchanged'
file=$(call "$api/attachments/$attachment")
expect 'file name' "$(jq -r .filename <<<"$file")" 'Beleg "März" €.txt'
jq -r .data <<<"$file" | base64 -d | cmp - "$work/data"

echo '== a job from Slack takes no prompts from here'
refusal=$(curl -sS -w ' %{http_code}' -H "Authorization: Bearer $NAIRI_API_KEY" \
  -H 'Content-Type: application/json' -d '{"prompt": "Hello"}' \
  "$api/conversations/$NAIRI_SLACK_JOB/continue")
expect 'status' "${refusal##* }" 400
expect 'error' "$(jq -r .error <<<"${refusal% *}")" 'job is not an API job'
echo "$refusal"
