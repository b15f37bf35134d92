"""What goes wrong, apart from what your client does."""

from __future__ import annotations

from typing import Any, List, Tuple


class Error(Exception):
    """Any error of this package."""


class WorldError(Error):
    """A world that the fake does not take. `diagnostics` has a line for each mistake, with file,
    line, column and the place in the JSON."""

    def __init__(self, diagnostics: List[str]):
        super().__init__("\n".join(diagnostics))
        self.diagnostics = diagnostics

    def __reduce__(self) -> Tuple[Any, ...]:  # else pickle (and so xdist) would call it with the text
        return (WorldError, (self.diagnostics,))


class StartError(Error):
    """The fake could not be made or started."""


class ControlError(Error):
    """The control API refused a call. `status` is 400, say; the text says why."""

    def __init__(self, status: int, text: str):
        super().__init__(text)
        self.status = status

    def __reduce__(self) -> Tuple[Any, ...]:
        return (ControlError, (self.status, str(self)))


class RuleBroken(AssertionError):
    """A client broke a rule that it must keep; the text has the requests that prove it."""
