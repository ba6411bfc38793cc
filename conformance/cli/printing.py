"""What the commands print: harmless lines without secrets, to streams that may be closed or full."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from conformance.redaction.known_secrets import shown
from conformance.report.text import harmless

STREAMS = 3
"""Standard input, output and error."""


def say(*columns: object, sep: str = " ") -> bool:
    """Print lines to stdout at once, safe for terminals and CI runners; return what `put` returns."""
    return put(harmless(shown(sep.join(map(str, columns)))))


def put(text: str) -> bool:
    """Print to stdout a text that is safe and redacted; return False when it is lost, as on a full disk.

    A reader that went away, as `head` does, has all that it wanted.
    """
    try:
        print(text, flush=True)  # noqa: T201 (a command line prints)
    except OSError as error:
        return _lost(error)
    return True


def warn(text: str) -> None:
    """Print safe lines to stderr; where that cannot be written, nobody can be told."""
    try:
        print(harmless(shown(text)), file=sys.stderr, flush=True)  # noqa: T201 (the same)
    except OSError:
        _mute(sys.stderr)


@contextmanager
def streams() -> Iterator[None]:
    """Make standard streams usable, whatever the caller did to them, and let Python end in peace.

    A descriptor that was closed is opened to nowhere: else the next file or connection would get its number,
    and whatever is printed would go there. What is printed and no encoding has is spelled out.
    """
    _open_closed()
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        _flush()


def _open_closed() -> None:
    for number in range(STREAMS):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # it gets the lowest free number, which is this one
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 (for good)
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115 (the same)


def _flush() -> None:
    """Write what argparse printed, while a failure can still be caught: Python would exit with 120."""
    try:
        sys.stdout.flush()
    except OSError as error:
        _lost(error)
    try:
        sys.stderr.flush()
    except OSError:
        _mute(sys.stderr)


def _lost(error: OSError) -> bool:
    """Print no more to stdout; say why unless its reader went away. Return whether that is what happened."""
    _mute(sys.stdout)
    if isinstance(error, BrokenPipeError):
        return True
    warn(f"conformance: cannot write to stdout: {error.strerror or error}")
    return False


def _mute(stream: TextIO) -> None:
    """Send to nowhere what a stream holds and what it will be given."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
