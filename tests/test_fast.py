"""`-m fast` selects tests that start no server, and a test that does what takes long fails there."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import pytest

from conformance.reference import ReferenceServer
from tests.conftest import GUARD
from tests.door import HANGS, environment
from tests.fast import NotFastError, is_fast

ROOT = Path(__file__).parents[1]
PROBE = """
import socket

def test_it_is_quick():
    pass

def test_it_opens_a_server():
    try:
        socket.create_server(("127.0.0.1", 0)).close()
    except Exception:
        pass
"""


def _connect() -> None:
    socket.create_connection(("127.0.0.1", 1), timeout=1)


@pytest.mark.parametrize(
    ("act", "event"),
    [
        (lambda: socket.create_server(("127.0.0.1", 0)), "socket.bind"),
        (_connect, "socket.getaddrinfo"),
        (lambda: subprocess.run([sys.executable, "-c", ""], check=False), "subprocess.Popen"),
        (lambda: time.sleep(0.2), "time.sleep"),
    ],
)
def test_what_takes_long_is_forbidden_and_remembered(act: Callable[[], object], event: str) -> None:
    with GUARD.watched() as seen, pytest.raises(NotFastError, match=event):
        act()
    assert seen == [event]
    with suppress(OSError):
        act()  # elsewhere it is not


def test_a_short_sleep_is_not_forbidden() -> None:
    with GUARD.watched() as seen:
        time.sleep(0.001)
    assert seen == []


@pytest.mark.parametrize(
    ("path", "imported", "fast"),
    [
        ("contract/test_any.py", {}, True),
        ("client/test_any.py", {"Path": Path}, True),
        ("client/test_any.py", {"ReferenceServer": ReferenceServer}, False),
        ("client/test_any.py", {"subprocess": subprocess}, False),
        ("reference/test_any.py", {}, False),
        ("test_any.py", {}, False),
    ],
)
def test_a_module_is_fast_by_its_folder_and_what_it_imports(
    path: str, imported: dict[str, object], *, fast: bool
) -> None:
    module = ModuleType("any")
    vars(module).update(imported)
    assert is_fast(ROOT / "tests" / path, module) is fast


def test_a_fast_test_that_opens_a_server_fails() -> None:
    probe = ROOT / "tests" / "contract" / "test_probe_of_the_guard.py"
    probe.write_text(PROBE, "utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n", "0", "-m", "fast", str(probe)],
            capture_output=True, text=True, check=False, cwd=ROOT, env=environment(), timeout=HANGS,
        )  # fmt: skip
    finally:
        probe.unlink()
    assert "2 passed, 1 error" in done.stdout
    assert "a fast test did ['socket.bind']" in done.stdout
