"""One connection to the target: a request goes out, its answer comes back, and not a byte more."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import h11
import httpcore

from conformance.client.exchange import Failure
from conformance.client.wire.answer import Answer, UnusableAnswerError, collected
from conformance.client.wire.connecting import Way, authority, connect, reason
from conformance.client.wire.proxies import made_by_proxy
from conformance.client.wire.stream import Deadline, receive, receive_head
from conformance.contract.comparing import shorten
from conformance.contract.verdict import Blame

LARGEST_HEAD = 100 * 1024
"""Bytes that the head of an answer may have."""
ALWAYS_SIZED = ("POST", "PUT", "PATCH")
"""Methods that say how long their body is even if they have none (RFC 9110, 8.6)."""
TIRED_OF_WAITING = b"HTTP/1.1 408"
"""What a server may say on an idle connection before it closes that (RFC 9110, 15.5.9)."""


@dataclass(frozen=True)
class Shot:
    """One request, ready to send."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None


class Line:
    """A connection to the target, which carries one request after the other.

    Answers are told apart by their framing alone (RFC 9112, 6.3). Bytes that no answer accounts for would be
    taken for the next answer, so they make the answer before them unusable and the connection, too.
    """

    def __init__(self, url: str, way: Way, deadline: Deadline) -> None:
        """Connect; raises `NOT_CONNECTED`."""
        parts = urlsplit(url)
        self._way = way
        self._host = authority(parts)
        self._forwarder = way.proxy if parts.scheme == "http" else None
        self._wire = connect(parts, way, deadline)
        self._machine = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGEST_HEAD)
        self._held = b""
        self._broken = self._sloppy = False
        self.rests_since = time.monotonic()

    def begin(self, shot: Shot, deadline: Deadline, *, held: int = 0) -> Failure | None:
        """Send a request but for its last `held` bytes; return why it cannot be sent, None if it could.

        A connection that ends meanwhile shows when the answer is read: there may be one.
        """
        try:
            content = self._request(shot)
        except (h11.LocalProtocolError, ValueError) as error:
            return Failure(Blame.HARNESS, f"cannot be sent: {reason(error)}", sent=False)
        self._held = content[len(content) - held :]
        self._send(content[: len(content) - held], deadline)
        return None

    def release(self, deadline: Deadline) -> None:
        """Send what was held back."""
        self._send(self._held, deadline)

    def _send(self, content: bytes, deadline: Deadline) -> None:
        try:
            self._wire.write(content, deadline)
        except (OSError, httpcore.NetworkError, httpcore.TimeoutException):
            self._broken = True

    def _request(self, shot: Shot) -> bytes:
        path = "/" + "".join(shot.url.split("/", 3)[3:])  # as it is written: nothing resolves `..` in it
        headers = {"host": self._host, **(self._forwarder.headers if self._forwarder else {}), **shot.headers}
        if shot.content is not None or shot.method in ALWAYS_SIZED:
            headers["content-length"] = str(len(shot.content or b""))
        where = f"http://{self._host}{path}" if self._forwarder else path
        request = h11.Request(method=shot.method, target=where, headers=list(headers.items()))
        parts = [self._machine.send(request)]
        if shot.content:
            parts.append(self._machine.send(h11.Data(shot.content)))
        return b"".join(part or b"" for part in (*parts, self._machine.send(h11.EndOfMessage())))

    def answer(self, deadline: Deadline) -> Answer | Failure:
        """Return the whole answer, or why there is none."""
        limits = self._way.limits
        try:
            return self._answer(deadline)
        except (TimeoutError, httpcore.TimeoutException):
            return Failure(Blame.TARGET, f"no whole answer within {limits.total:g} s "
                           f"or a silence of {limits.silence:g} s")  # fmt: skip
        except UnusableAnswerError as error:
            return Failure(Blame.TARGET, str(error))
        except (OSError, httpcore.NetworkError, h11.RemoteProtocolError, zlib.error, ValueError) as error:
            return Failure(Blame.TARGET, f"broken answer: {reason(error)}")

    def _answer(self, deadline: Deadline) -> Answer | Failure:
        head = receive_head(self._machine, self._wire, deadline)
        headers: dict[str, str] = {}
        for name, value in head.headers:
            headers.setdefault(name.decode("latin-1"), value.decode("latin-1"))
        encoding = headers.get("content-encoding", "identity").strip().lower()
        content = collected(self._body(deadline, headers), encoding, self._way.limits.body)
        self._check_end()
        if self._forwarder and made_by_proxy(head.status_code, headers, content):
            reason = shorten(head.reason.decode("latin-1"), 60)
            return Failure(Blame.NETWORK, self._forwarder.refused(head.status_code, reason, "a request"))
        return Answer(head.status_code, headers, content)

    def _body(self, deadline: Deadline, headers: Mapping[str, str]) -> Iterator[bytes]:
        """Yield the parts of a body; raises UnusableAnswerError when two lengths contradict each other."""
        size = 0
        while isinstance(event := receive(self._machine, self._wire, deadline), h11.Data):
            size += len(event.data)
            yield bytes(event.data)
        if "transfer-encoding" in headers and (length := headers.get("content-length")):
            # Both at once are forbidden, and what they delimit is anybody's guess unless they agree.
            self._sloppy = True
            if int(length) != size:
                raise UnusableAnswerError(
                    f"broken framing: chunks of {size} bytes with Content-Length {length}"
                )

    def _check_end(self) -> None:
        """Raise UnusableAnswerError if anything follows the answer."""
        behind = self._machine.trailing_data[0] or self._wire.at_hand()
        if behind:
            raise UnusableAnswerError(f"broken framing: {_described(behind)} behind the answer")

    def is_quiet(self) -> bool:
        """Tell whether a request may be sent: the connection is open, and nothing has come unasked.

        If something has, closes the connection and raises UnusableAnswerError.
        """
        came = self._wire.at_hand()
        if came and not came.startswith(TIRED_OF_WAITING):
            self.close()
            raise UnusableAnswerError(f"broken framing: {_described(came)} before anything was asked")
        return came is None

    def rest(self) -> bool:
        """Make ready for another request; return whether there can be one."""
        done = self._machine.our_state is h11.DONE and self._machine.their_state is h11.DONE
        if not done or self._sloppy or self._broken:
            return False
        self._machine.start_next_cycle()
        self.rests_since = time.monotonic()
        return True

    def close(self) -> None:
        """Close the connection."""
        self._wire.close()


def _described(content: bytes) -> str:
    return f"{len(content)} bytes ({shorten(repr(content[:40]), 80)})"
