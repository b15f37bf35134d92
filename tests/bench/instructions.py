#!/usr/bin/env python3
"""Counts what the server computes for one request:  instructions.py BUILD_DIR [--calls]

Prints the instructions in user space of nairi-mock for each request on a connection that is kept:
the difference of two runs under callgrind, one of which makes more requests, divided by how many
more. Times differ from machine to machine and from run to run; these figures hardly do. With
--calls it also prints the system calls of one request, counted by strace in the same way.

Build optimized (`make build`); needs valgrind, and strace for --calls.
"""
import argparse
import json
import pathlib
import re
import shutil
import socket
import signal
import subprocess
import sys
import tempfile
import urllib.parse

FEW, MANY = 1000, 3000  # requests; their difference counts
WARM_UP = 600           # requests until the journal below is full, as it is on a server that lives
JOURNAL = 500


class Connection:
    """One connection that is kept, for one request at a time."""

    def __init__(self, base_url, key="nr_instructions"):
        self.url = urllib.parse.urlsplit(base_url)
        self.socket = socket.create_connection((self.url.hostname, self.url.port))
        self.key = key

    def request(self, method, path, body=None, more=""):
        """The bytes of a request with the headers that wrk sends, and `more`."""
        data = json.dumps(body).encode() if body else b""
        kind = "Content-Type: application/json\r\n" if body else ""
        length = f"{kind}Content-Length: {len(data)}\r\n" if body else ""
        return (f"{method} {self.url.path}{path} HTTP/1.1\r\nHost: {self.url.netloc}\r\n"
                f"Authorization: Bearer {self.key}\r\n{more}{length}\r\n").encode() + data

    def call(self, request):
        """The body of the reply."""
        self.socket.sendall(request)
        got = b""
        while b"\r\n\r\n" not in got:
            got += self.more()
        head, body = got.split(b"\r\n\r\n", 1)
        if not head.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"expected a reply with 200, got {got!r}")
        length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
        while len(body) < length:
            body += self.more()
        return body

    def more(self):
        data = self.socket.recv(65536)
        if not data:
            raise RuntimeError("expected a reply, but the server ended the connection")
        return data


def start(connection):
    return connection.request("POST", "/conversations/start",
                              {"agent_id": "my-agent", "prompt": "hello"})


def message(connection, more=""):
    turn = json.loads(connection.call(start(connection)))
    return connection.request("GET", f"/messages/{turn['message_id']}", more=more)


def message_as_libraries_ask(connection):
    return message(connection, "User-Agent: instructions/1\r\nAccept: */*\r\n"
                               "Accept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n")


def timeline(connection):
    turn = json.loads(connection.call(start(connection)))
    return connection.request("GET", f"/conversations/{turn['job_id']}/messages")


REQUESTS = {"GET /messages/{id}": message,
            "the same with 4 more headers": message_as_libraries_ask,
            "GET /conversations/{id}/messages": timeline,
            "POST /conversations/start": start}


def drive(tool, program, make_request, count):
    """Has the server, run by `tool`, answer so many requests after the warm-up."""
    server = subprocess.Popen(
        [*tool, program, "serve", "--port", "0", "--log", "none", "--journal-max", str(JOURNAL)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        connection = Connection(json.loads(server.stdout.readline())["base_url"])
        request = make_request(connection)
        for _ in range(WARM_UP + count):
            connection.call(request)
        connection.socket.close()
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)


def instructions(program, make_request, count):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "callgrind.out"
        drive(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"], program,
              make_request, count)
        return int(re.search(r"^(?:totals|summary): (\d+)", out.read_text(), re.M)[1])


def system_calls(program, make_request, count):
    """By name."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "strace.out"
        # -D: the server stays our child and gets the signal itself.
        drive(["strace", "-D", "-f", "-c", "-U", "name,calls", "-o", str(out)], program,
              make_request, count)
        return {name: int(calls)
                for name, calls in re.findall(r"^(\w+)\s+(\d+)$", out.read_text(), re.M)
                if name != "total"}


def per_request(program):
    """What each of REQUESTS takes, by its name, as it is counted."""
    for name, make_request in REQUESTS.items():
        few, many = (instructions(program, make_request, count) for count in (FEW, MANY))
        yield name, (many - few) / (MANY - FEW)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--calls", action="store_true", help="count system calls too")
    options = parser.parse_args()
    for tool in ["valgrind", *(["strace"] if options.calls else [])]:
        if not shutil.which(tool):
            sys.exit(f"instructions.py: expected {tool} on the PATH, found none")
    program = options.build / "bin" / "nairi-mock"
    print("instructions in user space for each request, one connection that is kept")
    for name, count in per_request(program):
        print(f"{name:34} {count:9,.0f}", flush=True)
    if not options.calls:
        return
    print("\nsystem calls for each request")
    for name, make_request in REQUESTS.items():
        few, many = (system_calls(program, make_request, count) for count in (FEW, MANY))
        each = {call: (count - few.get(call, 0)) / (MANY - FEW) for call, count in many.items()}
        shown = ", ".join(f"{call} {count:.2f}" for call, count in sorted(each.items())
                          if count >= 0.01)
        print(f"{name:34} {shown}", flush=True)


if __name__ == "__main__":
    main()
