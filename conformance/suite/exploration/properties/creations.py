"""Property searches over creations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from conformance.client.answers import created_id, items
from conformance.client.api import Api, Created
from conformance.client.exchange import Exchange
from conformance.contract.judgement import answered, broken, expect_error, expect_success
from conformance.suite.exploration.binding import binding
from conformance.suite.exploration.cases import groups, reader, together
from conformance.suite.exploration.driver import explore, upholding
from conformance.suite.exploration.kept_deployment import Kept
from conformance.suite.exploration.properties.body_parts import (
    BOUNDARIES,
    BOUNDARY_BODIES,
    DRAWN_PER_BODY,
    BodyPart,
    bodies,
    expect_read_back,
    merged,
    random_bodies,
    refusable_apart,
    refused_legally,
)
from conformance.suite.exploration.properties.timetables import (
    Timetable,
    boundaries,
    expect_echo,
    expect_explained,
    replayed,
)
from conformance.suite.exploration.properties.violations import (
    CREATION_LIMITS,
    Violation,
    promised,
    read_violation,
)
from conformance.suite.exploration.registry import Searched, search
from conformance.suite.shared.values import far_month, yearly

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

STORED = "create.stores-what-was-sent"
ACCEPTED = {
    "name": "create.name-of-256-is-stored",
    "description": STORED,
    "metadata": "create.metadata-at-its-limits-is-stored",
    "initial_events": "create.50-events-are-stored",
    "schedule": "schedule.is-echoed",
}
"""The promise that a valid value of each field is accepted and kept."""
INVALID = "invalid_request_error"
AT_ONCE = 8
"""How many refused creations are followed by one list that shows whether they made anything."""
Value = BodyPart | Timetable


def read_value(data: Any) -> Value:  # noqa: ANN401 (it comes from a file)
    """Return a saved value of a creation; raises ValueError for what is none."""
    return replayed(data) if isinstance(data, dict) and "zone" in data else reader(BodyPart)(data)


@search("property.valid-creations", reads=together(read_value))
def valid_creations(api: Api) -> Searched:
    """Bodies of unusual but valid parts are accepted, stored and read back."""
    from conformance.suite.exploration.properties.strategies import parts, timetables

    month = far_month()
    known = _promised([*BOUNDARIES, *(one for one in boundaries(month) if not one.refusable)])
    most = random_bodies(api)
    return explore(
        api,
        lambda: cast("SearchStrategy[Value]", parts() | timetables(month)),
        lambda values: _create_with(api, values),
        first=bodies(known, BOUNDARY_BODIES),
        grouped=lambda values: bodies(_promised(values), most),
        count=most * DRAWN_PER_BODY,
    )


def _promised(values: Sequence[Value]) -> list[Value]:
    """Return the values that the target's vendor promises to take."""
    return binding(values, lambda one: ACCEPTED[one.field])


def _create_with(api: Api, values: Sequence[Value]) -> None:
    sent = merged(api, values)
    body = api.body(**{"schedule": yearly(), **sent})
    what = ", ".join(map(str, values))
    refusable = any(one.refusable for one in values)
    exchange = api.create(body, label=f"create with {what}", probe=refusable, valid=not refusable)
    if refused_legally(answered(exchange), values, bytes_may_count=False):
        for some in refusable_apart(values, bytes_may_count=False):
            _create_with(api, some)
        return
    made = created_id(exchange)
    kept = Kept(api, Created(made, str(body["name"]), exchange)) if made else None
    whole = False
    try:
        with upholding(ACCEPTED[values[0].field]):
            expect_success(exchange, 200, 201)
        if kept:
            read = kept.after(f"read it ({what})")
            for one in values:
                _expect_kept(read, one, sent)
        whole = True
    finally:
        if kept and not whole:
            kept.put_away()
    if kept:
        kept.leave()


def _expect_kept(read: Exchange, value: Value, sent: Mapping[str, object]) -> None:
    with upholding(_kept(value), value):
        if isinstance(value, Timetable):
            expect_echo(read, value)
        else:
            expect_read_back(read, {value.field: sent[value.field]})
    if isinstance(value, Timetable):
        with upholding("schedule.upcoming-runs-match", value):
            expect_explained(read, value)


def _kept(value: Value) -> str:
    """Return the promise that a value which was accepted is kept.

    A name too long in bytes may have been cut by a server that counts them; any other is to be kept.
    """
    whole = isinstance(value, BodyPart) and value.field == "name" and not value.long_in_bytes
    return STORED if whole else ACCEPTED[value.field]


@search("property.invalid-creations", reads=together(read_violation))
def invalid_creations(api: Api) -> Searched:
    """Bodies one step outside a documented limit are refused and make nothing."""
    from conformance.suite.exploration.properties.strategies import invalid_creations as strategy

    return explore(
        api,
        strategy,
        lambda violations: _create_against(api, violations),
        first=groups(promised(api, CREATION_LIMITS), AT_ONCE),
        grouped=lambda drawn: groups(promised(api, drawn), AT_ONCE),
    )


def _create_against(api: Api, violations: Sequence[Violation]) -> None:
    """Send bodies, each of which must be refused, and look for what they made all the same."""
    refused: list[tuple[Violation, Exchange, object]] = []
    for violation in violations:
        body, since = violation.applied(api, api.body()), api.target.next_number()
        exchange = api.create(body, label=f"create with {violation}")
        made = created_id(exchange)
        if made:
            api.archive(made, label="archive it")
        with upholding(violation.requirement, violation, since):
            kind = None if len(violation.statuses) > 1 else INVALID
            expect_error(exchange, *violation.statuses, kind=kind)
        refused.append((violation, exchange, body["description"]))
    listed = answered(api.list_refused())
    for violation, exchange, description in refused:
        with upholding("errors.refused-creates-nothing", violation, listed.number):
            _expect_nothing_made(listed, exchange, description)


def _expect_nothing_made(listed: Exchange, refused: Exchange, description: object) -> None:
    for item in items(listed):
        if item.get("description") == description:
            raise broken(f"no deployment, since {refused.label} was refused", item.get("id"), refused, listed)
