"""Clients with one fault each, as people write them: some are the good Python client with a step done
wrong, some are built otherwise (urllib, http.client, asyncio, decorators, generators, threads).

    more.py NAME [--stdio]    does the job in NAIRI_JOB, with that fault
    more.py --list            name, rules of which one has to catch it, and fault: a JSON object on each line
"""
import collections
import dataclasses
import functools
import http.client
import json
import os
import pathlib
import queue
import signal
import sys
import threading
import time
import urllib.error
import urllib.request

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

CLIENTS = pathlib.Path(__file__).resolve().parent.parent
sys.path += [str(CLIENTS / "python"), str(CLIENTS / "styles")]
from client import Client, Stopped, main, seconds_asked, text_of  # noqa: E402  (the path comes first)
from styles import AsksForGzip, PlainReply, Streams, WalksByCursor  # noqa: E402

BROKEN = {}
ENDS = ("completed", "failed")


def fault(name, *rules):
    """Names the client, and the rules of which any is the right name for its fault; its docstring says the fault."""
    def register(client_class):
        client_class.rules = rules
        BROKEN[f"python/{name}"] = client_class
        return client_class
    return register


# -- Other builds, good until a fault is put in ------------------------------------------------------
class Unavailable(Stopped):
    """May pass."""

    seconds = 0


def retry(times, *kinds):
    """What people write who don't want to depend on tenacity."""
    def decorate(function):
        @functools.wraps(function)
        def again(*args, **kwargs):
            for attempt in range(1, times + 1):
                try:
                    return function(*args, **kwargs)
                except kinds as broken:
                    if attempt == times:
                        raise
                    time.sleep(max(0.1 * 2 ** attempt, getattr(broken, "seconds", 0)))
        return again
    return decorate


class Script(Client):
    """Another build: a retry decorator, and one method for each endpoint."""

    def request(self, method, path, **options):
        url = self.job["base_url"] + path
        reply = self.session.request(method, url, timeout=(5, 120), allow_redirects=False, **options)
        if reply.status_code in (429, 502, 503, 504):
            unavailable = Unavailable("error", text_of(reply), reply.status_code)
            unavailable.seconds = seconds_asked(reply.headers)
            raise unavailable
        self.check(reply)
        return reply.json()

    def check(self, reply):
        if reply.status_code >= 300:
            raise Stopped("error", text_of(reply), reply.status_code)

    @retry(4, requests.RequestException, Unavailable)
    def get(self, path):
        return self.request("GET", path)

    def call(self, method, *path, **options):  # the lists of the good client
        if method == "GET" and not options:
            return self.get("/" + "/".join(requests.utils.quote(part, safe="") for part in path))
        return super().call(method, *path, **options)

    def wait(self, turn):
        """Pauses between polls until the turn has ended; its status."""
        while True:
            status = self.get(f"/messages/{turn['message_id']}")["status"]
            if status in ENDS:
                return status
            time.sleep(self.job["poll_ms"] / 1000)

    def answer(self, turn):
        status = self.wait(turn)
        messages = self.get(f"/conversations/{turn['job_id']}/messages")["messages"]
        if status == "failed":
            raise Stopped("failed", self.newest("system", messages))
        ids = [message["id"] for message in messages]
        return self.newest("assistant", messages[ids.index(turn["message_id"]):])


class Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class ByUrllib(Client):
    """Another build: urllib.request, which has no session."""

    opener = urllib.request.build_opener(Stays)

    def send(self, method, url, **options):
        made = requests.Request(method, url, self.session.headers, **options).prepare()
        headers = {**made.headers, "Accept-Encoding": "identity"}
        request = urllib.request.Request(made.url, made.body, headers, method=method)
        try:
            with self.opener.open(request, timeout=max(0.001, self.deadline - time.monotonic())) as reply:
                return self.reply(reply.status, reply.headers, reply.read())
        except urllib.error.HTTPError as refused:
            return self.reply(refused.code, refused.headers, refused.read())
        except (OSError, http.client.HTTPException) as broken:
            raise requests.ConnectionError(repr(broken)) from None

    def reply(self, status, headers, content):
        return PlainReply(status, headers, content)


