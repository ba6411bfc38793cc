"""`conformance run --plan`: what a run would ask, told without asking it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from conformance.commands._words import say
from conformance.planning.plan import Selected, make_plan
from conformance.planning.telling import tell
from conformance.quiet import Quiet
from conformance.selection import about_all, read_by, requirement_of
from conformance.target.settings import Settings


class Planner:
    """A plugin object that keeps which tests pytest selected."""

    def __init__(self) -> None:
        self.selected: list[Selected] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note the selected tests."""
        self.selected = [one for item in session.items if (one := _selected(item))]


def print_plan(arguments: Sequence[str], settings: Settings) -> int:
    """Let pytest select tests by its arguments and print what judging them would take; return its code."""
    planner = Planner()
    code = pytest.main([*arguments, "--collect-only"], plugins=[Quiet(), planner])
    if code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        say(tell(make_plan(settings, planner.selected), settings))
        return 0
    return int(code)


def _selected(item: pytest.Item) -> Selected | None:
    requirement = requirement_of(item)
    if requirement is None:
        return None
    lists_newest = "newest" in getattr(item, "fixturenames", ())
    return Selected(requirement, read_by(item), about_all(item), lists_newest)
