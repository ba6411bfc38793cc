"""The plan: what is recorded is what stories cost, and what is planned is what a run takes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from conformance.cli import main
from conformance.contract.catalogue import load_catalogue
from conformance.exploration.registry import load_searches
from conformance.planning.costs import DEFAULT, FEW, Cost, cost_of, recorded
from conformance.planning.plan import PREFLIGHT, Selected, make_plan
from conformance.planning.telling import tell
from conformance.reference import NEW, OLD, ReferenceServer
from conformance.stories.registry import load_stories
from conformance.target.settings import Settings
from tests.bench.costs import measure
from tests.judge import judge_server

TOLERANCE, FEW_REQUESTS = 0.2, 3
CATALOGUE = load_catalogue()
PAUSE = Selected(CATALOGUE["pause.second-is-conflict"], ("pause_twice",))


# --- what is recorded ------------------------------------------------------------------------------------------


def drifted(measured: Mapping[str, Cost], examples: int) -> list[str]:
    """Return where more is asked than recorded, or all together much less.

    A walk through a list that others change is begun again: a story may well take less than is recorded.
    """
    found, hint = [], "run python -m tests.bench.costs"
    for name, cost in measured.items():
        for figure in ("get", "post", "other", "created", "left"):
            now, then = getattr(cost, figure), getattr(cost_of(name, examples), figure)
            if now > (1 + TOLERANCE) * then + FEW_REQUESTS:
                found.append(f"{name}: {now:g} {figure}, recorded {then:g}; {hint}")
    now, then = (
        sum(cost.requests for cost in costs)
        for costs in (measured.values(), [cost_of(name, examples) for name in measured])
    )
    return (
        [*found, f"all: {now:g} requests, recorded {then:g}; {hint}"]
        if now < (1 - TOLERANCE) * then
        else found
    )


def test_there_is_a_cost_of_everything_that_can_be_told() -> None:
    for name in (*load_stories(), *load_searches(), PREFLIGHT):
        assert name in recorded(), "run python -m tests.bench.costs"


@pytest.mark.parametrize("revision", [OLD, NEW])
def test_stories_cost_what_is_recorded(revision: str) -> None:
    assert drifted(measure(revision, load_stories()), DEFAULT) == []


def test_searches_cost_what_is_recorded() -> None:
    assert drifted(measure(NEW, load_searches(), examples=FEW, seed=77), FEW) == []


def test_a_drift_is_noticed() -> None:
    recorded = cost_of("pause_twice", DEFAULT)
    more = replace(recorded, get=recorded.get + 9, post=recorded.post + 9, created=recorded.created + 9)
    assert drifted({"pause_twice": recorded}, DEFAULT) == []
    assert len(drifted({"pause_twice": more}, DEFAULT)) == 3
    assert len(drifted({"pause_twice": Cost(get=1)}, DEFAULT)) == 1


def test_the_cost_of_a_search_follows_its_examples() -> None:
    costs = [cost_of("property.odd-bodies", examples).requests for examples in (1, FEW, 17, DEFAULT, 100)]
    assert costs == sorted(costs)
    assert costs[-1] > 3 * costs[-2]


# --- what is planned -------------------------------------------------------------------------------------------


def test_a_plan_has_the_story_what_comes_before_and_the_clean_up() -> None:
    plan = make_plan(Settings(), [PAUSE])
    story, before = cost_of("pause_twice", DEFAULT), cost_of(PREFLIGHT, DEFAULT)
    assert plan.clean_up == 1 + story.left + before.left
    assert plan.requests == story.requests + before.requests + plan.clean_up
    assert plan.created == story.created + before.created
    assert (plan.judged, plan.left_out) == (("pause.second-is-conflict",), {})
    assert plan.most > plan.requests


def test_what_is_not_judged_costs_nothing_and_says_why() -> None:
    time = next(one for one in CATALOGUE.requirements.values() if one.tier == "time")
    second = CATALOGUE["tenancy.other-tenant-is-refused"]
    selected = [Selected(time, ("watched_pause",)), Selected(second, ())]
    plan = make_plan(Settings(base_url="https://x.example"), selected)
    assert plan.left_out == {
        "judged with --tier time": [time.id],
        "judged with --second-token-env": [second.id],
    }
    assert (plan.requests, plan.most, plan.seconds) == (0, 0, 0)
    assert make_plan(Settings(tier=("time",)), selected).wait > 60


def test_reading_everything_tells_every_story() -> None:
    envelope = Selected(CATALOGUE["errors.envelope"], (), everything=True)
    assert make_plan(Settings(), [envelope]).requests > 300


@pytest.mark.parametrize(("rate", "least"), [(1.0, 400), (50.0, 20)])
def test_the_worst_case_knows_the_rate(rate: float, least: float) -> None:
    envelope = Selected(CATALOGUE["errors.envelope"], (), everything=True)
    plan = make_plan(Settings(base_url="https://x.example", rate=rate), [envelope])
    assert plan.seconds >= least
    assert f"{rate:g} requests per second" in tell(plan, Settings())


def test_limits_that_are_too_small_are_told() -> None:
    settings = Settings(max_requests=3, max_created=0, max_seconds=0.5)
    text = tell(make_plan(settings, [PAUSE]), settings)
    for option in ("--max-requests 3", "--max-created 0", "--max-seconds 0.5"):
        assert f"too little   {option} may end the run" in text
    assert "too little" not in tell(make_plan(Settings(), [PAUSE]), Settings())


def planned(text: str) -> tuple[int, int]:
    found = re.search(r"about (\d+), at most (\d+)", text)
    assert found is not None, text
    return int(found[1]), int(found[2])


def test_nothing_is_asked_of_the_target(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFORMANCE_TOKEN", "pt-x")
    nowhere = "http://127.0.0.1:9/x"
    assert main(["run", "--plan", "--base-url", nowhere, "-k", "pause.second"]) == 0
    text = capsys.readouterr().out
    assert "1 requirements and 0 searches of 1 are judged" in text
    assert planned(text)[0] < 40


@pytest.mark.parametrize(
    ("words", "code"),
    [(["-k", "no-such"], 0), (["-k", "not ("], 2), (["--tier", "x"], 2), (["-n", "2"], 2)],
)
def test_odd_plans(words: Sequence[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--plan", *words]) == code
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "chosen", [["--tier", "core"], ["--only", "race.*,property.ids,property.valid-updates"], ["--only", "pause.second-*"]],
    ids=["core", "searches", "one"],
)  # fmt: skip
def test_a_run_takes_what_was_planned(chosen: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", "--plan", *chosen])
    about, most = planned(capsys.readouterr().out)
    with ReferenceServer() as server:
        run = judge_server(server, *chosen, "--max-requests", str(most))
    assert run.exit_code == 0, run.output
    requests = run.result["totals"]["requests"]
    assert abs(requests - about) <= TOLERANCE * requests + FEW_REQUESTS
    assert run.result["ended_by"] is None
