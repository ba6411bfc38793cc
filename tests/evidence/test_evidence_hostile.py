"""Evidence files that no run wrote: each is refused with a sentence, in bounded memory and time."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.cli import main
from conformance.client.api import Created
from conformance.evidence import FILE, EvidenceError, read_evidence
from conformance.suite.pause.stories import PauseTwice
from tests.client.factory import exchange
from tests.evidence.test_evidence_file import ONE, evidence, part, saved, text_of

MOST_MEGABYTES, MOST_SECONDS = 300, 90
READER = """
import sys
from pathlib import Path
from conformance.evidence import EvidenceError, read_evidence
try:
    read_evidence(Path(sys.argv[1]))
except EvidenceError as error:
    print(error)
else:
    print("read")
status = Path("/proc/self/status").read_text()
print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
"""
TWICE = PauseTwice(Created("depl_1", "name", ONE), ONE, ONE, ONE, ONE, ONE, (ONE,), ONE, ONE, ONE)
LISTED = exchange(number=2, json={"data": [{"id": "depl_1"}]})
RUN = evidence(part(ONE, LISTED, stories={"pause_twice": TWICE}))


def written(folder: Path, text: bytes) -> Path:
    path = folder / FILE
    path.write_bytes(gzip.compress(text, 1))
    return path


# --- what costs too much -------------------------------------------------------------------------------------

EXCHANGE = (
    '"number": 1, "story": "", "label": "", "method": "GET", "url": "", "seconds": 0, "request_headers": {},'
)


def _whole(members: str) -> bytes:
    """A document that begins like evidence and has these members."""
    return f'{{"schema_version": "1.0", "complete": true, {members}}}'.encode()


COSTLY: dict[str, Callable[[], bytes]] = {
    "blanks": lambda: b" " * 400_000_000,
    "arrays": lambda: _whole(f'"parts": [{"[]," * 60_000_000}[]]'),
    "nested arrays": lambda: b"[" * 80_000_000,
    "nested objects": lambda: b'{"a":' * 20_000_000,
    "objects": lambda: _whole(f'"parts": [{"{}," * 20_000_000}{{}}]'),
    "numbers": lambda: _whole(f'"parts": [{"1," * 40_000_000}1]'),
    "empty texts": lambda: _whole(f'"parts": [{chr(34) * 2 + ","}{(chr(34) * 2 + ",") * 20_000_000}""]'),
    "a text without an end": lambda: _whole('"parts": "' + '\\"' * 40_000_000),
    "one long text": lambda: _whole(f'"parts": "{"x" * 80_000_000}"'),
    "one long name": lambda: _whole(f'"{"x" * 80_000_000}": 1, "parts": []'),
    "a body full of arrays": lambda: _whole(f'"parts": [{{"exchanges": [{{{EXCHANGE} "body": "{"[]," * 9_000_000}"}}]}}]'),
    "gzip within gzip": lambda: gzip.compress(b"[" * 400_000_000, 9),
}  # fmt: skip


@pytest.mark.parametrize("made", COSTLY.values(), ids=COSTLY)
@pytest.mark.parametrize("padded", [False, True], ids=["small", "large"])
def test_a_costly_file_is_refused_in_bounded_memory_and_time(
    made: Callable[[], bytes], tmp_path: Path, *, padded: bool
) -> None:
    """A file that is large itself may hold more: what does not compress is appended to it."""
    path = written(tmp_path, made()[: 85_000_000 if padded else None])
    if padded:
        with path.open("ab") as file:
            file.write(gzip.compress(random.Random(7).randbytes(2_000_000)))  # noqa: S311 (no secret)
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", READER, str(path)], capture_output=True, text=True, check=True
    )
    said, megabytes = done.stdout.splitlines()
    assert said != "read"
    assert FILE in said
    assert len(said) < 1_000
    assert int(megabytes) < MOST_MEGABYTES
    assert time.monotonic() - started < MOST_SECONDS


@pytest.mark.parametrize(
    "kind", ["a FIFO", "a device", "an empty folder", "a loop", "a NUL in its name", "nothing"]
)
def test_what_is_no_file_is_refused_at_once(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / FILE
    match kind:
        case "a FIFO":
            os.mkfifo(path)
        case "a device":
            path.symlink_to("/dev/zero")
        case "an empty folder":
            path.mkdir()
        case "a loop":
            path.symlink_to(path)
    given = f"{path}\0" if kind == "a NUL in its name" else str(path)
    assert main(["rejudge", given, "--report-dir", str(tmp_path / "out")]) == 2
    assert "cannot be read: " in capsys.readouterr().err


# --- what has another shape ----------------------------------------------------------------------------------

ODD: tuple[object, ...] = (
    None,
    True,
    -1,
    1.5,
    10**30,
    "",
    "text",
    "\ud800",
    [],
    [1],
    {},
    {"$class": "x"},
    {"$exchange": 99},
    {"$": 1},
    [[]],
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 (JSON)
    """Yield the path of every value within a document."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part_ in parts:
        yield (*path, name)
        yield from places(part_, (*path, name))


def put(document: Any, path: tuple[Any, ...], value: object) -> None:  # noqa: ANN401 (JSON)
    for name in path[:-1]:
        document = document[name]
    document[path[-1]] = value


def said_of(path: Path) -> str:
    """What is said of a file that is refused, nothing of one that is read."""
    try:
        read_evidence(path)
    except EvidenceError as error:
        return str(error)
    return ""


def test_no_odd_value_anywhere_ends_otherwise_than_in_a_sentence(tmp_path: Path) -> None:
    text = text_of(saved(RUN, tmp_path))
    everywhere = list(places(json.loads(text)))
    assert len(everywhere) > 150
    refused = 0
    for number, path in enumerate(everywhere):
        for odd in (
            ODD[number % len(ODD)],
            ODD[(number * 7 + 3) % len(ODD)],
            ODD[(number * 3 + 5) % len(ODD)],
        ):
            document = json.loads(text)
            put(document, path, odd)
            said = said_of(written(tmp_path, json.dumps(document).encode()))
            refused += bool(said)
            assert len(said) < 700
    assert refused > 300


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"seconds": 1.5', '"seconds": NaN'), ('"seconds": 1.5', '"seconds": 1e999'),
        ('"seconds": 1.5', '"seconds": -Infinity'), ('"seconds": 1.5', f'"seconds": {"9" * 5_000}'),
        ('"sent_at": "2026-07-01T00:00:00+00:00"', '"sent_at": "2026-07-01T00:00:00"'),
        ('"sent_at": "2026-07-01T00:00:00+00:00"', '"sent_at": "soon"'),
        ('"revision": "2026-07"', '"revision": "2099-01"'),
        ('"complete": true', '"complete": 1'),
    ],
)  # fmt: skip
def test_a_value_that_no_run_saves_is_refused(old: str, new: str, tmp_path: Path) -> None:
    text = text_of(saved(RUN, tmp_path))
    assert old in text
    with pytest.raises(EvidenceError):
        read_evidence(written(tmp_path, text.replace(old, new).encode()))


def test_a_story_of_another_shape_is_not_judged(tmp_path: Path) -> None:
    document = json.loads(text_of(saved(RUN, tmp_path)))
    document["parts"][0]["stories"]["pause_twice"]["first"] = "no exchange"
    (read,) = read_evidence(written(tmp_path, json.dumps(document).encode())).parts
    assert "PauseTwice.first is no" in str(read.stories["pause_twice"])
