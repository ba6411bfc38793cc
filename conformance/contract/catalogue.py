"""The requirement catalogue: what can be judged, as the suite's rows say, bound as one vendor promises it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from conformance.contract.areas import AREAS, SEARCH_AREA, TIERS
from conformance.contract.verdict import Level
from conformance.errors import ConformanceError
from conformance.vendors import Profile, Promise, Statement, load_profile

STRENGTH_OF_LEVEL = {Level.MUST: "H", Level.SHOULD: "S", Level.OBSERVE: "P"}
REVISIONS = ("2026-06", "2026-07")
"""The editions that the embedded server speaks."""
DEFAULT_PROFILE = "qoder"
NEEDS = ("second-token-env", "archived-agent-id", "archived-environment-id", "oversize-body")
SEARCHES_FILE = "searches.toml"
NO_PROMISE = Promise(Level.OBSERVE)
"""What stands for the promise of a vendor that makes none: nothing is judged, and nothing is accused."""


class CatalogueError(ConformanceError, ValueError):
    """The catalogue's data contradicts itself; the message names the row and what is allowed."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One checkable promise.

    `id` is stable and never positional; `title` is one sentence; `statements` are numbers of the vendor's
    statements; `source` is the page that promises it; `revisions` are the editions that do; `needs` names the
    options without which it does not apply; `advisory`: a warning that stays one under `--strict`. `unbound`
    says why it does not bind the vendor, and is empty when it does.
    """

    id: str
    title: str
    level: Level
    area: str
    statements: tuple[str, ...]
    source: str
    revisions: tuple[str, ...] = REVISIONS
    tier: str = "core"
    needs: tuple[str, ...] = ()
    advisory: bool = False
    unbound: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All requirements by id, the searches of the exploration, and the statements of the vendor.

    A search has the shape of a requirement, so that reports treat both alike; what it finds broken counts
    against the requirements that its findings name.
    """

    requirements: Mapping[str, Requirement]
    searches: Mapping[str, Requirement]
    statements: Mapping[str, Statement]

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self.requirements.values())

    def speaks_of(self, requirement_id: str, edition: str) -> bool:
        """Tell whether the vendor's documents of an edition (of any, if it is empty) have a requirement."""
        row = self[requirement_id]
        return not row.unbound and edition in ("", *row.revisions)

    def __getitem__(self, name: str) -> Requirement:
        """Return the requirement or search of that id; raises KeyError."""
        return self.requirements[name] if name in self.requirements else self.searches[name]


@cache
def load_catalogue(profile: str = DEFAULT_PROFILE) -> Catalogue:
    """Return the catalogue as the vendor of a profile, named as `load_profile` takes it, promises it.

    Raises CatalogueError when its data is wrong, and ProfileError when the profile is.
    """
    return build_catalogue(_shipped_rows(), load_profile(profile))


@cache
def _shipped_rows() -> Mapping[str, str]:
    suite = files("conformance") / "suite"
    texts = {f"{area}.toml": suite / area / "requirements.toml" for area in AREAS}
    texts[SEARCHES_FILE] = suite / "exploration" / SEARCHES_FILE
    return {name: file.read_text(encoding="utf-8") for name, file in texts.items()}


def build_catalogue(texts: Mapping[str, str], profile: Profile) -> Catalogue:
    """Build and check a catalogue from the TOML texts of rows, by file name, and the promises of a profile.

    `searches.toml` holds the searches. Every other file is named after its area and holds a table for each
    requirement id. A row that the profile does not name does not bind. Raises CatalogueError for unknown keys
    and values, duplicate ids, promises without a row, levels that contradict the strength of a statement, and
    statements that have neither a requirement nor a reason for having none.
    """
    requirements: dict[str, Requirement] = {}
    searches = {
        name: _requirement(name, SEARCH_AREA, row, profile)
        for name, row in _parse(SEARCHES_FILE, texts.get(SEARCHES_FILE, "")).items()
    }
    for name in sorted(texts.keys() - {SEARCHES_FILE}):
        for requirement_id, row in _parse(name, texts[name]).items():
            if requirement_id in requirements:
                raise CatalogueError(f"{name}: the id {requirement_id} is there twice")
            area = name.removesuffix(".toml")
            requirements[requirement_id] = _requirement(requirement_id, area, row, profile)
    catalogue = Catalogue(requirements, searches, profile.statements)
    _check_promises(catalogue, profile)
    _check_levels(catalogue, profile)
    _check_cover(catalogue)
    return catalogue


