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

from conformance.config.footprint import FOOTPRINTS
from conformance.config.options import SettingsError
from conformance.config.resolution import resolve
from conformance.contract.catalogue import load_catalogue
from conformance.contract.failure import LARGEST_CASE, SavedFailure, case_of
from conformance.contract.verdict import Finding
from conformance.reference import ReferenceServer, Request, Service
from conformance.suite.exploration.cases import dumped, reader
from conformance.suite.exploration.model.plans import read_walk
from conformance.suite.exploration.openapi.requests import Asked, requests
from conformance.suite.exploration.properties import strategies
from conformance.suite.exploration.properties.bodies import BODIES, OUTCOMES, TYPES, OddBody
from conformance.suite.exploration.properties.body_parts import BOUNDARIES, BodyPart
from conformance.suite.exploration.properties.credentials import EDITS, Edited
from conformance.suite.exploration.properties.ids import EVERY, Naming
from conformance.suite.exploration.properties.timetables import boundaries, replayed
from conformance.suite.exploration.properties.violations import (
    CREATION_LIMITS,
    UPDATE_LIMITS,
    Violation,
    read_violation,
)
from conformance.suite.exploration.registry import check_case
from conformance.suite.shared.values import far_month
from tests.door import HANGS
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
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, timeout=HANGS
    )
    path = folder / "result.json"
    result = json.loads(path.read_text()) if path.exists() else {}
    return Ran(done.returncode, done.stdout, done.stderr, result, tuple((folder / "failures").glob("*.json")))


# --- cases as data -------------------------------------------------------------------------------------------

CASES: Sequence[tuple[type[Any], st.SearchStrategy[Any]]] = (
    (BodyPart, st.sampled_from(BOUNDARIES) | strategies.parts()),
    (Violation, st.sampled_from((*CREATION_LIMITS, *UPDATE_LIMITS)) | strategies.invalid_creations()),
    (Naming, st.builds(Naming, st.sampled_from([*EVERY]), st.integers(0, 255), st.just("read"))),
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
        ("race.pauses", {"operations": ["pause"] * 3}, "expected as operations, in any order: pause, pause"),
        ("race.archives", {"operations": ["archive", "update", "run"]}, "expected as operations"),
        ("race.creations", {"operations": "create"}, "expected as operations"),
        ("race.updates", [], "expected as operations"),
        ("model.lifecycle", [], "expected careful and a plan"),
        ("model.lifecycle", {"careful": False, "plan": [["explode", 0, ""]]}, "unknown"),
        ("model.lifecycle", {"careful": False, "plan": [["pause", 9, ""]]}, "unknown"),
        ("model.lifecycle", {"careful": False, "plan": [["update", 0, "status"]]}, "unknown"),
        ("model.lifecycle", {"careful": False, "plan": [["pause", 0, ""]] * 1_000}, "more than"),
    ],
)
def test_a_case_that_a_search_cannot_read_is_refused(search: str, case: object, said: str) -> None:
    with pytest.raises(SettingsError, match=f"f.json holds a case that {search} cannot read: .*{said}"):
        check_case(SavedFailure("f.json", search, "pause.second-is-conflict", case))


def _violation(**change: object) -> dict[str, object]:
    requirement = "schedule.invalid-cron-is-400"
    return {
        "requirement": requirement,
        "what": "x",
        "change": change,
        "without": "",
        "statuses": [400],
        "beside": False,
    }


def _asked(**body: object) -> dict[str, object]:
    facts = {
        "route": "POST /deployments",
        "what": "",
        "promise": "create.returns-deployment",
        "expects": "success",
    }
    return {**facts, "method": "", "credentials": "own", "query": {}, "body": body}


def _cron(expression: object, zone: str = "UTC") -> dict[str, object]:
    return {"type": "cron", "expression": expression, "timezone": zone}


