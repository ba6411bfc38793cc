"""The append-only file of everything created on a target, written before each creation."""

from __future__ import annotations

import errno
import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path


class LedgerError(Exception):
    """The ledger cannot be written: nothing may be created. The message names the file and a hint."""


class Ledger:
    """Appends one JSON line per event to `path`; safe across threads and processes.

    Events: `intent` (name, before the request), `created` (name, id), `refused` (name, status),
    `unknown` (name: no answer came), `archived` (id) and `left` (id or name, why).
    """

    def __init__(self, path: Path, *, run_id: str, target: str) -> None:
        self.run_id = run_id
        self._path = path
        self._facts = {"run": run_id, "target": target}
        self._lock = threading.Lock()
        self._descriptor: int | None = None

    def write(self, event: str, **facts: object) -> None:
        """Append an event and hand it to the operating system before returning.

        Raises LedgerError when the file cannot be written.
        """
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = f"{json.dumps({'event': event, 'at': moment, **self._facts, **facts})}\n".encode()
        with self._lock:
            try:
                self._append(line)
            except OSError as error:
                raise LedgerError(
                    f"cannot write the ledger {self._path}: {error.strerror}; nothing is created without it. "
                    "Hint: choose a writable --report-dir."
                ) from error

    def _append(self, line: bytes) -> None:
        # One write of one line to a descriptor opened with O_APPEND is atomic between processes.
        if os.write(self._open(), line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _open(self) -> int:
        if self._descriptor is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return self._descriptor

    def close(self) -> None:
        """Close the file; a later `write` opens it again."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
