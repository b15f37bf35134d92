"""Records programs that talk to a service by `nairi-contract record`, replays the worlds, and compares what
they were told.

    replay_test.py BIN_DIR SERVER PROGRAM CLOCK

SERVER is `foreign` (tests/foreign) or `faulty` (our fake, with faults in between). PROGRAM is the name of one
below. CLOCK is poll, virtual or wall; under the wall clock what a poll sees depends on how fast the machine
is, so that is for looking at it by hand.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "foreign"))
import recorder  # noqa: E402

TESTS = pathlib.Path(__file__).resolve().parent.parent
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
POLL_MS = 25

QUICKSTARTS = {"sh": ["./quickstart.sh"], "py": [PYTHON, "quickstart.py"], "rb": ["ruby", "quickstart.rb"],
               "mjs": ["node", "quickstart.mjs"], "go": ["go", "run", "quickstart.go"]}
CLIENTS = {"bash": ["bash/client.sh"], "python": [PYTHON, "python/client.py"], "ruby": ["ruby", "ruby/client.rb"],
           "node": ["node", "node/client.mjs"], "cpp": ["client_example"], "golang": ["client_example_go"]}


class Server:
    """A process that says where it listens in a first line of JSON."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.root, self.token = ready["base_url"].removesuffix(recorder.PREFIX), ready.get("control_token")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class RealRecorder(Server):
    """`nairi-contract record`: what it wrote is whole when the with statement has ended."""

    def __init__(self, bin_dir, upstream, folder, certificate):
        tls = ["--tls-cert", certificate, "--tls-key", certificate] if certificate else []
        super().__init__(f"{bin_dir}/nairi-contract", "record", "--target", upstream, "--out", str(folder),
                         "--with-files", *tls)
        self.base_url = self.root + recorder.PREFIX


def states_of_foreign(work):
    return json.loads((work / "states.json").read_text())


def service(name, bin_dir, work):
    """The server that is recorded, and the states by which a client finds its way there."""
    if name == "foreign":
        server = Server(PYTHON, str(TESTS / "foreign/server.py"), "--states-file", str(work / "states.json"),
                        "--queued-ms", "60", "--pending-ms", "110")
        return server, states_of_foreign(work)
    world = TESTS / "recording/faulty.json"
    server = Server(f"{bin_dir}/nairi-mock", "serve", "--port", "0", "--log", "none", "--clock", "wall",
                    "--speed", "20", "--world", str(world))
    return server, {"api_key": "nr_faulty", "agent": "helper", "slack_job": "job_01KRK1V46BXS73CSNK2VR35NPJ",
                    "failing_prompt": "Divide by zero", "tools_prompt": "Count with a tool",
                    "files_prompt": "Send a file", "usage_prompt": "Tell the costs",
                    "pull_request_prompt": "Propose the change"}


def jobs_of(states):
    """What an example client is asked to do, one after the other."""
    converse = {"op": "converse", "agent_id": states["agent"]}
    prompts = [states[name] for name in ("tools_prompt", "usage_prompt", "files_prompt")]
    return [{"op": "agents"},
            converse | {"prompts": prompts},
            converse | {"prompts": [states["failing_prompt"]]},
            converse | {"prompts": ["Say something"], "ask_mode": True},
            converse | {"prompts": ["Say something"]},
            converse | {"prompts": [states["pull_request_prompt"], "Say something"]},
            {"op": "continue", "job_id": states["slack_job"], "prompts": ["Hello"]},
            {"op": "conversations", "agent_id": states["agent"]}]


def certificate_for(program, work):
    """Of its own authority; the program in Ruby speaks TLS alone."""
    if program != "rb":
        return None
    pem = work / "both.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=recorder",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", pem, "-out", work / "ca.pem"],
                   check=True, capture_output=True)
    pem.write_text(pem.read_text() + (work / "ca.pem").read_text())
    os.environ["SSL_CERT_FILE"] = str(work / "ca.pem")
    return str(pem)


