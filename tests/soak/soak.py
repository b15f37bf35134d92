#!/usr/bin/env python3
"""What a server is like after an hour of everything:  soak.py build/bin/nairi-mock

SOAK_SECONDS (default 3600) of mixed load: conversations of ever new keys, of which SOAK_KEYS (default
2,000) are there at a time; uploads; faults of every kind; slow senders, clients that close half or reset their connection,
and bytes that are no HTTP. At the end of each tenth it prints what the server takes. Fails when memory
grows over the second half, a descriptor stays behind, or a request is not answered.
"""
import asyncio
import collections
import json
import os
import random
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time

API = "/api/public/v1"
KEYS = int(os.environ.get("SOAK_KEYS", "2000"))
WORKERS = 24
PATIENCE_S = 60
# What memory may grow by over the second half: what the allocator does is not smooth.
MOST_GROWTH = 0.03
MOST_GROWTH_KB = 2048

FAULTS = [
    {"status": 503, "retry_after_s": 1}, {"status": 429}, {"malformed_json": True}, {"empty_response": True},
    {"reset_after_bytes": 17}, {"truncate_after_bytes": 9}, {"delay_ms": 20}, {"drip_bytes_per_s": 20000},
    {"encode": "gzip"}, {"encode": "chunked"},
]
CUTS = ("empty_response", "reset_after_bytes", "truncate_after_bytes")
PROMPTS = ["Hello", "Refund cus_123", "Please fail", "slow", "Say nothing", "order #7", "pull request",
           "\u00e4" * 500]


class Unanswered(Exception):
    pass


class Server:
    def __init__(self, program, folder):
        ready = os.path.join(folder, "ready.json")
        self.process = subprocess.Popen([program, "serve", "--port", "0", "--log", "none", "--judge", "warn",
                                         "--ready-file", ready], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        line = json.loads(self.process.stdout.readline())
        self.token = line["control_token"]
        self.port = int(re.search(r":(\d+)/", line["base_url"])[1])

    def kilobytes(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self):
        self.process.terminate()
        self.process.stdout.close()
        return self.process.wait(PATIENCE_S)


class Line:
    """A connection, and the requests on it."""

    def __init__(self, port):
        self.port = port
        self.reader = self.writer = None

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_):
        self.writer.close()

    def reset(self):
        """Closes it by a RST."""
        handle = self.writer.get_extra_info("socket")
        handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def reply(self):
        """Status and body; raises Unanswered when the connection ends first."""
        try:
            head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
            length = re.search(rb"(?i)content-length: (\d+)", head)
            if length:
                body = await asyncio.wait_for(self.reader.readexactly(int(length[1])), PATIENCE_S)
            else:
                body = await self.chunks() if b"chunked" in head.lower() else b""
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.TimeoutError) as error:
            raise Unanswered(repr(error)) from error
        return int(head[9:12]), body

    async def chunks(self):
        body = b""
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            body += (await self.reader.readexactly(size + 2))[:-2]
        await self.reader.readuntil(b"\r\n")
        return body

    async def ask(self, *request):
        self.writer.write(text_of(*request))
        return await self.reply()


def text_of(method, target, key, body="", fields=""):
    content = body if isinstance(body, bytes) else body.encode()
    head = (f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
            f"Accept-Encoding: gzip\r\n{fields}Content-Length: {len(content)}\r\n\r\n")
    return head.encode() + content


