"""The engine as a shared library: server/include/nairi/mock/embed.h, by ctypes."""

from __future__ import annotations

import ctypes
import functools
import os
from typing import Any, Callable, List, NamedTuple, Optional, Tuple

from .errors import StartError

ABI = 1
ENDINGS = ("whole", "truncated", "reset", "empty")
_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib", "libnairi_embed.so")


class _Bytes(ctypes.Structure):
    _fields_ = [("data", ctypes.c_char_p), ("size", ctypes.c_size_t)]


_OpenFile = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p,
                             ctypes.POINTER(_Bytes))


class _Spec(ctypes.Structure):
    _fields_ = [("world", _Bytes), ("options", _Bytes), ("open_file", _OpenFile),
                ("context", ctypes.c_void_p)]


# nairi_request and nairi_reply, with their nairi_bytes written out: that is quicker here.
class _Request(ctypes.Structure):
    _fields_ = [("head", ctypes.c_char_p), ("head_size", ctypes.c_size_t),
                ("body", ctypes.c_char_p), ("body_size", ctypes.c_size_t),
                ("connection", ctypes.c_uint64), ("received_us", ctypes.c_int64),
                ("unix_ms", ctypes.c_int64)]


class _Reply(ctypes.Structure):
    _fields_ = [("delay_ms", ctypes.c_int64), ("after_bytes", ctypes.c_int64),
                ("drip_bytes_per_s", ctypes.c_int64), ("sending_ms", ctypes.c_int64),
                ("status", ctypes.c_int32), ("ending", ctypes.c_int32),
                ("encoding", ctypes.c_int32), ("is_whole", ctypes.c_int32),
                ("head", ctypes.c_void_p), ("head_size", ctypes.c_size_t),
                ("body", ctypes.c_void_p), ("body_size", ctypes.c_size_t)]


@functools.lru_cache(maxsize=None)
def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(_FILE)
    except OSError as error:
        raise StartError(f"can't load the fake: {error}") from error
    if library.nairi_abi() != ABI:
        raise StartError(f"expected a library of ABI {ABI}, got {library.nairi_abi()}: {_FILE}")
    reply = ctypes.POINTER(_Reply)
    for name, result, arguments in (
            ("fake_new", ctypes.c_void_p, [ctypes.POINTER(_Spec), ctypes.POINTER(ctypes.c_void_p)]),
            ("fake_free", None, [ctypes.c_void_p]),
            ("fake_handle", reply, [ctypes.c_void_p, ctypes.POINTER(_Request)]),
            ("reply_is_held", ctypes.c_int, [reply]),
            ("reply_is_cancelled", ctypes.c_int, [reply]),
            ("reply_free", None, [reply]),
            ("fake_states", ctypes.c_void_p, [ctypes.c_void_p]),
            ("text_free", None, [ctypes.c_void_p]),
            ("version", ctypes.c_char_p, [])):
        function = getattr(library, "nairi_" + name)
        function.restype, function.argtypes = result, arguments
    return library


def version() -> str:
    """The library's own."""
    text: bytes = _library().nairi_version()
    return text.decode()


def _take_text(address: Optional[int]) -> str:
    """What the library wrote, which is freed."""
    if not address:
        raise MemoryError
    try:
        return ctypes.string_at(address).decode("utf-8", "replace")
    finally:
        _library().nairi_text_free(address)


def _never() -> bool:
    return False


def _nothing() -> None:
    pass


class Reply(NamedTuple):
    """What the fake answers, and what is to happen to it on the wire."""

    status: int
    head: bytes  # header fields, b"Name: value\\r\\n" each
    body: bytes  # whole, whatever `ending` says
    ending: str  # one of ENDINGS; all but "whole" come after `after_bytes`
    after_bytes: int
    delay_ms: int
    drip_bytes_per_s: int
    is_cancelled: Callable[[], bool]  # nobody waits for it any more: its key was reset
    is_held: Callable[[], bool] = _never  # by a fault, until somebody lets it go
    give_up: Callable[[], None] = _nothing  # it is not held any more, as its client went away

    @property
    def headers(self) -> List[Tuple[str, str]]:
        lines = self.head.decode("latin-1").splitlines()
        return [(name, value) for name, _, value in (line.partition(": ") for line in lines)]


class _Kept:
    """A reply that is still under way."""

    def __init__(self, pointer: Any):
        self._pointer, library = pointer, _library()
        self._free, self._is_cancelled = library.nairi_reply_free, library.nairi_reply_is_cancelled
        self._is_held = library.nairi_reply_is_held

    def is_cancelled(self) -> bool:
        return bool(self._pointer and self._is_cancelled(self._pointer))

    def is_held(self) -> bool:
        return bool(self._pointer and self._is_held(self._pointer))

    def give_up(self) -> None:
        pointer, self._pointer = self._pointer, None
        if pointer:
            self._free(pointer)

    __del__ = give_up


class Engine:
    """A nairi_fake. It is freed when nobody holds it any more, so never while a call runs."""

    def __init__(self, world: bytes, options: bytes, folder: str):
        library = _library()
        self._address: Optional[int] = None
        self._free, self._handle = library.nairi_fake_free, library.nairi_fake_handle
        self._free_reply, self._is_held = library.nairi_reply_free, library.nairi_reply_is_held
        kept: List[bytes] = []  # what was handed to the library, until it has read it
        spec = _Spec(_Bytes(world, len(world)), _Bytes(options, len(options)),
                     _OpenFile(functools.partial(_open_file, folder, kept)), None)
        error = ctypes.c_void_p()
        self._address = library.nairi_fake_new(ctypes.byref(spec), ctypes.byref(error))
        if not self._address:
            raise ValueError(_take_text(error.value))

    def __del__(self) -> None:
        if self._address:
            self._free(self._address)

    def states(self) -> str:
        return _take_text(_library().nairi_fake_states(self._address))

    def handle(self, head: bytes, body: bytes, received_us: int, unix_ms: int,
               connection: int = 0) -> Reply:
        request = _Request(head, len(head), body, len(body), connection, received_us, unix_ms)
        pointer = self._handle(self._address, ctypes.byref(request))
        if not pointer:
            raise MemoryError
        reply = pointer.contents
        is_slow = reply.delay_ms > 0 or reply.drip_bytes_per_s > 0
        kept = _Kept(pointer) if is_slow or self._is_held(pointer) else None
        result = Reply(reply.status, ctypes.string_at(reply.head, reply.head_size),
                       ctypes.string_at(reply.body, reply.body_size), ENDINGS[reply.ending],
                       reply.after_bytes, reply.delay_ms, reply.drip_bytes_per_s, _never)
        if kept:
            return result._replace(is_cancelled=kept.is_cancelled, is_held=kept.is_held,
                                   give_up=kept.give_up)
        self._free_reply(pointer)
        return result


def _open_file(folder: str, kept: List[bytes], _: Any, path: bytes, file: Any) -> int:
    """nairi_open_file: must not raise."""
    try:
        with open(os.path.join(folder, os.fsdecode(path)), "rb") as opened:
            kept.append(opened.read())
        is_there = 1
    except FileNotFoundError:
        return 0  # the library says so itself
    except Exception as error:  # pylint: disable=broad-except
        kept.append((getattr(error, "strerror", None) or str(error)).encode())
        is_there = 0
    file.contents.data, file.contents.size = kept[-1], len(kept[-1])
    return is_there
