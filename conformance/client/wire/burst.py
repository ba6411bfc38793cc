"""Requests that arrive together: every one is sent but for its last byte, then all last bytes at once.

Threads alone spread their requests over tens of milliseconds, and a race inside the target is missed;
held-back last bytes arrive within a fraction of one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from conformance.client.exchange import Failure
from conformance.client.wire.answer import Answer
from conformance.client.wire.connection import Line, Shot
from conformance.client.wire.stream import Deadline

Connecting = Callable[[str, Deadline], Line | Failure]
HOLD_SECONDS = 0.02
"""How long the requests lie ready, all but their last bytes, before those follow."""


@dataclass(frozen=True)
class Hit:
    """What became of one request of a volley, and the seconds from the release of all to its answer."""

    answer: Answer | Failure
    seconds: float


def fire(shots: Sequence[Shot], connect: Connecting, deadline: Deadline) -> list[Hit]:
    """Send all requests so that they arrive together; return what became of each, in the same order.

    `connect` returns a connection to a URL that carried no request before, or why there is none.
    """
    with ThreadPoolExecutor(max_workers=len(shots)) as pool:
        lines = list(pool.map(lambda shot: _load(shot, connect, deadline), shots))
        time.sleep(HOLD_SECONDS)
        released = time.monotonic()
        for line in lines:
            if isinstance(line, Line):
                line.release(deadline)
        return list(pool.map(lambda line: _hit(line, released, deadline), lines))


def _load(shot: Shot, connect: Connecting, deadline: Deadline) -> Line | Failure:
    line = connect(shot.url, deadline)
    if isinstance(line, Failure):
        return line
    last = replace(shot, headers={**shot.headers, "connection": "close"})
    failure = line.begin(last, deadline, held=1)
    if failure:
        line.close()
    return failure or line


def _hit(line: Line | Failure, released: float, deadline: Deadline) -> Hit:
    if isinstance(line, Failure):
        return Hit(line, 0.0)
    answer, seconds = line.answer(deadline), time.monotonic() - released
    line.close()
    return Hit(answer, seconds)
