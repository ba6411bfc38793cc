"""What judgements say of the written exchanges, word for word: `python -m tests.suite.golden` writes it anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from conformance.contract.catalogue import load_catalogue
from conformance.contract.verdict import BrokenPromiseError, Level, NotApplicableError, NotJudgedError
from tests.suite import (
    access_rows,
    create_rows,
    lifecycle_rows,
    list_rows,
    open_rows,
    run_rows,
    update_rows,
)
from tests.suite.judging import Edits, judge, judgements
from tests.suite.written import Edit

FILE = Path(__file__).with_name("golden.json")
TABLES = (lifecycle_rows, update_rows, access_rows, create_rows, list_rows, run_rows)


def said_of(requirement: str, edits: Edits) -> str:
    """Return what a judgement says, in the words of a report."""
    try:
        return f"observed: {judge(requirement, edits)}"
    except BrokenPromiseError as broken:
        return str(broken)
    except NotJudgedError as error:
        return f"not judged ({error.blame}): {error.reason}"
    except NotApplicableError as error:
        return f"not applicable: {error}"


def everything() -> Mapping[str, str]:
    """Return what is said of every row that is not accepted in silence, and of every open question."""
    open_questions = [
        row.id for row in load_catalogue() if row.level is Level.OBSERVE and row.id in judgements()
    ]
    said = {requirement: said_of(requirement, {}) for requirement in sorted(open_questions)}
    tables = [getattr(table, name) for table in TABLES for name in ("BROKEN", "UNJUDGED", "INAPPLICABLE")]
    for row in (row for table in (*tables, open_rows.OBSERVED) for row in table):
        name = name_of(*row[:3])
        if name in said:
            raise KeyError(f"two rows are called {name!r}")
        said[name] = said_of(row[0], {row[1]: row[2]})
    return said


def name_of(requirement: str, way: str, edit: Edit) -> str:
    """Return the name of a row: what is judged, and what is answered otherwise."""
    return f"{requirement} {way} {edit.words}"[:150]


def load_golden() -> Mapping[str, str]:
    """Return what was said when somebody last looked."""
    said: Mapping[str, str] = json.loads(FILE.read_text("utf-8"))
    return said


if __name__ == "__main__":
    FILE.write_text(json.dumps(everything(), indent=0, ensure_ascii=False) + "\n", "utf-8")
