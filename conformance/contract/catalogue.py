"""The requirement catalogue: one row for each checkable promise, loaded from data and checked on loading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.contract.verdict import Level

STRENGTH_OF_LEVEL = {Level.MUST: "H", Level.SHOULD: "S", Level.OBSERVE: "P"}
REVISIONS = ("2026-06", "2026-07")
PROFILES = ("qoder", "qoder-cn")
TIERS = ("core",)
AREAS = (
    "transport", "auth", "errors", "object", "create", "schedule", "get", "update", "pause", "unpause",
    "archive", "list", "runs", "idempotency", "tenancy",
)  # fmt: skip


class CatalogueError(ValueError):
    """The catalogue's data contradicts itself; the message names the file, the row and what is allowed."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One checkable promise.

    `id` is stable and never positional; `title` is one sentence; `statements` are numbers of the fact sheet;
    `source` is the page that promises it; `needs` names the options without which it does not apply.
    """

    id: str
    title: str
    level: Level
    area: str
    statements: tuple[str, ...]
    source: str
    revisions: tuple[str, ...] = REVISIONS
    profiles: tuple[str, ...] = PROFILES
    tier: str = "core"
    needs: tuple[str, ...] = ()
    advisory: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All requirements by id, and the statements that have none, each with its reason."""

    requirements: Mapping[str, Requirement]
    excluded: Mapping[str, str]
    planned: Mapping[str, str]

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self.requirements.values())

    def __getitem__(self, requirement_id: str) -> Requirement:
        return self.requirements[requirement_id]
