"""Runs the suite, as a process of its own, against a reference server made here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.reference import ReferenceServer, ReferenceSettings, ScaledClock, Service
from tests.door import HANGS

INTERNAL = 4


@dataclass(frozen=True)
class Run:
    """What one run of the suite said."""

    exit_code: int
    output: str
    errors: str
    result: dict[str, Any]

    def broken(self) -> set[str]:
        """The ids of requirements that failed or were warned of."""
        return self.with_verdict("fail") | self.with_verdict("warn")

    def with_verdict(self, verdict: str) -> set[str]:
        return {row["id"] for row in self.result.get("requirements", ()) if row["verdict"] == verdict}

    def message(self, requirement_id: str) -> str:
        return next(str(r["message"]) for r in self.result["requirements"] if r["id"] == requirement_id)


def run_conformance(*arguments: str, environment: dict[str, str] | None = None) -> Run:
    """Run `conformance run` with its reports in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.run(
            [sys.executable, "-m", "conformance", "run", "--report-dir", folder, *arguments],
            capture_output=True, text=True, check=False, timeout=HANGS,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
        path = Path(folder) / "result.json"
        result = json.loads(path.read_text()) if path.exists() else {}
    if process.returncode == INTERNAL:
        raise RuntimeError(f"the suite itself failed:\n{process.stdout[-4000:]}\n{process.stderr[-4000:]}")
    return Run(process.returncode, process.stdout, process.stderr, result)


def judge_service(service: type[Service], revision: str, *arguments: str, time_scale: float = 1) -> Run:
    """Judge a reference server with this behaviour; everything that options can add is given.

    Its clock runs `time_scale` times as fast as ours.
    """
    settings = ReferenceSettings(revision=revision, clock=ScaledClock(time_scale))
    with ReferenceServer(service, settings) as server:
        return judge_server(server, *arguments)


def judge_server(server: ReferenceServer, *arguments: str) -> Run:
    """Judge a running server; everything that options can add is given."""
    return run_conformance(
        "--base-url", server.base_url, "--second-token-env", "SECOND",
        "--archived-agent-id", server.archived_agent_id,
        "--archived-environment-id", server.archived_environment_id, *arguments,
        environment={"CONFORMANCE_TOKEN": server.tokens[0], "SECOND": server.tokens[1]},
    )  # fmt: skip
