"""What judgements say of the written exchanges, word for word: `python -m tests.suite.golden` writes it anew."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.contract.catalogue import load_catalogue
from conformance.contract.verdict import BrokenPromiseError, Level, NotApplicableError, NotJudgedError
from tests.suite import (
    access_rows,
    create_rows,
    history_rows,
    lifecycle_rows,
    list_rows,
    open_rows,
    run_rows,
    update_rows,
)
from tests.suite.judging import Edits, judge, judgements
from tests.suite.written import Edit

FOLDER = Path(__file__).with_name("golden")
"""One file for each area: what is said of its requirements."""
TABLES = (lifecycle_rows, update_rows, access_rows, create_rows, list_rows, run_rows, history_rows)


Saying = BrokenPromiseError | NotJudgedError | NotApplicableError


def words_of(said: Saying) -> str:
    """Return what a judgement that does not accept says."""
    match said:
        case BrokenPromiseError():
            return f"{said}; shown by {said.__notes__[0]}"
        case NotJudgedError():
            return f"not judged ({said.blame}): {said.reason}"
        case _:
            return f"not applicable: {said}"


def said_of(requirement: str, edits: Edits) -> str:
    """Return what a judgement says of stories, also where it observes."""
    try:
        return f"observed: {judge(requirement, edits)}"
    except (BrokenPromiseError, NotJudgedError, NotApplicableError) as said:
        return words_of(said)


def observed() -> dict[str, tuple[str, Edits]]:
    """Return what is to be observed by name: every open question as it was written, and answered otherwise."""
    silent = (row for row in load_catalogue() if row.level is Level.OBSERVE and not row.unbound)
    rows = [row for row in silent if row.id in judgements()]
    return {row.id: (row.id, {}) for row in sorted(rows, key=lambda row: row.id)} | _named(open_rows.OBSERVED)


def refused() -> dict[str, tuple[str, Edits]]:
    """Return the rows that are not accepted, by name."""
    tables = [getattr(table, name) for table in TABLES for name in ("BROKEN", "UNJUDGED", "INAPPLICABLE")]
    return _named([row for table in tables for row in table])


def _named(rows: Sequence[tuple[Any, ...]]) -> dict[str, tuple[str, Edits]]:
    named: dict[str, tuple[str, Edits]] = {name_of(*row[:3]): (row[0], {row[1]: row[2]}) for row in rows}
    if len(named) < len(rows):
        raise KeyError("two rows have one name; their edits need other words")
    return named


def name_of(requirement: str, way: str, edit: Edit) -> str:
    """Return the name of a row: what is judged, and what is answered otherwise."""
    return f"{requirement} {way} {edit.words}"[:150]


def load_golden() -> Mapping[str, str]:
    """Return what was said when somebody last looked."""
    files = (json.loads(file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.json")))
    return {name: words for said in files for name, words in said.items()}


def save_golden() -> None:
    """Write what is said now, for somebody to look at the difference."""
    said: dict[str, dict[str, str]] = {}
    for name, row in (observed() | refused()).items():
        said.setdefault(row[0].partition(".")[0], {})[name] = said_of(*row)
    for area, words in said.items():
        text = json.dumps(words, indent=0, ensure_ascii=False, sort_keys=True)
        (FOLDER / f"{area}.json").write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    save_golden()
