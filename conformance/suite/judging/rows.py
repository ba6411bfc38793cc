"""Judgements made of rows: functions that pytest collects as if each had been written out.

A module of tests puts them into its namespace, with `globals().update(…)`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from conformance.contract.catalogue import load_catalogue
from conformance.contract.judgement import expect_errors, expect_unchanged
from conformance.contract.verdict import NotApplicableError
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.stored import described
from conformance.suite.shared.invalid_requests import UPDATE, InvalidRequest, Rows

Judgement = Callable[..., None]
REFUSAL = "conformance_refusal"
"""The attribute of a judgement whose rows are sent for it alone."""


class AskedRow(NamedTuple):
    """A row, and the story that sends it."""

    story: str
    row: InvalidRequest


def refusals(area: str, *tables: Mapping[str, Rows]) -> dict[str, Judgement]:
    """Return the judgements of an area that some rows, by story, uphold; by the names of their functions.

    Raises ValueError when rows of one requirement do not allow the same answers.
    """
    asked: dict[str, list[AskedRow]] = {}
    for story, rows in (pair for table in tables for pair in table.items()):
        for row in rows:
            if row.requirement.startswith(f"{area}."):
                asked.setdefault(row.requirement, []).append(AskedRow(story, row))
    made = dict(_function(name, {one.story for one in of}, _refusal(name, of)) for name, of in asked.items())
    for judgement in made.values():
        setattr(judgement, REFUSAL, True)
    return made


def _refusal(name: str, asked: list[AskedRow]) -> Judgement:
    allowed = {(row.statuses, row.kind) for _, row in asked}
    if len(allowed) > 1:
        raise ValueError(f"the rows of {name} allow different answers: {sorted(map(str, allowed))}")
    ((statuses, kind),) = allowed
    mixed = len({row.route for _, row in asked}) > 1

    def judge(**evidence: Any) -> None:  # noqa: ANN401 (of stories of any kind)
        answers = {
            f"an update with {row.asked}" if mixed and row.route == UPDATE else row.asked: answer
            for story, row in asked
            if (answer := evidence[story].answers.get(row.asked))
        }
        if not answers:  # with a borrowed deployment, or in an older saved run, less is asked
            raise NotApplicableError("no such request was sent")
        expect_errors(answers, *statuses, kind=kind)
        for story in dict.fromkeys(story for story, row in asked if row.unchanged):
            for before, after in evidence[story].around:
                expect_unchanged(before, after)

    return judge


@dataclass(frozen=True)
class Observation:
    """What is recorded of a question that the documents leave open.

    `ways` lead to parts of evidence: the name of a fixture, then attributes and keys, divided by dots.
    `describe` is the text that is recorded, with a `{}` for what each part was answered, or makes it of the
    parts.
    """

    requirement: str
    describe: str | Callable[..., str]
    ways: tuple[str, ...]

    def text(self, evidence: Mapping[str, object]) -> str:
        """Return what is recorded of evidence by the names of fixtures."""
        parts = [part(evidence, way) for way in self.ways]
        if isinstance(self.describe, str):
            return self.describe.format(
                *(described(one) if isinstance(one, Mapping) else one.summary() for one in parts)
            )
        return self.describe(*parts)


def observed(requirement_id: str, describe: str | Callable[..., str], *ways: str) -> Observation:
    """Return the row of an observation."""
    return Observation(requirement_id, describe, ways)


def observations(*rows: Observation) -> dict[str, Judgement]:
    """Return the judgements that record observations, by the names of their functions."""
    return dict(_function(row.requirement, _fixtures(row), _observation(row)) for row in rows)


def _fixtures(row: Observation) -> set[str]:
    return {"observe", *(way.partition(".")[0] for way in row.ways)}


def _observation(row: Observation) -> Judgement:
    def judge(observe: Callable[[str], None], **evidence: Any) -> None:  # noqa: ANN401 (of any story)
        observe(row.text(evidence))

    return judge


def part(evidence: object, way: str) -> Any:  # noqa: ANN401 (whatever is there)
    """Return the part of evidence to which a way leads; raises LookupError or AttributeError for none."""
    for name in way.split("."):
        evidence = evidence[name] if isinstance(evidence, Mapping) else getattr(evidence, name)
    return evidence


def _function(name: str, fixtures: Iterable[str], judge: Judgement) -> tuple[str, Judgement]:
    """Return a judgement with the name, the docstring and the arguments by which pytest knows a test."""
    judge.__name__ = judge.__qualname__ = f"test_{re.sub(r'[^0-9a-z]', '_', name)}"
    judge.__doc__ = load_catalogue()[name].title
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter(fixture, keyword) for fixture in sorted(fixtures)]
    judge.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what inspect reads first
    return judge.__name__, requirement(name)(judge)
