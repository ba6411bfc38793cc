"""Reading a ledger: what was cut off is read past, what no run wrote is refused by its line number."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from conformance.client.ownership.ledger import EMBEDDED
from conformance.client.ownership.marks import is_run_id
from conformance.config.regular_files import open_regular
from conformance.contract.comparing import shorten
from conformance.contract.schemas import parse_timestamp

LARGEST_LEDGER = 256 * 1024 * 1024
LONGEST_LINE = 1024 * 1024
MOST_TORN = 64
"""How many lines that were cut off may stand before a whole one in the same line of the file."""
EVENT = re.compile(r'\{"event": ?"[a-z]{1,20}", ?"at": ?"')
"""How each line of a run begins; within a text the quotation marks would be escaped."""
CUT_OFF = '{"event"'
"""How a line begins that was cut off."""
NOTHING = " \t\r\n\0"
"""What a line may hold besides: a crash of the whole machine may leave NULs."""
TARGET = re.compile(r"https?://[^\s/@?#\\]+(?:/[^\s?#\\]*)?")
CLOCKS_APART = timedelta(days=1)
Entry = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that no run wrote, by its number in the file, and why it is not believed."""

    number: int
    why: str


def read_lines(path: Path, refuse: Callable[[Refused], None]) -> Iterator[tuple[int, Entry]]:
    """Yield the events in a ledger, each with the number of its line; tell `refuse` of lines not believed.

    Raises OSError for a file that cannot be read or is too large.
    """
    with open_regular(path) as file:
        read = 0
        for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), 1):
            read += len(line)
            if read > LARGEST_LEDGER:
                refuse(
                    Refused(number, f"the ledger is larger than {LARGEST_LEDGER} bytes: the rest is not read")
                )
                return
            for found in _entries(line):
                why = found if isinstance(found, str) else _strange(found)
                if why:
                    refuse(Refused(number, why))
                elif not isinstance(found, str):
                    yield number, found


def _entries(line: bytes) -> Iterator[Entry | str]:
    """Yield the events in a line, one but for what was cut off, or why it holds none."""
    text = line.decode("utf-8", "replace").strip(NOTHING)
    if not text:
        return  # two processes may have ended one line that was cut off
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        found = list(_within(text))
        yield from found
        if not (found or text.startswith(CUT_OFF) or CUT_OFF.startswith(text)):
            yield _unlike(text)
    else:
        yield whole if isinstance(whole, dict) else _unlike(text)


def _within(text: str) -> Iterator[Entry]:
    """Yield the whole events in a line, before and behind what was cut off."""
    place = 0
    for start in islice((match.start() for match in EVENT.finditer(text)), MOST_TORN):
        if start < place:
            continue
        try:
            found, place = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        yield found


def _unlike(text: str) -> str:
    return f"it is {shorten(text[:200], 60)!r}, no event of a run"


def _strange(entry: Entry) -> str:
    """Return why no run wrote an event, or an empty text."""
    event, at, run, target = (entry.get(name) for name in ("event", "at", "run", "target"))
    moment = parse_timestamp(at)
    if not (isinstance(event, str) and isinstance(run, str) and isinstance(target, str)):
        return "it lacks event, run or target"
    if not is_run_id(run):
        return f"{shorten(run, 40)!r} is no run's id"
    if target != EMBEDDED and not TARGET.fullmatch(target):
        return "its target is no base URL, or one with credentials, a query or a blank"
    if moment is None or moment > datetime.now(UTC) + CLOCKS_APART:
        return f"{shorten(at, 40)!r} is no moment at which a run can have written it"
    return ""
