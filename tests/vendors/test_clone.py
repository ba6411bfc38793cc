"""A clone of the Anthropic shape that shares nothing with our servers: what it breaks is named, and nothing else.

Whole runs against every fault and many oddities: `python -m tests.vendors.clone faults`, and `… oddities`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from conformance.contract.catalogue import load_catalogue
from tests.judge import Run
from tests.twins.catalogue import ADVISORY
from tests.vendors.clone import Clone, Oddities
from tests.vendors.clone.everywhere import (
    ACCUSED,
    AgentsAreForbidden,
    IdsHaveNoPrefix,
    PagesAreSmall,
    TimesAreNumbers,
)
from tests.vendors.clone.faults import FAULTS, Fault
from tests.vendors.clone.judging import judge
from tests.vendors.clone.oddities import BREAKS
from tests.vendors.clone.service import AGENT, ENVIRONMENT, TOKENS, Call

AT_ONCE = 3
"""A run waits most of its time."""
MANY = 60
"""Deployments of others: several pages of seven."""
ODDEST = (
    Oddities(
        repeated=400, once_archived=404, names_are_unique=True, ids="number", times="ns", extras=True,
        last_run="absent", last_page="absent", null_metadata="refused", malformed_id=400, tokens="offset",
        needed=(),
    ),
    Oddities(
        repeated=409, repeated_moves=True, once_archived=409, ids="uuid", times="seconds", upcoming=1,
        oldest_first=True, created=201, null_metadata="cleared", unknown_fields="ignored",
        action_bodies="refused", missing=400, foreign=403, large_limits="capped", cursors="refused",
    ),
)  # fmt: skip


Subject = Fault | type[Clone]


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Iterator[Mapping[Subject, Future[Run]]]:
    """The runs of all clones that selected tests judge, some at a time."""
    items = [item for item in request.session.items if item.path == request.path]
    specs = [spec for item in items if (spec := getattr(item, "callspec", None))]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        subjects: list[Subject] = [spec.params["subject"] for spec in specs if "subject" in spec.params]
        yield {subject: pool.submit(_judged, subject) for subject in subjects}


def _judged(subject: Subject) -> Run:
    if isinstance(subject, Fault):
        only = ",".join((subject.breaks, *subject.also))
        return judge(subject.service(), "--tier", subject.tier, "--only", only)
    return judge(subject(), "--seed", "1", "--tier", "core")


@pytest.mark.parametrize("odd", ODDEST, ids=["first", "second"])
def test_no_legal_oddity_is_accused(odd: Oddities) -> None:
    run = judge(Clone(odd), "--seed", "1", "--tier", "core")
    assert run.broken() - ADVISORY == set(), run.output
    assert run.with_verdict("not-judged") == set(), run.output
    assert run.exit_code == 0


def test_the_searches_accuse_no_oddity() -> None:
    searches = "property.*,model.*,race.*"
    run = judge(Clone(ODDEST[1]), "--seed", "2", "--tier", "core,property,race", "--only", searches)
    assert run.broken() == set(), run.output
    verdicts = {row["id"]: row["verdict"] for row in run.result["searches"]}
    bound = {row.id for row in load_catalogue("anthropic").searches.values() if not row.unbound}
    assert {name for name, verdict in verdicts.items() if verdict == "pass"} == bound
    assert "property.valid-creations" in bound


def test_what_many_clones_break_is_named_alone() -> None:
    odd = Oddities(keeps_paused=True, longest_name=257)
    run = judge(Clone(odd), "--seed", "1", "--tier", "core")
    assert run.broken() == {name for names in BREAKS.values() for name in names}, run.output


@pytest.mark.parametrize("subject", FAULTS, ids=lambda fault: fault.service.__name__)
def test_a_fault_is_named(subject: Fault, runs: Mapping[Subject, Future[Run]]) -> None:
    run = runs[subject].result()
    assert run.broken() == {subject.breaks, *subject.also}, run.output


@pytest.mark.parametrize("subject", ACCUSED, ids=lambda clone: clone.__name__)
def test_what_is_done_otherwise_everywhere_is_named_once(
    subject: type[Clone], runs: Mapping[Subject, Future[Run]]
) -> None:
    run = runs[subject].result()
    assert run.broken() == ACCUSED[subject], run.output


def test_what_was_made_is_put_away_where_times_are_numbers() -> None:
    run = judge(TimesAreNumbers(), "--seed", "1", "--tier", "core", "--only", "create.*,pause.*")
    assert run.result["left_behind"] == [], run.output
    assert run.result["totals"]["left"] == 0, run.output


def test_a_walk_in_small_pages_comes_to_the_end_of_many_deployments() -> None:
    clone = PagesAreSmall(Oddities(oldest_first=True, needed=()))
    event = {"type": "user.message", "content": [{"type": "text", "text": "Foreign work."}]}
    foreign = {"name": "foreign", "agent": AGENT, "environment_id": ENVIRONMENT, "initial_events": [event]}
    key, content = {"x-api-key": next(iter(TOKENS))}, json.dumps(foreign).encode()
    for _ in range(MANY):
        assert clone.answer(Call("POST", "/deployments", {}, key, content)).status == 200
    run = judge(clone, "--seed", "1", "--tier", "core", "--only", "list.page-walk")
    assert run.with_verdict("pass") == {"list.page-walk"}, run.output


def test_an_id_without_its_prefix_is_no_id_of_nothing_where_ids_have_none() -> None:
    run = judge(IdsHaveNoPrefix(), "--seed", "1", "--tier", "property", "--only", "property.ids")
    assert run.broken() == set(), run.output
    assert run.with_verdict("not-judged") == set(), run.output


def test_a_list_of_agents_that_is_refused_is_told_with_its_status_and_message() -> None:
    run = judge(AgentsAreForbidden(), "--tier", "core", "--only", "create.minimal-is-accepted")
    assert run.exit_code == 3, run.output
    reason = (
        'GET /agents answered 403 permission_error (application/json): "Your key has no access to agents."'
    )
    assert reason in run.message("create.minimal-is-accepted")


def test_a_clone_is_judged_by_another_vendors_profile_without_a_failure_of_the_suite() -> None:
    run = judge(
        Clone(Oddities(takes_bearer=True, needed=())), "--seed", "1", "--tier", "core", profile="qoder"
    )
    assert run.exit_code == 1
    assert "the suite itself failed" not in run.output
    assert {name for name in run.broken() if name.startswith("idempotency.")} == {
        "idempotency.create-is-replayed"
    }
    assert "list.after-id-walk" in run.broken()
    assert "transport.routes-under-base" in run.broken()
    assert "archive.runs-stay-readable" not in run.broken()
    assert {"pause.second-is-conflict", "archive.second-is-conflict", "archive.renames"} <= run.broken()
