#!/usr/bin/env python3
"""Requests that two readers could end at different places, through nginx and straight:
smuggling.py NAIRI_MOCK NGINX

What nginx forwards as one request must be one to the fake: each that the fake saw is one that nginx has
seen too, and who comes next over the same connection is answered as if nothing had been.
"""
import collections
import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import urllib.request

API = "/api/public/v1"
HIDDEN = f"GET {API}/hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED = f"0\r\n\r\n{HIDDEN}"


def post(fields, body=CHUNKED, version="1.1"):
    return f"POST {API}/agents HTTP/{version}\r\nHost: localhost\r\n{fields}\r\n\r\n{body}".encode("latin-1")


LENGTH = f"Content-Length: {len(CHUNKED)}"
SAMPLES = {
    "length-then-chunked": post(f"{LENGTH}\r\nTransfer-Encoding: chunked"),
    "chunked-then-length": post(f"Transfer-Encoding: chunked\r\nContent-Length: 4", f"5c\r\n{HIDDEN}\r\n0\r\n\r\n"),
    "two-lengths": post(f"Content-Length: 0\r\n{LENGTH}"),
    "two-lengths-in-one": post(f"Content-Length: 0, {len(CHUNKED)}"),
    "signed-length": post(f"Content-Length: +{len(CHUNKED)}"),
    "hexadecimal-length": post(f"Content-Length: 0x{len(CHUNKED):x}"),
    "length-with-a-blank": post(f"Content-Length : {len(CHUNKED)}"),
    "huge-length": post("Content-Length: 18446744073709551616"),
    "coding-with-a-blank": post(f"Transfer-Encoding : chunked\r\n{LENGTH}"),
    "coding-that-is-none": post(f"Transfer-Encoding: xchunked\r\n{LENGTH}"),
    "coding-twice": post(f"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n{LENGTH}"),
    "coding-folded": post(f"Transfer-Encoding:\r\n chunked\r\n{LENGTH}"),
    "coding-after-a-tab": post(f"Transfer-Encoding:\tchunked\r\n{LENGTH}"),
    "coding-after-a-form-feed": post(f"Transfer-Encoding:\x0bchunked\r\n{LENGTH}"),
    "coding-behind-a-bare-cr": post(f"X: y\rTransfer-Encoding: chunked\r\n{LENGTH}"),
    "coding-behind-a-bare-lf": post(f"X: y\nTransfer-Encoding: chunked\r\n{LENGTH}"),
    "coding-behind-nul": post(f"X: y\0Transfer-Encoding: chunked\r\n{LENGTH}"),
    "coding-in-1.0": post(f"Transfer-Encoding: chunked\r\n{LENGTH}", version="1.0"),
    "chunk-of-two-sizes": post("Transfer-Encoding: chunked", f"0 5\r\n\r\n{HIDDEN}"),
    "chunk-extension-with-lf": post("Transfer-Encoding: chunked", f"2;\nxx\r\n{len(HIDDEN):x}\r\n0\r\n\r\n{HIDDEN}"),
    "chunk-without-its-end": post("Transfer-Encoding: chunked", f"1\r\nxx0\r\n\r\n{HIDDEN}"),
    "chunk-that-is-negative": post("Transfer-Encoding: chunked", f"-1\r\n\r\n{HIDDEN}"),
    "chunk-size-that-wraps": post("Transfer-Encoding: chunked", f"10000000000000000\r\n\r\n{HIDDEN}"),
    "length-on-a-get": f"GET {API}/agents HTTP/1.1\r\nHost: localhost\r\n{LENGTH}\r\n\r\n{CHUNKED}".encode(),
    "length-hidden-in-a-name": post(f"Content-Length\0: 0\r\n{LENGTH}"),
    "hosts-twice": f"GET {API}/agents HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n{HIDDEN}".encode(),
    "line-in-the-target": f"GET {API}/agents%0d%0aX:%20y HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(),
    "unknown-version": f"GET {API}/agents HTTP/1.9\r\nHost: localhost\r\n\r\n".encode(),
    # Two that are two for everybody: this shows that both logs would hold a hidden one.
    "honest-pair": (f"GET {API}/agents HTTP/1.1\r\nHost: localhost\r\n\r\n" + HIDDEN).encode(),
}

