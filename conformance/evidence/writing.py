"""Saving a run: one gzipped JSON document, written piece by piece, whole or not there at all."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from conformance.config.settings import Settings
from conformance.contract.mode import Mode
from conformance.contract.verdict import Blame, NotJudgedError, Verdict
from conformance.evidence.exchanges import row_of
from conformance.evidence.model import (
    LARGEST_FILE,
    LARGEST_TEXT,
    SCHEMA_VERSION,
    WRITING_SECONDS,
    Evidence,
    Part,
)
from conformance.evidence.values import encoded
from conformance.redaction.privacy import Cover
from conformance.redaction.redactor import Redactor
from conformance.report.files import unwritable, writing
from conformance.report.write import HINT

NOT_SAVED = ("token", "second_token", "replay", "report_dir", "har", "accepted", "compare_with")
FREE = (
    "base_url", "run_label", "deployment_id", "agent_id", "environment_id", "archived_agent_id",
    "archived_environment_id",
)  # fmt: skip
"""Settings that are texts of the user's own."""


def write_evidence(evidence: Evidence, redactor: Redactor, path: Path, largest: int = LARGEST_TEXT) -> Path:
    """Write a run to `path`, every secret of `redactor` masked; return the path.

    Answers beyond `largest` characters in all are left out, and those that the file or the time has no room
    for: what they would show is not judged later.
    Raises ReportError when the file cannot be written.
    """
    try:
        with writing(path) as stream, gzip.open(stream, "wt", compresslevel=5, encoding="ascii") as file:
            room = _Room(stream, largest)
            for piece in _pieces(evidence, redactor, room):
                file.write(piece)
                room.spend(len(piece))
    except OSError as error:
        raise unwritable(path, error, HINT) from error
    return path


class _Room:
    """How much more may be written, by the characters, by the size of the file, and by the clock."""

    def __init__(self, stream: BinaryIO, characters: int) -> None:
        self._stream = stream
        self._left = characters
        self._until = time.thread_time() + WRITING_SECONDS

    def spend(self, characters: int) -> None:
        """Note what was written."""
        self._left -= characters

    def left(self) -> int:
        """Return how many characters a further answer may have."""
        full = time.thread_time() > self._until or self._written() > LARGEST_FILE
        return 0 if full else self._left

    def _written(self) -> int:
        return self._stream.tell() if self._stream.seekable() else 0


def _pieces(evidence: Evidence, redactor: Redactor, room: _Room) -> Iterator[str]:
    """Yield the document: header, verdicts, parts, and the footer without which it was cut off."""
    yield json.dumps(_header(evidence, redactor), indent=1).removesuffix("\n}") + ',\n "parts": ['
    settings = evidence.settings
    cover = None if settings.mode is Mode.FULL else Cover(settings.deployment_id)
    for place, part in enumerate(evidence.parts):
        yield ",\n" if place else "\n"
        yield from _part(part, redactor, cover, room)
    yield '\n ],\n "complete": true\n}\n'


def _header(evidence: Evidence, redactor: Redactor) -> dict[str, object]:
    return {
        "schema_version": SCHEMA_VERSION,
        "suite_version": evidence.suite_version,
        "started_at": evidence.started_at,
        "seconds": round(evidence.seconds, 3),
        "settings": _settings(evidence.settings, redactor),
        "keyword": evidence.keyword,
        "marks": evidence.marks,
        "interrupted": evidence.interrupted,
        "missing": list(evidence.missing),
        "internal_error": redactor.text(evidence.internal_error),
        "verdicts": [_verdict(verdict) for verdict in evidence.verdicts.values()],
    }


def _settings(settings: Settings, redactor: Redactor) -> dict[str, object]:
    saved = {name: value for name, value in vars(settings).items() if name not in NOT_SAVED}
    lists = {name: list(value) for name, value in saved.items() if isinstance(value, tuple)}
    texts = {name: redactor.text(value) for name in FREE if isinstance(value := saved[name], str)}
    return {**saved, **lists, **texts, "second_tenant": bool(settings.second_token)}


def _verdict(verdict: Verdict) -> dict[str, object]:
    return {
        "requirement": verdict.requirement,
        "outcome": str(verdict.outcome),
        "blame": str(verdict.blame) if verdict.blame else None,
        "message": verdict.message,
        "expected": verdict.expected,
        "got": verdict.got,
    }


def _part(part: Part, redactor: Redactor, cover: Cover | None, room: _Room) -> Iterator[str]:
    """Yield one part, an exchange a line."""
    facts = {
        "run_id": part.run_id,
        "traffic": {**asdict(part.traffic), "left": [redactor.text(line) for line in part.traffic.left]},
        "notices": [redactor.text(notice) for notice in part.notices],
        "ended_by": part.ended_by,
        "preflight": redactor.together(encoded(part.preflight, redactor)),
        "stories": {name: _yielded(value, redactor, cover) for name, value in part.stories.items()},
        "all_told": None if part.undisturbed is None else [exchange.number for exchange in part.undisturbed],
    }
    yield json.dumps(facts, allow_nan=False).removesuffix("}") + ', "exchanges": ['
    for place, exchange in enumerate(part.exchanges):
        line = json.dumps(row_of(exchange, redactor, room.left(), cover))
        yield ("," if place else "") + "\n  " + line
    yield "\n ]}"


def _yielded(value: object, redactor: Redactor, cover: Cover | None) -> Any:  # noqa: ANN401 (JSON)
    try:
        shown = redactor.together(encoded(value, redactor))
        shown = cover.covered(shown, ours=True) if cover else shown
        json.dumps(shown, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        unsaved = NotJudgedError(Blame.HARNESS, f"what the story yielded cannot be saved: {error}")
        return encoded(unsaved, redactor)
    return shown