def _parse(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:  # a duplicate id in one file is one, too
        raise CatalogueError(f"{name}: {error}") from error


ROW = ("title", "tier", "needs", "advisory")
"""What a row says of a requirement whoever promises it; the rest is the vendor's."""


def _requirement(requirement_id: str, area: str, row: Mapping[str, Any], profile: Profile) -> Requirement:
    _check_row(requirement_id, area, row)
    promise = profile.promises.get(requirement_id, NO_PROMISE)
    unbound = promise.off or (
        f"the profile {profile.name} does not promise it" if promise is NO_PROMISE else ""
    )
    level = Level.OBSERVE if unbound else promise.level or ("" if area != SEARCH_AREA else Level.MUST)
    _check_value(requirement_id, "level", [level], tuple(Level))
    _check_value(requirement_id, "editions", promise.editions, profile.editions.names)
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
    }
    values["title"] = promise.title or row["title"]
    return Requirement(
        id=requirement_id,
        area=area,
        level=Level(level),
        statements=promise.statements,
        source=promise.source,
        revisions=promise.editions or profile.editions.names,
        unbound=unbound,
        **values,
    )


def _check_row(requirement_id: str, area: str, row: Mapping[str, Any]) -> None:
    if unknown := row.keys() - {*ROW}:
        raise CatalogueError(f"{requirement_id}: unknown keys {sorted(unknown)}; allowed are {sorted(ROW)}")
    if "title" not in row:
        raise CatalogueError(f"{requirement_id}: ['title'] missing")
    _check_value(requirement_id, "area", [area], (*AREAS, SEARCH_AREA))
    _check_value(requirement_id, "tier", [row.get("tier", "core")], TIERS)
    _check_value(requirement_id, "needs", row.get("needs", ()), NEEDS)


def _check_value(requirement_id: str, key: str, values: Any, allowed: tuple[str, ...]) -> None:  # noqa: ANN401 (TOML)
    for value in values:
        if value not in allowed:
            raise CatalogueError(f"{requirement_id}: {key} {value!r} is none of {', '.join(allowed)}")


def _check_promises(catalogue: Catalogue, profile: Profile) -> None:
    known = [*catalogue.requirements, *catalogue.searches]
    for name, promise in profile.promises.items():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise CatalogueError(
                f"the profile {profile.name} promises {name}, which is no requirement.{hint} "
                "Hint: `conformance list` shows them all."
            )
        missing = [key for key in ("statements", "source") if not getattr(promise, key)]
        if name in catalogue.requirements and not promise.off and missing:
            raise CatalogueError(f"{name}: {missing} missing in the promises of the profile {profile.name}")


def _check_levels(catalogue: Catalogue, profile: Profile) -> None:
    for requirement in (row for row in catalogue if not row.unbound):
        reason, wanted = profile.promises[requirement.id].reason, STRENGTH_OF_LEVEL[requirement.level]
        for name in requirement.statements:
            statement = catalogue.statements.get(name)
            if statement is None or not (wanted in statement.strength or reason):
                strength = statement.strength if statement else "unknown"
                raise CatalogueError(
                    f"{requirement.id}: level {requirement.level} contradicts {name}, whose strength is "
                    f"{strength!r}; hint: a promise with a reason may have another level"
                )


def _check_cover(catalogue: Catalogue) -> None:
    judged = {statement for requirement in catalogue for statement in requirement.statements}
    for name, statement in catalogue.statements.items():
        if not any((name in judged, statement.excluded, statement.planned)):
            raise CatalogueError(f"{name} has no requirement and stands in neither excluded nor planned")
        if statement.excluded and (name in judged or statement.planned):
            raise CatalogueError(f"{name} is excluded and has a requirement or plan as well")
