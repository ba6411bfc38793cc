"""How pytest and its plugins see verdicts, and what becomes of outcomes that the suite has no part in."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator

import pytest

from conformance.reference import ReferenceServer
from tests.door import ONE, Door, Opened, PauseRefusesABody, SecondPauseSucceeds

WATCHING = """
import json, pytest
SEEN = {}

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):  # as allure-pytest does
    report = yield
    error = call.excinfo.exconly() if call.excinfo else ""
    if call.when == "call" or error:
        SEEN[item.callspec.id] = [report.outcome, report.when, error, hasattr(report, "wasxfail")]
    return report

def pytest_unconfigure():
    with open("seen.json", "w") as file:
        json.dump(SEEN, file)
"""
MEDDLING = """
import unittest, pytest

def stopping(error):
    def stop():
        raise error
    return stop

DOING = {
    "auth.missing-is-401": stopping(pytest.skip.Exception("not on Mondays")),
    "auth.refused-changes-nothing": stopping(unittest.SkipTest("of another house")),
    "auth.api-key-header-is-401": stopping(RuntimeError("no database")),
    "pause.makes-it-paused": stopping(pytest.fail.Exception("Timeout (>5.0s) from pytest-timeout.")),
    "pause.odd-bodies": stopping(pytest.xfail.Exception("in June")),
}
MARKS = {
    "auth.unknown-token-is-401": pytest.mark.skip(reason="nobody cares"),
    "auth.other-scheme": pytest.mark.xfail(run=False, reason="it hangs"),
    "pause.second-is-conflict": pytest.mark.xfail(reason="issue 7"),
}

def pytest_collection_modifyitems(items):
    for item in items:
        if mark := MARKS.get(item.callspec.id):
            item.add_marker(mark)

@pytest.fixture(autouse=True)
def meddling(request):
    DOING.get(request.node.callspec.id, lambda: None)()
"""


@pytest.fixture(scope="module")
def faulty() -> Iterator[ReferenceServer]:
    with ReferenceServer(type("Faulty", (PauseRefusesABody, SecondPauseSucceeds), {})) as server:
        yield server


def judge(door: Door, server: ReferenceServer, only: str, *words: str, **plugins: str) -> Opened:
    """Open the pytest door with plugins, given as their code."""
    for name, code in plugins.items():
        (door.cwd / f"{name}.py").write_text(code)
    loaded = [word for name in plugins for word in ("-p", name)]
    path = filter(None, (str(door.cwd), door.environment.get("PYTHONPATH")))
    return door.open(
        "pytest", "--pyargs", "conformance.suite", "-p", "no:schemathesis", "-p", "no:cacheprovider", *loaded,
        f"--conformance-base-url={server.base_url}", f"--conformance-only={only}", "-rA", *words,
        environment={"CONFORMANCE_TOKEN": server.tokens[0], "PYTHONPATH": os.pathsep.join(path)},
    )  # fmt: skip


def test_a_plugin_that_reads_the_call_sees_what_the_report_says(door: Door, faulty: ReferenceServer) -> None:
    only = f"{ONE},auth.missing-is-401,auth.other-scheme,pause.takes-an-empty-object,tenancy.*"
    judge(door, faulty, only, watching=WATCHING)
    seen = json.loads((door.cwd / "seen.json").read_text())
    outcome, when, error, _ = seen.pop(ONE)
    assert (outcome, when) == ("failed", "call")
    assert error.startswith("Failed: MUST broken: expected 409 conflict_error")
    outcome, _, error, expected = seen.pop("pause.takes-an-empty-object")
    assert (outcome, expected) == ("skipped", True)
    assert "expected 200 to pause with an empty object" in error
    foreign = {name: told for name, told in seen.items() if name.startswith("tenancy.")}
    assert {(told[0], told[2]) for told in foreign.values()} == {
        ("skipped", "Skipped: judged with --second-token-env")
    }
    assert {tuple(told) for name, told in seen.items() if name not in foreign} == {
        ("passed", "call", "", False)
    }


def test_what_others_did_keeps_its_reason(door: Door, faulty: ReferenceServer) -> None:
    only = f"auth.*,{ONE},pause.makes-it-paused,pause.odd-bodies"
    opened = judge(door, faulty, only, meddling=MEDDLING)
    rows = {row["id"]: row for row in opened.result["requirements"]}
    told = {name: (row["verdict"], row["blame"], row["message"]) for name, row in rows.items()}
    outside = "skipped from outside the suite: "
    assert told["auth.missing-is-401"] == ("not-applicable", None, f"{outside}not on Mondays")
    assert told["auth.refused-changes-nothing"] == ("not-applicable", None, f"{outside}of another house")
    assert told["auth.unknown-token-is-401"] == ("not-applicable", None, f"{outside}nobody cares")
    assert told["auth.other-scheme"] == ("not-applicable", None, f"{outside}[NOTRUN] it hangs")
    failed = ("not-judged", "harness")
    assert told["auth.api-key-header-is-401"] == (
        *failed,
        "failed outside the suite: RuntimeError: no database",
    )
    timeout = "failed outside the suite: Timeout (>5.0s) from pytest-timeout."
    assert told["pause.makes-it-paused"] == (*failed, timeout)
    assert told["pause.odd-bodies"] == ("not-applicable", None, f"{outside}in June")
    assert told[ONE][0] == "fail"
    assert opened.result["exit_code"] == 1
    assert opened.result["internal_error"] is None
    assert "XFAIL pause/test_pause.py::test_a_second_pause_is_a_conflict" in opened.output.replace(
        "suite/", ""
    )
    assert "not on Mondays" in opened.output
    assert "2 errors" in opened.output.splitlines()[-1]


def test_a_test_that_is_run_again_has_the_verdict_of_its_last_attempt(
    door: Door, faulty: ReferenceServer
) -> None:
    again = """
