"""Worlds as they are given: a file, a dict, a text, or the name of one that is built in."""

from __future__ import annotations

import json
import os
from typing import Any, Mapping, NamedTuple, Union

from .errors import WorldError

World = Union[str, "os.PathLike[str]", Mapping[str, Any]]


class ReadWorld(NamedTuple):
    text: bytes  # JSON, or "builtin:NAME"
    file: str  # what messages call it
    folder: str  # attachments are relative to it


def read_world(world: World) -> ReadWorld:
    """Raises WorldError if its file can't be read, or the dict can't be JSON."""
    if isinstance(world, Mapping):
        return ReadWorld(_dumps(world).encode(), "world", os.getcwd())
    if isinstance(world, str) and world.startswith("builtin:"):
        return ReadWorld(world.encode(), world, os.getcwd())
    if isinstance(world, str) and world.lstrip().startswith("{"):
        return ReadWorld(world.encode(), "world", os.getcwd())
    if isinstance(world, (str, os.PathLike)):
        return _read_file(os.fspath(world))
    raise TypeError("expected a world as a path, a dict, JSON text or 'builtin:NAME', got "
                    + type(world).__name__)


def _dumps(world: Mapping[str, Any]) -> str:
    try:
        return json.dumps(dict(world))
    except (TypeError, ValueError) as error:
        raise WorldError([f"world: expected what JSON can say: {error}"]) from error


def _read_file(path: str) -> ReadWorld:
    try:
        with open(path, "rb") as file:
            text = file.read()
    except OSError as error:
        raise WorldError([f"{path}: can't read the world file: {error.strerror}"]) from error
    return ReadWorld(text, path, os.path.dirname(os.path.abspath(path)))