CONFIG = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  log_format target "$request_uri";
  access_log {folder}/access.log target;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_header_timeout 2s;
  client_body_timeout 2s;
  proxy_ignore_client_abort on;
  lingering_close off;  # what is over is in the log before the client learns of it
  upstream fake {{ server 127.0.0.1:{to}; keepalive 1; }}
  server {{
    listen unix:{folder}/buffered;
    location / {{ proxy_pass http://fake; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
  server {{
    listen unix:{folder}/streaming;
    location / {{
      proxy_pass http://fake; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_request_buffering off;
    }}
  }}
}}
"""


def connect(address):
    if isinstance(address, int):
        return socket.create_connection(("127.0.0.1", address))
    handle = socket.socket(socket.AF_UNIX)
    handle.connect(address)
    return handle


def say(address, data):
    """What comes back until the peer hangs up, or has nothing more to say."""
    heard = b""
    with connect(address) as handle:
        handle.settimeout(3)
        try:
            handle.sendall(data)
            if b"\r\n\r\n" in data:
                handle.shutdown(socket.SHUT_WR)
            while piece := handle.recv(65536):
                heard += piece
        except (socket.timeout, ConnectionError):
            pass
    return heard


def ask_normally(address):
    """A request of somebody else; says what is wrong with the answer."""
    heard = say(address, (f"GET {API}/agents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer nr_next\r\n"
                          "Connection: close\r\n\r\n").encode())
    is_good = heard.startswith(b"HTTP/1.1 200 ") and b"my-agent" in heard
    return "" if is_good else f"who comes next gets {heard[:80]!r}"


def seen_by(line):
    """The targets that the fake saw since it was last asked."""
    def call(method, path):
        request = urllib.request.Request(line["control_url"] + path + "?all=true", method=method,
                                         headers={"Authorization": "Bearer " + line["control_token"]})
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)
    entries = call("GET", "/journal")["entries"]
    call("POST", "/reset")
    # What was refused never was a request.
    return collections.Counter(entry["target"] for entry in entries if not entry.get("refused"))


def port_of(line):
    return int(re.search(r":(\d+)/", line["base_url"])[1])


def forwarded(log):
    targets = collections.Counter(log.read_text().split())
    os.truncate(log, 0)
    return targets


def try_all(line, folder, port):
    wrong = []
    log = folder / "access.log"
    hidden = f"{API}/hidden"
    for name, data in SAMPLES.items():
        is_honest = name == "honest-pair"
        say(port, data)
        if (seen_by(line)[hidden] > 0) != is_honest:
            wrong.append(f"{name}, straight: a request that is hidden in another was {'not ' * is_honest}played")
        for way in ("buffered", "streaming"):
            address = str(folder / way)
            say(address, data)
            after = [ask_normally(address), ask_normally(address)]
            seen, told = seen_by(line), forwarded(log)
            wrong += [f"{name}, {way}: {sentence}" for sentence in after if sentence]
            if more := seen - told:
                wrong.append(f"{name}, {way}: the fake saw what nginx did not: {dict(more)}")
            if is_honest and not seen[hidden]:
                wrong.append(f"{name}, {way}: the second of two requests did not come through")
    return wrong


@contextlib.contextmanager
def running(*command, **how):
    with subprocess.Popen(command, **how) as process:
        try:
            yield process
        finally:
            process.terminate()


def main():
    with tempfile.TemporaryDirectory() as name, \
            running(sys.argv[1], "serve", "--port", "0", "--log", "none", stdout=subprocess.PIPE, text=True) as fake:
        folder = pathlib.Path(name)
        line = json.loads(fake.stdout.readline())
        config = folder / "nginx.conf"
        config.write_text(CONFIG.format(folder=folder, to=port_of(line)))
        with running(sys.argv[2], "-c", config, "-p", folder, "-e", folder / "error.log") as nginx:
            while not (folder / "nginx.pid").exists() and nginx.poll() is None:
                pass
            wrong = try_all(line, folder, port_of(line))
    for sentence in wrong:
        print(sentence)
    print(f"smuggling: {len(SAMPLES)} samples, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
