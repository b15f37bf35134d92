"""requests, without a port: its own HTTP, over a socket that is none.

Everything above the socket is real, so what goes wrong on the wire raises exactly what requests
raises for a connection on which it goes wrong.
"""

from __future__ import annotations

import errno
import functools
import io
import os
import socket
import time
from typing import TYPE_CHECKING, Any, Iterator, List, Optional

import requests.adapters
import urllib3
import urllib3.connection
import urllib3.connectionpool

from . import wire

if TYPE_CHECKING:
    from .fake import Fake
    from .library import Reply


class Adapter(requests.adapters.HTTPAdapter):
    """Sends requests into a fake: `session.mount(fake.base_url, fake.requests_adapter())`, or with
    whatever URL your client has built in."""

    def __init__(self, fake: "Fake", **options: Any):
        self._fake = fake
        super().__init__(**options)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {
            "http": functools.partial(_pool, self._fake, 80),
            "https": functools.partial(_pool, self._fake, 443)}

    def send(self, request: Any, *arguments: Any, **options: Any) -> Any:
        options["proxies"] = None  # none is on the way
        return super().send(request, *arguments, **options)


_OF_TLS = ("key_file", "cert_file", "cert_reqs", "ca_certs", "ca_cert_dir", "ca_cert_data",
           "ssl_version", "ssl_minimum_version", "ssl_maximum_version", "ssl_context",
           "key_password", "assert_hostname", "assert_fingerprint", "server_hostname")


def _pool(fake: "Fake", default_port: int, host: str, port: int, **options: Any) -> Any:
    for name in _OF_TLS:
        options.pop(name, None)
    pool = urllib3.connectionpool.HTTPConnectionPool(host, port or default_port, **options)
    pool.ConnectionCls = functools.partial(_Connection, fake, default_port)
    return pool


class _Connection(urllib3.connection.HTTPConnection):
    def __init__(self, fake: "Fake", default_port: int, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self._fake = fake
        self.default_port = default_port  # is not said in Host

    def _new_conn(self) -> Any:
        return _Socket(self._fake)


class _Socket:
    """What urllib3 wants of a socket. Takes one request after the other, and its reply's bytes."""

    def __init__(self, fake: "Fake"):
        self._fake = fake
        self._sent: List[bytes] = []
        self.is_closed = False  # by the fake
        self.timeout: Optional[float] = None

    def sendall(self, data: Any) -> None:
        self._sent.append(bytes(data))

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        """The reply to what was sent until now."""
        head, _blank, body = b"".join(self._sent).partition(b"\r\n\r\n")
        self._sent.clear()
        if b"\r\ntransfer-encoding: chunked" in head.lower():
            body = _joined(body)
        if b" /__mock" in head.partition(b"\r\n")[0]:
            head = _without_host(head)
        reply = self._fake.handle_bytes(head + b"\r\n\r\n", body)
        self.is_closed = reply.ending != "whole"
        return io.BufferedReader(_Incoming(self, reply, self._fake.clock == "wall"))

    def settimeout(self, timeout: Optional[float]) -> None:
        self.timeout = timeout

    def setsockopt(self, *_: Any) -> None:
        pass

    def shutdown(self, *_: Any) -> None:
        pass

    def close(self) -> None:
        pass

    def fileno(self) -> int:
        """urllib3 asks so whether the other end closed a connection: then there is something to
        be read."""
        return _at_its_end() if self.is_closed else _silent()


@functools.lru_cache(maxsize=None)
def _at_its_end() -> int:
    return os.open(os.devnull, os.O_RDONLY)


@functools.lru_cache(maxsize=None)
def _pipe() -> Any:
    return os.pipe()


def _silent() -> int:
    end: int = _pipe()[0]
    return end


def _joined(body: bytes) -> bytes:
    """A body that was sent in chunks."""
    parts = []
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16)
        if length == 0:
            break
        parts.append(body[:length])
        body = body[length + 2:]
    return b"".join(parts)


def _without_host(head: bytes) -> bytes:
    """The control API may be called by names that the fake knows; it needs none in process."""
    lines = head.split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.lower().startswith(b"host:"))


class _Incoming(io.RawIOBase):
    """A reply's bytes, as they come."""

    def __init__(self, connection: _Socket, reply: "Reply", is_timed: bool):
        self._connection, self._reply, self._is_timed = connection, reply, is_timed
        self._pieces: Iterator[wire.Piece] = wire.pieces(reply)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._reply.is_held() and not self._wait_for_release():
            self._connection.is_closed, self._pieces = True, iter(())
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return self._end()
            if not self._wait(piece.pause_s):
                self._connection.is_closed, self._pieces = True, iter(())
                return 0
            self._left = piece.data
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count

    def _wait_for_release(self) -> bool:
        """Real time, whatever the clock is: somebody lets it go on another thread. False if the
        fake closed the connection meanwhile."""
        try:
            for seconds in wire.held_steps(self._connection.timeout, self._reply):
                time.sleep(seconds)
        except wire.Cancelled:
            return False
        except wire.TooLate:
            raise socket.timeout("timed out") from None
        return True

    def _wait(self, pause_s: float) -> bool:
        """False if the fake closed the connection meanwhile. Nobody has to wait for a timeout that
        is certain, unless time is real."""
        timeout = self._connection.timeout
        try:
            for seconds in wire.steps(pause_s, timeout, self._reply) if self._is_timed else ():
                time.sleep(seconds)
        except wire.Cancelled:
            return False
        if timeout is not None and pause_s > timeout:
            raise socket.timeout("timed out")
        return True

    def _end(self) -> int:
        if self._reply.ending == "reset":
            raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        return 0
