"""The append-only file of everything created on a target, written before each creation.

A line is in the hands of the operating system before the request is sent, so `kill -9` loses none. It is not
forced to the disk: only a crash of the whole machine could lose it then, and on a busy disk that would cost
each creation tens of milliseconds.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

LEDGER = "ledger.jsonl"
TO_WRITE_A_LINE = 0.05
"""Seconds after which a line that is still without an end was cut off."""
EMBEDDED = "embedded reference server"
"""What stands for the base URL of a server that ends with the run, and all that was made on it."""


class LedgerError(Exception):
    """The ledger cannot be written: nothing may be created. The message names the file and a hint."""


def check_ledger(folder: Path) -> None:
    """Raise LedgerError when the ledger in a folder is there and cannot be written; create nothing."""
    try:
        os.close(os.open(folder / LEDGER, os.O_RDWR | os.O_APPEND))
    except FileNotFoundError:
        pass
    except OSError as error:
        raise _unwritable(folder / LEDGER, error) from error


class Ledger:
    """Appends one JSON line per event to `path`; safe across threads and processes.

    Events: `intent` (name and description, before the request), `created` (name, id), `refused` (name,
    status), `unknown` (name: no answer told what became of it), `disowned` (id: it is another's, why),
    `archived` (id), `gone` (id: it was not there any more), `left` (id, why) and `finished` (the clean-up is
    over). `account` is a mask of the token, by which a sweep with another token is recognised.
    """

    def __init__(self, path: Path, *, run_id: str, target: str, account: str = "") -> None:
        self.run_id = run_id
        self._path = path
        self._facts = {"run": run_id, "target": target, **({"account": account} if account else {})}
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
                raise _unwritable(self._path, error) from error

    def _append(self, line: bytes) -> None:
        # One write of one line to a descriptor opened with O_APPEND is atomic between processes.
        if os.write(self._open(), line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _open(self) -> int:
        if self._descriptor is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            with suppress(OSError):  # some file systems know no locks
                fcntl.flock(self._descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            _end_last_line(self._descriptor)
        return self._descriptor

    def finish(self) -> None:
        """Note that the clean-up is over, if anything was announced at all."""
        if self._descriptor is not None:
            self.write("finished")

    def close(self) -> None:
        """Close the file; a later `write` opens it again."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None


def _end_last_line(descriptor: int) -> None:
    """End a line that a full disk cut off, so that the next one stands alone.

    One that another process is just writing may be seen in part as well, and is left to it.
    """
    size = os.fstat(descriptor).st_size
    if not size or os.pread(descriptor, 1, size - 1) == b"\n":
        return
    time.sleep(TO_WRITE_A_LINE)
    if os.fstat(descriptor).st_size == size:
        os.write(descriptor, b"\n")


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Hold a ledger for one reader; yields False when a run or another reader is using it."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        except OSError:  # this file system knows no locks
            yield True
        else:
            yield True


def _unwritable(path: Path, error: OSError) -> LedgerError:
    return LedgerError(
        f"cannot write the ledger {path}: {error.strerror}; nothing is created without it. "
        "Hint: choose a writable --report-dir."
    )
