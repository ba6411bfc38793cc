"""What befell each deployment and what reads of it showed, as all exchanges of a run tell it.

Only one story at a time changes a deployment, so that what is known of one follows from its exchanges in
their order. What others read of it, with credentials other than its maker's, says nothing of its state.
Requests that overlapped have no order: from then on nothing is known until the next change or read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from conformance.client.answers import created_id
from conformance.client.exchange import Exchange
from conformance.contract.comparing import changes

NAMED = re.compile(r"/deployments/([^/?]+)(?:/([^/?]+))?$")
MADE = re.compile(r"/deployments$")
LATE = timedelta(seconds=1)
"""How long after a change a read that still shows what was before is not called stale: it may lag behind."""
GATEWAY = (429, 502, 503, 504)
"""Refusals that need not come from the service itself, and so say nothing of what was done."""
KEY = "idempotency-key"
ROUNDING = timedelta(milliseconds=1)
"""By how much times in a saved run may be off."""


@dataclass(frozen=True)
class AcceptedChange:
    """An accepted change and the reads of the deployment until the next one that was accepted.

    `verb` is the action's name or `update`, `state` what was answered; `earlier` are the states that answers
    showed before.
    """

    verb: str
    answer: Exchange
    state: Mapping[str, Any]
    earlier: Sequence[Mapping[str, Any]]
    reads: list[Exchange] = field(default_factory=list)

    @property
    def is_visible(self) -> bool:
        """Whether reads show if they are from before or after the change."""
        return bool(self.earlier) and _differ(self.earlier[-1], self.state)

    def is_stale(self, read: Exchange) -> bool:
        """Tell whether a read shows one of the states from before the change."""
        return not self.is_current(read) and any(not _differ(one, read.json) for one in self.earlier)

    def is_current(self, read: Exchange) -> bool:
        """Tell whether a read shows what the change answered."""
        return not _differ(self.state, read.json)

    def is_late(self, read: Exchange) -> bool:
        """Tell whether a read was sent so long after the change that it should not lag behind any more."""
        return self.age(read) >= LATE

    def age(self, read: Exchange) -> timedelta:
        """Return how long after the answer to the change a read was sent."""
        return read.sent_at - ended(self.answer)


@dataclass(frozen=True)
class RefusedInterval:
    """Refused requests between two reads of a deployment, of several the last; `after` may also be a 404."""

    before: Exchange
    refused: Sequence[Exchange]
    after: Exchange


def histories(exchanges: Iterable[Exchange]) -> Mapping[str, Sequence[Exchange]]:
    """Return the exchanges that name each deployment, its creation included, in their order."""
    found: defaultdict[str, list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        if one := named(exchange):
            found[one[0]].append(exchange)
        elif exchange.method == "POST" and MADE.search(exchange.path) and (made := created_id(exchange)):
            found[made].append(exchange)
    ordered = {name: sorted(one, key=lambda exchange: exchange.number) for name, one in found.items()}
    return {name: [each for each in one if _is_owners(each, one[0])] for name, one in ordered.items()}


def begins(history: Sequence[Exchange]) -> bool:
    """Tell whether a history begins with the creation: that of what a clean-up found begins otherwise."""
    return named(history[0]) is None


def _is_owners(exchange: Exchange, first: Exchange) -> bool:
    """Tell whether an exchange is no read with other credentials than those of the first."""
    return exchange.method != "GET" or credentials(exchange) == credentials(first)


def credentials(exchange: Exchange) -> list[str]:
    """Return the headers that name the variable of a credential, which is all that is kept of it."""
    return sorted(value for value in exchange.request_headers.values() if "$" in value)


def unasked(history: Sequence[Exchange]) -> Iterator[tuple[Exchange, Exchange]]:
    """Yield answers to requests, each with a read after it that shows what no answer had shown.

    A read that shows an earlier state may lag behind; one of another deployment says nothing.
    """
    current, known = None, list[Exchange]()
    together = overlapping(history)
    for exchange in history:
        shown = exchange.succeeded and _shows(exchange, created_id(history[0]))
        if exchange.method != "GET":
            current = exchange if shown and exchange.number not in together else None
            known += [exchange] if shown else []
        elif current and shown and _is_read(exchange) and not any(_alike(one, exchange) for one in known):
            yield current, exchange


def _shows(exchange: Exchange, deployment_id: str | None) -> bool:
    return isinstance(exchange.json, dict) and exchange.json.get("id") == deployment_id


def _alike(one: Exchange, other: Exchange) -> bool:
    """Tell whether two answers show one state; in which form events are shown may differ (N47)."""
    before, after = (answer.json if isinstance(answer.json, dict) else {} for answer in (one, other))
    return not changes(before, after, ("initial_events",))


def named(exchange: Exchange) -> tuple[str, str] | None:
    """Return the deployment that a request names and what it asks of it, None when it names none."""
    match = NAMED.search(exchange.path)
    return (unquote(match[1]), match[2] or "") if match else None


def accepted_changes(history: Sequence[Exchange]) -> Iterator[AcceptedChange]:
    """Yield each change of a deployment that was accepted, with the reads that followed it."""
    earlier: list[Mapping[str, Any]] = []
    change: AcceptedChange | None = None
    together = overlapping(history)
    again = repeated(history)
    for exchange in history:
        if _is_read(exchange):
            if change and exchange.succeeded:
                change.reads.append(exchange)
        elif exchange.method == "GET" or is_refused(exchange) or exchange.number in again:
            continue
        elif exchange.number in together or not exchange.succeeded or exchange.retries:
            yield from [change] if change else []
            earlier, change = [], None
        elif isinstance(exchange.json, dict):
            yield from [change] if change else []
            earlier = [*earlier, change.state] if change else earlier
            change = AcceptedChange(_verb(exchange), exchange, exchange.json, earlier)
    yield from [change] if change else []


def gaps(history: Sequence[Exchange]) -> Iterator[RefusedInterval]:
    """Yield what was refused between two reads of a deployment, if nothing else was asked of it there."""
    before: Exchange | None = None
    after: Exchange | None = None
    between: list[Exchange] = []
    together = overlapping(history)
    for exchange in history:
        if exchange.method == "GET":
            after = exchange if _is_read(exchange) and _shows_state(exchange) else after
            continue
        if before and after and between:
            yield RefusedInterval(before, between, after)
        if after or not is_refused(exchange) or exchange.number in together:
            before, between = (after if after and after.succeeded else None), []
        if is_refused(exchange) and exchange.number not in together:
            between = [*between, exchange]
        else:
            before = None
        after = None
    if before and after and between:
        yield RefusedInterval(before, between, after)


def is_refused(exchange: Exchange) -> bool:
    """Tell whether the service refused a request; what a gateway answers, or loses, says nothing."""
    status = exchange.status or 0
    return status >= 400 and status not in GATEWAY and not exchange.retries  # noqa: PLR2004 (HTTP)


def _shows_state(read: Exchange) -> bool:
    return read.succeeded or read.status == HTTPStatus.NOT_FOUND


def _is_read(exchange: Exchange) -> bool:
    found = named(exchange)
    return exchange.method == "GET" and found is not None and not found[1]


def _verb(exchange: Exchange) -> str:
    found = named(exchange)
    return (found[1] or "update") if found else "create"


def overlapping(history: Sequence[Exchange]) -> set[int]:
    """Return the numbers of requests that were sent before the one before them was answered, and of those."""
    return {
        number
        for one, other in pairwise(history)
        if other.sent_at <= max(one.sent_at, ended(one) - ROUNDING)
        for number in (one.number, other.number)
    }


def repeated(history: Sequence[Exchange]) -> set[int]:
    """Return the numbers of requests whose key was sent before: the first answer comes again."""
    keys: set[str] = set()
    found: set[int] = set()
    for exchange in history:
        key = exchange.request_headers.get(KEY)
        found |= {exchange.number} if key in keys else set()
        keys |= {key} if key else set()
    return found


def ended(exchange: Exchange) -> datetime:
    """Return when the last attempt of a request was answered."""
    return exchange.sent_at + timedelta(seconds=exchange.seconds)


def _differ(one: object, other: object) -> bool:
    return not (isinstance(one, dict) and isinstance(other, dict)) or bool(changes(one, other))
