"""Whatever stdout, stderr and the places of reports are, the exit code is the verdict's; lines are harmless."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, cast

import pytest
from _pytest.reports import CollectReport

from conformance.cli import main
from conformance.cli.printing import say
from conformance.cli.run import wants_colour
from conformance.reference import ReferenceServer, ReferenceSettings, Request, Response, Service
from conformance.run.terminal import Quiet
from tests.door import HANGS, ONE, Door, SecondPauseSucceeds
from tests.test_doors import Watched

FULL = "conformance: cannot write to stdout: No space left on device\n"


def call(door: Door, words: str, redirections: str) -> subprocess.CompletedProcess[str]:
    """Call a command as a shell with `pipefail` does; what it leaves on stderr is kept."""
    script = f"set -o pipefail; {shlex.quote(sys.executable)} -m conformance {words} {redirections}"
    return subprocess.run(
        ["/bin/bash", "-c", script], capture_output=True, text=True, check=False, cwd=door.cwd,
        env={**door.environment, "PYTHONUNBUFFERED": ""}, timeout=HANGS,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("redirections", "code", "errors"),
    [
        ("| head -1", 0, ""), ("| true", 0, ""), (">&-", 0, ""), (">&- 2>&-", 0, ""), (">&- 2>&- <&-", 0, ""),
        ("2>/dev/full", 0, ""), (">/dev/full", 4, FULL), (">/dev/full 2>/dev/full", 4, ""),
    ],
)  # fmt: skip
def test_a_list_on_any_stdout(door: Door, redirections: str, code: int, errors: str) -> None:
    process = call(door, "list", redirections)
    assert (process.returncode, process.stderr) == (code, errors)


@pytest.mark.parametrize(
    ("redirections", "errors"), [("| true", ""), (">&- 2>&- <&-", ""), (">/dev/full", FULL)]
)
def test_a_run_on_any_stdout_ends_as_its_verdict_does(door: Door, redirections: str, errors: str) -> None:
    with ReferenceServer(SecondPauseSucceeds) as faulty:
        door.environment["CONFORMANCE_TOKEN"] = faulty.tokens[0]
        process = call(door, f"run -q --base-url {faulty.base_url} --only {ONE}", redirections)
    assert (process.returncode, process.stderr) == (1, errors)
    assert (door.folder / "result.json").exists()


def test_help_and_usage_errors_on_a_full_stream(door: Door) -> None:
    process = call(door, "--version", ">/dev/full")
    assert (process.returncode, process.stderr) == (0, FULL)
    assert call(door, "run --nonsense", "2>/dev/full").returncode == 2


# --- reports that cannot be written --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def unasked() -> Iterator[ReferenceServer]:
    """A server to which nothing may be sent."""
    with ReferenceServer(Watched) as running:
        yield running
        assert cast("Watched", running.service).asked == []


@pytest.mark.parametrize(
    ("words", "environment", "hint"),
    [
        (["--har", "taken"], {}, "--har"),
        (["--har", "reports/ledger.jsonl"], {}, "--har"),
        ([], {"GITHUB_STEP_SUMMARY": "taken"}, "GITHUB_STEP_SUMMARY"),
        ([], {"GITHUB_STEP_SUMMARY": "missing/summary"}, "GITHUB_STEP_SUMMARY"),
        (["--report-dir", "reports/failed"], {}, "--report-dir"),
    ],
    ids=["--har", "--har is a file of the suite", "summary", "summary nowhere", "failures"],
)
def test_every_place_is_looked_at_before_anything_is_sent(
    door: Door, unasked: ReferenceServer, words: list[str], environment: dict[str, str], hint: str
) -> None:
    (door.cwd / "taken").mkdir()
    (door.folder / "failed").mkdir(parents=True)
    (door.folder / "failed" / "failures").write_text("a file")
    earlier = '{"schema_version": "1.0", "suite_version": "0.1.0"}'
    (door.folder / "result.json").write_text(earlier)
    door.environment |= {**environment, "CONFORMANCE_TOKEN": unasked.tokens[0]}
    opened = door.run("--base-url", unasked.base_url, "--only", ONE, *words)
    assert (opened.code, opened.output) == (2, "")
    assert hint in opened.errors
    assert len(opened.errors.splitlines()) == 1
    assert (door.folder / "result.json").read_text() == earlier


@pytest.mark.parametrize("name", ["junit.xml", "result.json", "summary.md"])
def test_what_somebody_else_wrote_stays(door: Door, name: str) -> None:
    door.folder.mkdir()
    (door.folder / name).write_text("<testsuites name='of another tool'/>")
    opened = door.run("--reference", "--only", ONE)
    assert (opened.code, opened.output) == (2, "")
    assert f"reports/{name} was not written by this suite" in opened.errors
    assert (door.folder / name).read_text() == "<testsuites name='of another tool'/>"


def test_a_run_replaces_what_a_run_wrote(door: Door) -> None:
    assert door.run("--reference", "--only", ONE, "--seed", "1").code == 0
    assert door.run("--reference", "--only", ONE, "--seed", "2", "--compare-with", "reports").code == 0
    assert door.run("--reference", "--only", ONE, "--compare-with", "nowhere").code == 2
    assert door.open("conformance", "history", "reports").output.count("PASS") == 1


def test_a_report_that_is_lost_is_part_of_the_verdict(door: Door) -> None:
    opened = door.run("--reference", "--only", ONE, "--har", "/dev/full")
    assert opened.code == 4
    assert opened.errors == ""
    lost = "cannot write /dev/full: No space left on device"
    assert re.search(rf"^conformance: ERROR - judged 1 of 1, .* \| {lost}", opened.last_line)
    assert opened.result["internal_error"] == lost
    assert opened.result["exit_code"] == 4
    assert "suite.not-written" in (door.folder / "junit.xml").read_text()
    assert lost in (door.folder / "summary.md").read_text()


def test_a_broken_promise_outranks_a_lost_report(door: Door) -> None:
    with ReferenceServer(SecondPauseSucceeds) as faulty:
        opened = door.run_at(faulty, "--only", ONE, "--har", "/dev/full")
    assert opened.code == 1
    assert "cannot write /dev/full" in opened.last_line


@pytest.mark.parametrize("words", [[], ["-n", "2"]], ids=["", "-n 2"])
def test_the_pytest_door_does_not_end_well_without_its_reports(door: Door, words: list[str]) -> None:
    opened = door.open(
        "pytest", "--pyargs", "conformance.suite", "-p", "no:schemathesis", "-p", "no:cacheprovider", *words,
        "--conformance-reference", f"--conformance-only={ONE}", "--conformance-har=/dev/full",
    )  # fmt: skip
    assert opened.code == pytest.ExitCode.INTERNAL_ERROR
    assert "1 passed" in opened.output
    assert "cannot write /dev/full" in opened.output
    assert "Traceback" not in opened.output + opened.errors


def test_a_disk_that_fills_up_midway(door: Door) -> None:
    """No file grows beyond a size that the ledger does not reach and every report but the summary does."""
    script = f"ulimit -f 2; exec {shlex.quote(sys.executable)} -m conformance run -q --reference --only {ONE}"
    process = subprocess.run(
        ["/bin/bash", "-c", script], capture_output=True, text=True, check=False, cwd=door.cwd,
        env=door.environment, timeout=HANGS,
    )  # fmt: skip
    assert (process.returncode, process.stderr) == (4, "")
    assert "evidence.json.gz: File too large" in process.stdout.splitlines()[-2]
    assert {path.name for path in door.folder.iterdir()} <= {
        "junit.xml", "ledger.jsonl", "report.html", "result.json", "summary.md",
    }  # fmt: skip


# --- harmless lines ------------------------------------------------------------------------------------------

ORDERS = (
    "\x1b[31mred\x9b2J\r\n::set-output name=a::b\n::stop-commands::x\n\u2003::error::c\n##[error]d ##vso[task.complete]e "
    "##teamcity[f] section_start:1:g section_end:1:g travis_fold:start:h [[ATTACHMENT|/etc/passwd]] \u202ei\u2028::j "
    "\U000e0041\u200b"
)
OBEYED = re.compile(
    r"^\s*::|##\[|##vso\[|##teamcity\[|section_(start|end):|travis_fold:|\[\[ATTACHMENT\|"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u202e\U000e0041]",
    re.MULTILINE | re.IGNORECASE,
)


class Ordering(Service):
    """Gives orders to whoever prints its answers."""

    def render_error(self, error: Any, request: Request) -> Response:  # noqa: ANN401 (passed on)
        response = super().render_error(error, request)
        return Response(
            response.status, {"error": {"type": ORDERS, "message": ORDERS}, ORDERS: ORDERS}, response.headers
        )


class Shouting(Service):
    """Gives the same orders in plain text, where no JSON spells its control characters out."""

    def serialize(self, request: Request, response: Response) -> bytes:
        return ORDERS.encode() if response.status >= 400 else super().serialize(request, response)


@pytest.fixture(scope="module")
def ordering() -> Iterator[ReferenceServer]:
    with ReferenceServer(Ordering, ReferenceSettings()) as server:
        yield server


DOORS: dict[str, list[str]] = {
    "run": ["conformance", "run", "--base-url=URL", f"--only={ONE},auth.other-scheme,errors.*"],
    "pytest": [
        "pytest", "--pyargs", "conformance.suite", "-p", "no:schemathesis", "-p", "no:cacheprovider", "-rA",
        "--conformance-base-url=URL", f"--conformance-only={ONE},auth.other-scheme,errors.*",
    ],
    "pytest without rights": [
        "pytest", "--pyargs", "conformance.suite", "-p", "no:schemathesis", "-p", "no:cacheprovider", "-rA",
        "--conformance-base-url=URL", f"--conformance-only={ONE}", "--conformance-token-env=WRONG",
    ],
    "doctor": ["conformance", "doctor", "--base-url=URL", "--token-env=WRONG"],
    "usage": ["conformance", "run", f"--profile={ORDERS}"],
    "usage of pytest": ["conformance", "run", "--reference", "-k", f"a b( {ORDERS}"],
    "an unknown option": ["conformance", "run", f"--{ORDERS}"],
    "the usage of the pytest door": ["pytest", "--pyargs", "conformance.suite", f"--conformance-profile={ORDERS}"],
}  # fmt: skip


@pytest.mark.parametrize("words", DOORS.values(), ids=DOORS)
def test_a_target_and_its_callers_give_no_orders(
    door: Door, ordering: ReferenceServer, words: list[str]
) -> None:
    words = [word.replace("URL", ordering.base_url) for word in words]
    opened = door.open(
        *words, environment={"CONFORMANCE_TOKEN": ordering.tokens[0], "WRONG": "pt-wrong-0000"}
    )
    shown = opened.output + opened.errors
    assert "set-output" in shown
    assert [line for line in shown.split("\n") if OBEYED.search(line)] == []


def test_what_the_pytest_door_captured_gives_no_orders(door: Door) -> None:
    with ReferenceServer(Shouting) as server:
        words = [word.replace("URL", server.base_url) for word in DOORS["pytest"]]
        opened = door.open(*words, "--tb=long", environment={"CONFORMANCE_TOKEN": server.tokens[0]})
    assert "Captured stdout conformance" in opened.output
    assert "set-output" in opened.output
    assert [line for line in opened.output.split("\n") if OBEYED.search(line)] == []


def test_what_cannot_be_loaded_gives_no_orders(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFORMANCE_TOKEN", "pt-x-0000")
    Quiet().pytest_collectreport(CollectReport("x", "failed", f"{ORDERS} pt-x-0000", None))
    printed = capsys.readouterr().err
    assert "set-output" in printed
    assert (OBEYED.findall(printed), "pt-x-0000" in printed) == ([], False)


def test_the_doctors_last_line_is_short(door: Door) -> None:
    door.environment["CONFORMANCE_TOKEN"] = "pt-x-0000"
    opened = door.open("conformance", "doctor", f"--base-url=http://127.0.0.1:1/{'x' * 5000}")
    assert opened.last_line.startswith("doctor: fix what failed first | http://127.0.0.1:1/xx")
    assert len(opened.last_line) < 1200


def test_everything_that_is_printed_is_harmless(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFORMANCE_TOKEN", "pt-x-0000")
    say("left", ORDERS, sep="\n")
    assert main(["sweep", f"--run-id={ORDERS}", ORDERS, "--base-url=http://x"]) == 2
    printed = "".join(capsys.readouterr())
    assert printed.count("set-output") > 1
    assert OBEYED.findall(printed) == []


# --- what is inherited ---------------------------------------------------------------------------------------

INHERITED = {
    "PYTEST_PLUGINS": "no_such_module",
    "PYTEST_ADDOPTS": "--no-such-option",
    "PYTHONWARNINGS": "error",
    "PYTHONOPTIMIZE": "2",
    "PY_COLORS": "1",
    "COLUMNS": "0",
}


@pytest.mark.parametrize("words", [(), ("-n", "2"), ("-k", "a b(")], ids=" ".join)
def test_what_was_set_for_the_tests_of_others_means_nothing(door: Door, words: tuple[str, ...]) -> None:
    opened = door.run("--reference", "--only", ONE, *words, environment=INHERITED)
    assert opened.code == (2 if "-k" in words else 0), opened.errors
    assert "\x1b" not in opened.output + opened.errors
    assert r"\x1b" not in opened.output + opened.errors
    assert (opened.errors == "") is ("-k" not in words)


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": ""}, True), ({"FORCE_COLOR": "1", "TERM": "dumb"}, False),
    ],
)  # fmt: skip
def test_who_wants_colours(environment: dict[str, str], coloured: bool) -> None:
    assert wants_colour(environment, terminal=False) is coloured
    assert wants_colour(environment, terminal=True) is (coloured or not environment)
