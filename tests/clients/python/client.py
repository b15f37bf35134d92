"""A good client of the Conversations API, with requests. Its job is in NAIRI_JOB; --stdio: one on each line."""
import base64
import json
import os
import signal
import sys
import time
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import quote

import requests


class Stopped(Exception):
    """No answer: the outcome, what to tell, and the status if the API refused."""


def text_of(reply):
    """What an error says: the text of the API, or the page of a proxy on the way."""
    try:
        return reply.json()["error"]
    except (ValueError, KeyError, TypeError):
        return reply.text


def seconds_asked(headers):
    """Retry-After is a number, or a date."""
    try:
        asked, now = headers.get("Retry-After", "0"), headers.get("Date")
        if asked.isdigit():
            return int(asked)
        begin = parsedate_to_datetime(now) if now else datetime.now(timezone.utc)
        return (parsedate_to_datetime(asked) - begin).total_seconds()
    except (TypeError, ValueError):
        return 0


class Client:
    PAUSES_S = (0.1, 0.2, 0.4, 0.8)  # before a read is tried again

    def __init__(self, job):
        self.job, self.deadline = job, time.monotonic() + job["deadline_ms"] / 1000
        self.session = requests.Session()  # keeps its connections
        self.session.headers.update({"Authorization": f"Bearer {job['api_key']}", "User-Agent": "example-python/1.0"})
        # A timeout of requests ends a silence; a reply that drips in has to be ended, too.
        signal.signal(signal.SIGALRM, self.stop)
        signal.setitimer(signal.ITIMER_REAL, job["deadline_ms"] / 1000)

    def stop(self, *_):
        raise Stopped("timeout", "the deadline is reached")

    def call(self, method, *path, **options):
        """The reply's JSON. A POST is never sent again: it may have been carried out."""
        url = "/".join([self.job["base_url"], *(quote(part, safe="") for part in path)])
        for pause in (*self.PAUSES_S, None) if method == "GET" else (None,):
            asked = 0
            try:
                reply = self.send(method, url, **options)
                if 200 <= reply.status_code < 300:
                    return reply.json()
                if pause is None or reply.status_code not in (429, 502, 503, 504):
                    raise Stopped("error", text_of(reply), reply.status_code)
                asked = seconds_asked(reply.headers)
            except requests.RequestException:  # no reply, or one that is cut or no JSON
                if pause is None:
                    raise
            self.sleep(max(pause, asked))

    def send(self, method, url, **options):  # follows no redirect: the key must not go elsewhere
        left = max(0.001, self.deadline - time.monotonic())
        return self.session.request(method, url, timeout=left, allow_redirects=False, **options)

    def sleep(self, seconds):
        if time.monotonic() + seconds > self.deadline:
            self.stop()
        time.sleep(seconds)

    def prompt(self, job_id, text, files):
        body = {"prompt": text, "attachment_ids": files}
        if job_id:
            return self.call("POST", "conversations", job_id, "continue", json=body)
        body |= {"agent_id": self.job["agent_id"], "ask_mode": self.job.get("ask_mode", False)}
        return self.call("POST", "conversations", "start", json=body)

    def answer(self, turn):
        """Waits for the turn's end; queued, and what is unknown, goes on."""
        while (status := self.call("GET", "messages", turn["message_id"])["status"]) not in ("completed", "failed"):
            self.sleep(self.job["poll_ms"] / 1000)
        timeline = self.timeline(turn["job_id"])
        if status == "failed":
            raise Stopped("failed", self.newest("system", timeline))
        begin = [message["id"] for message in timeline].index(turn["message_id"])
        return self.newest("assistant", timeline[begin:])

    def newest(self, role, messages):
        return next((message["content"] for message in reversed(messages) if message["role"] == role), "")

    def timeline(self, job_id):
        return self.call("GET", "conversations", job_id, "messages")["messages"]

    def converse(self):
        job_id, files, replies = self.job.get("job_id"), [], []
        for path in self.job.get("attachments", ()):
            with open(path, "rb") as file:
                files.append(self.call("POST", "attachments", files={"file": file})["attachment_id"])
        for text in self.job["prompts"]:
            turn = self.prompt(job_id, text, files)
            job_id, files = turn["job_id"], []
            replies.append(self.answer(turn))
        return {"replies": replies}

    def messages(self):
        return {"messages": [m for m in self.timeline(self.job["job_id"]) if m["role"] != "progress"]}

    def conversations(self):
        page, ids = None, []
        while page is None or len(page) == 100:
            query = {"limit": 100, "offset": len(ids), "sort": "created_at_asc"}
            page = self.call("GET", "agents", self.job["agent_id"], "conversations", params=query)["conversations"]
            ids += [conversation["id"] for conversation in page]
        return {"conversations": ids}

    def agents(self):
        return {"agents": [agent["agent_id"] for agent in self.call("GET", "agents")]}

    def download(self):
        data = self.call("GET", "attachments", self.job["attachment_id"])["data"]
        with open(self.job["path"], "wb") as file:
            file.write(base64.b64decode(data))
        return {}


OPERATIONS = {"converse": "converse", "continue": "converse", "messages": "messages",
              "conversations": "conversations", "agents": "agents", "download": "download"}


def main(client_class=Client):
    for line in sys.stdin if "--stdio" in sys.argv else [os.environ["NAIRI_JOB"]]:
        job = {"poll_ms": 2000, "deadline_ms": 60_000} | json.loads(line)
        client, result = client_class(job), {"id": job["id"], "outcome": "completed"}
        operation = getattr(client, OPERATIONS.get(job["op"], ""), None)
        try:
            result |= operation() if operation else {"outcome": "unsupported"}
        except Stopped as stopped:
            result |= {"outcome": stopped.args[0], "error": dict(zip(("message", "status"), stopped.args[1:]))}
        except Exception as broken:  # whatever it is, it is no answer
            result |= {"outcome": "error", "error": {"message": repr(broken)}}
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
