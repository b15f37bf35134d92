#!/usr/bin/env python3
"""Measures the fake beside nginx, a bare epoll loop and WireMock, and prints tables:  run.py BUILD_DIR

make bench builds what it needs and runs it. Machines are noisy: servers take turns within a round,
the median of the rounds counts, and ratios tell more than figures. Needs wrk and nginx; WireMock
takes part where java and npm can get it.
"""
import collections
import json
import os
import pathlib
import re
import resource
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse

import idle_connections
import instructions
from servers import KEY, EpollLoop, NairiMock, Nginx, WireMock

SECONDS = 3  # of each load run
ROUNDS = 3   # of load runs, in which each server has its turn
STARTS = 15
CONNECTIONS = (16, 64, 256, 1000)
TLS_CONNECTIONS = (64,)
BUILD = pathlib.Path(sys.argv[1]).resolve()
PROGRAMS = BUILD / "bin"

Load = collections.namedtuple("Load", "rate p99_ms cpu_us")


def wrk(server, connections):
    before = server.cpu_seconds()
    text = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency",
         "-H", f"Authorization: Bearer {KEY}", server.url],
        check=True, capture_output=True, text=True).stdout
    spent = server.cpu_seconds() - before
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(f"{server.name} at {connections} connections:\n{text}")
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    requests = int(re.search(r"(\d+) requests in", text)[1])
    return Load(float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
                float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit],
                spent / requests * 1e6)


def medians(runs):
    return Load(*map(statistics.median, zip(*runs)))


def load_table(title, servers, all_connections):
    print(f"\n{title}: wrk -t1, medians of {ROUNDS} rounds of {SECONDS} s")
    print("connections  server       requests/s  to nginx  p99 ms  CPU µs/request  to nginx")
    for connections in all_connections:
        rounds = [[wrk(server, connections) for server in servers] for _ in range(ROUNDS)]
        loads = {server.name: medians(runs) for server, runs in zip(servers, zip(*rounds))}
        canned = loads["nginx"]
        for name, load in loads.items():
            print(f"{connections:11d}  {name:11s} {load.rate:11,.0f} {load.rate / canned.rate:9.2f}"
                  f" {load.p99_ms:7.2f} {load.cpu_us:15.1f} {load.cpu_us / canned.cpu_us:9.2f}",
                  flush=True)


def start_and_size():
    starts = []
    for _ in range(STARTS):
        with NairiMock(PROGRAMS) as fake:
            starts.append(fake.start_ms)
            size = fake.resident_kib()
    print(f"spawn to first answer: {statistics.median(starts):.1f} ms (median of {STARTS});"
          f" resident memory: {size / 1024:.1f} MiB")


def head_and_body_apart():
    """Clients that write twice, as most do: their system may keep the body until the head is acknowledged."""
    with NairiMock(PROGRAMS) as fake:
        url = urllib.parse.urlsplit(fake.base_url)
        body = b'{"agent_id":"my-agent","prompt":"hello"}'
        head = (f"POST {url.path}/conversations/start HTTP/1.1\r\nHost: {url.netloc}\r\n"
                f"Authorization: Bearer {KEY}\r\nContent-Length: {len(body)}\r\n\r\n").encode()
        took = []
        with socket.create_connection((url.hostname, url.port)) as connection:
            for _ in range(200):
                begun = time.perf_counter()
                connection.sendall(head)
                connection.sendall(body)
                connection.recv(65536)
                took.append(time.perf_counter() - begun)
    print(f"POST of a start, head and body written apart: {statistics.median(took) * 1000:.2f} ms")


def plain():
    with NairiMock(PROGRAMS) as fake, Nginx(fake.reply) as nginx, EpollLoop(PROGRAMS, fake.reply) as loop:
        servers = [fake, nginx, loop]
        jar = WireMock.jar(BUILD)
        if jar:
            with WireMock(jar, fake.reply) as wiremock:
                load_table("GET /messages/{id}", servers + [wiremock], CONNECTIONS)
        else:
            load_table("GET /messages/{id}, without WireMock, which is not to be had",
                       servers, CONNECTIONS)


