"""What befell a deployment, as exchanges of a whole run tell it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from conformance.client.exchange import Exchange
from tests.suite.written import ARCHIVED, PAUSED, answer, deployment, error

BASE: Final = "https://deployments.example/api/deployments"
BEGAN: Final = datetime(2026, 7, 1, 2, 0, 0, tzinfo=UTC)
ID: Final = "dep_told_of"
SENT: Final = "Made by a conformance run (conformance-a1-told-1)."
ACTIVE: Final[Mapping[str, object]] = {"id": ID, "description": SENT}
LATER: Final = {"updated_at": "2026-07-01T02:00:08Z"}
NOW_PAUSED: Final[Mapping[str, object]] = {**ACTIVE, **PAUSED, **LATER}
NOW_ARCHIVED: Final[Mapping[str, object]] = {**ACTIVE, **ARCHIVED, **LATER}
Reads = Sequence[tuple[float, Mapping[str, object]]]
AT_ONCE, LATE = 0.05, 1.1
"""Seconds after a change at which a read may lag behind it, and at which it may not."""


def at(seconds: float, one: Exchange, method: str = "GET", path: str = f"/{ID}", **facts: object) -> Exchange:
    """Return an exchange so many seconds after the first, below the deployments of the target."""
    sent_at = BEGAN + timedelta(seconds=seconds)
    changed = {"method": method, "url": BASE + path, "sent_at": sent_at, **facts}
    return answer(one.json, one.status or 0, **changed)


def created(seconds: float = 0, **shown: object) -> Exchange:
    """Return the creation of the deployment."""
    body = json.dumps({"description": SENT})
    return at(seconds, deployment(**{**ACTIVE, **shown}), "POST", "", request_body=body, label="create")


def acted(seconds: float, action: str, **shown: object) -> Exchange:
    """Return an accepted action."""
    return at(seconds, deployment(**shown), "POST", f"/{ID}/{action}", label=action)


def read(seconds: float, **shown: object) -> Exchange:
    """Return a read."""
    return at(seconds, deployment(**shown))


def refused(seconds: float, method: str, path: str = "", status: int = 405, **facts: object) -> Exchange:
    """Return a refusal of what no page knows."""
    kind = "invalid_request_error"
    label = f"{method} {path}".strip()
    return at(seconds, error(status, kind), method, f"/{ID}{path}", probe=True, label=label, **facts)


def pausing(began: float, reads: Reads) -> Iterator[Exchange]:
    """Yield a pause, some reads so many seconds after it by what they show, and an unpause."""
    yield acted(began, "pause", **NOW_PAUSED)
    for seconds, shown in reads:
        yield read(began + seconds, **shown)
    yield acted(began + 3, "unpause", **ACTIVE)


def history() -> tuple[Exchange, ...]:
    """Return a deployment's life: a refused DELETE between reads, then a pause that reads at once and late show."""
    return (
        created(),
        read(1, **ACTIVE),
        refused(2, "DELETE"),
        read(3, **ACTIVE),
        acted(8, "pause", **NOW_PAUSED),
        *(read(8 + seconds, **NOW_PAUSED) for seconds in (AT_ONCE, LATE, LATE + 0.1)),
        refused(10, "POST", "/unarchive", status=404),
        read(11, **NOW_PAUSED),
    )


def pauses(*reads: Reads) -> tuple[Exchange, ...]:
    """Return a creation and pauses in turn, each with its reads."""
    made = created()
    return made, *(one for turn, shown in enumerate(reads, start=1) for one in pausing(10 * turn, shown))
