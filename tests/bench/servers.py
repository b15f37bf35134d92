"""The servers that are measured side by side, each a process of its own:

    with NairiMock(bin_folder) as server: server.url, server.cpu_seconds(), ...
"""
import http.client
import json
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.parse

HERE = pathlib.Path(__file__).parent
KEY = "nr_bench"
WIREMOCK = "3.13.2"
TICKS = 100  # of /proc/PID/stat in a second


def descendants(pid):
    yield pid
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from descendants(int(child))


class Server:
    """A process below a URL. Its name is the column's head."""
    name, process, url = "", None, ""

    def cpu_seconds(self):
        """Of the processor, in user space and in the kernel, since it started."""
        fields = [pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                  for pid in descendants(self.process.pid)]
        return sum(int(stat[11]) + int(stat[12]) for stat in fields) / TICKS

    def resident_kib(self):
        return sum(int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])
                   for pid in descendants(self.process.pid))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


class NairiMock(Server):
    """A fake of its own; url is a message that is completed."""
    name = "nairi-mock"

    def __init__(self, programs, *options, ca=None):
        spawned = time.perf_counter()
        self.trusted = ssl.create_default_context(cafile=ca) if ca else None
        self.process = subprocess.Popen(
            [programs / "nairi-mock", "serve", "--port", "0", "--log", "none", *options],
            stdout=subprocess.PIPE, text=True)
        self.base_url = json.loads(self.process.stdout.readline())["base_url"]
        self.call("GET", "/agents")
        self.start_ms = (time.perf_counter() - spawned) * 1000
        turn = self.call("POST", "/conversations/start", {"agent_id": "my-agent", "prompt": "hello"})
        self.url = f"{self.base_url}/messages/{turn['message_id']}"
        for _ in range(3):
            self.reply = self.call("GET", f"/messages/{turn['message_id']}")

    def call(self, method, path, body=None):
        url = urllib.parse.urlsplit(self.base_url)
        connection = (http.client.HTTPSConnection(url.netloc, context=self.trusted) if self.trusted
                      else http.client.HTTPConnection(url.netloc))
        connection.request(method, url.path + path, json.dumps(body) if body else None,
                           {"Authorization": f"Bearer {KEY}"})
        reply = json.loads(connection.getresponse().read())
        connection.close()
        return reply


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(process, port):
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.01)
    raise RuntimeError(f"{process.args[0]} did not start")


class Canned(Server):
    """A server that has a port and files of its own, and answers any request with the same reply."""

    def __init__(self, *command, port):
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(self.process, port)
        self.url = f"http://127.0.0.1:{port}/"

    def __exit__(self, *error):
        super().__exit__(*error)
        self.folder.cleanup()


class Nginx(Canned):
    name = "nginx"

    def __init__(self, reply, certificate=None):
        """certificate: files of a chain and its key, for HTTPS."""
        self.folder = tempfile.TemporaryDirectory()
        port = free_port()
        config = pathlib.Path(self.folder.name) / "nginx.conf"
        tls = "ssl_certificate {}; ssl_certificate_key {};".format(*certificate) if certificate else ""
        config.write_text((HERE / "nginx.conf.in").read_text().format(
            folder=self.folder.name, port=port, ssl="ssl" if certificate else "", tls=tls,
            reply=json.dumps(reply, separators=(",", ":")).replace("'", "")))
        super().__init__("nginx", "-c", config, "-p", self.folder.name, port=port)
        if certificate:
            self.url = f"https://localhost:{port}/"


class EpollLoop(Server):
    name = "epoll loop"

    def __init__(self, programs, reply):
        body = json.dumps(reply, separators=(",", ":"))
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                       f"Content-Length: {len(body.encode())}\r\n\r\n{body}")
            file.flush()
            self.process = subprocess.Popen([programs / "epoll_loop", file.name],
                                            stdout=subprocess.PIPE, text=True)
            self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}/"


class WireMock(Canned):
    """Without its journal and with more threads, as it is fastest."""
    name = "WireMock"

    def __init__(self, jar, reply):
        self.folder = tempfile.TemporaryDirectory()
        mappings = pathlib.Path(self.folder.name) / "mappings"
        mappings.mkdir()
        (mappings / "message.json").write_text(json.dumps({
            "request": {"method": "GET", "urlPath": "/"},
            "response": {"status": 200, "jsonBody": reply,
                         "headers": {"Content-Type": "application/json"}}}))
        port = free_port()
        super().__init__("java", "-jar", jar, "--port", str(port), "--root-dir", self.folder.name,
                         "--no-request-journal", "--disable-request-logging",
                         "--container-threads", "64", port=port)

    @staticmethod
    def jar(folder):
        """Where it lies, or None where there is no Java, no npm or no registry to get it from."""
        found = list(folder.glob("wiremock/**/*.jar"))
        if not found and shutil.which("java") and shutil.which("npm"):
            subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix",
                            folder / "wiremock", f"wiremock@{WIREMOCK}"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            found = list(folder.glob("wiremock/**/*.jar"))
        return found[0] if found else None
