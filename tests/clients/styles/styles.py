"""Good clients of other habits than python/client.py, which must be judged as good.

    styles.py STYLE [--stdio]    does the job in NAIRI_JOB in that style
    styles.py --list             the styles, a JSON object on each line
"""
import asyncio
import http.client
import json
import os
import pathlib
import queue
import random
import ssl
import sys
import threading
import uuid
import zlib
from urllib.parse import quote, urlencode, urlsplit

import requests

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "python"))
from client import Client, Stopped, main, seconds_asked  # noqa: E402  (the path comes first)

STYLES = {}
ENDS = ("completed", "failed")


def style(name):
    def register(client_class):
        STYLES[name] = client_class
        return client_class
    return register


class ReadsTheTimeline(Client):
    """What is common to those that see the end of a turn in the timeline."""

    def result(self, turn, timeline):
        """The answer, or None as long as the turn goes on."""
        begin = next((i for i, message in enumerate(timeline) if message["id"] == turn["message_id"]), None)
        if begin is None or timeline[begin]["status"] not in ENDS:
            return None
        if timeline[begin]["status"] == "failed":
            raise Stopped("failed", self.newest("system", timeline))
        return self.newest("assistant", timeline[begin:])


@style("timeline-only")
class PollsTheTimeline(ReadsTheTimeline):
    """Sees the end of a turn in the timeline, and never polls a message."""

    def answer(self, turn):
        while (answer := self.result(turn, self.timeline(turn["job_id"]))) is None:
            self.sleep(self.job["poll_ms"] / 1000)
        return answer


@style("message-and-timeline")
class PollsBoth(ReadsTheTimeline):
    """Polls the message and then the timeline, as a chat window does."""

    def answer(self, turn):
        while True:
            self.call("GET", "messages", turn["message_id"])
            answer = self.result(turn, self.timeline(turn["job_id"]))
            if answer is not None:
                return answer
            self.sleep(self.job["poll_ms"] / 1000)


@style("timeline-and-message")
class PollsTheTimelineFirst(ReadsTheTimeline):
    """Stops at whichever shows the end first."""

    def answer(self, turn):
        while True:
            answer = self.result(turn, self.timeline(turn["job_id"]))
            if answer is not None:
                return answer
            if self.call("GET", "messages", turn["message_id"])["status"] in ENDS:
                return self.result(turn, self.timeline(turn["job_id"]))
            self.sleep(self.job["poll_ms"] / 1000)


@style("looks-before-it-posts-again")
class LooksFirst(Client):
    """A start that broke is looked for in the list, and sent again only when it is not there."""

    def prompt(self, job_id, text, files):
        if job_id:
            return super().prompt(job_id, text, files)
        before = self.conversation_ids()
        try:
            return super().prompt(job_id, text, files)
        except (requests.RequestException, Stopped) as broken:
            if isinstance(broken, Stopped) and (broken.args[0] == "timeout" or broken.args[2] < 500):
                raise
            started = [one for one in self.conversation_ids() if one not in before]
            if not started:
                return super().prompt(job_id, text, files)
            message = next(m for m in self.timeline(started[0]) if m["role"] == "user")
            return {"job_id": started[0], "message_id": message["id"]}

    def conversation_ids(self):
        path = ("agents", self.job["agent_id"], "conversations")
        return [one["id"] for one in self.call("GET", *path)["conversations"]]


@style("agents-by-id")
class NamesAgentsByTheirId(Client):
    """Looks the agent up in the list, and sends its cci_ id."""

    def call(self, method, *path, **options):
        agent = self.job.get("agent_id")
        if agent and agent in path:
            path = [self.id_of(agent) if part == agent else part for part in path]
        if options.get("json", {}).get("agent_id"):
            options["json"] = options["json"] | {"agent_id": self.id_of(agent)}
        return super().call(method, *path, **options)

    def id_of(self, slug):
        agents = super().call("GET", "agents")
        return next((one["id"] for one in agents if one["agent_id"] == slug), slug)


@style("grows-its-pauses")
class PollsWithJitter(Client):
    """Waits longer after each poll, with jitter, so that many of its kind don't come at once."""

    def answer(self, turn):
        self.polls = 0
        return super().answer(turn)

    def call(self, method, *path, **options):
        if path[0] == "messages":
            self.polls += 1
            if self.polls > 1:
                longer = min(1.25 ** (self.polls - 2), 4) - 1
                self.sleep(self.job["poll_ms"] / 1000 * (longer + random.uniform(0, 0.25)))
        return super().call(method, *path, **options)