DANGEROUS: Sequence[tuple[str, object]] = (
    *(
        (search, made(schedule=_cron(expression)))
        for expression in (
            "* * * * *", "*/5 * * * *", "0 * * * *", "0 3 * * *", "@hourly", "* * * * * *", "0 0 3 1 * *", "0 3 1 * 1",
            "0 3 1 6 1-5", "0 3 1,2 6 *", "R/PT1M", "every minute", "0 3 1 6 *\n* * * * *", "\u0660 3 1 6 *", "",
        )
        for search, made in (
            ("property.invalid-creations", _violation), ("property.invalid-updates", _violation),
            ("property.openapi", _asked),
        )
    ),
    ("property.invalid-creations", _violation(schedule="* * * * *")),
    ("property.invalid-creations", _violation(schedule={**_cron("0 3 1 6 *"), "cron": "* * * * *"})),
    ("property.invalid-creations", _violation(agent="agent_of_somebody")),
    ("property.invalid-creations", _violation(agent={"id": "agent_of_somebody"})),
    ("property.invalid-creations", _violation(environment_id="env_of_somebody")),
    ("property.invalid-creations", _violation(vault_ids=["vault_of_somebody"])),
    ("property.invalid-creations", _violation(resources=[{"type": "file", "file_id": "file_1"}])),
    ("property.invalid-creations", _violation(description="nobody knows whose this is")),
    ("property.invalid-creations", _violation(status="active")),
    ("property.invalid-creations", _violation(initial_events=["x"] * 10_000)),
    ("property.invalid-creations", {**_violation(), "without": "description"}),
    ("property.invalid-creations", {**_violation(), "statuses": [200]}),
    ("property.invalid-creations", {**_violation(), "statuses": [[]]}),
    ("property.openapi", _asked(vault_ids=["vault_of_somebody"])),
    ("property.openapi", {**_asked(), "body": "text"}),
    ("property.openapi", {**_asked(), "route": "POST /deployments/{id}/run"}),
    ("property.openapi", {**_asked(), "query": {"limit": {}}}),
    ("property.schedules", {"expression": "* * * 6 * *", "zone": "UTC"}),
    ("property.schedules", {"expression": "x y z 6 *", "zone": "UTC"}),
    ("property.schedules", {"expression": "0 3 31 6 *", "zone": "UTC"}),
    ("property.schedules", {"expression": "0 3 1 6 *", "zone": "Mars/Olympus"}),
    ("property.ids", {"spelling": "upper case", "number": 1, "action": "archive"}),
    ("property.ids", {"spelling": "dot segments", "number": 3, "action": "pause"}),
    ("property.ids", {"spelling": "no prefix", "number": -1, "action": "read"}),
    ("property.ids", {"spelling": "no prefix", "number": 10**300, "action": "read"}),
    ("property.credentials", {"edit": "cut in half", "number": -7}),
    ("property.valid-creations", {"field": "name", "value": "n" * 500}),
    ("property.valid-creations", {"field": "name", "value": "a\u0000b"}),
    ("property.valid-creations", {"field": "description", "value": "\ud800"}),
    ("property.valid-creations", {"field": "metadata", "value": {"cas_config": "x"}}),
    ("property.valid-updates", {"field": "metadata", "value": {f"k{n}": "v" for n in range(17)}}),
    ("property.valid-updates", {"field": "initial_events", "value": []}),
    ("model.lifecycle", {"careful": False, "plan": [[["pause"], 0, ""]]}),
    ("model.lifecycle", {"careful": False, "plan": [[{}, 0, ""]]}),
    ("model.lifecycle", {"careful": False, "plan": [["pause", 0, {}]]}),
    ("model.lifecycle", {"careful": False, "plan": [["run", 0, ""]]}),
    ("model.lifecycle", {"careful": False, "plan": "pause"}),
    ("model.lifecycle", {"careful": False, "plan": {"pause": 1}}),
)  # fmt: skip


