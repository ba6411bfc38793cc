"""How a vendor's deployments look, from its profile."""

from __future__ import annotations

from conformance.contract.comparing import DOCUMENTED, VOLATILE
from conformance.contract.shapes import Shapes
from conformance.vendors import load_profile

QODER, STUDIO = Shapes(load_profile("qoder")), Shapes(load_profile("agentstudio"))


def test_what_moves_and_what_counts_is_qoders_wherever_no_profile_is_asked_yet() -> None:
    form = load_profile("qoder").deployments
    assert (dict(form.fields), form.moving) == (DOCUMENTED, VOLATILE)


def test_an_agent_is_named_as_the_vendor_wants_it() -> None:
    assert QODER.agent("agent_1") == "agent_1"
    assert STUDIO.agent("agent_1") == {"id": "agent_1"}


def test_where_a_field_belongs() -> None:
    assert QODER.in_envelope("has_more")
    assert not STUDIO.in_envelope("has_more")
    assert QODER.in_deployment("schedule.upcoming_runs_at")
    assert not QODER.in_deployment("request_id")
    assert STUDIO.in_deployment("request_id")


def test_only_documented_fields_that_time_leaves_alone_are_compared() -> None:
    before = {
        "name": "one", "extra": 1, "request_id": "req_1",
        "schedule": {"next_run_at": "2026-07-01T00:00:00Z", "expression": "0 9 * * *", "shown": 1},
    }  # fmt: skip
    after = {
        "name": "one", "extra": 2, "request_id": "req_2",
        "schedule": {"next_run_at": "2026-07-02T00:00:00Z", "expression": "0 9 * * *", "shown": 2},
    }  # fmt: skip
    assert STUDIO.changes(before, after) == []
    assert STUDIO.changes(before, {**after, "name": "two"}) == ["name: one → two"]
    assert STUDIO.changes(before, {**after, "name": "two"}, but=("name",)) == []
