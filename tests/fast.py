"""Which tests are marked `fast`, and what such a test may not do: open a connection, start a process, sleep."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

import pytest

from conformance.reference import ReferenceServer
from tests.client.rawserver import RawServer
from tests.door import Door
from tests.judge import judge_server
from tests.report.browser import Browser

TESTS = Path(__file__).parent
FOLDERS = ("client", "contract", "evidence", "report", "suite")
"""Folders whose tests need no server, unless their module says otherwise."""
OPENERS = (ReferenceServer, RawServer, Door, Browser, judge_server, subprocess)
"""A module that imports one of these starts servers or processes."""
EVENTS = frozenset({"socket.bind", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.fork"})
"""What Python's audit events call that which takes long."""
SLEEP = time.sleep
LONGEST_SLEEP = 0.1
"""Seconds."""


class NotFastError(Exception):
    """A test that is marked `fast` did what takes long."""


class Guard:
    """Hears of everything in this process that takes long, and forbids it while `watched`."""

    def __init__(self) -> None:
        self._seen: list[str] | None = None
        sys.addaudithook(self._heard)  # for good: Python takes none away

    @contextmanager
    def watched(self) -> Iterator[list[str]]:
        """Forbid what takes long until the block ends; yield what was tried, also where nobody saw it fail."""
        seen: list[str] = []
        self._seen = seen
        try:
            with patch("time.sleep", self._sleep):  # it raises no event before Python 3.13
                yield seen
        finally:
            self._seen = None

    def _heard(self, event: str, _: tuple[object, ...]) -> None:
        if event in EVENTS:
            self._forbid(event)

    def _sleep(self, seconds: float) -> None:
        if seconds > LONGEST_SLEEP:
            self._forbid("time.sleep")
        SLEEP(seconds)

    def _forbid(self, what: str) -> None:
        if self._seen is not None:
            self._seen.append(what)
            raise NotFastError(what)


def is_fast(path: Path, module: ModuleType) -> bool:
    """Tell whether the tests of a module are marked: by its folder, and by what it imports."""
    opens = any(value is opener for value in vars(module).values() for opener in OPENERS)
    return may_be_fast(path) and not opens


def may_be_fast(path: Path) -> bool:
    """Tell whether a module lies where fast tests do; the others need not even be imported for them."""
    return path.is_relative_to(TESTS) and path.relative_to(TESTS).parts[0] in FOLDERS


def mark_fast(items: list[pytest.Item]) -> None:
    """Mark the fast ones of some tests."""
    for item in items:
        module = getattr(item, "module", None)
        if module is not None and is_fast(item.path, module):
            item.add_marker("fast")
