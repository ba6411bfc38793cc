"""No announcement is lost with another: a full disk, a torn line or a file that was replaced costs one line."""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.client.ownership.ledger import Ledger, LedgerError, check_ledger, held
from conformance.client.ownership.ledger_reader import LONGEST_LINE, Refused
from conformance.client.ownership.orphans import NoLedgerError, read_ledger, reminders

URL = "https://api.example.com/v1"
RUN = "feed0001"
WRITE = os.write


def ledger(folder: Path, run: str = RUN) -> Ledger:
    return Ledger(folder / "ledger.jsonl", run_id=run, target=URL)


def lost(folder: Path) -> list[str | None]:
    return [creation.name for run in read_ledger(folder / "ledger.jsonl") for creation in run.lost]


def entry(event: str, **facts: object) -> str:
    at = "2026-07-14T08:30:00.000+00:00"
    return json.dumps({"event": event, "at": at, "run": RUN, "target": URL, **facts})


# --- writing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", [0, 1, 9, 40, -2, -1])
def test_a_short_write_costs_its_own_line_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    """Nothing is sent for the line that was cut off; all others are there, of other processes as well."""
    ours, theirs = ledger(tmp_path), ledger(tmp_path, "feed0002")
    ours.write("intent", name="one")
    theirs.write("intent", name="their one")
    monkeypatch.setattr(os, "write", lambda descriptor, content: WRITE(descriptor, content[:written]))
    with pytest.raises(LedgerError, match="No space left"):
        ours.write("intent", name="torn")
    monkeypatch.setattr(os, "write", WRITE)
    theirs.write("intent", name="their two")
    ours.write("intent", name="two")
    assert {*lost(tmp_path)} - {"torn"} == {"one", "two", "their one", "their two"}
    *_, third, last = (tmp_path / "ledger.jsonl").read_text().splitlines()
    assert [json.loads(line)["name"] for line in (third, last)] == ["their two", "two"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS])
