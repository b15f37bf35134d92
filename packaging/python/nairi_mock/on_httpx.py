"""httpx, without a port. What goes wrong on the wire raises what httpx raises for it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, AsyncIterator, Iterator, List, Optional, Tuple

import httpx

from . import wire

if TYPE_CHECKING:
    from .fake import Fake
    from .library import Reply


class Transport(httpx.BaseTransport):
    """For httpx.Client(transport=…)."""

    def __init__(self, fake: "Fake"):
        self._fake = fake

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        way = _Way(self._fake, request, request.read())
        for seconds in way.until_released():
            time.sleep(seconds)
        for pause_s in way.until_head():
            _sleep(way, pause_s)
        return httpx.Response(way.reply.status, headers=way.headers, stream=_Stream(way),
                              extensions=_HTTP_1_1)


class AsyncTransport(httpx.AsyncBaseTransport):
    """For httpx.AsyncClient(transport=…), under asyncio and trio."""

    def __init__(self, fake: "Fake"):
        self._fake = fake

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        way = _Way(self._fake, request, await request.aread())
        for seconds in way.until_released():
            await _async_sleep(seconds)
        for pause_s in way.until_head():
            await _asleep(way, pause_s)
        return httpx.Response(way.reply.status, headers=way.headers, stream=_AsyncStream(way),
                              extensions=_HTTP_1_1)


_HTTP_1_1 = {"http_version": b"HTTP/1.1"}


class _Way:
    """A reply on its way: how long to wait for what of it."""

    def __init__(self, fake: "Fake", request: httpx.Request, body: bytes):
        self.is_timed = fake.clock == "wall"
        self.timeout: Optional[float] = request.extensions.get("timeout", {}).get("read")
        self.request = request
        self.reply: "Reply" = fake.handle_bytes(_head_of(request), body)
        self._pieces = wire.pieces(self.reply)
        self._body_begins = len(wire.head_of(self.reply))
        self._come = b""

    @property
    def headers(self) -> List[Tuple[str, str]]:
        return self.reply.headers

    def until_released(self) -> Iterator[float]:
        """What to sleep while the reply is held: real time, whatever the clock is."""
        try:
            yield from wire.held_steps(self.timeout, self.reply)
        except wire.Cancelled:
            raise self.closed() from None
        except wire.TooLate:
            raise httpx.ReadTimeout("timed out", request=self.request) from None

    def until_head(self) -> Iterator[float]:
        """The pauses before the whole head is there."""
        while len(self._come) < self._body_begins:
            piece = next(self._pieces, None)
            if piece is None:
                raise self.broken()
            yield piece.pause_s
            self._come += piece.data

    def body(self) -> Iterator[Tuple[float, bytes]]:
        """Its pieces, each behind its pause."""
        count = len(self._come) - self._body_begins
        if count:
            yield 0, self._come[-count:]
        for piece in self._pieces:
            yield piece
            count += len(piece.data)
        if self.reply.ending == "reset" or count < len(self.reply.body):
            raise self.broken(count)

    def broken(self, count: Optional[int] = None) -> httpx.TransportError:
        """The connection ended after `count` bytes of the body; None: before it."""
        if self.reply.ending == "reset":
            return httpx.ReadError("[Errno 104] Connection reset by peer", request=self.request)
        if count is None:
            return self.closed()
        return httpx.RemoteProtocolError(
            "peer closed connection without sending complete message body "
            f"(received {count} bytes, expected {len(self.reply.body)})", request=self.request)

    def closed(self) -> httpx.TransportError:
        return httpx.RemoteProtocolError("Server disconnected without sending a response.",
                                         request=self.request)

    def steps(self, pause_s: float) -> Iterator[float]:
        """What to sleep. Nobody has to wait for a timeout that is certain, unless time is real."""
        try:
            yield from wire.steps(pause_s, self.timeout, self.reply) if self.is_timed else ()
        except wire.Cancelled:
            raise self.closed() from None
        if self.timeout is not None and pause_s > self.timeout:
            raise httpx.ReadTimeout("timed out", request=self.request)


def _head_of(request: httpx.Request) -> bytes:
    target = request.url.raw_path
    headers = request.headers.raw
    if target.startswith(b"/__mock"):  # which is called by names that the fake knows, or by none
        headers = [(name, value) for name, value in headers if name.lower() != b"host"]
    lines = [request.method.encode() + b" " + target + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _sleep(way: _Way, pause_s: float) -> None:
    for seconds in way.steps(pause_s):
        time.sleep(seconds)


async def _asleep(way: _Way, pause_s: float) -> None:
    for seconds in way.steps(pause_s):
        await _async_sleep(seconds)


async def _async_sleep(seconds: float) -> None:
    import anyio

    await anyio.sleep(seconds)


class _Stream(httpx.SyncByteStream):
    def __init__(self, way: _Way):
        self._way = way

    def __iter__(self) -> Iterator[bytes]:
        for pause_s, data in self._way.body():
            _sleep(self._way, pause_s)
            yield data


class _AsyncStream(httpx.AsyncByteStream):
    def __init__(self, way: _Way):
        self._way = way

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for pause_s, data in self._way.body():
            await _asleep(self._way, pause_s)
            yield data
