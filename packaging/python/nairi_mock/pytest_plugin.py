"""The fixture `nairi` of pytest: a fake, a key for each test, and a judge at its end."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, Set, Union

import pytest

from .controls import Controls, ForKey
from .errors import Error, RuleBroken
from .fake import Fake
from .served import Server, serve

if not hasattr(pytest, "StashKey"):
    raise ImportError(f"the fixture nairi wants pytest 7 or later, got {pytest.__version__}: without "
                      "it, say -p no:nairi_mock")

if TYPE_CHECKING:
    from .on_httpx import AsyncTransport, Transport
    from .on_requests import Adapter

_JUDGE = ("fail", "warn", "off")
_MARKED = ("world", "faults", "clock", "speed", "seed", "mutate", "judge", "in_process")
_OF_A_FAKE = ("world", "clock", "speed", "seed", "mutate", "in_process")
# A fake tells 10,000 keys apart. Another one is made long before.
_TESTS_OF_A_FAKE = 1000


class NairiWarning(UserWarning):
    """A client broke a rule, and `nairi_judge` is `warn`."""


class Nairi(ForKey):
    """What the fixture `nairi` is: a fake as the key of this test sees it. `fake` is the fake
    itself, which other tests use too."""

    def __init__(self, fake: Union[Fake, Server], key: str, judge: str):
        super().__init__(fake, key)
        self.judge = judge  # "fail", "warn" or "off": a test may change its mind

    def requests_adapter(self, **options: Any) -> "Adapter":
        """For `session.mount(nairi.base_url, …)`. In process only."""
        return self._in_process().requests_adapter(**options)

    def httpx_transport(self) -> "Transport":
        """For httpx.Client(transport=…). In process only."""
        return self._in_process().httpx_transport()

    def httpx_async_transport(self) -> "AsyncTransport":
        """For httpx.AsyncClient(transport=…). In process only."""
        return self._in_process().httpx_async_transport()

    def _in_process(self) -> Fake:
        if isinstance(self.fake, Fake):
            return self.fake
        raise Error("this fake is on a port, which needs no adapter. For one in process: "
                    "nairi_in_process = true, or @pytest.mark.nairi(in_process=True)")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("nairi", "the fake of Nairi's Conversations API")
    parser.addini("nairi_world", "the world of the fixture nairi: a file, relative to this one, or "
                  "builtin:NAME", default="builtin:default")
    parser.addini("nairi_judge", "what a test's end does about a client that broke a MUST: fail, "
                  "warn or off", default="fail")
    parser.addini("nairi_in_process", "whether the fixture nairi has a fake without a port",
                  type="bool", default=False)
    group.addoption("--nairi-world", metavar="WORLD", help="instead of the ini file's nairi_world")
    group.addoption("--nairi-judge", choices=_JUDGE, help="instead of nairi_judge")
    group.addoption("--nairi-in-process", action="store_true", default=None,
                    help="instead of nairi_in_process")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"nairi({', '.join(_MARKED)}): how the fixture nairi plays")
    judge = config.getini("nairi_judge")
    if judge not in _JUDGE:
        raise pytest.UsageError(f"nairi_judge takes one of {', '.join(_JUDGE)}; got {judge!r}")
    config.stash[_FAKES] = _Fakes()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _FAKES in config.stash:
        config.stash[_FAKES].close()


@pytest.fixture
def nairi(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nairi]:
    """A fake of Nairi's Conversations API, and a key that is this test's own."""
    wanted = _wanted(request.node)
    key = "nr_" + hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:32]
    fake = request.config.stash[_FAKES].one({name: wanted[name] for name in _OF_A_FAKE}, key)
    given = Nairi(fake, key, wanted["judge"])
    if wanted["faults"]:
        given.add_faults(wanted["faults"])
    for name, value in _environment(given).items():
        monkeypatch.setenv(name, value)
    request.node.stash[_GIVEN] = given
    yield given


def _wanted(item: pytest.Item) -> Dict[str, Any]:
    """What the ini file, the command line and the markers say, in this order."""
    config = item.config
    wanted = dict.fromkeys(_MARKED)
    wanted["world"] = config.getoption("--nairi-world") or _beside(
        config.getini("nairi_world"), config.inipath.parent if config.inipath else config.rootpath)
    wanted["judge"] = config.getoption("--nairi-judge") or config.getini("nairi_judge")
    wanted["in_process"] = config.getoption("--nairi-in-process") or config.getini(
        "nairi_in_process")
    for marker in reversed(list(item.iter_markers("nairi"))):  # the nearest is the last
        _check_marker(marker)
        wanted.update(marker.kwargs)
        if "world" in marker.kwargs:
            wanted["world"] = _beside(marker.kwargs["world"], item.path.parent)
    return wanted


def _check_marker(marker: pytest.Mark) -> None:
    unknown = [*map(str, marker.args), *(set(marker.kwargs) - set(_MARKED))]
    if unknown:
        raise pytest.UsageError(f"@pytest.mark.nairi takes {', '.join(_MARKED)}, by their names; "
                                f"got {', '.join(unknown)}")
    if marker.kwargs.get("judge", "off") not in _JUDGE:
        raise pytest.UsageError(f"judge takes one of {', '.join(_JUDGE)}; "
                                f"got {marker.kwargs['judge']!r}")


def _beside(world: Any, folder: "os.PathLike[str]") -> Any:
    """A path of a world is relative to the file that names it."""
    if isinstance(world, os.PathLike):
        return os.path.join(folder, world)
    is_path = isinstance(world, str) and not world.startswith(("builtin:", "{"))
    return os.path.join(folder, world) if is_path else world


def _environment(given: Nairi) -> Dict[str, str]:
    """What `nairi-mock run` tells a command."""
    host = given.root_url.partition("://")[2].partition(":")[0]
    direct = {name: ",".join(filter(None, (os.environ.get(name), host)))
              for name in ("NO_PROXY", "no_proxy")}
    return {"NAIRI_BASE_URL": given.base_url, "NAIRI_API_KEY": given.api_key,
            "NAIRI_CONTROL_URL": given.control_url, **direct}


class _Fakes:
    """The fakes of this process, one for each way to play."""

    def __init__(self) -> None:
        self._fakes: Dict[str, Union[Fake, Server]] = {}
        self._keys: Dict[str, Set[str]] = {}

    def one(self, options: Mapping[str, Any], key: str) -> Union[Fake, Server]:
        """A fake of these options that knows nothing of `key`."""
        name = json.dumps(options, default=str, sort_keys=True)
        if len(self._keys.get(name, ())) >= _TESTS_OF_A_FAKE:
            self._fakes.pop(name).close()
        if name not in self._fakes:
            self._fakes[name], self._keys[name] = _made(options), set()
        if key in self._keys[name]:
            self._fakes[name].reset(key)
        self._keys[name].add(key)
        return self._fakes[name]

    def close(self) -> None:
        for fake in self._fakes.values():
            fake.close()
        self._fakes.clear()


def _made(options: Mapping[str, Any]) -> Union[Fake, Server]:
    given = {name: value for name, value in options.items() if value is not None}
    return Fake(**given) if given.pop("in_process", False) else serve(**given)


_FAKES = pytest.StashKey[_Fakes]()
_GIVEN = pytest.StashKey[Nairi]()


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[None]") -> Iterator[None]:
    """Has the judge speak at the end of a test."""
    outcome: Any = yield
    report: pytest.TestReport = outcome.get_result()
    if call.when != "call" or _GIVEN not in item.stash:
        return
    given = item.stash[_GIVEN]
    try:
        if report.passed and not hasattr(report, "wasxfail"):
            _judge(item, report, given)
        if report.failed:
            report.sections.append(("What the fake saw of this test", _seen(given)))
    except Error as error:  # the fake is gone
        _fail(report, error)


def _judge(item: pytest.Item, report: pytest.TestReport, given: Nairi) -> None:
    if given.judge == "off":
        return
    verdicts = given.verdicts()
    if not verdicts.broken():
        return
    names = ", ".join(verdict.rule for verdict in verdicts.broken())
    text = f"the client broke {names}\n\n{verdicts.text()}"
    if given.judge == "fail":
        _fail(report, RuleBroken(text))
        return
    try:
        item.warn(NairiWarning(text))
    except NairiWarning as warning:  # warnings are errors here
        _fail(report, warning)


def _fail(report: pytest.TestReport, error: Exception) -> None:
    """As if the test had ended with the error."""
    try:
        raise error
    except type(error):
        report.longrepr = pytest.ExceptionInfo.from_current().getrepr(style="no", chain=False)
        report.outcome = "failed"


def _seen(given: Nairi) -> str:
    entries: List[Dict[str, Any]] = given.journal()
    lines = [f"#{entry['number']} {entry['method']} {entry['target']} → {entry['status'] or '---'}"
             + "".join(f"\n    {name}: {entry[name]}" for name in ("fault", "hint") if entry.get(name))
             for entry in entries]
    return "\n".join(lines) or "nothing"