@pytest.mark.parametrize("number", range(len(DANGEROUS)))
def test_a_case_that_no_search_would_send_is_refused(number: int) -> None:
    search, case = DANGEROUS[number]
    with pytest.raises(SettingsError, match=f"f.json holds a case that {search} cannot read"):
        check_case(SavedFailure("f.json", search, "pause.second-is-conflict", case))


def test_a_saved_violation_moves_to_a_month_that_is_far_away() -> None:
    near = far_month() % 12 + 1
    for fields in ("61 3 1 {} *", "0 3 1 {}", "5 0 3 1 {} *", "0 3 1 {} nonsense"):
        saved = read_violation(_violation(schedule=_cron(fields.format(near))))
        assert saved.change["schedule"]["expression"] == fields.format(far_month())
    assert read_violation(_violation(schedule=_cron("this is no cron"))).change["schedule"] == _cron(
        "this is no cron"
    )


@pytest.mark.parametrize("strategy", [strategies.invalid_creations(), strategies.invalid_updates()])
def test_whatever_is_generated_is_within_the_limits_of_files(strategy: st.SearchStrategy[Violation]) -> None:
    @given(case=strategy)
    @quickly
    def check(case: Violation) -> None:
        assert read_violation(json.loads(dumped(case))).requirement == case.requirement

    check()


