#!/usr/bin/env python3
"""Measures the fake and prints a table:  run.py BUILD_DIR  (make bench)

Figures of one run, side by side with nginx answering a canned reply; machines are noisy, so look at
the ratios. Needs wrk and nginx on the PATH.
"""
import http.client
import json
import os
import pathlib
import re
import resource
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

SECONDS = 4          # of each load run
ROUNDS = 3           # of each load run; the median counts
CONNECTIONS = (16, 64, 1000)
HERE = pathlib.Path(__file__).parent
KEY = "nr_bench"


class Fake:
    """A server of its own, and one conversation in it to poll."""

    def __init__(self, build):
        spawned = time.perf_counter()
        self.process = subprocess.Popen(
            [build / "bin" / "nairi-mock", "serve", "--port", "0", "--log", "none"],
            stdout=subprocess.PIPE, text=True)
        self.base_url = json.loads(self.process.stdout.readline())["base_url"]
        self.call("GET", "/agents")
        self.start_ms = (time.perf_counter() - spawned) * 1000

    def call(self, method, path, body=None):
        url = urllib.parse.urlsplit(self.base_url)
        connection = http.client.HTTPConnection(url.netloc)
        connection.request(method, url.path + path, json.dumps(body) if body else None,
                           {"Authorization": f"Bearer {KEY}"})
        reply = json.loads(connection.getresponse().read())
        connection.close()
        return reply

    def poll_url(self):
        turn = self.call("POST", "/conversations/start", {"agent_id": "my-agent", "prompt": "hello"})
        for _ in range(3):
            self.call("GET", f"/messages/{turn['message_id']}")
        return f"{self.base_url}/messages/{turn['message_id']}"

    def resident_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


class Nginx:
    """The canned reply: the same bytes as the fake's, from nginx."""

    def __init__(self, reply):
        self.folder = tempfile.TemporaryDirectory()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        config = pathlib.Path(self.folder.name) / "nginx.conf"
        config.write_text((HERE / "nginx.conf.in").read_text().format(
            folder=self.folder.name, port=port, reply=reply.replace("'", "")))
        self.process = subprocess.Popen(["nginx", "-c", config, "-p", self.folder.name],
                                        stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{port}/"
        while self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.01)
        raise RuntimeError("nginx did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        self.folder.cleanup()


def wrk(url, connections):
    """Requests a second, and the 99th percentile in ms."""
    text = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency",
         "-H", f"Authorization: Bearer {KEY}", url],
        check=True, capture_output=True, text=True).stdout
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    to_ms = {"us": 0.001, "ms": 1, "s": 1000}[unit]
    if "Non-2xx" in text:
        raise RuntimeError(text)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), float(number) * to_ms


def answers_per_connection(url, connections, seconds=3.0):
    """How many answers each of so many keep-alive connections got."""
    parts = urllib.parse.urlsplit(url)
    request = (f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
               f"Authorization: Bearer {KEY}\r\n\r\n").encode()
    selector = selectors.DefaultSelector()
    answers = {}
    for _ in range(connections):
        sock = socket.create_connection((parts.hostname, parts.port))
        sock.sendall(request)
        answers[sock] = 0
        selector.register(sock, selectors.EVENT_READ)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for key, _ in selector.select(0.1):
            if key.fileobj.recv(65536):
                answers[key.fileobj] += 1
                key.fileobj.sendall(request)
    for sock in answers:
        sock.close()
    return list(answers.values())


def median_of(run):
    """The run with the median throughput."""
    return sorted((run() for _ in range(ROUNDS)), key=lambda result: result[0])[ROUNDS // 2]


def load_table(fake_url, nginx_url):
    print(f"\nGET /messages/{{id}} over loopback, wrk -t1, median of {ROUNDS} runs of {SECONDS} s")
    print("connections   nairi-mock  p99 ms        nginx  p99 ms   ratio   connections answered")
    for connections in CONNECTIONS:
        rate, p99 = median_of(lambda: wrk(fake_url, connections))
        canned, canned_p99 = median_of(lambda: wrk(nginx_url, connections))
        answers = answers_per_connection(fake_url, connections)
        served = sum(1 for count in answers if count > 0)
        print(f"{connections:11d} {rate:12,.0f} {p99:7.2f} {canned:12,.0f} {canned_p99:7.2f}"
              f" {rate / canned:7.2f}   {served} of {connections}"
              f" (least {min(answers)}, most {max(answers)})")


def main():
    build = pathlib.Path(sys.argv[1])
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    starts = []
    for _ in range(15):
        with Fake(build) as fake:
            starts.append(fake.start_ms)
    print(f"spawn to first answer: {statistics.median(starts):.1f} ms (median of {len(starts)})")
    with Fake(build) as fake:
        print(f"resident memory, idle: {fake.resident_mib():.1f} MiB")
        url = fake.poll_url()
        reply = json.dumps(fake.call("GET", url[len(fake.base_url):]), separators=(",", ":"))
        with Nginx(reply) as nginx:
            load_table(url, nginx.url)
        print(f"resident memory after the load: {fake.resident_mib():.1f} MiB")
    print(flush=True)
    # What memory a message takes shows only in a process that has freed nothing yet.
    for options in (["--benchmark_filter=-Memory", "--benchmark_repetitions=5",
                     "--benchmark_report_aggregates_only=true"], ["--benchmark_filter=Memory"]):
        subprocess.run([build / "bin" / "engine_bench", *options], check=True,
                       stderr=subprocess.DEVNULL, env={**os.environ, "TERM": "dumb"})


if __name__ == "__main__":
    main()
