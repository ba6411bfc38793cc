"""An answer as it is handed on: bounded, decoded, and whole."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from conformance.contract.comparing import shorten
from conformance.errors import ConformanceError


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one request: seconds to connect, to wait for a byte, for the whole answer; bytes of body."""

    connect: float = 5.0
    silence: float = 30.0
    total: float = 60.0
    body: int = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: status, lower-case headers (the first of each name) and the decoded body."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class UnusableAnswerError(ConformanceError):
    """An answer that is not looked at any further; the text says why, on the account of the target."""


GZIP_MEMBER = b"\x1f"
"""How each member of a gzip body begins; other bytes behind one are padding."""
MOST_VALUES = 200_000
"""JSON values that an answer may hold: a thousand large deployments have fewer."""


def collected(chunks: Iterable[bytes], encoding: str, cap: int) -> bytes:
    """Return a whole body, decoded; it is read no further than `cap` bytes, coded or decoded.

    Raises UnusableAnswerError for a body that is too large, ValueError or zlib.error for a broken one.
    """
    content = bytearray()
    for part in decoded(_within(chunks, cap), encoding, cap):
        content += part
        _check_size(len(content), cap)
    if len(content) > MOST_VALUES and sum(map(content.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise UnusableAnswerError(f"the answer holds more than {MOST_VALUES} values")
    return bytes(content)


def _within(chunks: Iterable[bytes], cap: int) -> Iterator[bytes]:
    """Yield chunks up to a size: members of gzip without content would never fill a body."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        _check_size(size, cap)
        yield chunk


def _check_size(size: int, cap: int) -> None:
    if size > cap:
        raise UnusableAnswerError(f"the answer is larger than {cap} bytes")


def decoded(chunks: Iterable[bytes], encoding: str, cap: int) -> Iterator[bytes]:
    """Undo a content encoding piece by piece, so that a bomb is noticed before it fills the memory.

    A gzip body may have several members (RFC 1952, 2.2).
    """
    if encoding in {"", "identity"}:
        yield from chunks
        return
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise ValueError(f"content-encoding {shorten(encoding, 40)!r} was not asked for")
    wbits = 47 if encoding != "deflate" else 15
    inflater = None
    for chunk in chunks:
        rest = chunk
        while rest:
            if inflater is None or inflater.eof:
                if inflater and not rest.startswith(GZIP_MEMBER):
                    break
                inflater = zlib.decompressobj(wbits)
            yield inflater.decompress(rest, cap + 1)
            rest = inflater.unused_data
    if inflater and not inflater.eof:
        raise ValueError("the compressed body ends too early")
