"""Reading a saved run: bounded, and with a clear word on what is no evidence, cut off or of a newer suite."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from conformance.client.exchange import Exchange
from conformance.config.regular_files import open_regular
from conformance.config.settings import Settings
from conformance.contract.verdict import Blame, NotJudgedError, Outcome, Verdict
from conformance.evidence.checking import check_shape, parsed
from conformance.evidence.exchanges import exchange_of
from conformance.evidence.model import FILE, LARGEST_TEXT, READ_VERSIONS, Evidence, EvidenceError, Part
from conformance.evidence.values import decoded
from conformance.report.result import Traffic
from conformance.suite.engine.preflight import Preflight
from conformance.vendors import ProfileError, editions, load_profile

LARGEST = LARGEST_TEXT * 5 // 4
"""A file may be somewhat larger than its answers may be: it has rows and stories besides."""
FLOOR, MOST_PACKED = 16 * 1024 * 1024, 100
"""What is packed closer than this is none of ours, unless it is small: runs come to about a twentieth."""
EAGER = 4 * 1024 * 1024
"""Characters of answers that are read as JSON at once; those of a default run are fewer."""
HINT = f"Hint: a run saves its evidence as {FILE} in its report directory."
REVISION_NAMES = ("auto", "unknown", *editions())
DAMAGED = (KeyError, ValueError, TypeError, AttributeError, IndexError, RecursionError)


def read_evidence(path: Path, largest: int = LARGEST) -> Evidence:
    """Return the run that a file holds, or the file of that name in a folder.

    Raises EvidenceError for a file that cannot be read, is none of ours, was cut off, is damaged, is larger
    than `largest` characters, or was written by a suite with a newer schema.
    """
    file = path / FILE if os.path.isdir(path) else path  # noqa: PTH112 (Path.is_dir may raise)
    document = _parsed(file, _content(file, largest))
    try:
        _check_profile(document["settings"])
        check_shape(document)
        return _evidence(document)
    except DAMAGED as error:
        raise EvidenceError(f"{file} is damaged: {type(error).__name__} {error!s:.200}. {HINT}") from error


def _content(path: Path, largest: int) -> bytes:
    try:
        with open_regular(path) as packed, gzip.open(packed) as file:
            most = min(largest, max(FLOOR, MOST_PACKED * os.fstat(packed.fileno()).st_size))
            content = file.read(most + 1)
    except EOFError:
        raise EvidenceError(f"{path} was cut off: it ends within its data. {HINT}") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise EvidenceError(f"{path} is no evidence of a run: {error}. {HINT}") from None
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror or error}. {HINT}") from None
    if len(content) > most:
        raise EvidenceError(f"{path} is too large: it holds more than {most} characters.")
    return content


def _parsed(path: Path, content: bytes) -> Mapping[str, Any]:
    try:
        document = parsed(content)
    except (ValueError, RecursionError) as error:
        raise EvidenceError(
            f"{path} is no evidence of a run, or was cut off: {error!s:.200}. {HINT}"
        ) from None
    version = document.get("schema_version") if isinstance(document, dict) else None
    if not isinstance(version, str) or "parts" not in document:
        raise EvidenceError(f"{path} is no evidence of a run: it has no schema_version or no parts. {HINT}")
    if version not in READ_VERSIONS:
        raise EvidenceError(
            f"{path} has the schema version {version:.20}; this suite reads {' and '.join(READ_VERSIONS)}. "
            f"Hint: it was written by version {document.get('suite_version')!s:.20} of the suite."
        )
    if document.get("complete") is not True:
        raise EvidenceError(f"{path} was cut off: its last member, complete, is not there. {HINT}")
    return document  # type: ignore[no-any-return]  # checked above


def _evidence(document: Mapping[str, Any]) -> Evidence:
    parts: list[Part] = []
    for row in document["parts"]:
        parts.append(_part(row, sum(len(part.exchanges) for part in parts)))
    return Evidence(
        suite_version=str(document["suite_version"]),
        started_at=str(document["started_at"]),
        seconds=float(document["seconds"]),
        settings=_settings(document["settings"]),
        keyword=str(document["keyword"]),
        marks=str(document["marks"]),
        interrupted=document["interrupted"] is True,
        missing=tuple(map(str, document["missing"])),
        internal_error=str(document["internal_error"]),
        parts=tuple(parts),
        verdicts={row["requirement"]: _verdict(row) for row in document["verdicts"]},
    )


def _check_profile(saved: Mapping[str, Any]) -> None:
    try:
        load_profile(str(saved.get("profile")))
    except ProfileError as error:
        raise ValueError(f"the profile {saved.get('profile')!r:.40} is unknown") from error


def _settings(saved: Mapping[str, Any]) -> Settings:
    """Return settings as far as this suite knows them."""
    known = {field.name for field in fields(Settings)} & saved.keys()
    values: dict[str, Any] = {
        name: tuple(saved[name]) if isinstance(saved[name], list) else saved[name] for name in known
    }
    values["reference"] = saved["base_url"] is None
    return replace(Settings(**values), second_token="given" if saved["second_tenant"] else "")


def _verdict(row: Mapping[str, Any]) -> Verdict:
    blame = Blame(row["blame"]) if row["blame"] else None
    return Verdict(**{**row, "outcome": Outcome(row["outcome"]), "blame": blame})


def _part(row: Mapping[str, Any], before: int) -> Part:
    """Return a part; its exchanges are numbered on from the `before` of other parts."""
    exchanges: dict[int, Exchange] = {}
    read = 0
    for place, saved in enumerate(row["exchanges"], before + 1):
        read += len(saved.get("document") or saved["body"])
        exchanges[saved["number"]] = exchange_of(saved, place, packed=read > EAGER)
    numbers = row["all_told"]
    preflight = decoded(row["preflight"], exchanges)
    if not isinstance(preflight, Preflight):
        raise TypeError("a part has no preflight")
    if preflight.revision not in REVISION_NAMES:
        raise ValueError(f"the revision {preflight.revision!r:.40} is unknown")
    return Part(
        run_id=str(row["run_id"]),
        traffic=Traffic(**{**row["traffic"], "left": tuple(row["traffic"]["left"])}),
        notices=tuple(map(str, row["notices"])),
        ended_by=str(row["ended_by"]),
        preflight=preflight,
        exchanges=tuple(exchanges.values()),
        undisturbed=None if numbers is None else tuple(exchanges[number] for number in numbers),
        stories={name: _yielded(name, value, exchanges) for name, value in row["stories"].items()},
    )


def _yielded(name: str, value: object, exchanges: Mapping[int, Exchange]) -> object:
    """Return what a story yielded; where this suite's story yields something else, why it is not judged."""
    try:
        return decoded(value, exchanges)
    except DAMAGED as error:
        reason = f"the saved evidence of the story {name} does not fit this version of the suite: {error}"
        return NotJudgedError(Blame.HARNESS, reason)
