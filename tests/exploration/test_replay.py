"""What a search found is saved, and tried first by a run that is given the file; seeds decide all else."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.contract.catalogue import load_catalogue
from conformance.contract.failure import LARGEST_CASE, Failure, case_of
from conformance.contract.verdict import Finding
from conformance.exploration import _strategies as strategies
from conformance.exploration._cases import dumped, reader
from conformance.exploration._openapi import Asked, requests
from conformance.exploration._parts import BOUNDARIES, Part
from conformance.exploration._plans import read_walk
from conformance.exploration._timetables import boundaries, replayed
from conformance.exploration._violations import CREATION_LIMITS, UPDATE_LIMITS, Violation
from conformance.exploration.bodies import BODIES, OUTCOMES, TYPES, OddBody
from conformance.exploration.credentials import EDITS, Edited
from conformance.exploration.ids import ACTIONS, EVERY, Naming
from conformance.exploration.registry import check_case
from conformance.reference import ReferenceServer, Request, Service
from conformance.stories.values import far_month
from conformance.target.options import SettingsError
from conformance.target.settings import resolve
from tests.faults import model, openapi, races
from tests.faults import property as inputs

SCHEMA = Path(__file__).parents[2] / "schemas" / "report" / "failure.schema.json"
quickly = settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@dataclass(frozen=True)
class Ran:
    """What one run said, and the files of its failures."""

    exit_code: int
    output: str
    errors: str
    result: dict[str, Any]
    failures: tuple[Path, ...]

    @property
    def found(self) -> set[str]:
        return {f["requirement"] for search in self.result["searches"] for f in search["findings"]}

    @property
    def requests(self) -> int:
        return int(self.result["totals"]["requests"])


def run(server: ReferenceServer, folder: Path, *words: str) -> Ran:
    command = [sys.executable, "-m", "conformance", "run", "--base-url", server.base_url,
               "--second-token-env", "SECOND", "--report-dir", str(folder), *words]  # fmt: skip
    return _ran(command, server, folder)


def _ran(command: Sequence[str], server: ReferenceServer, folder: Path) -> Ran:
    environment = {**os.environ, "CONFORMANCE_TOKEN": server.tokens[0], "SECOND": server.tokens[1]}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)
    path = folder / "result.json"
    result = json.loads(path.read_text()) if path.exists() else {}
    return Ran(done.returncode, done.stdout, done.stderr, result, tuple((folder / "failures").glob("*.json")))


# --- cases as data -------------------------------------------------------------------------------------------

CASES: Sequence[tuple[type[Any], st.SearchStrategy[Any]]] = (
    (Part, st.sampled_from(BOUNDARIES) | strategies.parts()),
    (Violation, st.sampled_from((*CREATION_LIMITS, *UPDATE_LIMITS)) | strategies.invalid_creations()),
    (Naming, st.builds(Naming, st.sampled_from([*EVERY]), st.integers(0, 255), st.sampled_from(ACTIONS))),
    (Edited, st.builds(Edited, st.sampled_from([*EDITS]), st.integers(0, 255))),
    (
        OddBody,
        st.builds(OddBody, st.sampled_from([*OUTCOMES]), st.sampled_from([*BODIES]), st.sampled_from(TYPES)),
    ),
    (Asked, st.deferred(lambda: st.sampled_from(requests("2026-07")))),
)


@pytest.mark.parametrize(("kind", "cases"), CASES, ids=lambda one: getattr(one, "__name__", ""))
def test_a_case_survives_as_data(kind: type[Any], cases: st.SearchStrategy[Any]) -> None:
    @given(case=cases)
    @quickly
    def check(case: object) -> None:
        assert reader(kind)(json.loads(dumped(case))) == case

    check()


def test_a_saved_timetable_moves_to_a_month_that_is_far_away() -> None:
    near = far_month() % 12 + 1
    for one in boundaries(near):
        assert replayed(json.loads(dumped(one))) in boundaries(far_month())
    with pytest.raises(ValueError, match="one month"):
        replayed({"expression": "* * * * *", "zone": "UTC"})


@pytest.mark.parametrize(
    ("search", "case", "said"),
    [
        ("property.ids", {"spelling": "a poem", "number": 1, "action": "read"}, "unknown"),
        ("property.ids", {"spelling": "no prefix", "number": "1", "action": "read"}, "number is no int"),
        ("property.ids", {"spelling": "no prefix"}, "expected an object with spelling, number, action"),
        ("property.credentials", {"edit": "as it is", "number": 1}, "unknown"),
        ("property.openapi", {"route": "POST /deployments/{id}/run"}, "expected an object with route"),
        (
            "property.openapi",
            {
                "route": "GET /deployments",
                "what": "",
                "promise": "list.envelope",
                "expects": "no success",
                "method": "DELETE",
                "credentials": "own",
                "query": {},
                "body": None,
            },
            "unknown",
        ),
        ("property.odd-bodies", {"action": "run", "body": "null", "content_type": ""}, "unknown"),
        ("property.valid-creations", {"field": "name", "value": 1}, "unknown"),
        ("property.valid-updates", {"field": "metadata", "value": {"a": 1}}, "unknown"),
        ("property.schedules", {"expression": "* * * * *", "zone": "UTC"}, "one month"),
        ("model.lifecycle", [], "expected careful and a plan"),
        ("model.lifecycle", {"careful": False, "plan": [["explode", 0, ""]]}, "unknown"),
        ("model.lifecycle", {"careful": False, "plan": [["pause", 9, ""]]}, "unknown"),
        ("model.lifecycle", {"careful": False, "plan": [["update", 0, "status"]]}, "unknown"),
        ("model.lifecycle", {"careful": False, "plan": [["pause", 0, ""]] * 1_000}, "more than"),
    ],
)
def test_a_case_that_a_search_cannot_read_is_refused(search: str, case: object, said: str) -> None:
    with pytest.raises(SettingsError, match=f"f.json holds a case that {search} cannot read: .*{said}"):
        check_case(Failure("f.json", search, "pause.second-is-conflict", case))


def test_a_walk_without_a_plan_is_none() -> None:
    with pytest.raises(ValueError, match="expected careful"):
        read_walk({"careful": True})


def test_a_case_too_large_for_a_file_is_left_out() -> None:
    large = json.dumps("x" * LARGEST_CASE)
    assert case_of(Finding("pause.second-is-conflict", "", "", "", large)) is None
    assert case_of(Finding("pause.second-is-conflict", "", "", "")) is None


# --- runs ----------------------------------------------------------------------------------------------------

FAULTY: Sequence[tuple[type[Service], str, int]] = (
    (inputs.NamesAreCutAt64, "property.valid-creations", 12),
    (inputs.VaultsOf51AreTaken, "property.invalid-creations", 12),
    (inputs.LongMetadataIsLostInUpdates, "property.valid-updates", 14),
    (inputs.RefusedUpdateStoresTheRest, "property.invalid-updates", 14),
    (inputs.DaySevenIsMonday, "property.schedules", 12),
    (inputs.LastDigitOfAnIdIsIgnored, "property.ids", 14),
    (inputs.BeginningOfATokenSuffices, "property.credentials", 16),
    (inputs.UnpauseWithABodyIsOnlyAnswered, "property.odd-bodies", 40),
    (openapi.ScheduleTypesMayBeAnything, "property.openapi", 18),
    (model.ThirdCycleLosesSchedule, "model.lifecycle", 18),
    (races.ConcurrentPausesAllWin, "race.pauses", 90),
)
"""A fault, the search that finds it, and how many requests a replay may take, preflight and clean-up included."""


@pytest.mark.parametrize(("service", "search", "most"), FAULTY, ids=lambda one: getattr(one, "__name__", one))
def test_a_failure_is_found_again_at_once_and_gone_when_mended(
    service: type[Service], search: str, most: int, tmp_path: Path
) -> None:
    with ReferenceServer(service) as server:
        first = run(server, tmp_path / "first", "--only", search, "--seed", "1")
        assert first.failures, first.output + first.errors
        for path in first.failures:
            saved = json.loads(path.read_text())
            jsonschema.validate(saved, json.loads(SCHEMA.read_text()))
            again = run(server, tmp_path / "again", "--only", search, "--seed", "2", "--replay", str(path))
            assert saved["requirement"] in again.found, again.output
            assert again.requests <= most
    with ReferenceServer(Service) as server:
        mended = run(
            server, tmp_path / "mended", "--only", search, "--replay", ",".join(map(str, first.failures))
        )
    assert (mended.exit_code, mended.found) == (0, set()), mended.output


@pytest.mark.parametrize("service", [inputs.NamesAreCutAt64, model.DescriptionUnpauses])
def test_the_command_that_a_report_prints_shows_the_failure_again(
    service: type[Service], tmp_path: Path
) -> None:
    with ReferenceServer(service) as server:
        first = run(server, tmp_path, "--seed", "3", "--tier", "property", "--strict")
        rows = {
            r["id"]: r["reproduce"] for r in first.result["requirements"] if r["verdict"] in {"fail", "warn"}
        }
        assert rows
        for requirement, command in rows.items():
            words = shlex.split(command)
            assert words[:2] == ["conformance", "run"]
            again = _ran(
                [sys.executable, "-m", *words, "--report-dir", str(tmp_path / "again")],
                server,
                tmp_path / "again",
            )
            assert requirement in {
                row["id"] for row in again.result["requirements"] if row["verdict"] in {"fail", "warn"}
            }, command


BAD: Sequence[tuple[str, object, str]] = (
    ("nowhere.json", None, "nowhere.json cannot be read: No such file or directory."),
    ("text.json", "a poem", "text.json is not JSON"),
    ("array.json", "[]", "is no failure that a run saved"),
    ("future.json", {"schema_version": "9"}, "has the schema version '9'; this suite reads '1.0'."),
    (
        "search.json",
        {"search": "property.poems"},
        "names the unknown search 'property.poems'; allowed: property.",
    ),
    ("requirement.json", {"requirement": "pause.rhymes"}, "names the unknown requirement 'pause.rhymes'."),
    ("case.json", {"case": None}, "has no case to replay."),
    ("unreadable.json", {"case": {"plan": 7}}, "holds a case that model.lifecycle cannot read"),
)
GOOD = {
    "schema_version": "1.0", "search": "model.lifecycle", "requirement": "unpause.is-stored",
    "case": {"careful": False, "plan": [["toggle", 0, ""]]},
}  # fmt: skip


def _written(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    if content is not None:
        path.write_text(content if isinstance(content, str) else json.dumps({**GOOD, **dict(content)}))  # type: ignore[call-overload]  # a dict
    return path


@pytest.mark.parametrize(("name", "content", "said"), BAD, ids=[name for name, _, _ in BAD])
def test_a_file_that_cannot_be_replayed_is_wrong_usage(
    name: str, content: object, said: str, tmp_path: Path
) -> None:
    path = _written(tmp_path, name, content)
    command = [
        sys.executable,
        "-m",
        "conformance",
        "run",
        "--report-dir",
        str(tmp_path),
        "--replay",
        str(path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "ledger.jsonl").exists()


def _resolved(tmp_path: Path, given_: dict[str, object], environment: dict[str, str]) -> tuple[Failure, ...]:
    return resolve(given_, environment, load_catalogue(), tmp_path).replay


def test_files_may_be_named_by_option_variable_and_configuration(tmp_path: Path) -> None:
    path = str(_written(tmp_path, "good.json", {}))
    (wanted,) = _resolved(tmp_path, {"replay": [path]}, {})
    assert wanted == Failure(path, "model.lifecycle", "unpause.is-stored", GOOD["case"])
    assert _resolved(tmp_path, {}, {"CONFORMANCE_REPLAY": path}) == (wanted,)
    (tmp_path / "conformance.toml").write_text(f'replay = ["{path}"]\n')
    assert _resolved(tmp_path, {}, {}) == (wanted,)


@pytest.mark.parametrize(
    ("given_", "hint"),
    [
        ({"tier": ["core"]}, "add --tier property."),
        ({"only": ["pause.*"]}, "add --only model.lifecycle."),
    ],
)
def test_a_failure_of_a_search_that_is_left_out_is_wrong_usage(
    given_: dict[str, object], hint: str, tmp_path: Path
) -> None:
    path = str(_written(tmp_path, "good.json", {}))
    with pytest.raises(SettingsError, match=hint):
        _resolved(tmp_path, {**given_, "replay": [path]}, {})


# --- seeds ---------------------------------------------------------------------------------------------------


class Remembers(Service):
    """Remembers what it was asked, but for what differs from run to run: ids, names and numbers of requests."""

    def respond(self, request: Request) -> Any:  # noqa: ANN401 (what the base class returns)
        self.asked.append(f"{request.method} {request.path} {request.content!r}")
        return super().respond(request)

    @property
    def asked(self) -> list[str]:
        asked: list[str] = self.__dict__.setdefault("_asked", [])
        return asked


def _plain(text: str) -> str:
    """Return a request without what differs from run to run; ids may be percent-encoded or in capitals."""
    return re.sub(r"(?:[0-9a-f]|%[0-9a-f]{2}){8,}(-\d{6})?|\d+", "#", text, flags=re.IGNORECASE)


def _requests_of(seed: int, only: str, folder: Path) -> tuple[Counter[str], dict[str, str]]:
    with ReferenceServer(Remembers) as server:
        done = run(server, folder, "--only", only, "--seed", str(seed))
        service = server.service
    assert isinstance(service, Remembers)
    verdicts = {row["id"]: row["verdict"] for row in done.result["searches"] + done.result["requirements"]}
    return Counter(map(_plain, service.asked)), verdicts


@pytest.mark.parametrize("only", ["property.valid-creations", "property.ids", "model.lifecycle", "pause.*"])
def test_a_seed_decides_every_request(only: str, tmp_path: Path) -> None:
    one, again, other = (_requests_of(seed, only, tmp_path) for seed in (7, 7, 8))
    assert one == again
    assert only == "pause.*" or one[0] != other[0]
    assert one[1] == other[1]


def test_more_examples_are_more_requests(tmp_path: Path) -> None:
    with ReferenceServer(Service) as server:
        few, many = (
            run(server, tmp_path, "--only", "property.schedules", "--examples", count).requests
            for count in ("10", "60")
        )
    assert many > 3 * few
