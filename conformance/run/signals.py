"""Ctrl-C, SIGTERM and SIGHUP: the first ends a run gracefully, the second at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from types import FrameType
from typing import Any

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
AT_ONCE = 130
"""The exit code after a second signal, as that of a process that Ctrl-C killed."""
SAME_STOP = 0.25
"""Seconds within which signals are one: `timeout` sends each to the process and to the group it is in."""


class Stopper:
    """Handles the signals of one process from `watch` until `release`.

    At the first, `stop` is called with its name, in a thread of its own since a handler may not wait, and
    KeyboardInterrupt is raised unless that is `deferred`. At the second, more than `SAME_STOP` after it, the
    process ends, after `abandon`. In a `patient` process, a worker, whoever started it decides when it
    must end: nothing is raised there, and a second signal means nothing.
    """

    def __init__(
        self,
        stop: Callable[[str], None],
        *,
        abandon: Callable[[], None] = lambda: None,
        patient: bool = False,
    ) -> None:
        self._stop = stop
        self._abandon = abandon
        self._patient = self._deferred = patient
        self._names: SimpleQueue[str] = SimpleQueue()
        self._before: dict[signal.Signals, Any] = {}
        self._since = 0.0
        self.name = ""

    def watch(self) -> None:
        """Handle the signals from now on, if this is the main thread: only there it can be done."""
        if threading.current_thread() is threading.main_thread():
            ours = [number for number in STOPPING if not _left_to_nohup(number)]
            self._before = {number: signal.signal(number, self._handle) for number in ours}
            threading.Thread(target=self._wait, name="stopper", daemon=True).start()

    def release(self) -> None:
        """Handle the signals as before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Let the block come to its own end, which a stop makes come soon."""
        before, self._deferred = self._deferred, True
        try:
            yield
        finally:
            self._deferred = before

    def _wait(self) -> None:
        self._stop(self._names.get())

    def _handle(self, number: int, _: FrameType | None) -> None:
        if self.name:
            if not self._patient and time.monotonic() - self._since > SAME_STOP:
                self._end_at_once()
            return
        self._since = time.monotonic()
        self.name = signal.Signals(number).name
        self._names.put(self.name)
        if not self._deferred:
            raise KeyboardInterrupt

    def _end_at_once(self) -> None:
        self._abandon()
        stderr = sys.__stderr__.fileno() if sys.__stderr__ else 2
        os.write(stderr, b"\nconformance: ended at once; `conformance sweep` cleans up what is left\n")
        os._exit(AT_ONCE)


def _left_to_nohup(number: signal.Signals) -> bool:
    """Tell whether whoever started this process wants it to outlive its terminal."""
    return number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN
