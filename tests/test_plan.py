"""The plan: what is recorded is what stories cost, and what is planned is what a run takes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.client.traffic.budget import Budget
from conformance.config.footprint import FOOTPRINTS
from conformance.config.settings import Settings
from conformance.contract.catalogue import load_catalogue
from conformance.contract.verdict import Level
from conformance.planning import costs
from conformance.planning.costs import cost_of, recorded
from conformance.planning.plan import PREFLIGHT, Selected, make_plan
from conformance.planning.text import plan_text
from conformance.reference import ReferenceServer
from tests.bench.costs import everything, record
from tests.faults.pause import PausePausesAnother
from tests.judge import judge_server

TOLERANCE, FEW_REQUESTS = 0.2, 3
USUAL = Settings()
CATALOGUE = load_catalogue()
PAUSE = Selected(CATALOGUE["pause.second-is-conflict"], ("pause_twice",))
UNPAUSE = Selected(CATALOGUE["unpause.active-is-conflict"], ("unpause_twice",))
"""Of a story that is always told as a whole."""


# --- what is recorded ------------------------------------------------------------------------------------------


def test_there_is_a_cost_of_everything_that_can_be_told() -> None:
    assert everything() == recorded().keys(), "run python -m tests.bench.costs"


def test_what_is_measured_can_be_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "costs.toml"
    path.write_bytes(costs.COSTS.read_bytes())
    monkeypatch.setattr(costs, "COSTS", path)
    monkeypatch.setattr("tests.bench.costs.COSTS", path)
    record(["bare_creation"])
    text = path.read_text("utf-8")
    assert '"bare_creation" = { cost = { get = 1, post = 1, created = 1, left = 1 } }' in text.splitlines()
    assert tomllib.loads(text).keys() == recorded().keys()


def test_the_cost_of_a_search_follows_its_examples() -> None:
    few = FOOTPRINTS["small"].examples
    all_settings = [Settings(examples=examples) for examples in (1, few // 2, few, 5 * few)]
    asked = [cost_of("property.ids", settings).requests for settings in all_settings]
    assert asked == sorted(asked)
    assert asked[-1] > 2 * asked[-2]
    races = {cost_of("race.pauses", settings).requests for settings in all_settings}
    assert races == {cost_of("race.pauses", USUAL).requests}


def test_searches_that_run_together_create_less_than_each_alone() -> None:
    searches = [Selected(row, (name,)) for name, row in CATALOGUE.searches.items()]
    together = make_plan(Settings(), searches)
    alone = [make_plan(Settings(), [one]) for one in searches]
    assert together.created < sum(plan.created for plan in alone)
    assert together.requests < sum(plan.requests for plan in alone)
    assert together.created <= 20


def test_the_smallest_footprint_plans_no_search() -> None:
    search = Selected(CATALOGUE.searches["property.ids"], ("property.ids",))
    plan = make_plan(Settings(footprint="minimal"), [PAUSE, search])
    assert plan.left_out == {"judged with --footprint small or a larger one": ["property.ids"]}
    assert plan.requests == make_plan(Settings(footprint="minimal"), [PAUSE]).requests


def test_the_smallest_footprint_judges_what_the_stories_of_a_must_show() -> None:
    second, cycle = CATALOGUE["pause.second-is-conflict"], CATALOGUE["pause.cycle-repeats"]
    assert (second.level, cycle.level) == (Level.MUST, Level.SHOULD)
    must = Selected(second, ("pause_twice", "pause_cycle"), optional=("pause_cycle",))
    plan = make_plan(Settings(footprint="minimal"), [must, Selected(cycle, ("pause_cycle",))])
    assert plan.judged == (second.id,)
    assert plan.left_out == {"judged with --footprint small or a larger one": [cycle.id]}
    assert plan.requests == make_plan(Settings(footprint="minimal"), [PAUSE]).requests


def test_the_smallest_footprint_asks_no_open_question_and_nothing_for_a_should_alone() -> None:
    story = "beyond_the_limits"
    must, should = CATALOGUE["create.51-events-is-400"], CATALOGUE["create.17-metadata-keys-are-400"]
    open_question = CATALOGUE["archive.unarchive"]
    assert (should.level, open_question.level) == (Level.SHOULD, Level.OBSERVE)
    plan = make_plan(
        Settings(footprint="minimal"),
        [
            Selected(must, (story,), refusal=True),
            Selected(should, (story,), refusal=True),
            Selected(open_question, (story,)),
        ],
    )
    assert plan.judged == (must.id,)
    assert plan.left_out == {"judged with --footprint small or a larger one": [should.id, open_question.id]}
    assert plan.requests < make_plan(Settings(), [Selected(must, (story,))]).requests


def test_what_is_about_all_answers_reads_the_stories_of_the_others() -> None:
    envelope = Selected(CATALOGUE["errors.envelope"], (), everything=True)
    assert make_plan(Settings(), [envelope, UNPAUSE]).requests == make_plan(Settings(), [UNPAUSE]).requests


def test_parts_of_a_story_that_nothing_selected_reads_are_not_planned() -> None:
    listed = Selected(CATALOGUE["pause.is-listed"], ("pause_twice",))
    envelope = Selected(CATALOGUE["errors.envelope"], (), everything=True)
    lists, late, last = (
        recorded()[row]["cost"].requests
        for row in ("pause_twice: lists", "pause_twice: late reads", "pause_twice: a read after refusals")
    )
    least = make_plan(Settings(), [PAUSE]).requests
    assert make_plan(Settings(), [PAUSE, listed]).requests == least + lists
    assert make_plan(Settings(), [PAUSE, envelope]).requests == least + lists + late + last


def test_a_small_run_plans_for_what_none_of_its_stories_leaves() -> None:
    archive = Selected(CATALOGUE["archive.sets-archived-at"], ("archive_twice",))
    bare = Selected(CATALOGUE["create.minimal-is-accepted"], ("bare_creation",))
    small = Settings(footprint="minimal")
    both, one = (make_plan(small, chosen).created for chosen in ([archive, bare], [archive]))
    assert both == one


# --- what is planned -------------------------------------------------------------------------------------------


def test_a_plan_has_the_story_what_comes_before_and_the_clean_up() -> None:
    plan = make_plan(Settings(), [UNPAUSE])
    story, before = cost_of("unpause_twice", USUAL), cost_of(PREFLIGHT, USUAL)
    assert plan.clean_up == 1 + story.left + before.left
    assert plan.requests == story.requests + before.requests + plan.clean_up
    assert plan.created == story.created + before.created
    assert (plan.judged, plan.left_out) == (("unpause.active-is-conflict",), {})
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
    assert f"{rate:g} requests per second" in plan_text(plan, Settings())


def test_limits_that_are_too_small_are_told() -> None:
    settings = Settings(max_requests=3, max_created=0, max_seconds=0.5)
    text = plan_text(make_plan(settings, [PAUSE]), settings)
    for option in ("--max-requests 3", "--max-created 0", "--max-seconds 0.5"):
        assert f"too little   {option} may end the run" in text
    assert "too little" not in plan_text(make_plan(Settings(), [PAUSE]), Settings())


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
    assert planned(text)[0] < 60


def ceiling(text: str) -> tuple[int, int]:
    found = re.search(r"and (\d+) on any target\n(?s:.*)at most (\d+) on any target", text)
    assert found is not None, text
    return int(found[1]), int(found[2])


@pytest.mark.parametrize(
    ("words", "code"),
    [(["-k", "no-such"], 0), (["-k", "not ("], 2), (["--tier", "x"], 2), (["-n", "2"], 2)],
)
def test_odd_plans(words: Sequence[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--plan", *words]) == code
    assert "Traceback" not in capsys.readouterr().err


def test_no_target_makes_a_run_exceed_its_plan(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ["--tier", "core", "--only", "pause.*"]
    main(["run", "--plan", *chosen])
    requests, created = ceiling(capsys.readouterr().out)
    with ReferenceServer(PausePausesAnother) as server:
        run = judge_server(server, *chosen)
    assert "pause.leaves-others-alone" in run.broken()
    assert run.result["totals"]["requests"] <= requests
    assert run.result["totals"]["created"] <= created


def test_what_the_plan_states_bounds_a_run_without_a_limit_of_its_own() -> None:
    planned, own = Budget(), Budget(requests=50)
    for budget in (planned, own):
        budget.cap(requests=10, created=1)
    assert own.acquire(50) == ""
    assert own.acquire() == "--max-requests 50"
    assert planned.acquire(11) == "10 requests, which --plan states as the most on any target,"
    assert planned.announce() == ""
    assert planned.announce() == "1 creations, which --plan states as the most on any target,"


@pytest.mark.parametrize(
    "chosen", [
        ["--tier", "core"], ["--only", "race.*,property.ids,property.valid-updates"], ["--only", "pause.second-*"],
        ["--footprint", "minimal"],
    ],
    ids=["core", "searches", "one", "minimal"],
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


def test_the_smallest_footprint_judges_every_must_of_core_that_a_default_run_judges() -> None:
    with ReferenceServer() as server:
        whole, least = (
            judge_server(server, "--tier", "core", *words) for words in ([], ["--footprint", "minimal"])
        )
    musts = {row["id"] for row in whole.result["requirements"] if row["level"] == "MUST"}
    assert musts & whole.with_verdict("pass") == musts & least.with_verdict("pass")
    assert least.result["totals"]["requests"] < whole.result["totals"]["requests"] * 0.6


def test_the_smallest_footprint_sends_nothing_for_a_should_or_an_open_question_alone() -> None:
    with ReferenceServer() as server:
        run = judge_server(server, "--footprint", "minimal", "--only", "create.*")
    assert "create.51-events-is-400" in run.with_verdict("pass")
    assert {"create.17-metadata-keys-are-400", "create.schedule-null"} <= run.with_verdict("not-applicable")
