"""The property searches: what they send, what they find, and that they accuse no conforming server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.client.api import Api
from conformance.contract import limits
from conformance.contract.catalogue import load_catalogue
from conformance.contract.judgement import broken
from conformance.contract.schedule import CronError, Policy, find_zone, occurrences, parse
from conformance.contract.schemas import violations
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.reference import (
    REVISIONS,
    Account,
    ApiError,
    ReferenceServer,
    ReferenceSettings,
    Request,
    Response,
    Service,
)
from conformance.suite.exploration.cases import reader, together
from conformance.suite.exploration.driver import SPARE_EXAMPLES, explore, upholding
from conformance.suite.exploration.properties import strategies
from conformance.suite.exploration.properties.body_parts import (
    BOUNDARIES,
    BOUNDARY_BODIES,
    NAME_ROOM,
    BodyPart,
    bodies,
    canonical,
    unique,
)
from conformance.suite.exploration.properties.credentials import Edited
from conformance.suite.exploration.properties.timetables import Timetable, boundaries
from conformance.suite.exploration.properties.violations import CREATION_LIMITS, UPDATE_LIMITS, Violation
from conformance.suite.exploration.registry import load_searches
from conformance.suite.shared.values import far_month
from tests.client.factory import api_of, target_at
from tests.door import read
from tests.faults.property import BeginningOfATokenSuffices
from tests.judge import judge_service

TOKEN = "pt-Zq81kfLw02NvXe77TbYp"
PIECE = 8
MONTH = 5
PROPERTIES = sorted(name for name in load_searches() if name.startswith("property."))
quickly = settings(
    max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True
)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A client that nobody answers."""
    with target_at("http://127.0.0.1:9", tmp_path_factory.mktemp("target"), examples=10) as target:
        yield api_of(target)


# --- what is sent ----------------------------------------------------------------------------------------


@given(part=st.sampled_from(BOUNDARIES) | strategies.parts())
@quickly
def test_valid_parts_are_valid(api: Api, part: BodyPart) -> None:
    sent = part.sent(api)
    assert violations("create-request", "2026-07", api.body(**sent)) == []
    assert violations("update-request", "2026-07", sent) == []


@given(part=strategies.parts())
@quickly
def test_no_text_of_a_part_may_be_trimmed_or_grows_beyond_its_limit(api: Api, part: BodyPart) -> None:
    texts = [*part.value, *part.value.values()] if part.field == "metadata" else [part.value]
    for text in part.value if part.field == "initial_events" else texts:
        assert text == text.strip()
        assert not any(character < " " and character != "\n" for character in text)
        assert part.field != "name" or len(str(canonical(unique(api) + text))) <= limits.NAME


def test_names_begin_alike_and_differ(api: Api) -> None:
    assert len(unique(api)) == limits.NAME - NAME_ROOM
    assert unique(api) != unique(api)


def test_the_boundaries_reach_every_limit() -> None:
    sizes = {(part.field, len(part.value)) for part in BOUNDARIES}
    assert {("name", NAME_ROOM), ("metadata", 16), ("initial_events", 1), ("initial_events", 50)} <= sizes


def _expressible(violation: Violation) -> bool:
    """Tell whether a schema can say what is wrong: it knows neither cron nor zones."""
    beyond = ("invalid-cron", "six-fields", "unknown-zone", "17th-metadata-key")
    return not violation.requirement.endswith(
        tuple(f"{word}{end}" for word in beyond for end in ("-is-400", "-are-400"))
    )


@pytest.mark.parametrize("revision", REVISIONS)
def test_invalid_creations_are_invalid(api: Api, revision: str) -> None:
    @given(violation=st.sampled_from(CREATION_LIMITS) | strategies.invalid_creations())
    @quickly
    def check(violation: Violation) -> None:
        if _expressible(violation):
            assert violations("create-request", revision, violation.applied(api, api.body()))
        assert violation.requirement in load_catalogue().requirements

    check()


@given(violation=st.sampled_from(UPDATE_LIMITS) | strategies.invalid_updates())
@quickly
def test_invalid_updates_are_invalid(api: Api, violation: Violation) -> None:
    body = violation.applied(api, {})
    if _expressible(violation):
        assert violations("update-request", "2026-07", body)
    assert ("description" in body) == violation.beside


@given(expression=strategies.invalid_expressions())
@quickly
def test_invalid_expressions_are_invalid(expression: str) -> None:
    with pytest.raises(CronError):
        parse(expression)


@pytest.mark.parametrize("timetable", boundaries(far_month()), ids=str)
def test_no_schedule_of_the_table_fires_soon(timetable: Timetable) -> None:
    now = datetime.now(UTC)
    first = next(occurrences(parse(timetable.expression), find_zone(timetable.zone), now, Policy()))
    assert first - now > timedelta(days=60)


@pytest.mark.parametrize("month", range(1, 13))
def test_day_31_is_one_of_a_long_month_beside_a_short_one(month: int) -> None:
    (expression,) = {one.expression for one in boundaries(month) if one.expression.startswith("0 12 31 ")}
    months = {*map(int, expression.split()[3].split(","))}
    assert month in months
    assert sorted(monthrange(2027, one)[1] == 31 for one in months) == [False, True]