@style("walks-by-cursor")
class WalksByCursor(Client):
    """Asks for the agent first, takes a base URL in any form, and is made of generators."""

    def __init__(self, job):
        base_url = job["base_url"].rstrip("/")
        if not base_url.endswith("/api/public/v1"):
            base_url += "/api/public/v1"
        super().__init__({**job, "base_url": base_url})

    def statuses(self, message_id):
        while True:
            yield self.call("GET", "messages", message_id)["status"]
            self.sleep(self.job["poll_ms"] / 1000)

    def answer(self, turn):
        status = next(status for status in self.statuses(turn["message_id"]) if status in ENDS)
        mine, said = False, ""
        for message in self.timeline(turn["job_id"]):
            mine = mine or message["id"] == turn["message_id"]
            if mine and message["role"] == "assistant":
                said = message["content"]
            elif status == "failed" and message["role"] == "system":
                said = message["content"]
        if status == "failed":
            raise Stopped("failed", said)
        return said

    def converse(self):
        if "job_id" not in self.job:
            self.call("GET", "agents", self.job["agent_id"])
        return super().converse()

    def pages(self):
        query = {"limit": 20}
        while query:
            page = self.call("GET", "agents", self.job["agent_id"], "conversations", params=query)
            yield page["conversations"]
            cursor = page.get("next_cursor")
            query = {"limit": 20, "cursor": cursor} if cursor else None

    def conversations(self):
        return {"conversations": [one["id"] for page in self.pages() for one in page]}


@style("thread-for-each-conversation")
class WorksInAThread(Client):
    """Talks in a thread, and waits for what comes out of its queue."""

    def converse(self):
        done = queue.Queue()

        def talk():
            try:
                done.put(({**super(WorksInAThread, self).converse()}, None))
            except Exception as broken:  # is raised where somebody waits
                done.put((None, broken))

        threading.Thread(target=talk, daemon=True).start()
        result, broken = done.get()
        if broken:
            raise broken
        return result


class PlainReply:
    """What the good client wants of a reply."""

    def __init__(self, status_code, headers, content):
        self.status_code, self.headers, self.content = status_code, headers, content

    @property
    def text(self):
        return self.content.decode("utf-8", "replace")

    def json(self):
        try:
            return json.loads(self.content)
        except ValueError as broken:
            raise requests.JSONDecodeError(f"no JSON: {broken}", self.text, 0) from None


@style("unpacks-by-itself")
class AsksForGzip(Client):
    """Uses http.client on one connection, asks for packed replies, and unpacks them."""

    connection = None

    def send(self, method, url, **options):
        request = requests.Request(method, url, self.session.headers, **options).prepare()
        request.headers["Accept-Encoding"] = "gzip, deflate"
        try:
            return self.exchange(request, urlsplit(url))
        except (OSError, http.client.HTTPException, zlib.error) as broken:
            self.connection = None
            raise requests.ConnectionError(repr(broken)) from None

    def exchange(self, request, url):
        if self.connection is None:
            kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
            self.connection = kind(url.hostname, url.port)
        self.connection.request(request.method, request.path_url, request.body, dict(request.headers))
        reply = self.connection.getresponse()
        content = reply.read()
        if reply.headers.get("Content-Encoding") in ("gzip", "deflate"):
            content = self.unpack(content)
        return PlainReply(reply.status, reply.headers, content)

    def unpack(self, content):
        unpacker = zlib.decompressobj(47)  # gzip or zlib, as its first bytes say
        content = unpacker.decompress(content)
        if not unpacker.eof:
            raise zlib.error("the packed reply is cut")
        return content