def test_only_an_announcement_must_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Without any other line a sweep looks once more: a full disk does not break off the clean-up."""

    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    ours = ledger(tmp_path)
    ours.write("intent", name="one")
    monkeypatch.setattr(os, "write", fail)
    for event in ("intent", "lent", "lending"):
        with pytest.raises(LedgerError, match=os.strerror(number)):
            ours.write(event, name="two")
    for event in ("created", "archived", "unknown", "left", "finished", "returned"):
        ours.write(event, name="one", id="dep_1")
    monkeypatch.setattr(os, "write", WRITE)
    assert lost(tmp_path) == ["one"]


def _remove(path: Path) -> None:
    path.unlink()


def _rotate(path: Path) -> None:
    path.rename(path.with_suffix(".1"))


def _replace(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_text(f"{entry('intent', name='of another run')}\n")
    other.rename(path)


def _remove_folder(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()


@pytest.mark.parametrize("change", [_remove, _rotate, _replace, _remove_folder])
def test_what_was_announced_is_in_the_file_at_the_path(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    folder = tmp_path / "reports"
    ours = ledger(folder)
    ours.write("lent", id="dep_1", before={"name": "theirs"})
    ours.write("lending", id="dep_1", sent={"status": "paused"})
    ours.write("intent", name="one")
    change(folder / "ledger.jsonl")
    ours.write("intent", name="two")
    ours.write("intent", name="three")
    assert {*lost(folder)} - {"of another run"} == {"one", "two", "three"}
    text = (folder / "ledger.jsonl").read_text()
    assert [text.count(f'"event": "{event}"') for event in ("lent", "lending")] == [1, 1]
    with held(folder / "ledger.jsonl") as free:
        assert not free


@pytest.mark.parametrize("kind", ["a FIFO", "a device"])
def test_what_is_no_regular_file_is_no_ledger(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "ledger.jsonl"
    if kind == "a FIFO":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/null")
    with pytest.raises(LedgerError, match="it is no regular file"):
        ledger(tmp_path).write("intent", name="one")
    with pytest.raises(LedgerError, match="it is no regular file"):
        check_ledger(tmp_path)
    with pytest.raises(NoLedgerError, match="it is no regular file"):
        read_ledger(path)
    assert "is not known" in reminders(str(tmp_path))[0]


# --- reading -------------------------------------------------------------------------------------------------

WHOLE = entry("intent", name="after")
BEFORE = entry("intent", name="before")
TORN = entry("intent", name='torn "in" the {middle', description="é🙂")


@pytest.mark.parametrize("place", range(0, len(TORN), 7))
def test_a_torn_line_swallows_no_neighbour(tmp_path: Path, place: int) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text(f"{BEFORE}\n{TORN[:place]}{WHOLE}\n{entry('intent', name='last')}\n")
    refused: list[Refused] = []
    (run,) = read_ledger(path, refused)
    assert [creation.name for creation in run.lost] == ["before", "after", "last"]
    assert not refused


@pytest.mark.parametrize(
    "line",
    [
        BEFORE + WHOLE,
        BEFORE + TORN[:40] + WHOLE,
        TORN[:30] + BEFORE + TORN[:50] + WHOLE + TORN[:60],
        "\0" * 5000 + BEFORE + "\0" * 9 + WHOLE,
        BEFORE + '{"event": "intent"' + WHOLE,
    ],
)
def test_all_whole_events_of_a_line_are_read(tmp_path: Path, line: str) -> None:
    (tmp_path / "ledger.jsonl").write_text(f"{line}\n")
    assert lost(tmp_path) == ["before", "after"]


@pytest.mark.parametrize("rest", ["", "\n", "{", '{"eve', '{"event": "int', "\0\0\0", "\r\n\r\n"])
def test_the_end_of_a_ledger_may_be_cut_off(tmp_path: Path, rest: str) -> None:
    (tmp_path / "ledger.jsonl").write_text(f"{BEFORE}\n{rest}")
    assert lost(tmp_path) == ["before"]


@pytest.mark.parametrize(
    "line",
    [
        "<html>", "[1]", "7", "null", '"intent"', "\x01", "é" * 50, "[" * 100_000, '{"a":' * 100_000,
        '{"event": "intent"}', entry("intent", run=""), entry("intent", run="FEED0001"), entry("intent", run=7),
        entry("intent", run="feed00010"), entry("intent", target="api.example.com"), entry("intent", target=""),
        entry("intent", target="https://user:secret@api.example.com/v1"), entry("intent", target=URL + "?x=1"),
        entry("intent", target="https://api.example.com /v1"), entry("intent", at=""), entry("intent", at=0),
        entry("intent", at="2999-01-01T00:00:00Z"), entry("intent", at="noon"), entry("intent", at=None),
    ],
)  # fmt: skip
def test_a_line_that_no_run_wrote_is_named_and_the_rest_is_read(tmp_path: Path, line: str) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text(f"{BEFORE}\n{line}\n{WHOLE}\n")
    refused: list[Refused] = []
    (run,) = read_ledger(path, refused)
    assert [creation.name for creation in run.lost] == ["before", "after"]
    assert [one.number for one in refused] == [2]
    assert len(refused[0].why) < 300
    assert "line 2 is not believed" in reminders(str(tmp_path))[0]


def test_a_hostile_ledger_is_read_in_bounded_time(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    deep = '{"event": "intent", "at": "' * (LONGEST_LINE // 27)
    names = "".join(f"{entry('intent', name=f'n{number}')}\n" for number in range(20_000))
    answers = "".join(
        f"{entry('created', name=f'n{number}', id=f'd{number}')}\n" for number in range(19_999, 0, -1)
    )
    path.write_text(f"{deep}\n{'{' * 900_000}\n{names}{answers}")
    started = time.monotonic()
    refused: list[Refused] = []
    read_ledger(path, refused)
    assert time.monotonic() - started < 30
    assert "no run leaves more than" in refused[-1].why