import pytest
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):  # as pytest-rerunfailures does
    runtestprotocol(item, nextitem=nextitem, log=False)
    item._initrequest()
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    runtestprotocol(item, nextitem=nextitem)
    return True
"""
    opened = judge(door, faulty, f"{ONE},auth.other-scheme", "--junitxml=own.xml", again=again)
    assert opened.verdicts == {"auth.other-scheme": "observed", ONE: "fail"}
    report = (door.cwd / "own.xml").read_text()
    assert report.count('name="verdict"') == report.count("<testcase ") == 2


def test_why_pytest_was_told_to_stop_is_kept(door: Door, faulty: ReferenceServer) -> None:
    leaving = """
import pytest

@pytest.fixture(autouse=True)
def leaving(request):
    if "pause" in request.node.name:
        pytest.exit("the lab is closing")
"""
    opened = judge(door, faulty, f"auth.other-scheme,{ONE}", leaving=leaving)
    assert "pytest was told to stop: the lab is closing" in opened.result["notices"]
    assert opened.verdicts == {"auth.other-scheme": "observed", ONE: "not-judged"}
    assert opened.result["complete"] is False


ORDER = "\\x1b[31m\\n::set-output name=x::y\\n"
FAILING = f"""
import os

def pytest_runtest_logreport(report):
    raise RuntimeError("{ORDER}" + os.environ["CONFORMANCE_TOKEN"])
"""
RUNNING = """
import sys
import failing
from conformance.cli.run import judge_and_tell

if __name__ == "__main__":
    sys.exit(judge_and_tell(sys.argv[1:], failing))
"""
UNSAFE = re.compile(r"^::|\x1b", re.MULTILINE)


def check_masked(opened: Opened, token: str) -> None:
    """See that an internal error is told, that it gives no orders, and that no secret is in it."""
    told = opened.output + opened.errors
    assert "set-output name=x::y" in told
    assert UNSAFE.search(told) is None
    assert token not in told + opened.result["internal_error"] + (opened.folder / "junit.xml").read_text()
    assert opened.result["exit_code"] == 4
    assert "RuntimeError" in opened.result["internal_error"]
    assert "conformance: ERROR - judged " in opened.output


@pytest.mark.parametrize(
    "words", [(), ("--full-trace", "-l", "--junitxml=own.xml"), ("-n", "2")], ids=["", "-l", "-n"]
)
def test_an_internal_error_in_the_pytest_door_is_masked_and_told(
    door: Door, faulty: ReferenceServer, words: tuple[str, ...]
) -> None:
    opened = judge(door, faulty, "auth.other-scheme", *words, failing=FAILING)
    assert opened.code == pytest.ExitCode.INTERNAL_ERROR
    check_masked(opened, faulty.tokens[0])
    if "--junitxml=own.xml" in words:
        assert faulty.tokens[0] not in (door.cwd / "own.xml").read_text()


def test_an_internal_error_of_a_worker_is_masked_before_it_travels(
    door: Door, faulty: ReferenceServer
) -> None:
    there = FAILING.replace("logreport(report)", "logfinish(nodeid)").replace(
        "    raise",
        """
    if "PYTEST_XDIST_WORKER" in os.environ:
        raise""",
    )
    opened = judge(door, faulty, "auth.other-scheme", "-n", "1", failing=there)
    check_masked(opened, faulty.tokens[0])


def test_a_run_with_an_internal_error_has_its_last_line(door: Door, faulty: ReferenceServer) -> None:
    (door.cwd / "failing.py").write_text(FAILING)
    (door.cwd / "running.py").write_text(RUNNING)
    opened = door.open(
        "running", f"--conformance-base-url={faulty.base_url}", "--conformance-only=auth.other-scheme",
        environment={"CONFORMANCE_TOKEN": faulty.tokens[0]},
    )  # fmt: skip
    assert opened.code == 4
    assert opened.last_line.startswith("conformance: ERROR - judged ")
    check_masked(opened, faulty.tokens[0])
