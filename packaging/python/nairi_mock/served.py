"""The fake as a program on a port of its own, for clients that can be given nothing but a URL."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import select
import subprocess
import tempfile
import urllib.parse
import weakref
from typing import IO, Any, Dict, List, Optional, Sequence, Tuple

from .controls import Controls
from .errors import StartError, WorldError
from .worlds import World, read_world

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin", "nairi-mock")
_PATIENCE_S = 30.0


class Server(Controls):
    """A fake on a free port of 127.0.0.1, until `close`: what `serve` gives.

    Thread-safety: everything may be called from any thread at any time.
    """

    in_process = False

    def __init__(self, world: World, options: Sequence[str]):
        read = read_world(world)
        is_text = read.file == "world"
        self._world_file = "-" if is_text else os.fsdecode(read.file)
        command = [PROGRAM, "serve", "--port", "0", "--log", "none", "--with-parent",
                   "--judge", "warn", "--world", self._world_file]
        self._log = _Log()
        self._process = _started([*command, *options], self._log.file)
        self._stop = weakref.finalize(self, _stop, self._process, self._log, os.getpid())
        if is_text:
            _write(self._process, read.text)
        self.ready: Dict[str, Any] = self._ready_line()
        self.root_url: str = self.ready["base_url"][:-len("/api/public/v1")]
        self.api_key: str = self.ready["api_key"]
        self._listed = "listed" in options
        self.clock = options[options.index("--clock") + 1]

    def _ready_line(self) -> Dict[str, Any]:
        """Waits for the line of JSON that says where it listens."""
        output = self._process.stdout
        assert output is not None
        came, _, _ = select.select([output], [], [], _PATIENCE_S)
        line = output.readline() if came else b""
        output.close()
        if line:
            ready: Dict[str, Any] = json.loads(line)
            return ready
        self._stop()
        raise _what_is_wrong(self._process.returncode, self.log(), self._world_file)

    @property
    def pid(self) -> int:
        return self._process.pid

    def log(self) -> str:
        """What the program wrote to its standard error."""
        return self._log.text()

    def close(self) -> None:
        """Stops the program, for sure."""
        self._stop()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def new_key(self) -> str:
        if self._listed:
            raise ValueError("with keys='listed' the world alone has keys")
        return "nr_" + secrets.token_hex(16)

    def states(self) -> Dict[str, str]:
        states: Dict[str, str] = self.ready["states"]
        return states

    def _call(self, method: str, target: str, key: Optional[str], body: bytes) -> Tuple[int, Any]:
        where = urllib.parse.urlsplit(self.root_url)
        assert where.hostname
        connection = http.client.HTTPConnection(where.hostname, where.port, timeout=_PATIENCE_S)
        fields = self._fields(key or self.ready["control_token"])
        try:
            connection.request(method, target, body or None, fields)
            reply = connection.getresponse()
            return reply.status, json.loads(reply.read())
        except OSError as error:
            raise StartError(f"the fake does not answer at {self.root_url}: {error}") from error
        finally:
            connection.close()


def serve(world: World = "builtin:default", *, clock: str = "poll", speed: Optional[float] = None,
          seed: int = 1, keys: str = "any", mutate: Optional[str] = None,
          fidelity: Optional[str] = None, journal_max: Optional[int] = None,
          cors_origins: Sequence[str] = ()) -> Server:
    """Starts the fake as a program, and waits until it listens. Options as those of Fake.

        with nairi_mock.serve() as server:
            MyClient(server.base_url, server.api_key)

    Behind the block it is stopped; when Python dies, however that happens, it ends as well.
    """
    wanted = {"--clock": clock, "--speed": speed, "--seed": seed, "--keys": keys,
              "--mutate": mutate, "--fidelity": fidelity, "--journal-max": journal_max}
    options: List[str] = []
    for name, value in wanted.items():
        options += [name, str(value)] if value is not None else []
    for origin in cors_origins:
        options += ["--cors", origin]
    return Server(world, options)


class _Log:
    """What a program says, in a file until it has ended."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile()
        self._text = ""

    def text(self) -> str:
        if not self.file.closed:
            number = self.file.fileno()
            said = os.pread(number, os.fstat(number).st_size, 0)  # moves nobody's position
            self._text = said.decode("utf-8", "replace")
        return self._text

    def close(self) -> None:
        self.text()
        self.file.close()


def _started(command: List[str], log: IO[bytes]) -> "subprocess.Popen[bytes]":
    reads = "-" in command
    try:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log,
                                stdin=subprocess.PIPE if reads else subprocess.DEVNULL)
    except OSError as error:
        raise StartError(f"can't run {command[0]}: {error}") from error


def _write(process: "subprocess.Popen[bytes]", text: bytes) -> None:
    assert process.stdin is not None
    try:
        with process.stdin as stdin:
            stdin.write(text)
    except BrokenPipeError:
        pass  # it has ended, and says why


def _stop(process: "subprocess.Popen[bytes]", log: "_Log", owner: int) -> None:
    if os.getpid() != owner:
        return  # a fork of the owner ends
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
    log.close()


def _what_is_wrong(exit_code: int, log: str, world_file: str) -> Exception:
    """In the program's words: a wrong world, a wrong option, or something else."""
    prefix = "nairi-mock: "
    lines = [line[len(prefix):] if line.startswith(prefix) else line for line in log.splitlines()]
    if lines and exit_code == 2 and lines[0].startswith(f"{world_file}:"):
        return WorldError(["world" + line[1:] if line.startswith("-:") else line for line in lines])
    if lines and exit_code == 2:
        return ValueError(lines[0])
    return StartError("\n".join(lines) or f"nairi-mock ended with {exit_code}, and said nothing")
