"""The requirement catalogue: one row for each checkable promise, loaded from data and checked on loading."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

from conformance.contract.verdict import Level

STRENGTH_OF_LEVEL = {Level.MUST: "H", Level.SHOULD: "S", Level.OBSERVE: "P"}
REVISIONS = ("2026-06", "2026-07")
PROFILES = ("qoder", "qoder-cn")
TIERS = ("core", "property", "race", "time", "billable")
DEFAULT_TIERS = ("core", "property", "race")
NEEDS = ("second-token-env", "archived-agent-id", "archived-environment-id", "oversize-body")
AREAS = (
    "transport", "auth", "errors", "object", "create", "schedule", "get", "update", "pause", "unpause",
    "archive", "list", "runs", "idempotency", "tenancy",
)  # fmt: skip
STATEMENTS_FILE = "statements.toml"
SEARCHES_FILE = "searches.toml"
SEARCH_AREA = "search"


class CatalogueError(ValueError):
    """The catalogue's data contradicts itself; the message names the row and what is allowed."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One checkable promise.

    `id` is stable and never positional; `title` is one sentence; `statements` are numbers of the fact sheet;
    `source` is the page that promises it; `needs` names the options without which it does not apply;
    `advisory`: a warning that stays one under `--strict`.
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
    """All requirements by id, the searches of the exploration, and the statements that have no requirement.

    A search has the shape of a requirement, so that reports treat both alike; what it finds broken counts
    against the requirements that its findings name. Excluded and planned statements have their reason.
    """

    requirements: Mapping[str, Requirement]
    searches: Mapping[str, Requirement]
    excluded: Mapping[str, str]
    planned: Mapping[str, str]

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self.requirements.values())

    def __getitem__(self, name: str) -> Requirement:
        """Return the requirement or search of that id; raises KeyError."""
        return self.requirements[name] if name in self.requirements else self.searches[name]


@cache
def load_catalogue() -> Catalogue:
    """Return the catalogue shipped with the package. Raises CatalogueError when its data is wrong."""
    folder = files("conformance.contract").joinpath("requirements")
    texts = {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }
    return build_catalogue(texts)


def build_catalogue(texts: Mapping[str, str]) -> Catalogue:
    """Build and check a catalogue from TOML texts by file name; one of them is `statements.toml`.

    `searches.toml` holds the searches. Every other file is named after its area and holds a table for each
    requirement id. Raises CatalogueError for unknown keys and values, duplicate ids, levels that contradict
    the strength of a statement, and statements that have neither a requirement nor a reason for having none.
    """
    statements = _parse(STATEMENTS_FILE, texts.get(STATEMENTS_FILE, ""))
    requirements: dict[str, Requirement] = {}
    searches = {
        name: _requirement(name, SEARCH_AREA, {"level": Level.MUST, "statements": [], **row})
        for name, row in _parse(SEARCHES_FILE, texts.get(SEARCHES_FILE, "")).items()
    }
    for name in sorted(texts.keys() - {STATEMENTS_FILE, SEARCHES_FILE}):
        for requirement_id, row in _parse(name, texts[name]).items():
            if requirement_id in requirements:
                raise CatalogueError(f"{name}: the id {requirement_id} is there twice")
            requirements[requirement_id] = _requirement(requirement_id, name.removesuffix(".toml"), row)
    catalogue = Catalogue(
        requirements, searches, statements.get("excluded", {}), statements.get("planned", {})
    )
    _check_levels(catalogue, statements.get("strengths", {}))
    _check_cover(catalogue, statements.get("strengths", {}))
    return catalogue


def _parse(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:  # a duplicate id in one file is one, too
        raise CatalogueError(f"{name}: {error}") from error


def _requirement(requirement_id: str, area: str, row: Mapping[str, Any]) -> Requirement:
    allowed = {column.name for column in fields(Requirement)} - {"id", "area"}
    unknown = row.keys() - allowed
    if unknown:
        raise CatalogueError(
            f"{requirement_id}: unknown keys {sorted(unknown)}; allowed are {sorted(allowed)}"
        )
    missing = {"title", "level", "statements", "source"} - row.keys()
    if missing:
        raise CatalogueError(f"{requirement_id}: {sorted(missing)} missing")
    _check_value(requirement_id, "area", [area], (*AREAS, SEARCH_AREA))
    _check_value(requirement_id, "level", [row["level"]], tuple(Level))
    _check_value(requirement_id, "revisions", row.get("revisions", ()), REVISIONS)
    _check_value(requirement_id, "profiles", row.get("profiles", ()), PROFILES)
    _check_value(requirement_id, "tier", [row.get("tier", "core")], TIERS)
    _check_value(requirement_id, "needs", row.get("needs", ()), NEEDS)
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
    }
    values["level"] = Level(row["level"])
    return Requirement(id=requirement_id, area=area, **values)


def _check_value(requirement_id: str, key: str, values: Any, allowed: tuple[str, ...]) -> None:  # noqa: ANN401 (TOML)
    for value in values:
        if value not in allowed:
            raise CatalogueError(f"{requirement_id}: {key} {value!r} is none of {', '.join(allowed)}")


def _check_levels(catalogue: Catalogue, strengths: Mapping[str, str]) -> None:
    for requirement in catalogue:
        wanted = STRENGTH_OF_LEVEL[requirement.level]
        for statement in requirement.statements:
            if wanted not in strengths.get(statement, ""):
                raise CatalogueError(
                    f"{requirement.id}: level {requirement.level} contradicts {statement}, "
                    f"whose strength is {strengths.get(statement, 'unknown')!r}"
                )


def _check_cover(catalogue: Catalogue, strengths: Mapping[str, str]) -> None:
    judged = {statement for requirement in catalogue for statement in requirement.statements}
    for statement in strengths:
        places = [statement in judged, statement in catalogue.excluded, statement in catalogue.planned]
        if not any(places):
            raise CatalogueError(f"{statement} has no requirement and stands in neither excluded nor planned")
        if statement in catalogue.excluded and any((places[0], places[2])):
            raise CatalogueError(f"{statement} is excluded and has a requirement or plan as well")
    for statement in [*catalogue.excluded, *catalogue.planned]:
        if statement not in strengths:
            raise CatalogueError(f"{statement} is no statement of the fact sheet")
