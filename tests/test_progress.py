"""Progress goes to stderr alone: one line in a terminal, plain ones elsewhere, none with --quiet."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from conformance.reference import ReferenceServer, Request, Response, Service
from conformance.run.progress import CLEAR, Progress
from tests.door import HANGS, environment


class Half:
    """A run of which half is over."""

    requests = 120

    def standing(self) -> tuple[Sequence[str], int, int]:
        return ["pause_twice", "race.pauses", "c", "d", "e"], 10, 20


def shown(*, live: bool, running: Half | None = None) -> str:
    stream = io.StringIO()
    progress = Progress(stream, live=live, every=0.01)
    progress._running = lambda: running  # type: ignore[method-assign]
    progress._started -= 60
    progress._expected = 240 if running else 0
    with progress.shown():
        time.sleep(0.1)
        progress.emit(logging.makeLogRecord({"msg": "waiting for the next minute"}))
        time.sleep(0.1)
    return stream.getvalue()


def test_a_log_gets_plain_lines() -> None:
    lines = shown(live=False, running=Half()).splitlines()
    said = r"conformance: 60 s \| 120 requests, 2/s \| about 60 s left \| 10 of 20 stories told, now pause_twice, race.pauses, c and 2 more"
    assert len(lines) > 2
    assert {bool(re.fullmatch(said, line)) for line in lines if line != "waiting for the next minute"} == {
        True
    }
    assert lines.count("waiting for the next minute") == 1


def test_a_terminal_gets_one_line_that_ends_clear() -> None:
    output = shown(live=True, running=Half())
    assert output.endswith(CLEAR)
    assert output.count("\n") == 1
    assert f"{CLEAR}waiting for the next minute\n{CLEAR}conformance: 60 s" in output


def test_what_is_not_known_is_not_said() -> None:
    assert re.fullmatch(
        r"(conformance: 60 s\n)*waiting for the next minute\n(conformance: 60 s\n)*", shown(live=False)
    )


@pytest.mark.parametrize(("expected", "said"), [(0, False), (700, False), (599, True), (119, False)])
def test_the_time_left_is_said_where_requests_tell_it(expected: int, said: bool) -> None:
    progress = Progress(io.StringIO(), live=False)
    progress._running = Half  # type: ignore[method-assign]
    progress._expected = expected
    assert ("s left" in progress.line()) is said


def test_a_run_goes_on_when_nobody_reads() -> None:
    stream = io.StringIO()
    progress = Progress(stream, live=True, every=0.01)
    with progress.shown():
        stream.close()
        time.sleep(0.05)


class Slow(Service):
    """Takes its time."""

    async def respond(self, request: Request) -> Response:
        await asyncio.sleep(0.4)
        return await super().respond(request)


@pytest.fixture(scope="module")
def slow() -> Iterator[ReferenceServer]:
    with ReferenceServer(Slow) as server:
        yield server


def judge(slow: ReferenceServer, folder: Path, stderr: int, *words: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "conformance",
        "run",
        "--base-url",
        slow.base_url,
        "--report-dir",
        str(folder),
    ]
    return subprocess.run(
        [*command, "--only", "pause.second-is-conflict", *words], stdout=subprocess.PIPE, stderr=stderr, text=True,
        check=False, timeout=HANGS, cwd=folder,
        env=environment(CONFORMANCE_TOKEN=slow.tokens[0], TERM="xterm"),
    )  # fmt: skip


def test_a_terminal_shows_it_and_stdout_does_not(slow: ReferenceServer, tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    process = judge(slow, tmp_path, follower)
    os.close(follower)
    seen = os.read(leader, 1024 * 1024).decode()
    os.close(leader)
    assert process.returncode == 0, process.stdout
    assert re.search(r"conformance: \d+ s \| .*requests", seen)
    assert seen.endswith(CLEAR)
    assert "\x1b" not in process.stdout
    assert "stories told" not in process.stdout


def test_quiet_silences_it(slow: ReferenceServer, tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    process = judge(slow, tmp_path, follower, "--quiet")
    os.write(follower, b"end")
    os.close(follower)
    seen = os.read(leader, 1024)
    os.close(leader)
    assert (process.returncode, seen) == (0, b"end")
