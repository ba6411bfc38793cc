"""A saved run: what each of its processes collected, and what was said of it then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.client.exchange import Exchange
from conformance.config.settings import Settings
from conformance.contract.verdict import Verdict
from conformance.errors import ConformanceError
from conformance.report.result import Traffic
from conformance.suite.engine.preflight import Preflight

SCHEMA_VERSION = "1.2"
READ_VERSIONS = ("1.0", "1.1", SCHEMA_VERSION)
"""Versions of the file that are read; in 1.0 the steps of a finding are one text."""
FILE = "evidence.json.gz"
LARGEST_TEXT = 72 * 1024 * 1024
"""About how many characters of JSON a file may hold."""
LARGEST_FILE = 10 * 1024 * 1024
WRITING_SECONDS = 10.0
"""Bytes of a file, and seconds of computing for it, after which answers are left out."""


class EvidenceError(ConformanceError):
    """A file holds no evidence that this suite reads; the message says why, with a hint."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one process of a run collected.

    `stories` has for each story, or search, what it yielded or the exception that it raised. `undisturbed`
    are the exchanges that promises about every answer were judged by, None when none was judged. `ended_by`
    is the bound that ended the run early, if one did.
    """

    run_id: str
    traffic: Traffic
    notices: tuple[str, ...]
    ended_by: str
    preflight: Preflight
    exchanges: tuple[Exchange, ...]
    undisturbed: tuple[Exchange, ...] | None
    stories: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A run as it was saved, without secrets.

    `started_at` is RFC 3339 in UTC, `seconds` its wall time. `settings` hold no token; a second one that was
    given is a word. `keyword` and `marks` are the expressions of -k and -m. `verdicts` are those that were
    given then, without their evidence. `missing` are shards, such as `3/5`, that a joined run lacks.
    """

    suite_version: str
    started_at: str
    seconds: float
    settings: Settings
    keyword: str = ""
    marks: str = ""
    interrupted: bool = False
    internal_error: str = ""
    missing: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
