"""Drives a conversation with requests. Polls every 2 s unless NAIRI_POLL_MS says otherwise."""
import base64
import os
import sys
import time

import requests

API = os.environ["NAIRI_BASE_URL"] or sys.exit("NAIRI_BASE_URL is empty: expected the URL of the API")
POLL_S = int(os.environ.get("NAIRI_POLL_MS", "2000")) / 1000

session = requests.Session()
session.headers["Authorization"] = f"Bearer {os.environ['NAIRI_API_KEY']}"


def call(method, path, **options):
    response = session.request(method, API + path, timeout=30, **options)
    response.raise_for_status()
    return response.json()


def wait_for(message_id):
    while True:
        status = call("GET", f"/messages/{message_id}")["status"]
        assert status != "failed", f"{message_id} failed"
        if status == "completed":
            return
        time.sleep(POLL_S)


def visible(job_id):
    messages = call("GET", f"/conversations/{job_id}/messages")["messages"]
    assert any(m["role"] == "progress" for m in messages), "expected progress messages"
    return [m for m in messages if m["role"] != "progress"]


# Start, poll, list.
turn = call("POST", "/conversations/start",
            json={"agent_id": os.environ["NAIRI_AGENT"], "prompt": "Refund the failed charge"})
wait_for(turn["message_id"])
assert [m["role"] for m in visible(turn["job_id"])] == ["user", "assistant"]

# Upload a file and continue the conversation with it.
name, data = 'Beleg "März" €.txt', b"a\0b\xff\r\n"
attachment = call("POST", "/attachments", files={"file": (name, data)})["attachment_id"]
turn = call("POST", f"/conversations/{turn['job_id']}/continue",
            json={"prompt": "And mail the receipt", "attachment_ids": [attachment]})
wait_for(turn["message_id"])
messages = visible(turn["job_id"])
assert [m["role"] for m in messages] == ["user", "assistant", "user", "assistant"], messages
assert messages[2]["attachment_ids"] == [attachment], messages[2]
for message in messages:
    print(f"{message['role']}: {message['content']}")

# The file comes back unchanged.
file = call("GET", f"/attachments/{attachment}")
assert file["filename"] == name, file["filename"]
assert base64.b64decode(file["data"]) == data, file["data"]

# A job from Slack takes no prompts from here.
refusal = session.post(f"{API}/conversations/{os.environ['NAIRI_SLACK_JOB']}/continue",
                       json={"prompt": "Hello"}, timeout=30)
assert refusal.status_code == 400, refusal.status_code
assert refusal.json() == {"error": "job is not an API job"}, refusal.text
print(refusal.status_code, refusal.text)
