"""What searches ask, at most: they leave limits of a run to others, and a broken target gets little more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.client.traffic.budget import Budget
from conformance.config.footprint import FOOTPRINTS
from conformance.config.options import SettingsError
from conformance.config.resolution import resolve
from conformance.contract.catalogue import load_catalogue
from conformance.reference import ReferenceServer
from conformance.suite.exploration.allowance import CREATED_LEFT, REQUESTS_LEFT
from tests.faults import uneven_limits
from tests.judge import judge_server, judge_service

SMALL = FOOTPRINTS["small"]


class TakesTooMuch(
    uneven_limits.NumbersBecomeNames,
    uneven_limits.EventListsMayBeJson,
    uneven_limits.TrueIsAVersion,
    uneven_limits.FalseIsNoSchedule,
    uneven_limits.TruthBecomesText,
    uneven_limits.OneVaultNeedsNoList,
    uneven_limits.MinutesReach60,
):
    """Converts whatever it can."""


def test_a_target_that_refuses_nothing_gets_little_more_than_the_plan() -> None:
    run = judge_service(TakesTooMuch, "2026-07", "--only", "property.invalid-creations")
    found = {found["requirement"] for row in run.result["searches"] for found in row["findings"]}
    wanted = {"errors.wrong-type-is-400", "create.metadata-values-are-text", "schedule.invalid-cron-is-400"}
    assert wanted <= found
    assert run.result["totals"]["created"] <= SMALL.spare_created + SMALL.examples // 2
    assert run.result["totals"]["requests"] <= SMALL.spare_requests + 3 * SMALL.examples


@pytest.mark.parametrize(
    ("limit", "words"),
    [("--max-requests", ("--max-requests", "60")), ("--max-created", ("--max-created", str(CREATED_LEFT)))],
)
def test_searches_end_before_a_limit_ends_the_run_and_say_so(limit: str, words: tuple[str, ...]) -> None:
    with ReferenceServer() as server:
        run = judge_server(server, "--only", "property.ids,property.openapi,pause.makes-it-paused", *words)
    rows = {row["id"]: row for row in (*run.result["searches"], *run.result["requirements"])}
    assert rows["pause.makes-it-paused"]["verdict"] == "pass"
    reasons = [row["message"] for row in run.result["searches"] if row["verdict"] == "not-judged"]
    assert reasons
    assert all(f"searches ended before {limit}" in reason for reason in reasons)
    assert run.result["totals"]["requests"] <= 60 + SMALL.spare_requests * (limit == "--max-created")
    assert run.result["totals"]["created"] == run.result["totals"]["removed"]


def test_a_budget_is_short_of_what_the_clean_up_needs_as_well() -> None:
    budget = Budget(requests=REQUESTS_LEFT + 4, created=2)
    assert budget.short_of(requests=REQUESTS_LEFT, created=2) == ""
    budget.announce()
    budget.made("dep_1")
    budget.settle()
    assert budget.short_of(requests=REQUESTS_LEFT + 2, created=1) == f"--max-requests {REQUESTS_LEFT + 4}"
    assert budget.short_of(requests=0, created=2) == "--max-created 2"
    assert Budget().short_of(requests=10**9, created=10**9) == ""


def test_an_unknown_footprint_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"--footprint does not know 'tiny'. Allowed: minimal, small, normal, thorough"
    ):
        resolve({"footprint": "tiny"}, {}, load_catalogue(), tmp_path)


def test_examples_have_precedence_over_the_footprint(tmp_path: Path) -> None:
    settings = resolve({"footprint": "normal", "examples": "7"}, {}, load_catalogue(), tmp_path)
    assert settings.reach == replace(FOOTPRINTS["normal"], examples=7)