@pytest.mark.parametrize(
    "kind", ["a FIFO", "a device", "a folder", "a loop", "a NUL in its name", "too large"]
)
def test_what_is_no_file_of_a_failure_is_wrong_usage_at_once(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    match kind:
        case "a FIFO":
            os.mkfifo(path)
        case "a device":
            path.symlink_to("/dev/zero")
        case "a folder":
            path.mkdir()
        case "a loop":
            path.symlink_to(path)
        case "too large":
            path.write_bytes(b" " * 2_000_000)
    name = f"{path}\0" if kind == "a NUL in its name" else str(path)
    with pytest.raises(SettingsError, match=r"--replay: .* cannot be read: "):
        _resolved(tmp_path, {"replay": [name]}, {})


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_json_does_not_have_is_not_sent(number: str, tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text(json.dumps(GOOD).replace('"case": {', f'"case": {{"x": {number}, '))
    with pytest.raises(SettingsError, match="is no JSON value"):
        _resolved(tmp_path, {"replay": [str(path)]}, {})


def test_a_walk_without_a_plan_is_none() -> None:
    with pytest.raises(ValueError, match="expected careful"):
        read_walk({"careful": True})


def test_a_case_too_large_for_a_file_is_left_out() -> None:
    large = json.dumps("x" * LARGEST_CASE)
    assert case_of(Finding("pause.second-is-conflict", "", "", replay=large)) is None
    assert case_of(Finding("pause.second-is-conflict", "", "")) is None


# --- runs ----------------------------------------------------------------------------------------------------

FAULTY: Sequence[tuple[type[Service], str, int]] = (
    (inputs.NamesAreCutAt64, "property.valid-creations", 18),
    (inputs.RefusedForItsMetadataAndMade, "property.invalid-creations", 18),
    (inputs.LongMetadataIsLostInUpdates, "property.valid-updates", 20),
    (inputs.RefusedUpdateStoresTheRest, "property.invalid-updates", 20),
    (inputs.DaySevenIsMonday, "property.schedules", 18),
    (inputs.LastDigitOfAnIdIsIgnored, "property.ids", 20),
    (inputs.BeginningOfATokenSuffices, "property.credentials", 22),
    (inputs.UnpauseWithABodyIsOnlyAnswered, "property.odd-bodies", 46),
    (openapi.ScheduleTypesMayBeAnything, "property.openapi", 24),
    (model.ThirdCycleLosesSchedule, "model.lifecycle", 24),
    (races.ConcurrentPausesAllWin, "race.pauses", 90),
    (races.RenamingUndoesTheArchive, "race.archives", 90),
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
            assert "replayed 1 failure: still there" in again.output
            assert again.requests <= most
    with ReferenceServer(Service) as server:
        mended = run(
            server, tmp_path / "mended", "--only", search, "--replay", ",".join(map(str, first.failures))
        )
    assert (mended.exit_code, mended.found) == (0, set()), mended.output
    count = len(first.failures)
    assert (
        "replayed 1 failure: gone" if count == 1 else f"replayed {count} failures: {count} gone"
    ) in mended.output


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


def _resolved(
    tmp_path: Path, given_: dict[str, object], environment: dict[str, str]
) -> tuple[SavedFailure, ...]:
    return resolve(given_, environment, load_catalogue(), tmp_path).replay


def test_files_may_be_named_by_option_variable_and_configuration(tmp_path: Path) -> None:
    path = str(_written(tmp_path, "good.json", {}))
    (wanted,) = _resolved(tmp_path, {"replay": [path]}, {})
    assert wanted == SavedFailure(path, "model.lifecycle", "unpause.is-stored", GOOD["case"])
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


@pytest.mark.parametrize("only", ["property.valid-creations", "property.ids", "model.lifecycle"])
def test_a_seed_decides_every_request_of_a_search(only: str, tmp_path: Path) -> None:
    one, again, other = (_requests_of(seed, only, tmp_path) for seed in (7, 7, 8))
    assert one == again
    assert one[0] != other[0]
    assert one[1] == other[1]


def test_more_examples_are_more_requests(tmp_path: Path) -> None:
    with ReferenceServer(Service) as server:
        few, many = (
            run(server, tmp_path, "--only", "property.schedules", "--examples", count).requests
            for count in ("10", "90")
        )
    assert many > 2 * few


def test_a_larger_footprint_asks_for_more(tmp_path: Path) -> None:
    with ReferenceServer(Service) as server:
        small, normal = (
            run(server, tmp_path / word, "--only", "race.updates", "--footprint", word).requests
            for word in ("small", "normal")
        )
    assert normal > 2 * small


def test_the_smallest_footprint_searches_nothing_and_says_so(tmp_path: Path) -> None:
    with ReferenceServer(Service) as server:
        done = run(server, tmp_path, "--only", "race.updates,property.ids", "--footprint", "minimal")
    rows = {
        row["id"]: row["message"] for row in done.result["searches"] if row["verdict"] == "not-applicable"
    }
    assert rows.keys() == {"race.updates", "property.ids"}
    assert all("--footprint small" in reason for reason in rows.values())
    assert done.result["totals"]["created"] <= 1


# --- warnings ------------------------------------------------------------------------------------------------


def test_a_race_that_is_won_by_all_is_told_with_its_evidence_and_saved(tmp_path: Path) -> None:
    with ReferenceServer(races.ConcurrentPausesAllWin) as server:
        first = run(server, tmp_path, "--only", "pause.one-of-many-wins")
    assert first.exit_code == 0
    assert "WARNED pause.one-of-many-wins (SHOULD)" in first.output
    assert f"--replay {tmp_path / 'failures' / 'race.pauses-pause.one-of-many-wins.json'}" in first.output
    assert "    | >> #" in first.output
    assert [json.loads(path.read_text())["case"] for path in first.failures] == [
        {"operations": ["pause"] * 4}
    ]


def test_a_race_is_run_again_in_the_order_that_was_saved(tmp_path: Path) -> None:
    order = ["update", "archive", "archive"]
    path = _written(
        tmp_path,
        "race.json",
        {
            "search": "race.archives",
            "requirement": "pause.races-have-an-order",
            "case": {"operations": order},
        },
    )
    words = ("--only", "race.archives", "--replay", str(path), "--har", str(tmp_path / "run.har"))
    with ReferenceServer(Service) as server:
        assert run(server, tmp_path / "again", *words).exit_code == 0
    entries = json.loads((tmp_path / "run.har").read_text())["log"]["entries"]
    labels = [entry["comment"].partition(" ")[2] for entry in entries]
    assert [label for label in labels if label in order] == order * FOOTPRINTS["small"].final_rounds
