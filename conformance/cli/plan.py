"""`conformance run --plan`: what a run would ask, told without asking it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from conformance.cli.parsers import INTERNAL, exit_code_without_result
from conformance.cli.printing import say, warn
from conformance.config.settings import Settings
from conformance.planning.plan import Selected, make_plan
from conformance.planning.text import plan_text
from conformance.run.given import Given
from conformance.run.pytest_call import call_pytest
from conformance.run.selection import selected_of
from conformance.run.terminal import Quiet


class Planner:
    """A plugin object that keeps which tests pytest selected."""

    def __init__(self) -> None:
        self.selected: list[Selected] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note the selected tests."""
        self.selected = [choice for item in session.items if (choice := selected_of(item))]


def print_plan(words: Sequence[str], settings: Settings) -> int:
    """Let pytest select tests by its arguments, print what judging them would take; return the exit code."""
    planner = Planner()
    code = call_pytest([*words, "--collect-only"], [Given(settings), Quiet(), planner], warn)
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return exit_code_without_result(code)
    return 0 if say(plan_text(make_plan(settings, planner.selected), settings)) else INTERNAL
