"""What can be asked of a fake, wherever it runs: docs/control.md."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple, Union

from .errors import ControlError, Error, WorldError
from .verdicts import Verdicts
from .worlds import World, read_world

if TYPE_CHECKING:
    import httpx
    import requests

API = "/api/public/v1"


class Controls:
    """A fake, in process or served. Where `key` is not given, `advance`, `journal`, `verdicts`,
    `held`, `release`, `reset` and `set_world` are about all keys, and everything else about `api_key`."""

    root_url: str  # without a path
    api_key: str  # one that is let in
    in_process: bool
    clock: str  # "poll", "virtual" or "wall"

    @property
    def base_url(self) -> str:
        """Where the API is, with its prefix: what your client takes."""
        return self.root_url + API

    @property
    def control_url(self) -> str:
        return self.root_url + "/__mock"

    def new_key(self) -> str:
        """A key that nobody used yet: its world is a fresh copy."""
        raise NotImplementedError

    def advance(self, ms: int, key: Optional[str] = None) -> None:
        """Moves the virtual clock. Under the others it is a ControlError."""
        self._control("POST", "clock", {"advance_ms": ms}, key)

    def journal(self, key: Optional[str] = None) -> List[Dict[str, Any]]:
        """Every exchange that the fake saw, oldest first."""
        entries: List[Dict[str, Any]] = self._control("GET", "journal", None, key)["entries"]
        return entries

    def verdicts(self, key: Optional[str] = None) -> Verdicts:
        """How the client behaved, as if its run ended now."""
        return Verdicts(self._control("GET", "verdicts", None, key))

    def unmatched(self, key: Optional[str] = None) -> List[Dict[str, Any]]:
        """The prompts that no script of the world matched, and which came nearest."""
        prompts: List[Dict[str, Any]] = self._control(
            "GET", "unmatched", None, key or self.api_key)["prompts"]
        return prompts

    def reset(self, key: Optional[str] = None) -> None:
        """Forgets all that happened."""
        self._control("POST", "reset", None, key)

    def revoke(self, key: Optional[str] = None) -> None:
        """The key answers 401 from now on, until it is reset."""
        self._control("POST", "revoke", None, key or self.api_key)

    def add_faults(self, faults: Union[Dict[str, Any], List[Dict[str, Any]]],
                   key: Optional[str] = None) -> None:
        """One fault or a list of them: docs/worlds.md#faults."""
        self._control("POST", "faults", faults, key or self.api_key)

    def held(self, key: Optional[str] = None) -> List[Dict[str, Any]]:
        """The replies that faults hold now, oldest first: `name`, `at`, `since`, `number`."""
        held: List[Dict[str, Any]] = self._control("GET", "held", None, key)["held"]
        return held

    def release(self, name: str, key: Optional[str] = None) -> int:
        """Lets go of the replies that are held by that name: how many. None is a ControlError."""
        released: int = self._control("POST", "release", {"name": name}, key)["released"]
        return released

    def add_job(self, job: Dict[str, Any], key: Optional[str] = None) -> str:
        """Makes a job of any origin, as an entry of a world's `jobs`. Answers its id."""
        job_id: str = self._control("POST", "jobs", job, key or self.api_key)["job_id"]
        return job_id

    def set_world(self, world: World, key: Optional[str] = None) -> None:
        """Resets, and plays this world from now on. It can't name files as attachments."""
        text = read_world(world).text
        if text.startswith(b"builtin:"):
            raise ValueError(f"expected a world, got {text.decode()!r}: name it when you make the fake")
        status, answer = self._call("PUT", self._target("world", key), key, text)
        if status == 400:
            raise WorldError(answer["error"].split("; world:"))
        _check(status, answer)

    def states(self) -> Dict[str, str]:
        """The named things of the world: an agent, a job from Slack, a key that is revoked."""
        raise NotImplementedError

    def ask(self, agent: str, prompt: str, key: Optional[str] = None) -> str:
        """The agent's answer to a prompt, by a small client of this package's own. It shows that
        all is there; it is not what you want to test."""
        turn = self._api("POST", "/conversations/start", {"agent_id": agent, "prompt": prompt}, key)
        status = self._end_of(turn["message_id"], key)
        path = f"/conversations/{turn['job_id']}/messages"
        role = "assistant" if status == "completed" else "system"
        texts: List[str] = [one["content"] for one in self._api("GET", path, None, key)["messages"]
                            if one["role"] == role]
        if status != "completed":
            raise Error(": ".join([f"the turn is {status}", *texts]))
        return "\n".join(texts)

    def _end_of(self, message: str, key: Optional[str]) -> str:
        """The last status of a prompt, which is polled a while."""
        status = ""
        for count in range(200):
            status = self._api("GET", f"/messages/{message}", None, key)["status"]
            if status in ("completed", "failed"):
                break
            if self.clock == "virtual":
                self.advance(1000, key or self.api_key)
            elif self.clock == "wall":
                time.sleep(0.01 * count)
        return status

    def for_key(self, key: str) -> "ForKey":
        """The same fake, as one key sees it."""
        return ForKey(self, key)

    def session(self, key: Optional[str] = None) -> "requests.Session":
        """A session of requests that sends the key."""
        import requests

        session = requests.Session()
        session.trust_env = False  # no proxy on the way, no key from ~/.netrc
        session.headers["Authorization"] = f"Bearer {key or self.api_key}"
        return session

    def httpx_client(self, key: Optional[str] = None, **options: Any) -> "httpx.Client":
        """A client of httpx that sends the key, and whose URLs begin behind `base_url`."""
        import httpx

        return httpx.Client(**self._httpx_options(key, options))

    def httpx_async_client(self, key: Optional[str] = None, **options: Any) -> "httpx.AsyncClient":
        """The same for async code."""
        import httpx

        return httpx.AsyncClient(**self._httpx_options(key, options))

    def _httpx_options(self, key: Optional[str], options: Dict[str, Any]) -> Dict[str, Any]:
        headers = {"Authorization": f"Bearer {key or self.api_key}", **options.pop("headers", {})}
        return {"base_url": self.base_url, "headers": headers, "trust_env": False, **options}

    def _call(self, method: str, target: str, key: Optional[str], body: bytes) -> Tuple[int, Any]:
        """One call: its status, and its JSON. Without a key the bearer is the control token."""
        raise NotImplementedError

    @staticmethod
    def _fields(bearer: str) -> Dict[str, str]:
        return {"Authorization": f"Bearer {bearer}", "User-Agent": "nairi-mock-python",
                "Content-Type": "application/json"}

    def _target(self, name: str, key: Optional[str]) -> str:
        return f"/__mock/{name}" if key else f"/__mock/{name}?all=true"

    def _api(self, method: str, path: str, body: Any, key: Optional[str]) -> Any:
        payload = b"" if body is None else json.dumps(body).encode()
        status, answer = self._call(method, API + path, key or self.api_key, payload)
        _check(status, answer)
        return answer

    def _control(self, method: str, name: str, body: Any, key: Optional[str]) -> Any:
        payload = b"" if body is None else json.dumps(body).encode()
        status, answer = self._call(method, self._target(name, key), key, payload)
        _check(status, answer)
        return answer


def _check(status: int, answer: Any) -> None:
    if not 200 <= status < 300:
        raise ControlError(status, answer["error"])


class ForKey(Controls):
    """A fake as one key sees it: all calls are about that key, unless another is named."""

    def __init__(self, fake: Controls, key: str):
        self.fake = fake
        self.api_key = key
        self.root_url = fake.root_url
        self.in_process, self.clock = fake.in_process, fake.clock

    def new_key(self) -> str:
        return self.fake.new_key()

    def states(self) -> Dict[str, str]:
        return self.fake.states()

    def session(self, key: Optional[str] = None) -> "requests.Session":
        return self.fake.session(key or self.api_key)

    def httpx_client(self, key: Optional[str] = None, **options: Any) -> "httpx.Client":
        return self.fake.httpx_client(key or self.api_key, **options)

    def httpx_async_client(self, key: Optional[str] = None, **options: Any) -> "httpx.AsyncClient":
        return self.fake.httpx_async_client(key or self.api_key, **options)

    def _target(self, name: str, key: Optional[str]) -> str:
        return self.fake._target(name, key or self.api_key)

    def _call(self, method: str, target: str, key: Optional[str], body: bytes) -> Tuple[int, Any]:
        return self.fake._call(method, target, key or self.api_key, body)
