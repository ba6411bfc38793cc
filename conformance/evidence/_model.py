"""A saved run: what each of its processes collected, and what was said of it then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.contract.verdict import Verdict
from conformance.report.result import Traffic
from conformance.stories.preflight import Preflight
from conformance.target.exchange import Exchange
from conformance.target.settings import Settings

SCHEMA_VERSION = "1.0"
FILE = "evidence.json.gz"
LARGEST_TEXT = 96 * 1024 * 1024
"""About how many characters of JSON a file may hold."""


class EvidenceError(Exception):
    """A file holds no evidence that this suite reads; the message says why, with a hint."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one process of a run collected.

    `stories` has for each story, or search, what it yielded or the exception that it raised. `all_told` are
    the exchanges that promises about every answer were judged by, None when none was judged. `ended_by` is
    the bound that ended the run early, if one did.
    """

    run_id: str
    traffic: Traffic
    notices: tuple[str, ...]
    ended_by: str
    preflight: Preflight
    exchanges: tuple[Exchange, ...]
    all_told: tuple[Exchange, ...] | None
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