def tls():
    """Both servers have one certificate, and the cipher that TLS 1.3 prefers."""
    certificate = [BUILD / "bench-certificate.pem", BUILD / "bench-key.pem"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-out", certificate[0], "-keyout", certificate[1]], check=True, capture_output=True)
    with NairiMock(PROGRAMS, "--tls-cert", certificate[0], "--tls-key", certificate[1],
                   ca=certificate[0]) as fake, \
            Nginx(fake.reply, certificate) as nginx:
        load_table("The same by TLS", [fake, nginx], TLS_CONNECTIONS)


def two_loops():
    """Requests a second by --threads 2 over those by one loop, with two load generators each."""
    rates = collections.defaultdict(list)
    for _ in range(ROUNDS):
        for threads in ("1", "2"):
            with NairiMock(PROGRAMS, "--threads", threads) as fake:
                command = ["wrk", "-t1", "-c32", f"-d{SECONDS}s", "-H", f"Authorization: Bearer {KEY}",
                           fake.url]
                both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
                told = [one.communicate()[0] for one in both]
                rates[threads].append(sum(float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
                                          for text in told))
    one, two = (statistics.median(rates[threads]) for threads in ("1", "2"))
    print(f"\ntwo load generators: {one:,.0f} requests/s by one loop, {two:,.0f} by two, ratio {two / one:.2f}")


# What something costs beside what it should cost at most.
Figure = collections.namedtuple("Figure", "title aim unit")
IDLE = Figure("idle connection, of 10,000", 3000, "bytes")
POLL = Figure("GET /messages/{id}, instructions in user space", 8000, "")
BENCHMARKS = {
    "WholeConversationInProcess": Figure("conversation in process (9 calls)", 10, "us"),
    "WholeConversationThroughTheClient": Figure("the same through the C++ client", 50, "us"),
    "ContractSetInProcess": Figure("all server cases in process", 300, "ms"),
}
LISTS = "ListOf100000"  # and a number, with the query as its label
LIST = Figure("list", 300, "us")
UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}


def show(figure, here):
    print(f"{figure.title:50s}{here:10,.1f}{figure.aim:8,g} {figure.unit:5s}{here / figure.aim:5.2f}",
          flush=True)


def engine_figures():
    """The median CPU time of each benchmark, in seconds, and its label."""
    told = subprocess.run(
        [PROGRAMS / "engine_bench", "--benchmark_filter=-Memory", "--benchmark_repetitions=5",
         "--benchmark_report_aggregates_only=true", "--benchmark_format=json"],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    return {row["run_name"]: (row["cpu_time"] * UNITS[row["time_unit"]], row.get("label", ""))
            for row in json.loads(told)["benchmarks"] if row["aggregate_name"] == "median"}


def figures_beside_their_aims():
    print(f"\n{'(lists are of 100,000 conversations)':50s}{'here':>10s}{'aim':>8s}{'of it':>11s}")
    show(IDLE, idle_connections.bytes_each(PROGRAMS / "nairi-mock", 10_000))
    counts = dict(instructions.per_request(PROGRAMS / "nairi-mock"))
    show(POLL, counts.pop("GET /messages/{id}"))
    others = {}
    for benchmark, (seconds, label) in engine_figures().items():
        if benchmark in BENCHMARKS:
            show(BENCHMARKS[benchmark], seconds / UNITS[BENCHMARKS[benchmark].unit])
        elif benchmark.startswith(LISTS):
            query = re.sub("(updated_after)=[^&]*", r"\1", label)
            show(LIST._replace(title=f"{LIST.title}, {query or 'as it comes'}"), seconds / UNITS[LIST.unit])
        else:
            others[benchmark] = seconds
    print("\nbesides")
    for title, count in counts.items():
        print(f"{title + ', instructions':50s}{count:10,.0f}")
    for benchmark, seconds in others.items():
        print(f"{benchmark:50s}{seconds * 1e6:10,.1f}         us")


def main():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 32768), hard))
    start_and_size()
    head_and_body_apart()
    plain()
    tls()
    two_loops()
    figures_beside_their_aims()
    # What memory a message takes shows only in a process that has freed nothing yet.
    for memory in ("MemoryOfAMessage", "MemoryOfAKey"):
        subprocess.run([PROGRAMS / "engine_bench", f"--benchmark_filter={memory}"], check=True,
                       stderr=subprocess.DEVNULL, env={**os.environ, "TERM": "dumb"})


if __name__ == "__main__":
    main()
