"""Property searches over updates."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.contract import limits
from conformance.contract.comparing import changes, field
from conformance.contract.judgement import answered, broken, expect_error, expect_object, expect_success
from conformance.suite.exploration.binding import binding
from conformance.suite.exploration.cases import groups, reader, together
from conformance.suite.exploration.driver import explore, upholding
from conformance.suite.exploration.kept_deployment import Kept, on_kept
from conformance.suite.exploration.properties.body_parts import (
    BOUNDARIES,
    BOUNDARY_BODIES,
    DRAWN_PER_BODY,
    RESERVED_KEY,
    BodyPart,
    bodies,
    expect_read_back,
    merged,
    random_bodies,
    refusable_apart,
    refused_legally,
)
from conformance.suite.exploration.properties.violations import (
    UPDATE_LIMITS,
    Violation,
    promised,
    read_violation,
)
from conformance.suite.exploration.registry import Searched, search
from conformance.suite.shared.values import yearly
from conformance.suite.update.refusals import FULL_METADATA

CHANGED = {
    "name": "update.is-stored",
    "description": "update.is-stored",
    "metadata": "update.metadata-is-merged",
    "initial_events": "update.events-are-replaced",
}
"""The promise that an update of each field is carried out."""
IN_CHARACTERS = {
    "name": "create.name-of-256-is-stored",
    "metadata": "create.metadata-at-its-limits-is-stored",
}
"""The promise that the limits of a field count characters; it is one of creations and updates alike."""
AT_ONCE = 8
"""How many refused updates are followed by one read that shows whether they changed anything."""


@search("property.valid-updates", reads=together(reader(BodyPart)))
def valid_updates(api: Api) -> Searched:
    """Updates with unusual but valid values are stored, and nothing else changes."""
    from conformance.suite.exploration.properties.strategies import parts

    most = random_bodies(api)

    def search_on(kept: Kept) -> Searched:
        return explore(
            api,
            parts,
            lambda some: _update_with(api, kept, some),
            first=bodies(_promised(BOUNDARIES), BOUNDARY_BODIES),
            background=kept.background,
            grouped=lambda some: bodies(_promised(some), most),
            count=most * DRAWN_PER_BODY,
        )

    return on_kept(api, search_on)


def _promised(parts: Sequence[BodyPart]) -> list[BodyPart]:
    """Return the parts that the target's vendor promises to change."""
    return binding(parts, lambda one: CHANGED[one.field])


def _update_with(api: Api, kept: Kept, parts: Sequence[BodyPart]) -> None:
    sent = merged(api, parts)
    before = _ready(api, kept, sent)
    wanted = {**sent, "metadata": {**_bag(before), **_texts(sent.get("metadata"))}}
    what = ", ".join(map(str, parts))
    exchange = api.update(kept.id, sent, label=f"update with {what}")
    if refused_legally(answered(exchange), parts, bytes_may_count=True):
        for some in refusable_apart(parts, bytes_may_count=True):
            _update_with(api, kept, some)
        _expect_in_characters(exchange, parts)
        return
    with upholding(CHANGED[parts[0].field]):
        expect_success(exchange)
    read = kept.after(f"read it ({what})")
    for part in parts:
        with upholding(CHANGED[part.field], part):
            expect_read_back(read, {part.field: wanted[part.field]})
    with upholding("update.keeps-what-was-not-sent"):
        _expect_kept(before, read, sent)


def _expect_in_characters(exchange: Exchange, parts: Sequence[BodyPart]) -> None:
    """Expect a value that is too long only if bytes are counted to be taken, where it was sent alone."""
    part, *others = parts
    if others or part.refusable:
        return
    with upholding(IN_CHARACTERS[part.field], part):
        expect_success(exchange)


def _ready(api: Api, kept: Kept, sent: Mapping[str, object]) -> Exchange:
    """Return a read of the deployment, whose metadata are emptied if they leave no room for others.

    Where they stay, it is a new one.
    """
    before = kept.before()
    if "metadata" not in sent or not _is_full(before, sent):
        return before
    api.update(kept.id, {"metadata": dict.fromkeys(_bag(before))}, label="empty its metadata")
    kept.after("read it without metadata")
    before = kept.before()
    if _is_full(before, sent):
        kept.renew()
        return kept.before()
    return before


def _is_full(before: Exchange, sent: Mapping[str, object]) -> bool:
    return len({**_bag(before), **_texts(sent["metadata"])}) > limits.METADATA_KEYS


def _bag(read: Exchange) -> dict[str, str]:
    """Return the metadata of a deployment, but for the key that the server keeps for itself."""
    return {key: value for key, value in _texts(field(read.json, "metadata")).items() if key != RESERVED_KEY}


def _texts(bag: object) -> dict[str, str]:
    return bag if isinstance(bag, dict) else {}


def _expect_kept(before: Exchange, after: Exchange, sent: Collection[str]) -> None:
    """Expect a read to show what the one before did, but for the fields that were sent."""
    changed = changes(expect_object(before), expect_object(after), but=(*sent, "updated_at"))
    if changed:
        fields = " and ".join(sent)
        raise broken(f"only {fields} to have changed ({after.label})", "; ".join(changed), before, after)


@search("property.invalid-updates", reads=together(read_violation))
def invalid_updates(api: Api) -> Searched:
    """Updates one step outside a documented limit are refused and change nothing."""
    from conformance.suite.exploration.properties.strategies import invalid_updates as strategy

    kept = Kept.create(api, schedule=yearly(timezone="UTC"), metadata=FULL_METADATA)
    api.wait_for_next_second()
    try:
        return explore(
            api,
            strategy,
            lambda violations: _update_against(api, kept, violations),
            first=groups(promised(api, UPDATE_LIMITS), AT_ONCE),
            background=kept.background,
            grouped=lambda drawn: groups(promised(api, drawn), AT_ONCE),
        )
    finally:
        kept.put_away()


def _update_against(api: Api, kept: Kept, violations: Sequence[Violation]) -> None:
    """Send updates, each of which must be refused; together they change nothing."""
    before = kept.before()
    for violation in violations:
        since = api.target.next_number()
        exchange = api.update(kept.id, violation.applied(api, {}), label=f"update with {violation}")
        with upholding(violation.requirement, violation, since):
            expect_error(exchange, *violation.statuses, kind="invalid_request_error")
    with upholding("errors.refused-changes-nothing"):
        kept.expect_unchanged(before)