def run_quickstart(command, base_url, states, bin_dir):
    variables = {"NAIRI_BASE_URL": base_url, "NAIRI_API_KEY": states["api_key"], "NAIRI_AGENT": states["agent"],
                 "NAIRI_SLACK_JOB": states["slack_job"], "NAIRI_POLL_MS": str(POLL_MS),
                 "GOCACHE": f"{bin_dir}/../go-cache", "GOPATH": f"{bin_dir}/../go", "GOPROXY": "off",
                 "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"}
    run = subprocess.run(command, cwd=TESTS / "quickstart", env=os.environ | variables, capture_output=True,
                         text=True, timeout=240)
    return [run.returncode, run.stderr[-500:] if run.returncode else ""]


def run_client(command, base_url, states, bin_dir):
    here = f"{bin_dir}/{command[0]}"
    command = [here] if os.path.exists(here) else command
    results = []
    for number, job in enumerate(jobs_of(states)):
        job = job | {"id": str(number), "base_url": base_url, "api_key": states["api_key"], "poll_ms": POLL_MS,
                     "deadline_ms": 20_000}
        run = subprocess.run(command, cwd=TESTS / "clients", capture_output=True, text=True, timeout=60,
                             env=os.environ | {"NAIRI_JOB": json.dumps(job), "NAIRI_BASE_URL": base_url,
                                               "NAIRI_API_KEY": states["api_key"]})
        result = json.loads(run.stdout.splitlines()[-1])
        # Errors tell ids and places, which differ; what the client was told is compared elsewhere.
        results.append([result["outcome"], recorder.ID.sub("id", json.dumps(result.get("replies")))])
    return results


class Clock:
    """Moves the virtual clock to where the recording was at the same exchange."""

    def __init__(self, fake, recorded):
        self.url, self.now_ms = fake.root + "/__mock/clock?all=true", 0
        self.headers = {"Content-Type": "application/json", "Authorization": f"Bearer {fake.token}"}
        self.times = [exchange["began_us"] // 1000 for exchange in recorder.read_traffic(recorded)]

    def move(self, number):
        then = self.times[min(number, len(self.times)) - 1]
        if then <= self.now_ms:
            return
        body = json.dumps({"advance_ms": then - self.now_ms}).encode()
        request = urllib.request.Request(self.url, body, self.headers)
        urllib.request.urlopen(request, timeout=30).read()
        self.now_ms = then


def main():
    bin_dir, server_name, program, clock = sys.argv[1:]
    bin_dir = str(pathlib.Path(bin_dir).resolve())
    run = run_quickstart if program in QUICKSTARTS else run_client
    command = (QUICKSTARTS | CLIENTS)[program]
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        server, states = service(server_name, bin_dir, work)
        recorded, replayed = work / "recorded", work / "replayed"
        certificate = certificate_for(program, work)
        with server, RealRecorder(bin_dir, server.root, recorded, certificate) as proxy:
            was = run(command, proxy.base_url, states, bin_dir)
        world = str(recorded / "world.json")
        if keep := os.environ.get("KEEP"):
            subprocess.run(["cp", "-r", str(recorded), keep], check=True)
        with Server(f"{bin_dir}/nairi-mock", "serve", "--port", "0", "--log", "none", "--clock", clock,
                    "--world", world) as fake:
            moved = Clock(fake, recorded).move if clock == "virtual" else None
            with recorder.Recorder(fake.root, replayed, before=moved, certificate=certificate) as proxy:
                now = run(command, proxy.base_url, states, bin_dir)
        if keep:
            subprocess.run(["cp", "-r", str(replayed), keep], check=True)
        collapse = clock == "wall"
        difference = recorder.first_difference(recorder.told(recorded, collapse), recorder.told(replayed, collapse))
        if was != now and not difference:
            difference = f"the client told {was} and then {now}"
        count = len(recorder.read_traffic(recorded))
        if difference or count < 8:
            sys.exit(f"{server_name}, {program}, {clock}: {difference or f'only {count} exchanges'}")
        print(f"{server_name}, {program}, {clock}: {count} exchanges, the same again")


if __name__ == "__main__":
    main()
