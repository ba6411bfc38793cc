"""The lifecycle search that sends nothing: what all stories did to deployments, beside what is predicted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from conformance.client.answers import items
from conformance.client.api import Api
from conformance.client.exchange import Exchange, timeline
from conformance.contract.catalogue import load_catalogue
from conformance.contract.judgement import broken
from conformance.contract.lifecycle import Contradiction, model_of
from conformance.contract.verdict import BrokenPromiseError, Finding
from conformance.suite.engine.registry import load_stories
from conformance.suite.engine.runner import ALONE
from conformance.suite.exploration.model.followed import (
    Followed,
    Snapshot,
    denials_in_list,
)
from conformance.suite.exploration.registry import Searched, search
from conformance.suite.judging.histories import begins, ended, histories

SHOWN = 12
"""How many exchanges of a deployment are told with what it breaks: those before the answer that shows it."""
MOST_FOLLOWED = 8 * 1024 * 1024
"""Bytes of the answers that are followed: what is known is kept, and takes ten times as much."""


@search("model.stories")
def stories(api: Api) -> Searched:
    """Follow each deployment that a story made; send nothing."""
    exchanges = _sent_by_stories(api)
    model = model_of(api.target.profile, frozenset(api.target.settings.open_promises))
    bound = {one.id for one in load_catalogue(api.target.settings.profile) if not one.unbound}
    found: dict[str, Finding] = {}

    def accuse(requirement: str, error: BrokenPromiseError, shown: Sequence[Exchange]) -> None:
        if requirement in bound:
            found.setdefault(requirement, _finding(requirement, error, shown))

    # A request has its number before it waits for its turn: one with a higher number may be sent before it.
    by_deployment = {name: sorted(one, key=_sent_at) for name, one in histories(exchanges).items()}
    made = fitting({name: one for name, one in by_deployment.items() if begins(one)})
    snapshots: dict[str, Sequence[Snapshot]] = {}

    for name, history in made.items():
        followed = Followed(model, history)
        followed.follow()
        if followed.broken:
            accuse(*followed.broken, history)
        else:
            snapshots[name] = followed.snapshots
    for requirement, error, page in _of_lists(exchanges, snapshots):
        accuse(requirement, error, [page])
    return Searched(tuple(found.values()), len(made))


def _sent_by_stories(api: Api) -> list[Exchange]:
    """Return the exchanges of stories of the core; of stories that had to be told again, those alone."""
    core = {name for name, one in load_stories().items() if one.tier == "core"}
    sent = [e for e in api.target.exchanges() if e.story.removesuffix(ALONE) in core]
    alone = [e for e in sent if e.story.endswith(ALONE)]
    return alone if alone or api.story.endswith(ALONE) else sent


def fitting(candidates: Mapping[str, Sequence[Exchange]]) -> dict[str, Sequence[Exchange]]:
    """Return the histories that there is room for, the smallest if not all."""
    left, fit = MOST_FOLLOWED, set[str]()
    for name in sorted(candidates, key=lambda name: _size(candidates[name])):
        left -= _size(candidates[name])
        if left < 0:
            break
        fit.add(name)
    return {name: history for name, history in candidates.items() if name in fit}


def _size(history: Sequence[Exchange]) -> int:
    return sum(exchange.size for exchange in history)


def _sent_at(exchange: Exchange) -> datetime:
    return exchange.sent_at


def _of_lists(
    exchanges: Iterable[Exchange], snapshots: Mapping[str, Sequence[Snapshot]]
) -> Iterable[tuple[str, BrokenPromiseError, Exchange]]:
    """Yield what lists show of deployments that nothing was asked of meanwhile."""
    for page in exchanges:
        parts = urlsplit(page.url)
        if page.method != "GET" or not parts.path.endswith("/deployments") or not page.succeeded:
            continue
        query = parse_qs(parts.query)
        # What a query of no documented value lists is open.
        hides = query.get("include_archived", ["false"]) == ["false"] and query.get("status") != ["archived"]
        for item in items(page):
            name = str(item.get("id"))
            if name not in snapshots:
                continue
            if hides and item.get("archived_at") is not None:
                wanted = f"no archived {name} in answer to {page.label}"
                yield "archive.hides-from-list", broken(wanted, "a list with it", page), page
            for denied in _denied_of(item, page, snapshots[name]):
                wanted = f"{denied.field} of {name} to be {denied.expected} in answer to {page.label}"
                yield "list.items-are-current", broken(wanted, denied.got, page, at=denied.field), page


def _denied_of(
    item: Mapping[str, Any], page: Exchange, snapshots: Sequence[Snapshot]
) -> Iterable[Contradiction]:
    for one in snapshots:
        if one.since <= page.sent_at and ended(page) <= one.until:
            return denials_in_list(one, item)
    return ()


def _finding(requirement: str, error: BrokenPromiseError, history: Sequence[Exchange]) -> Finding:
    last = max(error.culprits, default=0)
    steps = [one for one in history if one.number <= last][-SHOWN:]
    shown, about = timeline(steps, error.culprits), (error.culprits, error.at, error.statuses)
    return Finding(requirement, error.expected, error.got, shown, "", *about)
