"""One update, and whether a deployment shows what it sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.client.api import Api
from conformance.client.calls.guarded import Variant
from conformance.client.exchange import Exchange


@dataclass(frozen=True)
class Change:
    """One update: what was sent, the read before it, its answer and the read after it."""

    sent: Mapping[str, object]
    before: Exchange
    answer: Exchange
    after: Exchange


def change_to(
    api: Api,
    deployment_id: str,
    before: Exchange,
    sent: Mapping[str, object],
    what: str = "",
    *,
    content: bytes = b"",
) -> Change:
    """Send an update and read once it shows; `before` shows the state before it.

    `content` is `sent` as it is to be written, if it is not in the way of all other requests.
    """
    label = f"update {what or next(iter(sent), 'nothing')}"
    variant: Variant = {"label": label, "content": content} if content else {"label": label}
    answer = api.update(deployment_id, sent, **variant)
    after = api.get_until(deployment_id, lambda state: shows(state, sent))
    return Change(sent, before, answer, after)


def shows(state: object, sent: Mapping[str, object]) -> bool:
    """Tell whether a deployment shows what an update sent; objects may hold more, events look otherwise."""
    return isinstance(state, dict) and all(_shows(state.get(key), value) for key, value in sent.items())


def _shows(value: object, wanted: object) -> bool:
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(_shows(value.get(key), part) for key, part in wanted.items())
    if isinstance(wanted, list):
        return isinstance(value, list) and len(value) == len(wanted)
    return value == wanted or (wanted == "" and value is None)  # no page tells them apart


def shows_text(value: object, text: str) -> bool:
    """Tell whether a text stands somewhere in a JSON value, in whichever form events have (N47)."""
    return text in json.dumps(value, ensure_ascii=False)