# -- Prompts -----------------------------------------------------------------------------------------
@fault("starts-over-when-a-read-fails", "sends-a-prompt-once", "no-blind-retry-of-post")
class RetriesTheWholeTask(Script):
    """Retries asking and waiting as one step, so that a failed read sends the prompt again."""

    def converse(self):
        @retry(3, requests.RequestException, Unavailable)
        def ask(job_id, text, files):  # one decorator for all: it looks so tidy
            turn = self.prompt(job_id, text, files)
            return turn["job_id"], self.answer(turn)

        job_id, replies = self.job.get("job_id"), []
        files = [self.upload(path) for path in self.job.get("attachments", ())]
        for text in self.job["prompts"]:
            job_id, answer = ask(job_id, text, files)
            files = []
            replies.append(answer)
        return {"replies": replies}

    def upload(self, path):
        with open(path, "rb") as file:
            return self.call("POST", "attachments", files={"file": file})["attachment_id"]


@fault("mounts-retries-for-posts", "no-blind-retry-of-post", "uploads-a-file-once")
class MountsRetries(Client):
    """Lets urllib3 retry POSTs, also those that may have been carried out."""

    def __init__(self, job):  # from an answer that everybody copies, for "requests retry"
        super().__init__(job)
        retries = Retry(total=3, backoff_factor=0.2, status_forcelist=(500, 502, 504), allowed_methods=["POST"],
                        respect_retry_after_header=False, raise_on_status=False)
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=retries))


# -- Texts -------------------------------------------------------------------------------------------
@fault("strips-its-prompts", "keeps-texts-as-they-are")
class Strips(Client):
    """Strips blanks and line ends from both ends of a prompt."""

    def prompt(self, job_id, text, files):  # "cleans" what may come from an input()
        return super().prompt(job_id, text.strip(), files)


@fault("reads-latin-1-unless-told", "keeps-texts-as-they-are")
class ReadsLatin1(ByUrllib):
    """Decodes a body without a charset as ISO 8859-1, so that answers come back garbled."""

    def reply(self, status, headers, content):  # HTTP's default, of old
        return PlainReply(status, headers, content.decode(headers.get_content_charset("iso-8859-1")).encode())


# -- Files -------------------------------------------------------------------------------------------
@fault("sends-an-exhausted-file", "keeps-texts-as-they-are", "uploads-a-file-once")
class SendsWhatIsLeft(Client):
    """Retries an upload with the same open file, of which nothing is left: the second upload is empty."""

    def send(self, method, url, **options):
        if "files" not in options:
            return super().send(method, url, **options)
        try:
            reply = super().send(method, url, **options)
            if reply.status_code not in (429, 502, 503, 504):
                return reply
            self.sleep(max(0.2, seconds_asked(reply.headers)))
        except requests.ConnectionError:
            self.sleep(0.2)
        return super().send(method, url, **options)  # nobody thinks of seek(0)


@fault("opens-files-as-text", "keeps-texts-as-they-are")
class OpensText(Client):
    """Reads files as text, so that line ends are translated and other bytes replaced."""

    def call(self, method, *path, **options):
        if "files" in options:
            name = options["files"]["file"].name
            with open(name, encoding="utf-8", errors="replace") as file:
                options["files"] = {"file": (os.path.basename(name), file.read())}
        return super().call(method, *path, **options)


@fault("names-no-file", "keeps-texts-as-they-are")
class NamesNoFile(Client):
    """Gives requests the bytes alone, which then names each file "file"."""

    def call(self, method, *path, **options):
        if "files" in options:
            options["files"] = {"file": options["files"]["file"].read()}
        return super().call(method, *path, **options)


@fault("calls-its-files-attachments", "keeps-texts-as-they-are", "result")
class GuessesTheField(Streams):
    """Uploads its files and sends their ids in a field that the API does not have."""

    async def call(self, method, path, body=None, kind="application/json"):
        if path.startswith("/conversations/") and body:  # remembered from another vendor's API
            body = body.replace(b'"attachment_ids"', b'"attachments"')
        return await super().call(method, path, body, kind)