class Soak:
    def __init__(self, server, seconds):
        self.server = server
        self.end = time.monotonic() + seconds
        self.keys = collections.deque()  # which are there
        self.number = 0
        self.counts = collections.Counter()
        self.missing = []  # what was not answered

    async def new_key(self):
        self.number += 1
        key = f"nr_soak_{self.number}"
        self.keys.append(key)
        while len(self.keys) > KEYS:
            async with Line(self.server.port) as line:
                await line.ask("POST", "/__mock/reset", self.keys.popleft())
        return key

    async def converse(self, chance):
        """A conversation; under a fault it may break off where that says so."""
        key = await self.new_key()
        fault = chance.choice(FAULTS) if chance.random() < 0.3 else {}
        may_break = any(cut in fault for cut in CUTS)
        async with Line(self.server.port) as line:
            if fault:
                at = chance.choice(["start", "poll", "messages", "poll#2", "any"])
                times = {} if "#" in at else {"times": 1}
                await line.ask("POST", "/__mock/faults", key, json.dumps({"at": at, "do": fault, **times}))
            try:
                await self.turns(line, key, chance)
            except Unanswered:
                if not may_break:
                    raise
                self.counts["cut off as told"] += 1

    async def turns(self, line, key, chance):
        agent = chance.choice(["my-agent", "billing-agent", "acme/ops"])
        body = json.dumps({"agent_id": agent, "prompt": chance.choice(PROMPTS)})
        status, text = await line.ask("POST", API + "/conversations/start", key, body)
        self.counts["requests"] += 1
        try:
            ids = json.loads(text)
        except ValueError:
            return
        if status != 200 or "message_id" not in ids:
            return
        for _ in range(chance.randrange(1, 12)):
            _, text = await line.ask("GET", f"{API}/messages/{ids['message_id']}", key)
            self.counts["requests"] += 1
            if b'"completed"' in text or b'"failed"' in text:
                break
        await line.ask("GET", f"{API}/conversations/{ids['job_id']}/messages", key)
        await line.ask("GET", f"{API}/agents/{agent}/conversations?limit=3", key)
        self.counts["requests"] += 2

    async def fill(self, number):
        """As many keys as there will be, so that memory has no reason to grow afterwards."""
        chance = random.Random(-number)
        while len(self.keys) < KEYS:
            async with Line(self.server.port) as line:
                await self.turns(line, await self.new_key(), chance)

    async def upload(self, chance):
        key = await self.new_key()
        form = (b'--XX\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' +
                bytes(chance.randrange(1, 200_000)) + b"\r\n--XX--\r\n")
        async with Line(self.server.port) as line:
            status, text = await line.ask("POST", API + "/attachments", key, form,
                                          "Content-Type: multipart/form-data; boundary=XX\r\n")
            if status != 201:
                raise Unanswered(f"an upload got {status}")
            await line.ask("GET", f"{API}/attachments/{json.loads(text)['attachment_id']}", key)
        self.counts["requests"] += 2
        async with Line(self.server.port) as line:
            await line.ask("POST", "/__mock/reset", key)
        self.keys.remove(key)

    async def send_slowly(self, chance):
        request = text_of("GET", API + "/agents", await self.new_key())
        async with Line(self.server.port) as line:
            for at in range(0, len(request), 16):
                line.writer.write(request[at:at + 16])
                await line.writer.drain()
                await asyncio.sleep(chance.random() * 0.05)
            await line.reply()
        self.counts["slow"] += 1

    async def close_half(self, _):
        async with Line(self.server.port) as line:
            line.writer.write(text_of("GET", API + "/agents", await self.new_key()))
            line.writer.write_eof()
            await line.reply()
        self.counts["half-closed"] += 1

    async def reset_it(self, chance):
        request = text_of("POST", API + "/conversations/start", await self.new_key(), '{"agent_id": "my-agent"}')
        async with Line(self.server.port) as line:
            line.writer.write(request[:chance.randrange(len(request) + 1)])
            await asyncio.sleep(chance.random() * 0.02)
            line.reset()
        self.counts["reset"] += 1

    async def say_nonsense(self, chance):
        async with Line(self.server.port) as line:
            line.writer.write(chance.randbytes(chance.randrange(1, 400)) + b"\r\n\r\n")
            try:
                status, _ = await line.reply()
                if status != 400:
                    raise Unanswered(f"nonsense got {status}")
            except Unanswered as error:  # a rest that the server never read makes its end a reset
                if "Reset" not in str(error):
                    raise
        self.counts["nonsense"] += 1

    async def idle(self, chance):
        async with Line(self.server.port):
            await asyncio.sleep(chance.random())
        self.counts["idle"] += 1

    async def work(self, number):
        chance = random.Random(number)
        acts = [self.converse] * 12 + [self.upload, self.send_slowly, self.close_half, self.reset_it,
                                       self.say_nonsense, self.idle]
        while time.monotonic() < self.end:
            act = chance.choice(acts)
            try:
                await act(chance)
            except Unanswered as error:
                self.missing.append(f"{act.__name__}: {error}")

    async def watch(self, seconds):
        """A row at the end of each tenth: when, and what it was like."""
        rows = []
        print("   seconds  requests  memory kB  descriptors  keys  slow/half/reset/nonsense/cut  not answered",
              flush=True)
        for tenth in range(1, 11):
            await asyncio.sleep(max(0.0, self.end - seconds * (10 - tenth) / 10 - time.monotonic()))
            rows.append(self.server.kilobytes())
            odd = "/".join(str(self.counts[name]) for name in
                           ("slow", "half-closed", "reset", "nonsense", "cut off as told"))
            print(f"{seconds * tenth / 10:10.0f}{self.counts['requests']:10}{rows[-1]:11}"
                  f"{self.server.descriptors():13}{len(self.keys):6}  {odd:>28}{len(self.missing):14}", flush=True)
        return rows


async def soak(server, seconds):
    run = Soak(server, seconds)
    await asyncio.gather(*(run.fill(number) for number in range(WORKERS)))
    run.end = time.monotonic() + seconds
    watching = asyncio.create_task(run.watch(seconds))
    await asyncio.gather(*(run.work(number) for number in range(WORKERS)))
    return run, await watching


def complaints(server, run, rows, descriptors):
    half, last = rows[4], rows[9]
    bound = max(half * MOST_GROWTH, MOST_GROWTH_KB)
    if last - half > bound:
        yield f"memory grew from {half} to {last} kB over the second half, by more than {bound:.0f} kB"
    if run.missing:
        yield f"{len(run.missing)} requests were not answered, the first: {run.missing[0]}"
    if not run.counts["requests"]:
        yield "nothing was asked"
    deadline = time.monotonic() + PATIENCE_S
    while server.descriptors() > descriptors and time.monotonic() < deadline:
        time.sleep(0.1)
    if server.descriptors() > descriptors:
        yield f"{server.descriptors()} descriptors are open, {descriptors} were at the start"


def main():
    seconds = float(os.environ.get("SOAK_SECONDS", "3600"))
    with tempfile.TemporaryDirectory() as folder:
        server = Server(sys.argv[1], folder)
        try:
            descriptors = server.descriptors()
            run, rows = asyncio.run(soak(server, seconds))
            wrong = list(complaints(server, run, rows, descriptors))
        finally:
            exit_code = server.stop()
    if exit_code != 0:
        wrong.append(f"the server ended with {exit_code}")
    for sentence in wrong:
        print(f"soak: {sentence}", file=sys.stderr)
    if not wrong:
        print(f"soak: memory is flat, every descriptor came back, all {run.counts['requests']} requests answered")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
