"""Reading: GET /deployments/{id}."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from conformance.contract.comparing import VOLATILE, content_text, differences, documented, field, without
from conformance.contract.judgement import broken, expect_success
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import observations, observed
from conformance.suite.judging.stored import both
from conformance.suite.shared.creating import Stored

STABLE = (
    "id", "type", "name", "description", "agent", "environment_id", "environment_variables", "resources",
    "vault_ids", "metadata", "schedule", "status", "paused_reason", "created_at", "archived_at",
)  # fmt: skip
"""What a deployment keeps as long as nobody acts; fields that the documents do not know may move."""


@requirement("get.has-the-shape-of-create")
@pytest.mark.usefixtures("creatable")
def test_a_read_has_the_shape_of_the_creation(whole_creation: Stored, bare_creation: Stored) -> None:
    for stored in (whole_creation, bare_creation):
        answer, read = both(stored)
        created, found = expect_success(answer, 200, 201), expect_success(read)
        changed = [
            *differences(_shape(created), _shape(found)),
            *differences(_stable(created), _stable(found)),
        ]
        if changed:
            raise broken("the object that the creation answered", "; ".join(changed), answer, read)


def _shape(document: Mapping[str, object]) -> dict[str, object]:
    """Return the names of fields, and what events say: their content may be stored as text or as blocks."""
    events = document.get("initial_events")
    schedule = document.get("schedule")
    shape: dict[str, object] = {"fields": sorted(documented(document))}
    if isinstance(schedule, dict):
        shape["fields of schedule"] = sorted({*documented(document)["schedule"]} - {"last_run_at"})
    if isinstance(events, list):
        shape["initial_events"] = [[field(event, "type"), content_text(event)] for event in events]
    return shape


def _stable(document: Mapping[str, object]) -> dict[str, object]:
    known = documented(document)
    return without({name: known[name] for name in STABLE if name in known}, VOLATILE)


globals().update(observations(observed("get.malformed-id", "{}", "malformed_ids.answers")))
