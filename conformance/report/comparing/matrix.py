"""Several results side by side: a row for each requirement, a column for each target."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from conformance.contract.areas import AREAS
from conformance.report.comparing.saved import SavedResult, SavedRow

SCHEMA_VERSION: Final = "1.0"
STATES: Final = ("broken", "accepted", "warn", "not-judged", "observed", "pass", "not-applicable")
"""What a cell may show, the most urgent first. `warn` is a broken SHOULD that fails no run."""
NOT_APPLICABLE: Final = "not-applicable"


@dataclass(frozen=True, slots=True)
class Column:
    """One result; `report` is the address of its page as seen from the matrix, empty where there is none."""

    result: SavedResult
    report: str = ""

    @property
    def counts(self) -> Mapping[str, int]:
        """How many requirements are in each state, the most urgent state first."""
        count = Counter(state_of(row) for row in self.result.rows.values())
        return {state: count[state] for state in STATES}


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One requirement in all results; a cell is None where a result does not have it."""

    id: str
    title: str
    cells: Sequence[SavedRow | None]

    @property
    def area(self) -> str:
        """The area of the API that the requirement is about."""
        return self.id.partition(".")[0]

    @property
    def levels(self) -> Sequence[str]:
        """The levels at which it binds, each once: a result in which it does not apply says nothing of it."""
        return tuple(dict.fromkeys(cell.level for cell in self._applied()))

    @property
    def agrees(self) -> bool:
        """Whether all results in which it applies show the same state at the same level."""
        return len({(state_of(cell), cell.level) for cell in self._applied()}) <= 1

    def _applied(self) -> Iterator[SavedRow]:
        return (cell for cell in self.cells if cell and cell.verdict != NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Results and the requirements of all of them, in the order of the areas."""

    columns: Sequence[Column]
    rows: Sequence[MatrixRow]

    @property
    def suite_versions(self) -> Sequence[str]:
        """The versions of the suite that judged, each once."""
        return tuple(dict.fromkeys(column.result.suite_version for column in self.columns))

    @property
    def differing(self) -> int:
        """How many rows do not agree."""
        return sum(not row.agrees for row in self.rows)


def matrix_of(columns: Sequence[Column]) -> Matrix:
    """Return results side by side."""
    order = {area: place for place, area in enumerate(AREAS)}
    ids = dict.fromkeys(name for column in columns for name in column.result.rows)
    rows = [_row(name, columns) for name in ids]
    return Matrix(columns, sorted(rows, key=lambda row: order.get(row.area, len(order))))


def state_of(row: SavedRow) -> str:
    """Return the state of a requirement in one result, in a word of `STATES`."""
    if row.accepted:
        return "accepted"
    if row.broken or row.verdict == "fail":
        return "broken"
    return row.verdict if row.verdict in STATES else "not-judged"  # a report that was written by hand


def said_of(row: SavedRow) -> str:
    """Return what a result says of a requirement: what was got instead, observed, or kept it from judging."""
    return f"expected {row.expected}; got {row.got}" if row.expected or row.got else row.message


def as_json(matrix: Matrix) -> str:
    """Return a matrix as JSON, valid against `schemas/report/matrix.schema.json`."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "suite_versions": list(matrix.suite_versions),
        "targets": [_target(column) for column in matrix.columns],
        "requirements": [_requirement(row) for row in matrix.rows],
    }
    return json.dumps(document, indent=1) + "\n"


def _row(name: str, columns: Sequence[Column]) -> MatrixRow:
    """Return a row under the title of the first result in which the requirement applies, or of the first."""
    cells = [column.result.rows.get(name) for column in columns]
    there = [cell for cell in cells if cell]
    titled = next((cell for cell in there if cell.verdict != NOT_APPLICABLE), there[0])
    return MatrixRow(name, titled.title, cells)


def _target(column: Column) -> dict[str, object]:
    result = column.result
    return {
        "target": result.target,
        "profile": result.profile,
        "revision": result.revision,
        "suite_version": result.suite_version,
        "started_at": result.started_at,
        "exit_code": result.exit_code,
        "complete": result.complete,
        "report": column.report or None,
        "counts": dict(column.counts),
    }


def _requirement(row: MatrixRow) -> dict[str, object]:
    return {
        "id": row.id,
        "area": row.area,
        "title": row.title,
        "agrees": row.agrees,
        "levels": list(row.levels),
        "cells": [_cell(cell) for cell in row.cells],
    }


def _cell(cell: SavedRow | None) -> dict[str, object] | None:
    if cell is None:
        return None
    return {"state": state_of(cell), "level": cell.level, "says": said_of(cell), "title": cell.title}