@style("asyncio-streams")
class Streams:
    """Speaks HTTP by itself over asyncio's streams, on one connection."""

    PAUSES_S = (0.1, 0.2, 0.4, 0.8)

    def __init__(self, job):
        self.job, self.url, self.reader, self.writer = job, urlsplit(job["base_url"]), None, None

    def run(self, work):
        async def within():
            try:
                return await asyncio.wait_for(work, self.job["deadline_ms"] / 1000)
            except asyncio.TimeoutError:
                raise Stopped("timeout", "the deadline is reached") from None
            finally:
                self.drop()
        return asyncio.run(within())

    def drop(self):
        if self.writer:
            self.writer.transport.abort()
        self.reader = self.writer = None

    async def connect(self):
        if self.reader is None or self.reader.at_eof():  # closed while nobody looked
            self.drop()
            secure = ssl.create_default_context() if self.url.scheme == "https" else None
            self.reader, self.writer = await asyncio.open_connection(self.url.hostname, self.url.port, ssl=secure)

    async def head(self):
        """Status and headers; 103 and the like come before the reply."""
        status = 100
        while status < 200:
            lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            status = int(lines[0].split()[1])
        fields = (line.partition(":") for line in lines[1:])
        return status, {name.strip().lower(): value.strip() for name, _, value in fields}

    async def content(self, status, headers):
        if status in (204, 304):
            return b""
        if headers.get("transfer-encoding", "").lower() == "chunked":
            whole = b""
            while size := int((await self.reader.readline()).split(b";")[0], 16):
                whole += (await self.reader.readexactly(size + 2))[:-2]
            while (await self.reader.readline()).strip():
                pass  # trailers
            return whole
        if "content-length" in headers:
            return await self.reader.readexactly(int(headers["content-length"]))
        return await self.reader.read()

    async def exchange(self, method, path, body, kind):
        lines = [f"{method} {self.url.path.rstrip('/')}{path} HTTP/1.1", f"Host: {self.url.netloc}",
                 f"Authorization: Bearer {self.job['api_key']}", "User-Agent: streams/1.0", "Accept: */*"]
        if body is not None:
            lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        try:
            await self.connect()
            self.writer.write("\r\n".join([*lines, "", ""]).encode() + (body or b""))
            await self.writer.drain()
            status, headers = await self.head()
            content = await self.content(status, headers)
        except BaseException:
            self.drop()
            raise
        if headers.get("connection", "").lower() == "close":
            self.drop()
        return status, headers, content

    async def call(self, method, path, body=None, kind="application/json"):
        for pause in (*self.PAUSES_S, None) if method == "GET" else (None,):
            asked = 0
            try:
                status, headers, content = await self.exchange(method, path, body, kind)
                if 200 <= status < 300:
                    return json.loads(content)
                if pause is None or status not in (429, 502, 503, 504):
                    raise Stopped("error", self.text_of(content), status)
                asked = seconds_asked({name.title(): value for name, value in headers.items()})
            except (OSError, EOFError, ValueError, asyncio.LimitOverrunError):
                if pause is None:
                    raise
            await asyncio.sleep(max(pause, asked))

    def text_of(self, content):
        try:
            return json.loads(content)["error"]
        except (ValueError, KeyError, TypeError):
            return content.decode("utf-8", "replace")

    async def upload(self, path):
        mark, name = uuid.uuid4().hex, os.path.basename(path).replace('"', "%22")
        with open(path, "rb") as file:
            body = (f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
                    "Content-Type: application/octet-stream\r\n\r\n").encode() + file.read()
        body += f"\r\n--{mark}--\r\n".encode()
        return (await self.call("POST", "/attachments", body, f"multipart/form-data; boundary={mark}"))["attachment_id"]

    async def timeline(self, job_id):
        return (await self.call("GET", f"/conversations/{quote(job_id, safe='')}/messages"))["messages"]

    async def answer(self, turn):
        path = f"/messages/{quote(turn['message_id'], safe='')}"
        while (status := (await self.call("GET", path))["status"]) not in ENDS:
            await asyncio.sleep(self.job["poll_ms"] / 1000)
        timeline = await self.timeline(turn["job_id"])
        if status == "failed":
            raise Stopped("failed", ([m["content"] for m in timeline if m["role"] == "system"] or [""])[-1])
        begin = next(i for i, message in enumerate(timeline) if message["id"] == turn["message_id"])
        return ([m["content"] for m in timeline[begin:] if m["role"] == "assistant"] or [""])[-1]

    async def talk(self):
        job_id, replies = self.job.get("job_id"), []
        files = [await self.upload(path) for path in self.job.get("attachments", ())]
        for prompt in self.job["prompts"]:
            body = {"prompt": prompt} | ({"attachment_ids": files} if files else {})
            path = f"/conversations/{quote(job_id, safe='')}/continue" if job_id else "/conversations/start"
            if not job_id:
                body |= {"agent_id": self.job["agent_id"], "ask_mode": self.job.get("ask_mode", False)}
            turn = await self.call("POST", path, json.dumps(body).encode())
            job_id, files = turn["job_id"], []
            replies.append(await self.answer(turn))
        return {"replies": replies}

    async def walk(self, query, ids):
        path = f"/agents/{quote(self.job['agent_id'], safe='')}/conversations?"
        page = await self.call("GET", path + urlencode(query))
        ids += [one["id"] for one in page["conversations"]]
        return await self.walk(query | {"cursor": page["next_cursor"]}, ids) if page.get("next_cursor") else ids

    async def read(self):
        return {"messages": [m for m in await self.timeline(self.job["job_id"]) if m["role"] != "progress"]}

    async def list_conversations(self):
        return {"conversations": await self.walk({"limit": 50}, [])}

    async def list_agents(self):
        return {"agents": [agent["agent_id"] for agent in await self.call("GET", "/agents")]}

    def converse(self):
        return self.run(self.talk())

    def messages(self):
        return self.run(self.read())

    def conversations(self):
        return self.run(self.list_conversations())

    def agents(self):
        return self.run(self.list_agents())


if __name__ == "__main__":
    name = sys.argv[1].removeprefix("python/") if sys.argv[1:] else ""
    if name == "--list":
        for name, client_class in STYLES.items():
            why = client_class.__doc__.split("\n")[0]
            print(json.dumps({"name": f"python/{name}", "rules": [], "why": why}))
    elif name in STYLES:
        main(STYLES[name])
    else:
        sys.exit(__doc__)
