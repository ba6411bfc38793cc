"""Files that a user names: a regular one is replaced as a whole, a device or pipe is written through."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from conformance.errors import ConformanceError

HEAD = 1024
"""Bytes in which a report of ours shows its mark."""
STANDARD = (1, 2)
"""Descriptors of standard output and error; `/dev/stdout` may lead to a regular file that others write to."""


class ReportError(ConformanceError):
    """A report could not be written; `what` says which and why, `hint` what to do."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(f"{what} ({hint})")
        self.what = what
        self.hint = hint


def unwritable(path: Path, error: OSError, hint: str) -> ReportError:
    """Return the error that says why `path` cannot be written."""
    return ReportError(f"cannot write {path}: {error.strerror or error}", hint)


def check(path: Path, hint: str, *, parents: bool = True) -> None:
    """See that the file at `path` can be written; with `parents`, its folder is made.

    Raises ReportError, with `hint`, if not. A pipe is not opened: its reader would take that for the end.
    """
    try:
        if _goes_through(path):
            if not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return
        real = _real(path)
        if parents:
            real.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            os.close(os.open(real, os.O_WRONLY | os.O_APPEND))
        with _draft(real) as draft:
            draft.write_bytes(b"\n")  # a full disk takes an empty file
    except OSError as error:
        raise unwritable(path, error, hint) from error


def check_ours(path: Path, mark: bytes) -> None:
    """Raise ReportError for a regular file of somebody else: one without our mark near its beginning."""
    if not path.is_file() or path.is_symlink() or _goes_through(path):
        return
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head and mark not in head:
        what = f"{path} was not written by this suite, and a run would replace it"
        raise ReportError(what, "move it away, or name another directory with --report-dir")


def clear(path: Path) -> None:
    """Take away what an earlier run wrote to `path`; links, devices and pipes stay. Raises OSError."""
    if not _goes_through(path):
        _real(path).unlink(missing_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Yield a stream whose content is at `path` in the end, as a whole or not at all. Raises OSError.

    A link stays, and what it leads to is replaced. What is no regular file is written through: of that,
    the beginning may have gone when something fails.
    """
    if _goes_through(path):
        with os.fdopen(_open(path), "wb") as stream:
            yield stream
        return
    real = _real(path)
    real.parent.mkdir(parents=True, exist_ok=True)
    with _draft(real) as draft:
        with draft.open("xb") as stream:
            yield stream
        with suppress(FileNotFoundError):
            shutil.copymode(real, draft)
        draft.replace(real)


@contextmanager
def appending(path: Path) -> Iterator[BinaryIO]:
    """Yield a stream that writes behind what is at `path`. Raises OSError."""
    descriptor = _open(path, os.O_APPEND | os.O_CREAT)
    with os.fdopen(descriptor, "ab") as stream:
        yield stream


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    draft = path.with_name(f".{secrets.token_hex(6)}.draft")
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _goes_through(path: Path) -> bool:
    """Tell whether `path` is something else than a file to be replaced; raises OSError for a folder."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return not stat.S_ISREG(found.st_mode) or _standard(found) is not None


def _standard(found: os.stat_result) -> int | None:
    for number in STANDARD:
        with suppress(OSError):  # it may be closed
            if os.path.samestat(found, os.fstat(number)):
                return number
    return None


def _open(path: Path, flags: int = 0) -> int:
    """Return a descriptor for writing; a pipe that nobody reads raises OSError instead of waiting."""
    with suppress(FileNotFoundError):
        if (standard := _standard(path.stat())) is not None:
            return os.dup(standard)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | flags, 0o666)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise OSError(errno.ENXIO, "nobody reads from it") from error
        raise
    os.set_blocking(descriptor, True)
    return descriptor
