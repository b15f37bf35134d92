"""The fake in this process: no port, no program, no waiting."""

from __future__ import annotations

import json
import re
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterable, Mapping, Optional, Sequence, Tuple, Union

from .controls import Controls
from .errors import StartError, WorldError
from .library import Engine, Reply
from .worlds import World, read_world

if TYPE_CHECKING:
    import requests

    from .on_httpx import AsyncTransport, Transport
    from .on_requests import Adapter

Headers = Union[Mapping[str, str], Iterable[Tuple[str, str]]]


class Fake(Controls):
    """The fake of the Conversations API, in process.

        with nairi_mock.Fake() as fake:
            agents = fake.session().get(fake.base_url + "/agents").json()

    `world`: a path, a dict, JSON text, or "builtin:NAME". Files that it names are relative to its
    own folder; those of a dict or a text to the current one. `clock`: "poll" (each read of a job
    moves it on), "virtual" (`advance` does) or "wall" (`speed` times as fast as real time). The
    same seed, key and calls give the same ids. `keys`: "any", or "listed" for those of the world.
    `mutate="additive"`: replies gain what clients must ignore. `fidelity`: the path of a ledger of
    what is known of the service, which the fake follows. `judge`: whether `verdicts` tells
    anything.

    Thread-safety: everything may be called from any thread at any time.
    """

    # Nothing listens there, and no resolver may find it: a client that was given neither adapter
    # nor transport says so, and its key goes nowhere.
    root_url = "http://nairi-mock.invalid"
    in_process = True

    def __init__(self, world: World = "builtin:default", *, clock: str = "poll",
                 speed: Optional[float] = None, seed: int = 1, keys: str = "any",
                 mutate: Optional[str] = None, fidelity: Optional[str] = None,
                 judge: bool = True, journal_max: Optional[int] = None,
                 cors_origins: Sequence[str] = ()):
        if speed is not None and clock != "wall":
            raise ValueError("speed goes with clock='wall' only")
        read = read_world(world)
        self._token = secrets.token_hex(16)
        self.clock = clock
        wanted = {"clock": clock, "speed": speed, "seed": seed, "keys": keys, "mutate": mutate,
                  "fidelity": fidelity and Path(fidelity).read_text(encoding="utf-8"),
                  "judge": judge, "journal_max": journal_max, "cors_origins": list(cors_origins),
                  "world_file": read.file, "control_token": self._token}
        options = {name: value for name, value in wanted.items() if value is not None}
        try:
            self._engine: Optional[Engine] = Engine(read.text, json.dumps(options).encode(),
                                                    read.folder)
        except ValueError as error:
            mistakes = str(error).splitlines()
            if mistakes[0].startswith("options:") and read.file != "options":
                said = [re.sub(r"^options:\d+:\d+: /", "", mistake) for mistake in mistakes]
                raise ValueError("; ".join(said)) from None
            raise WorldError(mistakes) from None
        self._listed = keys == "listed"
        self._keys_made = 0
        self.api_key: str = self.states()["api_key"] if self._listed else self.new_key()

    def close(self) -> None:
        """Frees the fake. A call that still runs ends; later ones are a StartError."""
        self._engine = None

    def __enter__(self) -> "Fake":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open_engine(self) -> Engine:
        engine = self._engine
        if engine is None:
            raise StartError("the fake is closed")
        return engine

    def new_key(self) -> str:
        if self._listed:
            raise ValueError("with keys='listed' the world alone has keys")
        self._keys_made += 1
        return f"nr_python{self._keys_made}"

    def states(self) -> Dict[str, str]:
        states: Dict[str, str] = json.loads(self._open_engine().states())
        return states

    def handle(self, method: str, target: str, headers: Headers = (), body: bytes = b"") -> Reply:
        """One exchange, without any HTTP library. `target` is path and query as sent, such as
        "/api/public/v1/agents"."""
        fields = headers.items() if isinstance(headers, Mapping) else headers
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields)]
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError("expected a method, a target and headers without line breaks")
        return self.handle_bytes("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n", body)

    def handle_bytes(self, head: bytes, body: bytes) -> Reply:
        """The same with the request's head as HTTP/1.1 has it."""
        received_us = time.monotonic_ns() // 1000 if self.clock == "wall" else 0
        return self._open_engine().handle(head, body, received_us, time.time_ns() // 1_000_000)

    def requests_adapter(self, **options: Any) -> "Adapter":
        """For `session.mount(url, …)` of requests: what goes to that URL, goes to the fake.
        `options` are those of requests.adapters.HTTPAdapter, such as max_retries."""
        from .on_requests import Adapter

        return Adapter(self, **options)

    def session(self, key: Optional[str] = None) -> "requests.Session":
        session = super().session(key)
        session.mount(self.root_url, self.requests_adapter())
        return session

    def httpx_transport(self) -> "Transport":
        """For httpx.Client(transport=…)."""
        from .on_httpx import Transport

        return Transport(self)

    def httpx_async_transport(self) -> "AsyncTransport":
        """For httpx.AsyncClient(transport=…)."""
        from .on_httpx import AsyncTransport

        return AsyncTransport(self)

    def httpx_client(self, key: Optional[str] = None, **options: Any) -> Any:
        return super().httpx_client(key, transport=self.httpx_transport(), **options)

    def httpx_async_client(self, key: Optional[str] = None, **options: Any) -> Any:
        return super().httpx_async_client(key, transport=self.httpx_async_transport(), **options)

    def _call(self, method: str, target: str, key: Optional[str], body: bytes) -> Tuple[int, Any]:
        reply = self.handle(method, target, self._fields(key or self._token), body)
        return reply.status, json.loads(reply.body)

