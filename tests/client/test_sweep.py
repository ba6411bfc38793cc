"""Whatever a broken-off run leaves is archived by a sweep, and nothing that only looks like it."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from conformance.cli import main
from conformance.client.ownership.ledger import EMBEDDED, Ledger, held
from conformance.client.ownership.orphans import NoLedgerError, read_ledger, reminders, same_target
from conformance.redaction.redactor import fingerprint
from conformance.reference import Deployment
from tests.client.factory import ledger_lines
from tests.client.leaving import FOREIGN, Account, account
from tests.client.rawserver import RawServer, answering, http

MOMENTS = (12, 40, 90)
URL = "https://api.example.com/v1"


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path / "reports") as opened:
        yield opened


def announce(filled: Account, name: str, event: str = "", run: str = "feed0001", **facts: str) -> None:
    """Write a creation of a run that was killed to the ledger."""
    account = fingerprint(filled.server.tokens[0])
    ledger = Ledger(
        filled.folder / "ledger.jsonl", run_id=run, target=filled.server.base_url, account=account
    )
    ledger.write("intent", name=name, description=None)
    if event:
        ledger.write(event, name=name, **facts)
    ledger.close()


def add(
    filled: Account,
    name: str,
    *,
    older: timedelta = timedelta(),
    **facts: Any,  # noqa: ANN401 (fields of it)
) -> Deployment:
    """Put an active deployment into the account."""
    first = next(row for row in filled.foreign().values() if not row.archived_at)
    sequence = filled.service.store.next_sequence()
    made = filled.service.instant() - older
    record = replace(
        first, id=f"dep_{sequence}", sequence=sequence, name=name, created_at=made, updated_at=made, **facts
    )
    filled.service.keep(record)
    return record


# --- runs that are broken off --------------------------------------------------------------------------------


def test_runs_and_sweeps_leave_foreign_deployments_as_they_are(filled: Account) -> None:
    before = filled.foreign()
    assert len(before) == FOREIGN
    for moment in MOMENTS:
        filled.break_off(moment, signal.SIGKILL)
        assert filled.foreign() == before
    assert filled.ours()
    code, output = filled.run("--only", "pause.second-is-conflict")
    assert code == 0, output
    assert f"conformance sweep --base-url {filled.server.base_url}" in " ".join(output.split())
    assert filled.ours()
    code, output, errors = filled.sweep()
    assert (code, errors) == (0, ""), output
    assert filled.ours() == []
    assert filled.foreign() == before
    code, output, _ = filled.sweep()
    assert (code, output.partition(" |")[0]) == (0, "sweep: 0 archived, 0 gone already, 0 left")
    assert reminders(str(filled.folder)) == []


def test_after_a_whole_and_an_interrupted_run_nothing_is_left_to_sweep(filled: Account) -> None:
    before = filled.foreign()
    assert filled.run("--only", "pause.second-is-conflict")[0] == 0
    filled.break_off(70, signal.SIGINT)
    assert filled.ours() == []
    code, output, _ = filled.sweep()
    assert code == 0
    assert "sweep: 0 archived" in output
    assert filled.foreign() == before


# --- what is archived and what is not ------------------------------------------------------------------------


def test_a_lost_creation_is_found_by_its_exact_name(filled: Account) -> None:
    announce(filled, "conformance-feed0001-a-1")
    made = add(filled, "conformance-feed0001-a-1")
    like = [
        add(filled, name) for name in ("conformance-feed0001-a-10", "Conformance-feed0001-a-1", "feed0001")
    ]
    code, output, _ = filled.sweep()
    assert code == 0
    assert f"archived  {made.id} (conformance-feed0001-a-1) [run feed0001]" in output
    assert {row.id for row in filled.ours()} == {row.id for row in like}


def test_an_older_deployment_with_the_name_of_a_lost_creation_is_left(filled: Account) -> None:
    announce(filled, "conformance-feed0001-a-1")
    made = add(filled, "conformance-feed0001-a-1", older=timedelta(minutes=1))
    code, output, _ = filled.sweep()
    assert code == 3
    assert f"left      {made.id}" in output
    assert "older" in output
    assert [row.id for row in filled.ours()] == [made.id]


def test_the_limits_of_runs_do_not_bind_a_sweep(filled: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFORMANCE_MAX_REQUESTS", "2")
    made = [add(filled, f"conformance-feed0001-a-{number}") for number in range(3)]
    for record in made:
        announce(filled, record.name, "created", id=record.id)
    assert filled.sweep()[0] == 0
    assert filled.ours() == []


def test_a_lost_creation_without_the_runs_id_is_not_sought(filled: Account) -> None:
    announce(filled, "plain")
    made = add(filled, "plain")
    code, output, _ = filled.sweep()
    assert (code, [row.id for row in filled.ours()]) == (0, [made.id]), output


def test_an_id_that_another_deployment_bears_now_is_left(filled: Account) -> None:
    theirs = add(filled, "theirs", older=timedelta(hours=1))
    announce(filled, "conformance-feed0001-a-1", "created", id=theirs.id)
    code, output, _ = filled.sweep()
    assert code == 3
    assert "reads as another's" in output
    assert [row.id for row in filled.ours()] == [theirs.id]


@pytest.mark.parametrize(
    "facts",
    [
        {"description": "Made by a conformance run (conformance-feed0001-a-1); it is archived."},
        {"initial_events": [{"type": "user.message", "content": "Event of conformance-feed0001-a-1"}]},
    ],
)
def test_an_id_that_bears_the_mark_of_the_run_is_archived_whatever_its_name(
    filled: Account, facts: dict[str, Any]
) -> None:
    renamed = add(filled, "renamed by a story", **facts)
    announce(filled, "conformance-feed0001-a-1", "created", id=renamed.id)
    code, output, _ = filled.sweep()
    assert code == 0, output
    assert filled.ours() == []


def test_an_id_of_that_moment_without_the_mark_of_the_run_is_left(filled: Account) -> None:
    theirs = add(filled, "conformance of our own", description="feed0001")
    announce(filled, "conformance-feed0001-a-1", "created", id=theirs.id)
    code, output, _ = filled.sweep()
    assert code == 3
    assert "no text of it bears the mark of the run" in output
    assert [row.id for row in filled.ours()] == [theirs.id]


def test_what_is_gone_or_misleading_is_told(filled: Account) -> None:
    announce(filled, "conformance-feed0001-a-1", "created", id="dep_gone")
    announce(filled, "conformance-feed0001-a-2", "created", id="../agents")
    code, output, _ = filled.sweep()
    assert code == 3
    assert "gone      dep_gone" in output
    assert "left      ../agents" in output
    assert "1 gone already, 1 left" in output


def test_another_token_finds_nothing_and_says_so(filled: Account) -> None:
    made = add(filled, "conformance-feed0001-a-1")
    announce(filled, made.name, "created", id=made.id)
    code, output, _ = filled.sweep(token=filled.server.tokens[1])
    assert code == 3
    assert "the run had another one" in output
    code, output, _ = filled.sweep(token="pt-wrong")
    assert code == 3
    assert "401" in output
    assert [row.id for row in filled.ours()] == [made.id]


def test_one_run_alone(filled: Account) -> None:
    made = [add(filled, f"conformance-feed000{number}-a-1") for number in (1, 2)]
    for number in (1, 2):
        announce(filled, f"conformance-feed000{number}-a-1", run=f"feed000{number}")
    assert filled.sweep("--run-id", "feed0001")[0] == 0
    assert [row.id for row in filled.ours()] == [made[1].id]
    code, _, errors = filled.sweep("--run-id", "feed0003")
    assert code == 2
    assert "no run 'feed0003'" in errors
    assert "feed0001, feed0002" in errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_sweep_is_called_again(filled: Account, number: signal.Signals) -> None:
    for place in range(60):
        made = add(filled, f"conformance-feed0001-a-{place}")
        announce(filled, made.name, "created", id=made.id)
    filled.service.expect(10, seconds=0.2)  # or a busy machine would bring the signal after the end
    process = filled.start("sweep")
    filled.service.reached.wait(60)
    process.send_signal(number)
    output, errors = process.communicate(timeout=60)
    filled.service.expect(0)
    assert (process.returncode, "Traceback" in errors) == (3, False)
    assert "interrupted: call it again" in output
    assert filled.ours()
    assert filled.sweep()[0] == 0
    assert filled.ours() == []


@pytest.mark.parametrize("body", [b"{}", b"<html>", b'{"data": {}}', b"[]"])
def test_an_answer_that_is_no_list_leaves_everything(
    tmp_path: Path, body: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CONFORMANCE_TOKEN", "pt-x")
    with RawServer(answering(http(body=body))) as server:
        path = written(tmp_path, {**entry("intent", name="conformance-feed0001-a-1"), "target": server.url})
        before = path.read_bytes()
        assert main(["sweep", "--base-url", server.url, str(path)]) == 3
        assert {request[:4] for request in server.requests} == {b"GET "}
    assert "answered 200, no list" in capsys.readouterr().out
    assert path.read_bytes() == before


# --- refusals ------------------------------------------------------------------------------------------------


def test_ledgers_of_another_target_are_refused(filled: Account, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    ledger = Ledger(other, run_id="feed0001", target=URL)
    ledger.write("intent", name="conformance-feed0001-a-1")
    ledger.close()
    code, _, errors = filled.sweep(str(other))
    assert code == 2
    assert f"only on {URL}" in errors
    assert "nothing was archived" in errors


@pytest.mark.parametrize(
    ("words", "said"),
    [(["nothing.jsonl"], "there is no ledger"), (["--report-dir", "nowhere"], "there is no directory")],
)
def test_what_is_not_there_is_refused(filled: Account, words: list[str], said: str) -> None:
    code, _, errors = filled.sweep(*words)
    assert code == 2
    assert said in errors


def test_a_run_under_way_is_not_swept(filled: Account) -> None:
    announce(filled, "conformance-feed0001-a-1")
    ledger = Ledger(filled.folder / "ledger.jsonl", run_id="feed0002", target=filled.server.base_url)
    ledger.write("intent", name="conformance-feed0002-a-1")
    made = add(filled, "conformance-feed0002-a-1")
    code, output, _ = filled.sweep()
    assert code == 3
    assert "a run is using" in output
    assert [row.id for row in filled.ours()] == [made.id]
    assert reminders(str(filled.folder)) == []
    ledger.close()
    assert len(reminders(str(filled.folder))) == 1


# --- reading -------------------------------------------------------------------------------------------------


def written(folder: Path, *lines: object) -> Path:
    path = folder / "ledger.jsonl"
    path.write_text("".join(line if isinstance(line, str) else f"{json.dumps(line)}\n" for line in lines))
    return path


def entry(event: str, **facts: str) -> dict[str, str]:
    return {"event": event, "at": "2026-07-14T08:30:00.000+00:00", "run": "feed0001", "target": URL, **facts}


def test_a_ledger_of_an_older_suite_is_read(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        entry("intent", name="a"), entry("created", name="a", id="dep_a"), entry("archived", id="dep_a"),
        entry("intent", name="b"), entry("created", name="b", id="dep_b"), entry("left", id="dep_b", why="500"),
        entry("intent", name="c"), entry("unknown", name="c"), entry("intent", name="d"),
        entry("intent", name="e"), entry("refused", name="e", status="400"),
    )  # fmt: skip
    (run,) = read_ledger(path)
    assert (run.run, run.target, list(run.made), run.finished) == ("feed0001", URL, ["dep_b"], False)
    assert [creation.name for creation in run.lost] == ["c", "d"]
    assert [creation.name for creation in run.sought] == ["c", "d", "e"]
    assert run.count == 3


def test_a_finished_run_looked_for_refused_creations_itself(tmp_path: Path) -> None:
    path = written(
        tmp_path, entry("intent", name="c"), entry("unknown", name="c"), entry("intent", name="e"),
        entry("refused", name="e"), entry("finished"),
    )  # fmt: skip
    (run,) = read_ledger(path)
    assert [creation.name for creation in run.sought] == ["c"]
    assert run.count == 0


def test_an_empty_line_is_passed_over(tmp_path: Path) -> None:
    (run,) = read_ledger(
        written(tmp_path, entry("intent", name="a"), "\n", entry("unknown", name="a"), "\r\n")
    )
    assert [creation.name for creation in run.lost] == ["a"]


def test_two_creations_with_one_name_are_two(tmp_path: Path) -> None:
    both = [entry("intent", name="a"), entry("intent", name="a"), entry("created", name="a", id="dep_a")]
    (run,) = read_ledger(written(tmp_path, *both))
    assert (list(run.made), len(run.lost)) == (["dep_a"], 1)
    (run,) = read_ledger(written(tmp_path, *both, entry("created", name="a", id="dep_a")))
    assert (list(run.made), run.lost) == (["dep_a"], [])


def test_a_line_that_was_cut_off_is_passed_over_and_the_next_stands_alone(tmp_path: Path) -> None:
    path = written(tmp_path, entry("intent", name="a"), '{"event": "created", "at": "2026')
    assert [creation.name for creation in read_ledger(path)[0].lost] == ["a"]
    ledger = Ledger(path, run_id="feed0001", target=URL)
    ledger.write("archived", id="dep_1")
    ledger.close()
    assert path.read_text().splitlines()[-1].startswith('{"event": "archived"')
    assert [creation.name for creation in read_ledger(path)[0].lost] == ["a"]


@pytest.mark.parametrize(
    "content", ["<html>\n", "[1]\n", '{"run": 1, "target": "x"}\n', "\x00\x01", "{" * 100_000]
)
def test_what_is_no_ledger_is_refused(tmp_path: Path, content: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(NoLedgerError, match="line 1 is"):
        read_ledger(path)
    assert "is not known" in reminders(str(tmp_path))[0]


def test_reminders_count_what_is_left_on_each_target(tmp_path: Path) -> None:
    assert reminders(str(tmp_path)) == []
    lines = [
        entry("intent", name=name, run=f"feed000{number}") for name, number in (("a", 1), ("b", 1), ("c", 2))
    ]
    gone = entry("intent", name="x", target=EMBEDDED)
    written(tmp_path, *lines, gone, entry("intent", name="y", target="https://other", run="feed0003"))
    first, second = reminders(str(tmp_path))
    assert f"2 earlier runs left 3 deployments on {URL}" in first
    assert f"conformance sweep --base-url {URL} --report-dir {tmp_path}" in first
    assert "run feed0003 of 2026-07-14T08:30:00Z left 1 deployment on https://other" in second


def test_a_ledger_is_held_by_one_reader(tmp_path: Path) -> None:
    path = written(tmp_path, entry("intent", name="a"))
    with held(path) as first, held(path) as second:
        assert (first, second) == (True, False)
    assert len(ledger_lines(tmp_path)) == 1


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("https://API.example.com/v1/", True), ("https://api.example.com:443/v1", True),
        ("http://api.example.com/v1", False), ("https://api.example.com/v2", False),
        ("https://api.example.com:8443/v1", False), ("https://[", False),
    ],
)  # fmt: skip
def test_a_target_is_the_same_however_its_url_is_spelled(other: str, same: bool) -> None:
    assert same_target(URL, other) is same
