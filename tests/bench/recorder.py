"""What a recorder adds to an exchange: medians of calls to a fake, straight and through, in turn; and
the same while many others wait.

    recorder.py build/bin [--calls 2000] [--waiting 1000]
"""
import argparse
import http.client
import json
import pathlib
import resource
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.parse

KEY = {"Authorization": "Bearer nr_bench"}


def started(*words):
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return process, json.loads(process.stdout.readline())


def connect(base_url):
    url = urllib.parse.urlsplit(base_url)
    connection = http.client.HTTPConnection(url.hostname, url.port)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def call_us(connection):
    begin = time.perf_counter()
    connection.request("GET", "/api/public/v1/agents", headers=KEY)
    connection.getresponse().read()
    return (time.perf_counter() - begin) * 1e6


def medians(fake, recorder, calls):
    """In turn, so that what else the machine does meets both."""
    ways = [connect(fake), connect(recorder)]
    times = [[call_us(way) for way in ways] for _ in range(calls)]
    return [statistics.median(column) for column in zip(*times)]


def slow_down(ready):
    url = urllib.parse.urlsplit(ready["control_url"])
    connection = http.client.HTTPConnection(url.hostname, url.port)
    fault = {"at": "agents", "do": {"delay_ms": 3_600_000}}
    connection.request("POST", "/__mock/faults", json.dumps([fault]), {"Authorization": "Bearer nr_waiting"})
    reply = connection.getresponse()
    assert reply.status < 300, reply.read()


def wait(recorder):
    connection = connect(recorder)
    connection.request("GET", "/api/public/v1/agents", headers={"Authorization": "Bearer nr_waiting"})
    return connection


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("bin", type=pathlib.Path)
    options.add_argument("--calls", type=int, default=2000)
    options.add_argument("--waiting", type=int, default=1000)
    options = options.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    fake, ready = started(options.bin / "nairi-mock", "serve", "--port", "0", "--log", "none")
    with tempfile.TemporaryDirectory() as folder:
        recorder, line = started(options.bin / "nairi-contract", "record", "--target", ready["base_url"],
                                 "--out", folder)
        slow_down(ready)
        waiting = []
        for others in (0, options.waiting):
            waiting += [wait(line["base_url"]) for _ in range(others)]
            straight, through = medians(ready["base_url"], line["base_url"], options.calls)
            print(f"{len(waiting):5} waiting: straight {straight:.0f} us, through {through:.0f} us, "
                  f"added {through - straight:.0f} us")
        for process in (recorder, fake):
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