@given(timetable=strategies.timetables(MONTH))
@quickly
def test_schedules_run_in_one_month_only_and_every_year(timetable: Timetable) -> None:
    cron = parse(timetable.expression)
    assert timetable.expression.split()[3] == str(MONTH)
    assert min(cron.day.values) <= 28


# --- how a search goes -----------------------------------------------------------------------------------


def _fails_from(limit: int) -> Callable[[Sequence[int]], None]:
    def attempt(numbers: Sequence[int]) -> None:
        with upholding("create.minimal-is-accepted"):
            if max(numbers) >= limit:
                raise broken("a small number", max(numbers))

    return attempt


def test_a_failure_is_made_smaller(api: Api) -> None:
    found = explore(api, lambda: st.integers(0, 10_000), _fails_from(7), first=[[5_000]]).findings
    assert [(one.requirement, one.got) for one in found] == [("create.minimal-is-accepted", "7")]


def test_what_only_a_first_example_finds_is_found(api: Api) -> None:
    found = explore(api, lambda: st.integers(0, 5), _fails_from(7), first=[[1], [9]]).findings
    assert [one.got for one in found] == ["9"]


def test_no_example_is_tried_twice_and_a_seed_decides_them(api: Api) -> None:
    tried: list[int] = []
    explore(api, lambda: st.integers(0, 1_000), tried.extend, first=[[1, 2]])
    again: list[int] = []
    explore(api, lambda: st.integers(0, 1_000), again.extend, first=[[1, 2]])
    assert tried[:2] == [1, 2]
    assert len(set(tried)) == len(tried) <= 10
    assert tried == again


def test_a_target_that_is_gone_ends_a_search(api: Api) -> None:
    tried: list[int] = []

    def attempt(numbers: Sequence[int]) -> None:
        tried.extend(numbers)
        raise NotJudgedError(Blame.NETWORK, "gone")

    with pytest.raises(NotJudgedError, match="gone"):
        explore(api, st.integers, attempt)
    assert len(tried) == SPARE_EXAMPLES + 1


def test_an_answer_that_a_gateway_lost_ends_no_search(api: Api) -> None:
    lost = [NotJudgedError(Blame.NETWORK, "lost")] * SPARE_EXAMPLES

    def attempt(numbers: Sequence[int]) -> None:
        if lost:
            raise lost.pop()
        _fails_from(7)(numbers)

    assert [one.got for one in explore(api, lambda: st.integers(0, 10_000), attempt).findings] == ["7"]


@pytest.mark.parametrize("blame", [Blame.NETWORK, Blame.PRECONDITION])
def test_a_search_whose_every_example_is_lost_is_not_judged(api: Api, blame: Blame) -> None:
    def attempt(_: Sequence[int]) -> None:
        raise NotJudgedError(blame, "lost")

    with pytest.raises(NotJudgedError, match="lost"):
        explore(api, lambda: st.just(1), attempt)


def test_what_was_found_before_the_target_was_gone_is_told(api: Api) -> None:
    def attempt(numbers: Sequence[int]) -> None:
        if 2 in numbers:
            raise NotJudgedError(Blame.NETWORK, "gone")
        _fails_from(7)(numbers)

    assert len(explore(api, st.integers, attempt, first=[[9], [2]]).findings) == 1


# --- values that are tried together --------------------------------------------------------------------------


def _numbered(*numbers: int) -> list[Edited]:
    return [Edited("written twice", number) for number in numbers]


def _breaks(
    wrong: set[int], tried: list[list[int]], *, told: bool = False
) -> Callable[[Sequence[Edited]], None]:
    """Return an attempt that breaks a promise where all `wrong` numbers are in the group."""

    def attempt(edits: Sequence[Edited]) -> None:
        numbers = [one.number for one in edits]
        tried.append(numbers)
        with upholding(
            "create.minimal-is-accepted", next((e for e in edits if told and e.number in wrong), None)
        ):
            if wrong <= {*numbers}:
                raise broken("none of these", numbers)

    return attempt


NOTHING = st.just(Edited("written backwards", 0))


@pytest.mark.parametrize(("told", "most"), [(False, 7), (True, 4)])
def test_a_group_is_taken_apart_until_the_culprit_is_alone(api: Api, told: bool, most: int) -> None:
    tried: list[list[int]] = []
    group = _numbered(*range(8))
    searched = explore(api, lambda: NOTHING, _breaks({5}, tried, told=told), first=[group])
    assert [json.loads(one.replay) for one in searched.findings] == [{"edit": "written twice", "number": 5}]
    assert [one.got for one in searched.findings] == ["[5]"]
    assert len(tried) <= most + 1  # and what was drawn
    assert searched.examples == 9


def test_what_breaks_a_promise_only_together_is_saved_together(api: Api) -> None:
    searched = explore(api, lambda: NOTHING, _breaks({2, 5}, []), first=[_numbered(*range(8))])
    (found,) = searched.findings
    cases = together(reader(Edited))(json.loads(found.replay))
    assert [one.number for one in cases] == [*range(8)]


