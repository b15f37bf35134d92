"""How a reply travels: in pieces, late, and with what goes wrong on the way."""

from __future__ import annotations

import http
import time
from typing import Iterator, NamedTuple, Optional

from .library import Reply

_STEP_S = 0.02  # how often somebody who waits looks whether the reply is still wanted
_DRIPS_PER_S = 50


class Piece(NamedTuple):
    pause_s: float  # to be waited before it
    data: bytes


class Cancelled(Exception):
    """Nobody waits for the reply any more; its connection is closed."""


class TooLate(Exception):
    """The patience for the reply ended while it was held."""


def head_of(reply: Reply) -> bytes:
    """Status line and header fields."""
    try:
        reason = http.HTTPStatus(reply.status).phrase
    except ValueError:
        reason = ""
    return f"HTTP/1.1 {reply.status} {reason}\r\n".encode() + reply.head + b"\r\n"


def sent(reply: Reply) -> bytes:
    """What comes through of the reply, status line included."""
    head = head_of(reply)
    if reply.ending == "empty":
        return b""
    if reply.ending == "truncated":
        return head + reply.body[:reply.after_bytes]
    if reply.ending == "reset":
        return (head + reply.body)[:reply.after_bytes]
    return head + reply.body


def pieces(reply: Reply) -> Iterator[Piece]:
    """What comes through, as it comes in; at least one piece, which may be empty."""
    data = sent(reply)
    delay_s, pace = reply.delay_ms / 1000, reply.drip_bytes_per_s
    if pace <= 0:
        yield Piece(delay_s, data)
        return
    size = max(1, pace // _DRIPS_PER_S)
    for begin in range(0, max(len(data), 1), size):
        yield Piece(size / pace + (0 if begin else delay_s), data[begin:begin + size])


def held_steps(timeout_s: Optional[float], reply: Reply) -> Iterator[float]:
    """What to sleep until the reply is let go. Who stops waiting gives it up. Raises Cancelled, and
    TooLate when the patience for it ends."""
    end = None if timeout_s is None else time.monotonic() + timeout_s
    try:
        while reply.is_held():
            if end is not None and time.monotonic() >= end:
                raise TooLate
            yield _STEP_S
            if reply.is_cancelled():
                raise Cancelled
    finally:
        if reply.is_held():
            reply.give_up()


def steps(pause_s: float, timeout_s: Optional[float], reply: Reply) -> Iterator[float]:
    """What to sleep before a piece comes, or the patience for it ends. Raises Cancelled."""
    end = time.monotonic() + (pause_s if timeout_s is None else min(pause_s, timeout_s))
    while (left := end - time.monotonic()) > 0:
        yield min(left, _STEP_S)
        if reply.is_cancelled():
            raise Cancelled
