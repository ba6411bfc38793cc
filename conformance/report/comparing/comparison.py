"""What differs between two runs: promises newly broken, mended or broken in another way, footprint, speed."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from conformance.contract.acceptance import fingerprint
from conformance.report.comparing.saved import SavedResult, SavedRow
from conformance.report.text import one_line

UNKEPT: Final = ("fail", "warn")
UNJUDGED: Final = ("not-judged", "not-applicable")
FOOTPRINT: Final = ("requests", "created", "left", "runs", "seconds")
"""The totals that say what a run cost its target."""
WIDTH: Final = 100
MOST_NAMED: Final = 50
SCHEMA_VERSION: Final = "1.0"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs, and the ids of the requirements in which they differ; `footprint` is before and now by name.

    `newly_broken` counts as broken now and did not; `newly_warned` is a broken SHOULD that fails no run.
    `changed` is broken in both, and not in the same way. `newly_unjudged` was judged before.
    """

    old: SavedResult
    new: SavedResult
    newly_broken: tuple[str, ...]
    newly_warned: tuple[str, ...]
    mended: tuple[str, ...]
    changed: tuple[str, ...]
    newly_unjudged: tuple[str, ...]
    footprint: Mapping[str, tuple[float, float]]

    @property
    def sections(self) -> Mapping[str, tuple[str, ...]]:
        """The differences by name, the worst first."""
        names = ("newly_broken", "newly_warned", "changed", "newly_unjudged", "mended")
        return {name: getattr(self, name) for name in names}


def compare(old: SavedResult, new: SavedResult) -> Comparison:
    """Return what differs between two runs."""

    def ids(differs: Callable[[SavedRow | None, SavedRow], bool]) -> tuple[str, ...]:
        return tuple(name for name, row in new.rows.items() if differs(old.rows.get(name), row))

    return Comparison(
        old,
        new,
        newly_broken=ids(lambda was, now: now.broken and not (was and was.broken)),
        newly_warned=ids(_newly_warned),
        mended=ids(lambda was, now: _unkept(was) and now.verdict in ("pass", "observed")),
        changed=ids(
            lambda was, now: was is not None and _unkept(was) and _unkept(now) and _way(was) != _way(now)
        ),
        newly_unjudged=ids(
            lambda was, now: was is not None and now.verdict in UNJUDGED and was.verdict not in UNJUDGED
        ),
        footprint={name: (old.totals.get(name, 0), new.totals.get(name, 0)) for name in FOOTPRINT},
    )


def differences(comparison: Comparison) -> Iterator[str]:
    """Yield a comparison as safe lines of text, without what did not change."""
    old = comparison.old
    elsewhere = f" on {old.target} ({old.profile})" if _elsewhere(comparison) else ""
    yield one_line(f"compared with the run of {old.started_at}{elsewhere}: {summary(comparison)}")
    for name, ids in comparison.sections.items():
        for row_id in ids[:MOST_NAMED]:
            yield one_line(f"  {name.replace('_', ' ')}: {row_id}{_difference(comparison, name, row_id)}")
        if more := len(ids) - MOST_NAMED:
            yield from [f"  {name.replace('_', ' ')}: {more} more"] * (more > 0)
    if changes := [_change(name, *pair) for name, pair in comparison.footprint.items() if pair[0] != pair[1]]:
        yield f"  footprint: {', '.join(changes)}"


def summary(comparison: Comparison) -> str:
    """Return how many requirements differ, and how."""
    counts = [f"{len(ids)} {name.replace('_', ' ')}" for name, ids in comparison.sections.items() if ids]
    return ", ".join(counts) or "no verdict changed"


def as_text(comparison: Comparison) -> str:
    """Return a comparison for a terminal, in lines of `WIDTH`."""
    return "\n".join(
        textwrap.fill(line, WIDTH, subsequent_indent="      ", break_long_words=False, break_on_hyphens=False)
        for line in differences(comparison)
    )


def as_markdown(comparison: Comparison) -> str:
    """Return a comparison as Markdown; texts of a report stand in code, where nothing is read as markup."""
    rows = [
        f"- {name.replace('_', ' ')}: {_code(row_id)}"
        for name, ids in comparison.sections.items()
        for row_id in ids
    ]
    rows += [f"- {_change(name, *pair)}" for name, pair in comparison.footprint.items() if pair[0] != pair[1]]
    head = f"### Compared with the run of {_code(comparison.old.started_at)}: {summary(comparison)}"
    return "\n".join([head, "", *rows])


def as_document(comparison: Comparison) -> dict[str, object]:
    """Return a comparison as JSON holds it, valid against `schemas/report/comparison.schema.json`."""
    old, new = comparison.old, comparison.new
    return {
        "schema_version": SCHEMA_VERSION,
        "old": {"target": old.target, "profile": old.profile, "started_at": old.started_at},
        "new": {"target": new.target, "profile": new.profile, "started_at": new.started_at},
        **{name: list(ids) for name, ids in comparison.sections.items()},
        "footprint": {name: {"old": was, "new": now} for name, (was, now) in comparison.footprint.items()},
    }


def _newly_warned(was: SavedRow | None, now: SavedRow) -> bool:
    return now.verdict == "warn" and not now.broken and not now.accepted and not _unkept(was)


def _unkept(row: SavedRow | None) -> bool:
    return row is not None and row.verdict in UNKEPT


def _way(row: SavedRow) -> str:
    """Return in which way a promise is broken; a search breaks it in a way of its own each time."""
    return row.found_by or fingerprint(row.expected, row.got)


def _elsewhere(comparison: Comparison) -> bool:
    old, new = comparison.old, comparison.new
    return (old.target, old.profile) != (new.target, new.profile)


def _difference(comparison: Comparison, name: str, requirement: str) -> str:
    now, was = comparison.new.rows[requirement], comparison.old.rows.get(requirement)
    if name == "changed" and was:
        return f": got {now.got}; before {was.got}"
    if name == "newly_unjudged":
        return f": {now.message}"
    return f": expected {now.expected}; got {now.got}" if now.verdict in UNKEPT else ""


def _change(name: str, was: float, now: float) -> str:
    return f"{name} {was:g} → {now:g}"


def _code(text: str) -> str:
    return f"`{one_line(text).replace('`', chr(39))}`"