def test_every_culprit_of_a_group_is_found_whatever_it_breaks(api: Api) -> None:
    promises = {1: "create.minimal-is-accepted", 6: "create.stores-what-was-sent"}

    def attempt(edits: Sequence[Edited]) -> None:
        for one in edits:
            with upholding(promises.get(one.number, ""), one, since=0):
                if one.number in promises:
                    raise broken("another", one.number)

    found = explore(api, lambda: NOTHING, attempt, first=[_numbered(*range(8))]).findings
    assert {one.requirement: one.got for one in found} == {name: f"{n}" for n, name in promises.items()}


def test_a_group_whose_answer_was_lost_is_tried_in_parts(api: Api) -> None:
    tried: list[list[int]] = []
    lost = [NotJudgedError(Blame.NETWORK, "lost")]

    def attempt(edits: Sequence[Edited]) -> None:
        if lost:
            raise lost.pop()
        _breaks({5}, tried)(edits)

    found = explore(api, lambda: NOTHING, attempt, first=[_numbered(*range(8))]).findings
    assert [one.got for one in found] == ["[5]"]


def test_bodies_hold_one_value_of_each_field_and_all_boundaries() -> None:
    groups = bodies(BOUNDARIES, BOUNDARY_BODIES)
    assert all(len({part.field for part in group}) == len(group) for group in groups)
    assert sorted(str(part) for group in groups for part in group) == sorted(map(str, BOUNDARIES))
    assert len(groups) == len(BOUNDARIES) / 4


# --- against servers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("revision", "seed"), [(r, f"{s}") for r in REVISIONS for s in (1, 4_000_000_000)])
def test_a_conforming_server_is_accused_of_nothing(revision: str, seed: str) -> None:
    run = judge_service(Service, revision, "--only", "property.*", "--seed", seed)
    assert run.exit_code == 0, run.output
    assert {row["id"]: row["verdict"] for row in run.result["searches"]} == dict.fromkeys(PROPERTIES, "pass")
    assert run.result["totals"]["created"] == run.result["totals"]["removed"]


class CrashesOnOddIds(Service):
    """Odd ids and bodies are answered with 500, which the documents leave open."""

    def answer(self, request: Request) -> Response:
        if "%" in request.path or (request.content and request.operation in {"pause", "unpause", "archive"}):
            raise ApiError(500, "api_error", "no idea")
        return super().answer(request)


def test_a_crash_on_what_is_open_breaks_no_other_promise_than_that_of_crashes() -> None:
    run = judge_service(CrashesOnOddIds, "2026-07", "--only", "property.ids,property.odd-bodies")
    assert run.exit_code == 0, run.output
    assert run.broken() == {"errors.no-server-error"}


class Tells(BeginningOfATokenSuffices):
    """Repeats the credentials of each request in body and header, and takes half of the token."""

    def render_error(self, error: ApiError, request: Request) -> Response:
        told = request.headers.get("authorization", "")
        answer = super().render_error(ApiError(error.status, error.kind, f"not with {told}"), request)
        return Response(answer.status, answer.document, {"x-echo": told})


def test_no_piece_of_the_token_leaves_the_process(tmp_path: Path) -> None:
    accounts = (Account("one", TOKEN), Account("two", "pt-another"))
    with ReferenceServer(Tells, ReferenceSettings(accounts=accounts)) as server:
        run = subprocess.run(
            [sys.executable, "-m", "conformance", "run", "--only", "property.credentials,auth.*",
             "--base-url", server.base_url, "--report-dir", str(tmp_path)],
            capture_output=True, text=True, check=False, env={**os.environ, "CONFORMANCE_TOKEN": TOKEN},
        )  # fmt: skip
    assert run.returncode == 1, run.stdout + run.stderr
    files = [read(path) for path in tmp_path.rglob("*") if path.is_file()]
    shown = "\n".join([*files, run.stdout, run.stderr])
    assert "with the token " in shown
    pieces = {TOKEN[start : start + PIECE] for start in range(len(TOKEN) - PIECE + 1)}
    assert [piece for piece in pieces if piece.lower() in shown.lower()] == []


class Remembers(Service):
    """Remembers the paths it was asked for."""

    paths: tuple[str, ...] = ()

    def answer(self, request: Request) -> Response:
        self.paths = (*self.paths, request.path)
        return super().answer(request)


def test_a_path_is_sent_as_it_is_written(tmp_path: Path) -> None:
    written = (
        "/deployments/..",
        "/deployments/%2e%2e/x",
        "/deployments/./dep_1",
        "/deployments/dep_%31?a=../b",
    )
    with ReferenceServer(Remembers) as server, target_at(server.base_url, tmp_path) as target:
        exchanges = [api_of(target).send("GET", path) for path in written]
        seen = server.service.paths  # type: ignore[attr-defined]  # of Remembers
    assert [path.removeprefix(server.settings.base_path) for path in seen] == [
        path.partition("?")[0] for path in written
    ]
    assert "--path-as-is" in exchanges[0].curl()
    assert all(one.number < other.number for one, other in pairwise(exchanges))
