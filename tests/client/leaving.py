"""Runs beside three hundred foreign deployments, broken off at a moment of choice, and sweeps after them."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

from conformance.cli import main
from conformance.reference import Deployment, ReferenceServer, ReferenceSettings, Request, Response, Service
from tests.door import environment

FOREIGN = 300


class Counting(Service):
    """Says when it has been asked a number of times, and takes its time from then on if told so."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.left = 0
        self.reached = threading.Event()
        self.seconds = 0.0

    def expect(self, requests: int, *, seconds: float = 0.0) -> None:
        """Announce the request after so many; each later one takes `seconds`."""
        self.reached.clear()
        self.left = requests
        self.seconds = seconds

    def handle(self, request: Request) -> Response:
        self.left -= 1
        if self.left == 0:
            self.reached.set()
        if self.left < 0:
            time.sleep(self.seconds)
        return super().handle(request)


@dataclass
class Account:
    """An account with foreign deployments at a running reference server."""

    server: ReferenceServer
    folder: Path

    @property
    def service(self) -> Counting:
        assert isinstance(self.server.service, Counting)
        return self.server.service

    def records(self) -> dict[str, Deployment]:
        """All deployments of the account, but for what their schedules did."""
        held = dict(next(iter(self.service.store.tenants.values())).deployments)
        return {one: replace(record, last_run_at=None, runs=0) for one, record in held.items()}

    def foreign(self) -> dict[str, Deployment]:
        return {one: record for one, record in self.records().items() if record.name.startswith("foreign")}

    def ours(self) -> list[Deployment]:
        """What runs left active."""
        foreign = self.foreign()
        return [row for one, row in self.records().items() if one not in foreign and not row.archived_at]

    def start(self, command: str, *words: str) -> subprocess.Popen[str]:
        known = ["--base-url", self.server.base_url, "--report-dir", str(self.folder)]
        return subprocess.Popen(
            [sys.executable, "-m", "conformance", command, *known, *words], cwd=self.folder.parent, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment(CONFORMANCE_TOKEN=self.server.tokens[0]),
        )  # fmt: skip

    def run(self, *words: str) -> tuple[int, str]:
        process = self.start("run", *words)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    def sweep(self, *words: str, token: str = "") -> tuple[int, str, str]:
        """Sweep in this process; return the exit code and what was printed on stdout and on stderr."""
        known = ["--base-url", self.server.base_url, "--report-dir", str(self.folder)]
        with (
            redirect_stdout(io.StringIO()) as output, redirect_stderr(io.StringIO()) as errors,
            patch.dict(os.environ, {"CONFORMANCE_TOKEN": token or self.server.tokens[0]}),
        ):  # fmt: skip
            code = main(["sweep", *known, *words])
        return code, output.getvalue(), errors.getvalue()

    def break_off(self, requests: int, number: signal.Signals) -> None:
        """Start a run and send it a signal when the server has got so many requests."""
        self.service.expect(requests)
        process = self.start("run", "--tier", "core", "--seed", "7")
        while not self.service.reached.wait(0.05) and process.poll() is None:
            pass
        process.send_signal(number)
        process.communicate(timeout=120)


@contextmanager
def account(folder: Path) -> Iterator[Account]:
    """Yield an account with `FOREIGN` deployments, active, paused and archived."""
    with ReferenceServer(Counting) as server:
        server.seed(count=FOREIGN)
        yield Account(server, folder)
