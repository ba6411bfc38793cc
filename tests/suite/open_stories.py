"""The stories of what the documents leave open, as one legal target lets them be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from conformance.stories.archive import ArchiveLongName
from conformance.stories.creating import Refusals
from conformance.stories.creation_open import OpenValues, OtherForm, WrongShapes
from conformance.stories.idempotency import EdgeKeys
from conformance.stories.reading import MalformedIds
from conformance.stories.schedules_open import ClockChanges
from conformance.stories.transport import Oversize, Transport
from tests.suite.stories import refused_creations, routes, stored
from tests.suite.written import DEPLOYMENT, SCHEDULE, deployment, error

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


def odd_transport() -> Transport:
    malformed = {"pause": error(400, INVALID), "archive": deployment()}
    return Transport(deployment(), error(415, INVALID), error(405, INVALID), deployment(), malformed)


def oversize_body() -> Oversize:
    return Oversize(error(413, INVALID))


def malformed_ids() -> MalformedIds:
    return MalformedIds({"not-an-id": error(404, "not_found_error"), "a null byte": error(400, INVALID)})


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
    return ClockChanges({"skipped 02:30": stored(schedule=DEPLOYMENT["schedule"])})


TOLD: Final[Mapping[str, Callable[[], object]]] = {
    story.__name__: story
    for story in (
        archive_long_name, open_values, open_references, other_event_form, wrong_shapes, odd_transport,
        oversize_body, malformed_ids, edge_keys, open_dialect, open_zones, clock_changes,
    )
}  # fmt: skip
"""Stories by the name of their fixture."""
