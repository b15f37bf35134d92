#!/usr/bin/env bash
# A good client of the Conversations API, with curl and jq. Its job is in NAIRI_JOB.
# Each call is a curl of its own, so connections are not used again.
# shellcheck disable=SC2016  # the variables in single quotes are jq's
set -euo pipefail

job() { jq -r "$1" <<<"$NAIRI_JOB"; }
finish() { # outcome, the rest as JSON
  jq -cn --argjson job "$NAIRI_JOB" --arg outcome "$1" --argjson rest "$2" '{id: $job.id, $outcome} + $rest'
  exit
}
if [ "${1-}" != in-time ]; then
  timeout --foreground "$(job '(.deadline_ms // 60000) / 1000')" "$0" in-time || code=$?
  if [ "${code-}" = 124 ]; then finish timeout '{}'; fi
  exit "${code-0}"
fi
# Not @tsv: of two tabs in a row the shell makes one, and the key would be taken for an empty URL.
IFS=$'\x1f' read -r op base_url key poll_s \
  < <(job '[.op, .base_url, .api_key, (.poll_ms // 2000) / 1000] | map(tostring) | join("\u001f")')
if [ -z "$base_url" ]; then finish error '{"error": {"message": "the base_url is empty"}}'; fi

# What Retry-After asks for: seconds, or a date that counts from the reply's own.
seconds() { # value, Date
  if [[ $1 = *:* ]]; then
    echo $(($(date -d "$1" +%s) - $(date -d "${2:-now}" +%s)))
  else
    echo "$1"
  fi
}

# The reply is in $body. Only a GET is sent again: a POST may have been carried out.
call() { # method, path, curl options
  local method=$1 path=$2 reply status asked_s pause_s
  shift 2
  for pause_s in 0.1 0.2 0.4 0.8 none; do
    # The key comes on stdin, where ps does not show it, and curl follows no redirect with it.
    reply=$(curl -sS -X "$method" -A example-bash/1.0 -H @- -w $'\n%{http_code}\x1f%header{retry-after}\x1f%header{date}' \
      "$@" "$base_url$path" <<<"Authorization: Bearer $key") || reply=$'\n000'
    body=${reply%$'\n'*}
    IFS=$'\x1f' read -r status asked_s sent_at <<<"${reply##*$'\n'}"
    if [[ $status = 2* ]] && jq -e . <<<"$body" &>/dev/null; then return; fi
    if [[ $method$pause_s = *none || $method != GET || ! $status =~ 000|2..|429|502|503|504 ]]; then break; fi
    sleep "$(seconds "${asked_s:-$pause_s}" "$sent_at")"
  done
  finish error "$(jq -n --arg status "$status" --arg text "$(jq -r '.error?' <<<"$body" 2>/dev/null)" \
    '{error: {status: ($status | tonumber), message: $text}}')"
}
read_reply() { jq -c "$@" <<<"$body"; }
encode() { jq -rn --arg part "$1" '$part | @uri'; }
post() { call POST "$1" -H 'Content-Type: application/json' --data-raw "$2"; }
timeline() { call GET "/conversations/$(encode "$1")/messages"; }

# Waits for the turn's end; queued, and what is unknown, goes on. The text is in $answer, as JSON.
wait_for() { # job id, message id
  local status=
  while call GET "/messages/$(encode "$2")"; do
    status=$(read_reply -r .status)
    if [ "$status" = completed ] || [ "$status" = failed ]; then break; fi
    sleep "$poll_s"
  done
  timeline "$1"
  if [ "$status" = failed ]; then
    finish failed "$(read_reply '{error: {message: [.messages[] | select(.role == "system")][-1].content}}')"
  fi
  answer=$(read_reply --arg id "$2" '.messages | .[map(.id) | index($id):]
    | map(select(.role == "assistant"))[-1].content // ""')
}

converse() {
  local job_id files='[]' replies='[]' path prompt json
  job_id=$(job '.job_id // empty')
  while read -r path; do
    path=${path//\\/\\\\}
    call POST /attachments -F "file=@\"${path//\"/\\\"}\""
    files=$(read_reply --argjson files "$files" '$files + [.attachment_id]')
  done < <(job '.attachments[]?')
  while read -r prompt; do # as JSON
    json=$(jq -cn --argjson prompt "$prompt" --argjson files "$files" '{$prompt, attachment_ids: $files}')
    if [ -n "$job_id" ]; then
      post "/conversations/$(encode "$job_id")/continue" "$json"
    else
      post /conversations/start "$(job "{agent_id, ask_mode: (.ask_mode // false)} + $json")"
    fi
    job_id=$(read_reply -r .job_id)
    files='[]'
    wait_for "$job_id" "$(read_reply -r .message_id)"
    replies=$(jq -c ". + [$answer]" <<<"$replies")
  done < <(jq -c '.prompts[]' <<<"$NAIRI_JOB")
  finish completed "{\"replies\": $replies}"
}

conversations() {
  local ids='[]' query size=100
  while [ "$size" = 100 ]; do
    query="limit=100&offset=$(jq length <<<"$ids")&sort=created_at_asc"
    call GET "/agents/$(encode "$(job .agent_id)")/conversations?$query"
    ids=$(read_reply --argjson ids "$ids" '$ids + [.conversations[].id]')
    size=$(read_reply '.conversations | length')
  done
  finish completed "{\"conversations\": $ids}"
}

messages() {
  timeline "$(job .job_id)"
  finish completed "$(read_reply '{messages: [.messages[] | select(.role != "progress")]}')"
}

download() {
  call GET "/attachments/$(encode "$(job .attachment_id)")"
  read_reply -r .data | base64 -d >"$(job .path)"
  finish completed '{}'
}

agents() {
  call GET /agents
  finish completed "$(read_reply '{agents: [.[].agent_id]}')"
}

case $op in
  converse | continue) converse ;;
  messages | conversations | agents | download) "$op" ;;
  *) exit 127 ;;
esac
