"""What a long run says on stderr: in a terminal one line that is kept up to date, in CI now and then one."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol, TextIO

import pytest

from conformance.contract.mode import Mode
from conformance.redaction.logs import PROGRESS
from conformance.report.text import harmless, one_line

OFTEN, SELDOM = 0.5, 30.0
"""Seconds between two lines in a terminal, and in a log."""
FORESEEABLE = 0.2
"""The share of the expected requests that must be sent before the time left is said."""
PATIENCE = 60.0
"""Seconds of mere waiting in one story from which on requests do not tell how long a run takes."""
CLEAR = "\r\x1b[K"
NAMES = 3
LOG_WIDTH = 200


class Running(Protocol):
    """What is looked at: of the runner of stories, and of its target."""

    @property
    def requests(self) -> int:
        """How many requests were sent."""

    def standing(self) -> tuple[Sequence[str], int, int]:
        """Return the stories that are being told, how many are told, and how many there are."""


class Progress(logging.Handler):
    """A plugin object for one `pytest.main`; a handler, too, of what stories say of long waits."""

    def __init__(self, stream: TextIO, *, live: bool, every: float | None = None) -> None:
        super().__init__()
        self._stream, self._live = stream, live
        self._every = every or (OFTEN if live else SELDOM)
        self._writing = threading.Lock()
        self._over = threading.Event()
        self._started = time.monotonic()
        self._judged = self._selected = 0
        self._config: pytest.Config | None = None
        self._expected = 0

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note how much is to be judged."""
        self._selected, self._config = len(session.items), session.config
        self._expected = _expected(session)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what is judged."""
        self._judged += hasattr(report, "conformance")

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Write lines until the context ends, and leave nothing of the last one."""
        thread = threading.Thread(target=self._repeat, name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()
            self._write(CLEAR if self._live else "")

    def emit(self, record: logging.LogRecord) -> None:
        """Write what a story says as a line of its own."""
        self._write(f"{CLEAR if self._live else ''}{harmless(one_line(record.getMessage()))}\n")

    def line(self) -> str:
        """Return how far the run is."""
        seconds = time.monotonic() - self._started
        parts = [f"{seconds:.0f} s"]
        if self._selected:
            parts.append(f"{self._judged} of {self._selected} judged")
        if running := self._running():
            parts += self._of_stories(running, seconds)
        return f"conformance: {' | '.join(parts)}"

    def _running(self) -> Running | None:
        """Return the run of this process, once there is one; workers of pytest-xdist have their own."""
        from conformance.suite.judging.running import RUN

        session = self._config.stash.get(RUN, None) if self._config else None
        return session.runner if session else None

    def _of_stories(self, running: Running, seconds: float) -> Iterator[str]:
        names, told, known = running.standing()
        yield f"{running.requests} requests, {running.requests / max(seconds, 1):.0f}/s"
        if FORESEEABLE * self._expected < running.requests < self._expected:
            yield f"about {seconds / running.requests * (self._expected - running.requests):.0f} s left"
        more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
        yield f"{told} of {known} stories told" + (f", now {', '.join(names[:NAMES])}{more}" if names else "")

    def _repeat(self) -> None:
        while not self._over.wait(self._every):
            if self._live:
                self._write(f"{CLEAR}{self.line()[: self._width() - 1]}")
            else:
                self._write(f"{self.line()[:LOG_WIDTH]}\n")

    def _width(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or 80
        except OSError:
            return 80

    def _write(self, text: str) -> None:
        with self._writing:
            try:
                self._stream.write(text)
                self._stream.flush()
            except (OSError, ValueError):  # nobody reads it any more; the run goes on
                self._over.set()


def _expected(session: pytest.Session) -> int:
    """Return how many requests the selected tests take on a conforming target; 0 when that tells no time."""
    from conformance.planning.plan import make_plan
    from conformance.run.selection import selected_of, settings_of

    settings = settings_of(session.config)
    if settings.mode is not Mode.FULL or settings.shard:
        return 0
    plan = make_plan(settings, [choice for item in session.items if (choice := selected_of(item))])
    return plan.requests if plan.wait <= PATIENCE else 0


@contextmanager
def progress_on_stderr(*, quiet: bool) -> Iterator[list[object]]:
    """Show progress on the real stderr, while pytest captures its own; yield the plugins for that."""
    if quiet:
        yield []
        return
    stderr = os.fdopen(
        os.dup(sys.__stderr__.fileno() if sys.__stderr__ else 2), "w", errors="backslashreplace"
    )
    progress = Progress(stderr, live=stderr.isatty() and os.environ.get("TERM") != "dumb")
    PROGRESS.addHandler(progress)
    PROGRESS.setLevel(logging.INFO)
    try:
        with progress.shown():
            yield [progress]
    finally:
        PROGRESS.removeHandler(progress)
        with suppress(OSError):  # what could not be written is written once more
            stderr.close()
