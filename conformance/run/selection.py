"""What pytest was asked for, in the words of the suite: settings of a run, requirements of tests, marks."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import pytest

from conformance.config.footprint import SEARCHED_TIERS
from conformance.config.options import OPTIONS, SettingsError
from conformance.config.resolution import resolve
from conformance.config.settings import Settings
from conformance.contract.areas import FOLLOW_UP, SEARCH_AREA
from conformance.contract.catalogue import DEFAULT_PROFILE, Requirement, load_catalogue
from conformance.planning.plan import Selected
from conformance.run.given import SETTINGS, check_usable, usage_error
from conformance.suite.engine.registry import IF_ANY, Story, load_stories
from conformance.suite.exploration.registry import load_searches
from conformance.suite.judging.rows import REFUSAL

ALL_ANSWERS = "every_exchange"
"""The fixture of every answer of a run."""
MARK = "conformance_requirement"
PROFILE = pytest.StashKey[str]()
"""The profile by which the run judges."""


def settings_of(config: pytest.Config) -> Settings:
    """Return the settings of this pytest run: those it was given, else those that its options make, once.

    Raises pytest.UsageError.
    """
    if SETTINGS not in config.stash:
        given = {o.attribute: config.getoption(f"conformance_{o.attribute}", None) for o in OPTIONS}
        try:
            settings = resolve(given, os.environ, load_catalogue(), Path.cwd())
            check_usable(config, settings)
        except SettingsError as error:
            raise usage_error(error) from error
        config.stash[SETTINGS] = settings
    return config.stash[SETTINGS]


def requirement_of(item: pytest.Item) -> Requirement | None:
    """Return the requirement or search of a test, as the profile promises it; None for a test not ours."""
    mark = item.get_closest_marker(MARK)
    return (
        load_catalogue(item.config.stash.get(PROFILE, DEFAULT_PROFILE))[str(mark.args[0])] if mark else None
    )


def stories_of(item: pytest.Item) -> tuple[str, ...]:
    """Return the names of the stories, or of the search, whose evidence a test reads.

    One that reads every answer asks for no story of its own: selected alone, it has all of them told.
    """
    requirement = requirement_of(item)
    if requirement and requirement.area == SEARCH_AREA:
        return (requirement.id,)
    optional = "" if about_all(item) else IF_ANY
    names = (name.removesuffix(optional) for name in getattr(item, "fixturenames", ()))
    return tuple(dict.fromkeys(name for name in names if name in load_stories()))


NAMING = frozenset({
    "auth.missing-is-401", "create.missing-field-is-400", "errors.malformed-json-is-400",
    "errors.unknown-deployment-is-404", "pause.second-is-conflict",
})  # fmt: skip
"""Requirements that are about one status alone, of which every target is asked.

What answers another one everywhere is accused of the first that is judged.
"""


def turn(requirement: Requirement | None) -> int:
    """Return when a requirement is judged: those that name a status before others, the follow-up at last."""
    if requirement is None:
        return 1
    return 2 if requirement.id == FOLLOW_UP else 0 if requirement.id in NAMING else 1


def read_by(item: pytest.Item) -> tuple[str, ...]:
    """Return the stories whose evidence a test reads, and the searches that its module names for it."""
    requirement = requirement_of(item)
    searches = getattr(getattr(item, "module", None), "SEARCHES", {})
    return (*stories_of(item), *(searches.get(requirement.id, ()) if requirement else ()))


def searches_asked(items: Iterable[pytest.Item], only: Collection[str]) -> frozenset[str]:
    """Return the searches that judge a requirement among `only`: what one finds is told with its evidence."""
    chosen = (item for item in items if (found := requirement_of(item)) and found.id in only)
    return frozenset(name for item in chosen for name in read_by(item)) & load_catalogue().searches.keys()


def optional_to(item: pytest.Item) -> tuple[str, ...]:
    """Return the stories that a test reads where they are told, and does without where they are not."""
    return optional_of(getattr(item, "fixturenames", ()))


def optional_of(fixtures: Iterable[str]) -> tuple[str, ...]:
    """Return the stories that are read only where they are collected, of the fixtures of a test."""
    return tuple(name.removesuffix(IF_ANY) for name in fixtures if name.endswith(IF_ANY))


def about_all(item: pytest.Item) -> bool:
    """Tell whether a test judges every answer of the run."""
    return ALL_ANSWERS in getattr(item, "fixturenames", ())


def judged_alone(items: Iterable[pytest.Item], *, searches: bool) -> frozenset[str] | None:
    """Return the requirements of tests, None where one of them looks at what stories asked.

    Some searches do; most are not run where `searches` is false.
    """
    known = [(item, one) for item in items if (one := requirement_of(item))]
    judged = [(item, one) for item, one in known if searches or one.tier not in SEARCHED_TIERS]
    if any(about_all(item) or one.area == SEARCH_AREA for item, one in judged):
        return None
    return frozenset(one.id for _, one in judged)


def selected_of(item: pytest.Item) -> Selected | None:
    """Return what a plan needs to know of a test, None for a test that is not ours."""
    requirement = requirement_of(item)
    if requirement is None:
        return None
    lists_newest = "newest" in getattr(item, "fixturenames", ())
    refusal = getattr(getattr(item, "function", None), REFUSAL, False)
    return Selected(requirement, read_by(item), about_all(item), lists_newest, optional_to(item), refusal)


def all_stories() -> Mapping[str, Story]:
    """Return stories and searches by their names."""
    return {**load_stories(), **load_searches()}


def mark(item: pytest.Item, requirement: Requirement) -> None:
    """Mark a test by level, area and tier, and note what its test case in JUnit tells of the requirement."""
    for word in (requirement.level.lower(), requirement.area, requirement.tier):
        item.add_marker(word)
    item.user_properties += [
        ("requirement", requirement.id),
        ("level", str(requirement.level)),
        ("statements", ",".join(requirement.statements)),
        ("source", requirement.source),
    ]
