"""Nights in a row: what is accepted stays green, and what is new beside it does not."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from conformance.reference import ReferenceServer, Service
from tests.door import Door, Opened
from tests.faults.model import RenamingLosesMetadata
from tests.faults.pause import PauseTwiceIsFine
from tests.faults.races import ConcurrentArchivesAllWin

FILE = "conformance-accepted.toml"
KNOWN, NEW, RACED = "pause.second-is-conflict", "update.keeps-what-was-not-sent", "pause.races-have-an-order"
SELECTED = ("--only", "pause.*,model.lifecycle,race.*", "--seed", "4", "--strict", "-q")
SCHEMA = json.loads((Path(__file__).parents[1] / "schemas/report/accepted.schema.json").read_text())
TOMORROW = datetime.now(UTC).date() + timedelta(days=1)


def night(door: Door, *faults: type[Service]) -> Opened:
    service = type("Night", (*faults, Service), {})
    with ReferenceServer(service) as server:
        return door.run_at(server, *SELECTED)


def accept(door: Door, *words: str) -> Opened:
    return door.open("conformance", "accept", "reports", *words)


def rewrite(door: Door, old: str, new: str) -> None:
    path = door.cwd / FILE
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def states(opened: Opened) -> dict[str, str]:
    return {one["requirement"]: one["state"] for one in opened.result["accepted_deviations"]}


def in_junit(opened: Opened, name: str) -> tuple[str, str]:
    """The tag and type of what a test case ends in."""
    root = ET.parse(opened.folder / "junit.xml").getroot()  # noqa: S314 (our own document)
    (case,) = (case for case in root.iter("testcase") if case.get("name") == name)
    return next(
        ((one.tag, one.get("type", "")) for one in case if one.tag in ("failure", "skipped", "error")),
        ("", ""),
    )


def broken(opened: Opened) -> set[str]:
    return {row["id"] for row in opened.result["requirements"] if row["broken"]}


def test_nights_in_a_row(door: Door) -> None:
    green = night(door)
    assert (green.code, green.result["accepted_deviations"]) == (0, []), green.output

    red = night(door, PauseTwiceIsFine)
    assert (red.code, broken(red)) == (1, {KNOWN})

    (door.cwd / FILE).write_text("# ours to mend\n")
    words = ("--requirement", KNOWN, "--reason", "the team knows", "--issue", "https://x.example/7")
    assert accept(door, *words, "--expires", str(TOMORROW)).code == 0
    known = night(door, PauseTwiceIsFine)
    assert known.code == 0, known.output
    assert (broken(known), states(known)) == (set(), {KNOWN: "accepted"})
    assert "not-judged" not in known.verdicts.values()
    assert {row["verdict"] for row in known.result["searches"]} == {"pass"}
    assert in_junit(known, KNOWN) == ("skipped", "pytest.xfail")
    assert "ACCEPTED 1\n" in known.output
    assert ", 1 accepted |" in known.last_line
    assert "accepted <code>pause.second-is-conflict</code>" in (known.folder / "summary.md").read_text()

    assert (
        '<li class="accepted"><span class="badge">accepted</span>'
        in (known.folder / "report.html").read_text()
    )

    beside = night(door, PauseTwiceIsFine, RenamingLosesMetadata)
    assert (beside.code, broken(beside)) == (1, {NEW}), beside.output
    assert "found by model.lifecycle" in beside.output

    raced = night(door, PauseTwiceIsFine, ConcurrentArchivesAllWin)
    assert (raced.code, broken(raced)) == (1, {RACED}), raced.output

    rewrite(door, f"expires = {TOMORROW}", "expires = 2020-01-01")
    expired = night(door, PauseTwiceIsFine)
    assert (expired.code, broken(expired), states(expired)) == (1, {KNOWN}, {KNOWN: "expired"})
    assert in_junit(expired, KNOWN) == ("failure", "conformance.expired")
    assert "expired on 2020-01-01" in expired.output

    rewrite(door, "expires = 2020-01-01", f"expires = {TOMORROW}")
    mended = night(door)
    assert (mended.code, broken(mended), states(mended)) == (1, set(), {KNOWN: "mended"})
    assert in_junit(mended, KNOWN) == ("failure", "conformance.mended")
    assert f"MENDED {KNOWN}" in mended.output
    assert '<span class="badge">mended</span>' in (mended.folder / "report.html").read_text()
    assert "--prune" in mended.output
    assert accept(door, "--prune").code == 0
    assert night(door).code == 0
    assert (door.cwd / FILE).read_text().startswith("# ours to mend\n")


ENTRY = f"""
[[accepted]]
requirement = "{KNOWN}" # the second one
profile = "qoder"
reason = "known"
expires = {TOMORROW}
fingerprint = "sha256:{"0" * 24}"
expected = "409"
got = "something else"
first_seen = 2026-11-01
last_seen = 2026-11-01
"""
ONE = ("--only", KNOWN, "-q")


def judged(door: Door) -> Opened:
    with ReferenceServer(PauseTwiceIsFine) as server:
        return door.run_at(server, *ONE)


def test_a_deviation_that_changed_is_red_until_it_is_updated(door: Door) -> None:
    (door.cwd / FILE).write_text(ENTRY)
    changed = judged(door)
    assert (changed.code, states(changed)) == (1, {KNOWN: "changed"})
    assert "got something else" in " ".join(changed.output.split())
    assert accept(door, "--update").code == 0
    text = (door.cwd / FILE).read_text()
    assert "# the second one" in text
    (entry,) = tomllib.loads(text)["accepted"]
    jsonschema.validate(tomllib.loads(text), SCHEMA)
    assert entry["first_seen"] == date(2026, 11, 1) < entry["last_seen"]
    assert judged(door).code == 0


def test_a_saved_run_is_judged_again_with_what_is_accepted_now(door: Door) -> None:
    assert judged(door).code == 1
    accepting = ("--requirement", KNOWN, "--reason", "known", "--expires", str(TOMORROW))
    assert accept(door, *accepting).code == 0
    again = door.open("conformance", "rejudge", "reports")
    assert (again.code, ", 1 accepted |" in again.last_line) == (0, True), again.output


def test_an_entry_that_names_nothing_is_red(door: Door) -> None:
    (door.cwd / FILE).write_text(ENTRY.replace(KNOWN, "pause.secnd-is-conflict"))
    with ReferenceServer() as server:
        opened = door.run_at(server, *ONE)
    assert (opened.code, states(opened)) == (1, {"pause.secnd-is-conflict": "unmatched"})
    assert in_junit(opened, "accepted.pause.secnd-is-conflict") == ("failure", "conformance.unmatched")


@pytest.mark.parametrize("words", [[], ["-n", "2"]], ids=["", "-n 2"])
def test_the_pytest_door_ends_as_the_run_does(door: Door, words: list[str]) -> None:
    judged(door)
    accepting = ("--requirement", KNOWN, "--reason", "known", "--expires", str(TOMORROW))
    assert accept(door, *accepting).code == 0
    pytest_door = (
        "pytest",
        "--pyargs",
        "conformance.suite",
        "-p",
        "no:schemathesis",
        "-p",
        "no:cacheprovider",
    )
    for service, code, said in ((PauseTwiceIsFine, 0, "1 xfailed"), (Service, 1, f"MENDED {KNOWN}")):
        with ReferenceServer(service) as server:
            opened = door.open(
                *pytest_door, f"--conformance-base-url={server.base_url}", f"--conformance-only={KNOWN}", *words,
                environment={"CONFORMANCE_TOKEN": server.tokens[0]},
            )  # fmt: skip
        assert opened.code == code, opened.output
        assert said in opened.output


WRONG: dict[str, tuple[list[str], str]] = {
    "nothing to do": ([], "--requirement"),
    "no reason": (["--requirement", KNOWN, "--expires", str(TOMORROW)], "--reason and --expires"),
    "no end": (["--requirement", KNOWN, "--reason", "x"], "--reason and --expires"),
    "an end that is over": (["--requirement", KNOWN, "--reason", "x", "--expires", "2020-01-01"], "is in the past"),
    "no date": (["--requirement", KNOWN, "--reason", "x", "--expires", "soon"], "no date"),
    "an unknown id": (["--requirement", "pause.secnd", "--reason", "x", "--expires", str(TOMORROW)], "Did you mean"),
    "what is kept": (["--requirement", "pause.is-stored", "--reason", "x", "--expires", str(TOMORROW)], f"It has: {KNOWN}"),
}  # fmt: skip


def test_what_cannot_be_accepted_is_said(door: Door) -> None:
    judged(door)
    for words, said in WRONG.values():
        opened = accept(door, *words)
        assert (opened.code, opened.output) == (2, ""), words
        assert said in opened.errors, words
    assert not (door.cwd / FILE).exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[acepted]]\n", "[[accepted]] tables"), ("[[accepted]]\nreasn = 'x'\n", "Did you mean reason?"),
        ("[[accepted]]\nreason = 'x'\n", "lacks requirement"), ("x", "must be TOML"),
        (ENTRY.replace(str(TOMORROW), '"soon"'), "expires must be a date"), (ENTRY.replace('"known"', '" "'), "reason is empty"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_is_wrong_usage(door: Door, text: str, said: str) -> None:
    (door.cwd / FILE).write_text(text)
    opened = door.run("--reference", *ONE)
    assert (opened.code, opened.output) == (2, "")
    assert said in opened.errors
    assert door.run("--reference", *ONE, "--accepted", "nowhere.toml").code == 2