# -- Whose answer ------------------------------------------------------------------------------------
@fault("joins-the-deltas", "reads-the-answer", "result-matches-terminal", "filters-progress")
class JoinsTheDeltas(Script):
    """Takes all streamed text joined for the answer, and the assistant's message only when nothing was streamed."""

    def events(self, turn):
        seen = set()
        while True:
            status = self.get(f"/messages/{turn['message_id']}")["status"]
            for message in self.get(f"/conversations/{turn['job_id']}/messages")["messages"]:
                if message["id"] not in seen:
                    seen.add(message["id"])
                    yield message
            if status in ENDS:
                yield {"role": "end", "status": status}
                return
            time.sleep(self.job["poll_ms"] / 1000)

    def answer(self, turn):
        mine, streamed, by_role = False, "", {}
        for event in self.events(turn):  # as with the APIs of models, where this is right
            mine = mine or event.get("id") == turn["message_id"]
            if event["role"] == "progress":
                streamed += json.loads(event["content"]).get("text_delta", "") if mine else ""
            elif event["role"] != "end" and (mine or event["role"] == "system"):
                by_role[event["role"]] = event["content"]
        if event["status"] == "failed":
            raise Stopped("failed", by_role.get("system", ""))
        return streamed or by_role.get("assistant", "")


@fault("finds-its-turn-by-its-text", "reads-the-answer")
class FindsItsText(Client):
    """Looks for its prompt's text in the timeline, so that the same prompt twice gets the first answer twice."""

    def prompt(self, job_id, text, files):
        self.text = text
        return super().prompt(job_id, text, files)

    def answer(self, turn):
        super().answer(turn)  # waits, and tells a failure
        timeline = self.timeline(turn["job_id"])
        begin = next(i for i, m in enumerate(timeline) if m["role"] == "user" and m["content"] == self.text)
        turns = [i for i, m in enumerate(timeline) if m["role"] == "user" and i > begin]
        return self.newest("assistant", timeline[begin:turns[0] if turns else None])


# -- Time --------------------------------------------------------------------------------------------
def without_an_alarm(client):
    """The good client has one for its whole job; most people have none."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    return client


@fault("trusts-a-socket-timeout", "deadline-kept")
class TrustsASocketTimeout(ByUrllib):
    """Has no deadline but the timeout of a socket, which counts from the last byte: a dripping reply outlives it."""

    def __init__(self, job):
        super().__init__(job)
        without_an_alarm(self)


@fault("begins-its-deadline-anew", "deadline-kept")
class BeginsAnew(Script):
    """Counts its deadline from the last reply, so that polls that go well never end."""

    def wait(self, turn):
        without_an_alarm(self)
        last = time.monotonic()
        while time.monotonic() - last < self.job["deadline_ms"] / 1000:
            status = self.get(f"/messages/{turn['message_id']}")["status"]
            last = time.monotonic()  # "the server is alive"
            if status in ENDS:
                signal.setitimer(signal.ITIMER_REAL, max(0.001, self.deadline - last))
                return status
            time.sleep(self.job["poll_ms"] / 1000)
        return self.stop()


@fault("sleeps-as-long-as-asked", "deadline-kept")
class SleepsAsAsked(Client):
    """Sleeps as long as Retry-After asks, also when that is longer than what is left of its deadline."""

    def sleep(self, seconds):  # looks at the clock when it wakes up
        without_an_alarm(self)
        time.sleep(seconds)
        if time.monotonic() >= self.deadline:
            self.stop()
        signal.setitimer(signal.ITIMER_REAL, self.deadline - time.monotonic())


# -- Statuses and lists ------------------------------------------------------------------------------
@fault("waits-for-a-message-that-is-not-there", "no-retry-on-4xx", "surfaces-api-errors")
class WaitsForAMessage(Client):
    """Takes a 404 for its message as "not there yet", and polls on until its deadline."""

    def call(self, method, *path, **options):
        try:
            return super().call(method, *path, **options)
        except Stopped as stopped:
            if path[0] == "messages" and stopped.args[2:] == (404,):
                return {"status": "pending"}  # databases are replicated, aren't they
            raise


@fault("lists-active-conversations-only", "result", "reads-all-pages")
class ListsActive(Client):
    """Filters the list of conversations by status=active, and so misses those that have ended."""

    def call(self, method, *path, **options):
        if "params" in options:
            options["params"]["status"] = "active"
        return super().call(method, *path, **options)


@fault("pastes-the-cursor", "reads-all-pages", "result", "known-parameters")
class PastesTheCursor(WalksByCursor):
    """Puts the cursor into the URL as it is, without encoding it."""

    def send(self, method, url, **options):
        if cursor := options.get("params", {}).pop("cursor", None):
            options["params"] = None
            url += f"?limit=20&cursor={cursor}"
        return super().send(method, url, **options)


@fault("stops-at-a-short-page", "reads-all-pages")
class StopsAtAShortPage(WalksByCursor):
    """Ends its walk at a page that is not full, though that page has a next_cursor."""

    def pages(self):
        for page in super().pages():
            yield page
            if len(page) < 20:  # the rule for offsets
                return


# -- Errors and transport ----------------------------------------------------------------------------
@fault("raises-for-status", "surfaces-api-errors")
class RaisesForStatus(Script):
    """Uses raise_for_status(), which tells the status and never the server's text."""

    def check(self, reply):
        try:
            reply.raise_for_status()
        except requests.HTTPError as broken:
            raise Stopped("error", str(broken), reply.status_code) from None

    def prompt(self, job_id, text, files):
        body = {"prompt": text, "attachment_ids": files}
        if job_id:
            return self.request("POST", f"/conversations/{job_id}/continue", json=body)
        body |= {"agent_id": self.job["agent_id"], "ask_mode": self.job.get("ask_mode", False)}
        return self.request("POST", "/conversations/start", json=body)


