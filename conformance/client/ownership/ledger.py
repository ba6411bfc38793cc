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
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from conformance.config.regular_files import check_regular, open_regular
from conformance.errors import ConformanceError

LEDGER = "ledger.jsonl"
TO_WRITE_A_LINE = 0.05
"""Seconds after which a line that is still without an end was cut off."""
ANNOUNCEMENTS = frozenset({"intent", "lent", "lending"})
"""Events that stand in the ledger before anything is sent; without them nothing is."""
EMBEDDED = "embedded reference server"
"""What stands for the base URL of a server that ends with the run, and all that was made on it."""


class LedgerError(ConformanceError):
    """The ledger cannot be written: nothing may be created. The message names the file and a hint."""


def check_ledger(folder: Path) -> None:
    """Raise LedgerError when the ledger in a folder is there and cannot be written; create nothing."""
    try:
        descriptor = os.open(folder / LEDGER, os.O_RDWR | os.O_APPEND | os.O_NONBLOCK)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unwritable(folder / LEDGER, error) from error
    try:
        check_regular(descriptor)
    except OSError as error:
        raise _unwritable(folder / LEDGER, error) from error
    finally:
        os.close(descriptor)


class Ledger:
    """Appends one JSON line per event to `path`; safe across threads and processes.

    Events: `intent` (name and description, before the request), `created` (name, id), `refused` (name,
    status), `unknown` (name: no answer told what became of it), `disowned` (id: it is another's, why),
    `archived` (id), `gone` (id: it was not there any more), `left` (id, why) and `finished` (the clean-up is
    over); of a lent deployment `lent` (id, before), `lending` (id, sent) and `returned` (id, kept).
    `account` is a mask of the token, by which a sweep with another token is recognised.
    `shown` redacts what is written of an event.
    """

    def __init__(
        self,
        path: Path,
        *,
        run_id: str,
        target: str,
        account: str = "",
        shown: Callable[[object], object] = lambda facts: facts,
    ) -> None:
        self.run_id = run_id
        self._shown = shown
        self._path = path
        self._facts = {"run": run_id, "target": target, **({"account": account} if account else {})}
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._written: list[bytes] = []

    def write(self, event: str, **facts: object) -> None:
        """Append an event and hand it to the operating system before returning.

        Raises LedgerError when an announcement cannot be written. Any other event may be lost: without it
        a sweep looks once more at what was announced, and finds out.
        """
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        shown = {name: self._shown(value) for name, value in facts.items()}
        line = f"{json.dumps({'event': event, 'at': moment, **self._facts, **shown})}\n".encode()
        with self._lock:
            try:
                self._append(line)
            except OSError as error:
                if event in ANNOUNCEMENTS:
                    raise _unwritable(self._path, error) from error

    def _append(self, line: bytes) -> None:
        _put(self._open(), line)
        self._written.append(line)

    def _open(self) -> int:
        """Return the descriptor of the file at the path, which may have been removed or replaced meanwhile.

        What this process wrote to the one before is written to the new one, too: there a sweep will look.
        """
        if self._descriptor is None or not _is_at(self._descriptor, self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o600)
            try:
                check_regular(descriptor)
                with suppress(OSError):  # some file systems know no locks
                    fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
                if self._descriptor is not None:
                    _put(descriptor, b"".join(self._written))
            except OSError:
                os.close(descriptor)
                raise
            self._close()
            self._descriptor = descriptor
        return self._descriptor

    def finish(self) -> None:
        """Note that the clean-up is over, if anything was announced at all."""
        if self._descriptor is not None:
            self.write("finished")

    def close(self) -> None:
        """Close the file; a later `write` opens it again."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _put(descriptor: int, lines: bytes) -> None:
    """Write whole lines; raises OSError when that fails.

    One write to a descriptor opened with O_APPEND is atomic between processes. A line that a full disk cut
    off stays without an end: whoever writes next ends it first.
    """
    content = b"\n" + lines if _is_torn(descriptor) else lines
    if os.write(descriptor, content) < len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _is_torn(descriptor: int) -> bool:
    """Tell whether the last line was cut off.

    One that another process is just writing may be seen in part as well, and is waited for; an end too many
    would make an empty line, and do no harm.
    """
    for wait in (TO_WRITE_A_LINE, 0):
        size = os.fstat(descriptor).st_size
        if not size or os.pread(descriptor, 1, size - 1) == b"\n":
            return False
        time.sleep(wait)
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    """Tell whether an open file is the one at a path."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Hold a ledger for one reader; yields False when a run or another reader is using it.

    Raises OSError when it cannot be read.
    """
    with open_regular(path) as file:
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
