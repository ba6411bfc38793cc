"""A walk that broke a promise, as a story: its steps, and what each answer showed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from conformance.client.exchange import Exchange
from conformance.client.routes import segment
from conformance.contract.comparing import shorten, without
from conformance.contract.timeline import Timeline
from conformance.suite.exploration.driver import FoundError
from conformance.suite.shared.list_pages import ids

HIDDEN = ("metadata.cas_config", "schedule.upcoming_runs_at")
SHOWN_FIELDS = (
    "name", "status", "paused_reason", "schedule", "metadata", "description", "archived_at", "updated_at",
)  # fmt: skip
SHOWN_ANSWER = 900


def walk_timeline(found: FoundError, exchanges: Sequence[Exchange], letters: Mapping[str, str]) -> Timeline:
    """Return a failure as numbered steps; a read that was repeated until it held is one step.

    `letters` names the deployments of the walk by id.
    """
    known: dict[str, Mapping[str, object]] = {}
    return tuple(
        replace(
            one.reported(),
            label=_words(one, letters),
            step=number,
            gist=shorten(_gist(one, letters, known), SHOWN_ANSWER),
            culprit=one.number in found.error.culprits,
        )
        for number, one in enumerate(_once(exchanges), 1)
    )


def concerning(
    exchanges: Sequence[Exchange], letters: Mapping[str, str], found: FoundError
) -> list[Exchange]:
    """Return the exchanges of one walk: those on its deployments, and those that show what was found."""
    return [
        one
        for one in exchanges
        if one.number in found.error.culprits
        or _made(one) in letters
        or any(f"/deployments/{segment(made)}" in one.url for made in letters)
    ]


def _once(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Return the exchanges without the reads that were repeated at once, the last of each kept."""
    following = [*exchanges[1:], None]
    return [
        one
        for one, after in zip(exchanges, following, strict=True)
        if not (after and one.method == after.method == "GET" and one.url == after.url)
    ]


def _gist(exchange: Exchange, letters: Mapping[str, str], known: dict[str, Mapping[str, object]]) -> str:
    """Return what matters of an answer: of a deployment what is not as it is `known`, of a list what is ours.

    What it shows of a deployment is known from then on.
    """
    document = exchange.json if isinstance(exchange.json, dict) else {}
    if isinstance(document.get("data"), list):
        held = ids(exchange)
        ours = ", ".join(letters[one] for one in held if one in letters)
        return f"holds {ours or 'none'} of this walk among {len(held)} deployments"
    if document.get("type") != "deployment":
        return exchange.body
    shown = without({name: document[name] for name in SHOWN_FIELDS if name in document}, HIDDEN)
    before = known.get(str(document.get("id")), {})
    known[str(document.get("id"))] = shown
    new = {name: value for name, value in shown.items() if name not in before or before[name] != value}
    return json.dumps(new, ensure_ascii=False) + (", all else as before" if before else "")


def _words(exchange: Exchange, letters: Mapping[str, str]) -> str:
    """Return what a step does; reads name the deployment, or the query of a list."""
    if exchange.method != "GET":
        return exchange.label
    read = [letter for one, letter in letters.items() if f"/deployments/{segment(one)}" in exchange.url]
    return f"read {read[0]}" if read else f"list {urlsplit(exchange.url).query}"


def _made(exchange: Exchange) -> str:
    """Return the id of the deployment that an exchange made, or an empty text."""
    if exchange.method != "POST" or not exchange.path.endswith("/deployments"):
        return ""
    document = exchange.json if isinstance(exchange.json, dict) else {}
    return str(document.get("id", "")) if exchange.succeeded else ""
