#!/usr/bin/env python3
"""Prints what the installed package weighs and takes:  python -I figures.py [ROUNDS]

A conversation is: start, 3 polls, the timeline, continue, 2 polls, the timeline. Of ROUNDS (default
300) the quickest tenth counts, so that a busy machine shows less.
"""
import json
import pathlib
import subprocess
import sys
import time

import nairi_mock

INSTALLED = pathlib.Path(nairi_mock.__file__).parent
API = nairi_mock.controls.API


def conversation(call):
    """Plays it by `call`, which answers a reply's JSON."""
    turn = call("POST", "/conversations/start", {"agent_id": "my-agent", "prompt": "Hello"})
    job = f"/conversations/{turn['job_id']}"
    for _ in range(3):
        call("GET", f"/messages/{turn['message_id']}", None)
    call("GET", f"{job}/messages", None)
    turn = call("POST", f"{job}/continue", {"prompt": "And then?"})
    for _ in range(2):
        call("GET", f"/messages/{turn['message_id']}", None)
    call("GET", f"{job}/messages", None)


def by_ctypes(fake):
    """Without any library of HTTP."""
    fields = {"Authorization": f"Bearer {fake.api_key}", "Content-Type": "application/json"}

    def call(method, path, body):
        payload = json.dumps(body).encode() if body else b""
        return json.loads(fake.handle(method, API + path, fields, payload).body)
    return call


def by_requests(fake):
    session = fake.session()
    return lambda method, path, body: session.request(method, fake.base_url + path, json=body).json()


def by_httpx(fake):
    client = fake.httpx_client()
    return lambda method, path, body: client.request(method, path, json=body).json()


def took_s(action):
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def quickest(action, rounds):
    """The middle of the quickest tenth, in microseconds."""
    times = sorted(took_s(action) for _ in range(rounds))
    return times[rounds // 20] * 1e6


def start_s(code):
    """What a Python takes that does this, beyond one that does nothing."""
    def run(text):
        return took_s(lambda: subprocess.run([sys.executable, "-c", text], check=True))
    return min(run(code) for _ in range(5)) - min(run("pass") for _ in range(5))


def say(what, figure, unit):
    print(f"{what:48} {figure:9.1f} {unit}")


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    for name in ("lib/libnairi_embed.so", "bin/nairi-mock"):
        say(name, (INSTALLED / name).stat().st_size / 1e3, "kB")
    say("import nairi_mock; Fake()", start_s("import nairi_mock; nairi_mock.Fake()") * 1e3, "ms")
    say("Fake()", quickest(nairi_mock.Fake, 20) / 1e3, "ms")
    say("serve(), and its end", quickest(lambda: nairi_mock.serve().close(), 20) / 1e3, "ms")
    with nairi_mock.Fake(judge=False) as fake, nairi_mock.serve() as server:
        for name, call in (("by ctypes", by_ctypes(fake)), ("by requests, in process", by_requests(fake)),
                           ("by httpx, in process", by_httpx(fake)),
                           ("by requests, on a port", by_requests(server)),
                           ("by httpx, on a port", by_httpx(server))):
            say(f"a conversation {name}", quickest(lambda: conversation(call), rounds), "µs")


if __name__ == "__main__":
    main()
