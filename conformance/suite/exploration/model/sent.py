"""What the answer to an accepted creation or update shows of what it sent, whichever story sent it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from conformance.client.answers import body_of
from conformance.client.exchange import Exchange
from conformance.contract.comparing import MISSING, content_text, field, shorten
from conformance.contract.judgement import broken
from conformance.contract.lifecycle import Contradiction, Transition
from conformance.contract.verdict import BrokenPromiseError
from conformance.suite.exploration.properties.body_parts import canonical
from conformance.suite.shared.values import SCHEDULE_PARTS

OF_CREATIONS: Final[Mapping[str, str]] = {
    "name": "create.stores-what-was-sent",
    "description": "create.stores-what-was-sent",
    "environment_id": "create.stores-what-was-sent",
    "vault_ids": "create.stores-what-was-sent",
    "initial_events": "create.50-events-are-stored",
    "metadata": "create.metadata-at-its-limits-is-stored",
    "environment_variables": "create.environment-variables-are-stored",
    "schedule": "schedule.is-echoed",
}
OF_UPDATES: Final[Mapping[str, str]] = {
    **dict.fromkeys(OF_CREATIONS, "update.returns-full-object"),
    "initial_events": "update.events-are-replaced",
    "metadata": "update.metadata-is-merged",
}
"""The fields that show what was sent, each with the promise that it does."""
Agreement = Callable[[Any, Any], bool]


def another_answer(wanted: Transition, exchange: Exchange) -> BrokenPromiseError:
    """Return the exception that says that an answer is not the one of a transition."""
    said = f"{wanted.answer} to {exchange.label}"
    return broken(said, exchange.summary(), exchange, statuses=wanted.answer.statuses)


def unlike_what_was_sent(exchange: Exchange) -> Iterator[Contradiction]:
    """Yield the fields of an answer that deny what was sent, as far as it was of the documented type.

    Blanks at the ends of texts, their canonical form, the order of vaults and the form of contents are open.
    """
    document, body = exchange.json, body_of(exchange)
    if not isinstance(document, dict):
        return
    for name, agrees in AGREEMENTS.items():
        if body and name in body and name in document and not agrees(body[name], document[name]):
            sent = body[name]
            yield Contradiction(name, shorten(sent, 120), shorten(document[name], 120))


def _text(sent: Any, got: Any) -> bool:  # noqa: ANN401 (free JSON)
    return not isinstance(sent, str) or _plain(sent) == _plain("" if got is None else got)


def _plain(value: object) -> object:
    whole = canonical(value)
    return whole.strip() if isinstance(whole, str) else whole


def _vaults(sent: Any, got: Any) -> bool:  # noqa: ANN401 (the same)
    if not isinstance(sent, list) or not all(isinstance(one, str) for one in sent):
        return True
    return isinstance(got, list) and set(sent) == {one for one in got if isinstance(one, str)}


def _events(sent: Any, got: Any) -> bool:  # noqa: ANN401 (the same)
    if not isinstance(sent, list):
        return True
    return isinstance(got, list) and len(got) == len(sent) and all(map(_event, sent, got))


def _event(sent: object, got: object) -> bool:
    wanted, text = content_text(sent), content_text(got)
    alike = None in (wanted, text) or _plain(wanted) == _plain(text)
    return alike and field(sent, "type") == field(got, "type")


def _metadata(sent: Any, got: Any) -> bool:  # noqa: ANN401 (the same)
    """Tell whether each key is set that was sent; one that was sent as null is gone (N91)."""
    if not isinstance(sent, dict):
        return True
    shown = canonical(got)
    if not isinstance(shown, dict):
        return False
    kept = {canonical(key): entry for key, entry in sent.items()}
    return all(
        key not in shown if entry is None else _text(entry, shown.get(key, MISSING))
        for key, entry in kept.items()
    )


def _schedule(sent: Any, got: Any) -> bool:  # noqa: ANN401 (the same)
    if not isinstance(sent, dict):
        return True
    shown = {part: field(got, part) for part in SCHEDULE_PARTS}
    return got is not None and all(
        value is MISSING or _text(sent.get(part), value) for part, value in shown.items()
    )


AGREEMENTS: Final[Mapping[str, Agreement]] = {
    "name": _text,
    "description": _text,
    "environment_id": _text,
    "environment_variables": _text,
    "vault_ids": _vaults,
    "initial_events": _events,
    "metadata": _metadata,
    "schedule": _schedule,
}
