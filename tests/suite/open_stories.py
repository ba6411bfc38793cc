"""The stories of what the documents leave open, as one legal target lets them be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from conformance.suite.archive.stories import ArchiveLongName
from conformance.suite.create.open import OpenValues, OtherForm, WrongShapes
from conformance.suite.idempotency.stories import EdgeKeys
from conformance.suite.schedule.open import NEW_YORK, ClockChanges
from conformance.suite.shared.creating import Refusals
from conformance.suite.transport.stories import Oversize
from tests.suite.stories import refused_creations, routes, stored
from tests.suite.written import SCHEDULE, deployment, error

INVALID: Final = "invalid_request_error"


def archive_long_name() -> ArchiveLongName:
    return ArchiveLongName(deployment(name="n" * 250 + "_archived_1782871209"))


def open_values() -> OpenValues:
    made = deployment(schedule=None)
    refused = error(400, INVALID)
    return OpenValues({
        "a blank name": refused, "schedule null": made, "description null": made,
        "variables without an equals sign": refused, "an unknown field": made, "only a system message": refused,
    })  # fmt: skip


def open_references() -> Refusals:
    asked = "an unknown agent version", "an unknown agent", "an unknown environment"
    refused = refused_creations(*asked)
    return Refusals(
        {**refused.answers, "an agent object without version": deployment()}, refused.descriptions
    )


def other_event_form() -> OtherForm:
    return OtherForm("string", stored(initial_events=[{"type": "user.message", "content": "text"}]))


def wrong_shapes() -> WrongShapes:
    return WrongShapes(routes("an array", "null", status=400, kind=INVALID))


def oversize_body() -> Oversize:
    return Oversize(error(413, INVALID))


def edge_keys() -> EdgeKeys:
    return EdgeKeys(
        {"of 1 character": deployment(), "of 256 characters": error(400, INVALID)}, error(), deployment()
    )


def open_dialect() -> Refusals:
    never = deployment(schedule={**SCHEDULE, "upcoming_runs_at": []})
    refused = refused_creations("@yearly")
    return Refusals({**refused.answers, "names": deployment(), "30 February": never}, refused.descriptions)


def open_zones() -> Refusals:
    return refused_creations("the zone ''", "the zone 'utc'")


def clock_changes() -> ClockChanges:
    listed = [f"2027-03-{at}:00Z" for at in ("13T07:30", "14T07:30", "15T06:30")]
    around = {
        **SCHEDULE,
        "expression": "30 2 13,14,15 3 *",
        "timezone": NEW_YORK,
        "upcoming_runs_at": [*listed, "2028-03-13T06:30:00Z"],
    }
    steady = {"skipped 02:30": ("30 2 13,15 3 *", "2027-03-14")}
    return ClockChanges({"skipped 02:30": stored(schedule=around)}, steady)


WRITTEN: Final[Mapping[str, Callable[[], object]]] = {
    story.__name__: story
    for story in (
        archive_long_name, open_values, open_references, other_event_form, wrong_shapes,
        oversize_body, edge_keys, open_dialect, open_zones, clock_changes,
    )
}  # fmt: skip
"""Stories by the name of their fixture."""
