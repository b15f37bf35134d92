#!/usr/bin/env python3
"""Measures what a connection takes that idles:  idle_connections.py BUILD_DIR [COUNT]

Opens COUNT connections (10000), asks each for one answer, and leaves them open: by how much the
server's resident memory grew, for each of them. What the kernel keeps is not in it.
"""
import json
import pathlib
import re
import resource
import signal
import subprocess
import sys

from instructions import Connection


def resident_bytes(server):
    status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024


def bytes_each(program, count):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard < count + 100:
        sys.exit(f"idle_connections.py: expected a limit of descriptors above {count + 100}, "
                 f"got {hard}: raise it with ulimit -n, or name a smaller COUNT")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    server = subprocess.Popen([program, "serve", "--port", "0", "--log", "none",
                               "--journal-max", "100"], stdout=subprocess.PIPE, text=True)
    try:
        base_url = json.loads(server.stdout.readline())["base_url"]
        first = Connection(base_url)
        agents = first.request("GET", "/agents")
        for _ in range(200):  # until the journal is full
            first.call(agents)
        before = resident_bytes(server)
        connections = [Connection(base_url) for _ in range(count)]
        for connection in connections:
            connection.call(agents)
        return (resident_bytes(server) - before) / count
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    each = bytes_each(pathlib.Path(sys.argv[1]) / "bin/nairi-mock", count)
    print(f"{count} connections that idle: {each:,.0f} bytes each")


if __name__ == "__main__":
    main()
