"""What pytest was asked for, in the words of the suite: settings of a run, requirements of tests, marks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from conformance.contract.catalogue import SEARCH_AREA, Requirement, load_catalogue
from conformance.exploration.registry import check_case, load_searches
from conformance.rejudging import SAVED
from conformance.stories.registry import Story, load_stories
from conformance.target.mode_settings import check_workers
from conformance.target.network import check_network
from conformance.target.options import OPTIONS, SettingsError
from conformance.target.settings import Settings, resolve

MARK = "conformance_requirement"


def settings_of(config: pytest.Config) -> Settings:
    """Return the settings that the options of this pytest run make; raises pytest.UsageError."""
    saved = config.stash.get(SAVED, None)
    if saved:
        return saved.settings
    given = {o.attribute: config.getoption(f"conformance_{o.attribute}", None) for o in OPTIONS}
    try:
        settings = resolve(given, os.environ, load_catalogue(), Path.cwd())
        check_network(settings)
        if getattr(config.option, "tx", None):
            check_workers(settings)
        for failure in settings.replay:
            check_case(failure)
    except SettingsError as error:
        raise pytest.UsageError(str(error)) from None
    return settings


def requirement_of(item: pytest.Item) -> Requirement | None:
    """Return the requirement or search of a test, or None for a test that is not ours."""
    mark = item.get_closest_marker(MARK)
    return load_catalogue()[str(mark.args[0])] if mark else None


def stories_of(item: pytest.Item) -> tuple[str, ...]:
    """Return the names of the stories, or of the search, whose evidence a test reads."""
    requirement = requirement_of(item)
    if requirement and requirement.area == SEARCH_AREA:
        return (requirement.id,)
    return tuple(name for name in getattr(item, "fixturenames", ()) if name in load_stories())


def read_by(item: pytest.Item) -> tuple[str, ...]:
    """Return the stories whose evidence a test reads, and the searches that its module names for it."""
    requirement = requirement_of(item)
    searches = getattr(getattr(item, "module", None), "SEARCHES", {})
    return (*stories_of(item), *(searches.get(requirement.id, ()) if requirement else ()))


def about_all(item: pytest.Item) -> bool:
    """Tell whether a test judges every answer of the run."""
    return "every_exchange" in getattr(item, "fixturenames", ())


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
