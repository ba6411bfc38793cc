"""Property searches over updates."""

from __future__ import annotations

from conformance.contract.judgement import (
    answered,
    broken,
    changes,
    expect_error,
    expect_object,
    expect_success,
    expect_unchanged,
)
from conformance.exploration._cases import reader
from conformance.exploration._parts import BOUNDARIES, Part, expect_read_back, refused_legally
from conformance.exploration._violations import METADATA_LIMIT, UPDATE_LIMITS, Violation
from conformance.exploration.registry import Searched, search
from conformance.stories.values import yearly
from conformance.target.api import Api, Created
from conformance.target.exchange import Exchange

CHANGED = {
    "name": "update.is-stored",
    "description": "update.is-stored",
    "metadata": "update.metadata-is-merged",
    "initial_events": "update.events-are-replaced",
}
"""The promise that an update of each field is carried out."""


@search("property.valid-updates", reads=reader(Part))
def valid_updates(api: Api) -> Searched:
    """Updates of one field with an unusual but valid value are stored, and nothing else changes."""
    from conformance.exploration._explore import explore
    from conformance.exploration._strategies import parts

    return explore(api, parts(), lambda part: _update_with(api, part), first=BOUNDARIES)


def _update_with(api: Api, part: Part) -> None:
    from conformance.exploration._explore import upholding

    made = api.create_deployment()
    try:
        sent = part.sent(api)
        exchange = api.update(made.id, sent, label=f"update with {part}")
        if refused_legally(answered(exchange), part, bytes_may_count=True):
            return
        with upholding(CHANGED[part.field]):
            expect_success(exchange)
            read = api.get(made.id, label=f"read it ({part})")
            expect_read_back(read, sent)
        with upholding("update.keeps-what-was-not-sent"):
            _expect_kept(made.exchange, read, part.field)
    finally:
        api.archive(made.id, label="archive it")


def _expect_kept(before: Exchange, after: Exchange, field: str) -> None:
    """Expect a read to show what the creation answered, but for the field that was sent."""
    changed = changes(expect_object(before), expect_object(after), but=(field, "updated_at"))
    if changed:
        raise broken(f"only {field} to have changed ({after.label})", "; ".join(changed), before, after)


@search("property.invalid-updates", reads=reader(Violation))
def invalid_updates(api: Api) -> Searched:
    """Updates one step outside a documented limit are refused and change nothing."""
    from conformance.exploration._explore import explore
    from conformance.exploration._strategies import invalid_updates as strategy

    full = {f"key {n}": "value" for n in range(METADATA_LIMIT)}
    made = api.create_deployment(schedule=yearly(), metadata=full)
    api.wait_for_next_second()
    try:
        return explore(
            api,
            strategy(),
            lambda violation: _update_against(api, made, violation),
            first=UPDATE_LIMITS,
            background=[made.exchange],
        )
    finally:
        api.archive(made.id, label="archive it")


def _update_against(api: Api, made: Created, violation: Violation) -> None:
    from conformance.exploration._explore import upholding

    before = answered(api.get(made.id, label="read before the update"))
    exchange = api.update(made.id, violation.applied(api, {}), label=f"update with {violation}")
    with upholding(violation.requirement):
        expect_error(exchange, *violation.statuses, kind="invalid_request_error")
    with upholding("errors.refused-changes-nothing"):
        expect_unchanged(before, api.get(made.id, label="read after the refused update"))
