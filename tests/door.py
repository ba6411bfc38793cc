"""Both doors, opened as processes in an empty folder, and servers that they are opened at."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.reference import Call, Document, ReferenceServer, Service
from conformance.reference.errors import invalid

FEW = "auth.*,pause.makes-it-paused,pause.second-is-conflict,pause.takes-an-empty-object,pause.odd-bodies"
"""Requirements of every level whose stories are short."""
ONE = "pause.second-is-conflict"
HANGS = 900
"""Seconds after which a process counts as hung, on however busy a machine."""


def read(report: Path) -> str:
    """The text of a report, packed or not."""
    content = report.read_bytes()
    return (gzip.decompress(content) if report.suffix == ".gz" else content).decode(errors="replace")


class Opened:
    """What came out of a door; `errors` is without the lines that tell how far a slow run is."""

    def __init__(self, process: subprocess.CompletedProcess[str], folder: Path) -> None:
        self.code, self.output, self.errors, self.folder = (
            process.returncode,
            process.stdout,
            re.sub(r"^conformance: \d+ s( \|.*)?\n", "", process.stderr, flags=re.MULTILINE),
            folder,
        )

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "result.json").read_text())
        return found

    @property
    def verdicts(self) -> dict[str, str]:
        return {row["id"]: row["verdict"] for row in self.result["requirements"]}

    @property
    def last_line(self) -> str:
        return self.output.strip().splitlines()[-1]

    def reports(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir()) if self.folder.exists() else []


def environment(**more: str) -> dict[str, str]:
    """The environment of this process, in which nothing but `more` means anything to the suite or to pytest."""
    foreign = ("CONFORMANCE_", "QODER_", "PYTEST_", "GITHUB_STEP_SUMMARY")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)} | more


class Door:
    """Opens doors in an empty folder, with nothing of the suite in the environment but what a test puts there."""

    def __init__(self, cwd: Path) -> None:
        self.cwd = cwd
        self.folder = cwd / "reports"
        self.environment = environment()

    def start(self, *words: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", *words], cwd=self.cwd, env={**self.environment, **(environment or {})},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def open(self, *words: str, environment: Mapping[str, str] | None = None) -> Opened:
        process = self.start(*words, environment=environment)
        output, errors = process.communicate(timeout=HANGS)
        return Opened(subprocess.CompletedProcess(words, process.returncode, output, errors), self.folder)

    def run(self, *words: str, environment: Mapping[str, str] | None = None) -> Opened:
        return self.open("conformance", "run", *words, environment=environment)

    def run_at(self, server: ReferenceServer, *words: str) -> Opened:
        token = {"CONFORMANCE_TOKEN": server.tokens[0]}
        return self.run("--base-url", server.base_url, *words, environment=token)


class PauseRefusesABody(Service):
    """Breaks a SHOULD: an empty object as the body of a pause."""

    def pause(self, call: Call) -> Document:
        if call.request.content:
            raise invalid("No body, please.")
        return super().pause(call)


class SecondPauseSucceeds(Service):
    """Breaks a MUST."""

    def check_not_paused(self, record: Any) -> None:  # noqa: ANN401 (a record of the store)
        pass