@fault("follows-redirects-with-the-key", "auth-on-every-call")
class FollowsRedirects(ByUrllib):
    """Leaves redirects to urllib, which takes the Authorization header along to any origin."""

    opener = urllib.request.build_opener()


@fault("asks-for-gzip-it-cannot-read", "result")
class CannotUnpack(AsksForGzip):
    """Sends Accept-Encoding: gzip, as its browser did, and can't read what then comes."""

    def unpack(self, content):
        return content


@fault("reads-no-chunks", "result")
class ReadsNoChunks(Streams):
    """Reads as many bytes as Content-Length says, and none when a reply is chunked."""

    async def content(self, status, headers):
        return await self.reader.readexactly(int(headers.get("content-length", 0)))


# -- Process -----------------------------------------------------------------------------------------
@dataclasses.dataclass
class Message:
    """All that the documentation names today."""

    id: str
    job_id: str
    content: str
    role: str
    status: str
    created_at: str = ""
    updated_at: str = ""
    attachment_ids: list = ()
    cost_usd: float = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    model: str = ""
    progress_type: str = ""
    tool_use_id: str = ""
    parent_tool_use_id: str = ""
    tool_name: str = ""
    tool_status: str = ""


@fault("takes-json-for-a-dataclass", "survives-additive-changes")
class TakesJsonForADataclass(Script):
    """Makes Message(**json) of each message, which refuses any field that it does not know."""

    def watch(self, turn, ends):
        try:
            while True:  # a thread polls, and the caller waits at its queue
                message = Message(**self.get(f"/messages/{turn['message_id']}"))
                if message.status in ENDS:
                    return ends.put(message.status)
                time.sleep(self.job["poll_ms"] / 1000)
        except Exception as broken:
            ends.put(broken)

    def wait(self, turn):
        ends = queue.Queue()
        threading.Thread(target=self.watch, args=(turn, ends), daemon=True).start()
        end = ends.get()
        if isinstance(end, Exception):
            raise end
        return end

    def answer(self, turn):
        status, by_role = self.wait(turn), collections.defaultdict(str)
        for fields in self.timeline(turn["job_id"]):
            message = Message(**fields)
            if message.role == "user":
                by_role["assistant"] = ""
            by_role[message.role] = message.content
        if status == "failed":
            raise Stopped("failed", by_role["system"])
        return by_role["assistant"]


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        for name, client_class in BROKEN.items():
            print(json.dumps({"name": name, "rules": client_class.rules, "why": client_class.__doc__}))
    elif len(sys.argv) > 1 and "python/" + sys.argv[1].removeprefix("python/") in BROKEN:
        main(BROKEN["python/" + sys.argv[1].removeprefix("python/")])
    else:
        sys.exit(__doc__)
