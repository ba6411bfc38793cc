"""A whole default run against a hostile target, as a process of its own whose time and memory are measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.hostile.catalogue import Hostile

MOST_SECONDS = 180
"""A list that is wrong for good is looked at again for ten seconds by each story that reads it."""
MOST_MEGABYTES = 300
MOST_REPORTED = 20
"""Megabytes that all reports of a run may take."""


@dataclass(frozen=True)
class Judged:
    """What came of one run."""

    code: int
    output: str
    errors: str
    seconds: float
    megabytes: float
    complaints: Sequence[str]
    folder: Path

    @property
    def reported(self) -> float:
        """The megabytes that the reports take."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file()) / 1024**2

    @property
    def last_line(self) -> str:
        return (self.output.strip().splitlines() or [""])[-1]

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "result.json").read_text(encoding="utf-8"))
        return found


def judge_hostile(hostile: Hostile, folder: Path, *arguments: str) -> Judged:
    """Open a target and judge it by a default run; a run that lasts too long is killed."""
    with hostile.open() as opened:
        words = ["run", "--base-url", opened.base_url, "--report-dir", str(folder / "reports"), "--seed", "7"]
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CONFORMANCE_", "QODER_"))
        }
        with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
            started = time.monotonic()
            process = subprocess.Popen(
                [sys.executable, "-m", "conformance", *words, *hostile.arguments, *arguments],
                stdout=out, stderr=err, cwd=folder, env={**environment, "CONFORMANCE_TOKEN": opened.token},
            )  # fmt: skip
            code, usage = _wait(process)
        return Judged(
            code,
            (folder / "out").read_text(encoding="utf-8"),
            (folder / "err").read_text(encoding="utf-8"),
            time.monotonic() - started,
            usage / 1024,
            opened.complaints(),
            folder / "reports",
        )


def _wait(process: subprocess.Popen[bytes]) -> tuple[int, int]:
    """Wait for a process, at most `MOST_SECONDS`; return its exit code and its peak memory in KiB."""
    ends, peak = time.monotonic() + MOST_SECONDS, 0
    while process.poll() is None:
        peak = max(peak, _peak(process.pid))
        if time.monotonic() > ends:
            process.kill()
            process.wait()
        time.sleep(0.05)
    return process.returncode, peak


def _peak(pid: int) -> int:
    """Return the peak memory of a process in KiB, 0 once it has ended.

    What `wait4` tells is at least the peak of the process that started it: a server of huge answers.
    """
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
