"""The pytest door: registers options and markers, and wakes the suite's hooks when its tests are selected.

It loads in every pytest run of its environment, so it imports only what options need.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from conformance.contract.catalogue import AREAS, SEARCH_AREA, TIERS
from conformance.target.options import OPTIONS

MARK = "conformance_requirement"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options of `conformance run` with `--conformance-` before each."""
    group = parser.getgroup("conformance", "Deployments API conformance")
    for option in OPTIONS:
        flag, text = f"--conformance-{option.name}", f"{option.help} [{option.variable}]"
        if option.kind == "flag":
            group.addoption(flag, action="store_true", default=None, help=text)
        else:
            action = "append" if option.kind == "list" else "store"
            group.addoption(flag, action=action, default=None, metavar=option.metavar, help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers by which -m selects requirements; listen to workers where there are any."""
    config.addinivalue_line("markers", f"{MARK}(id): the requirement that a test judges")
    for word in ("must", "should", "observe"):
        config.addinivalue_line("markers", f"{word}: requirements of this level")
    for word in (*AREAS, SEARCH_AREA, *TIERS):
        config.addinivalue_line("markers", f"{word}: requirements of this area or tier")
    if getattr(config.option, "tx", None) and not hasattr(config, "workerinput"):
        from conformance.reporting import Reporter

        reporter = Reporter(config, expected=_names_suite(config.args))
        config.pluginmanager.register(reporter, "conformance-reporter")


def _names_suite(arguments: Iterable[str]) -> bool:
    """Tell whether the suite is among what pytest was called to run; workers alone collect its tests."""
    return any("conformance.suite" in re.sub(r"[/\\]+", ".", argument) for argument in arguments)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Put the requirement id into the name of its test, so that -k and JUnit know it."""
    mark = metafunc.definition.get_closest_marker(MARK)
    if mark:
        metafunc.fixturenames.append("_requirement")
        metafunc.parametrize("_requirement", [mark.args[0]], ids=[str(mark.args[0])])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Hand the suite's tests to the hooks that judge them."""
    ours = [item for item in items if item.get_closest_marker(MARK)]
    if ours:
        from conformance.judging import Judge

        judge = Judge(config)
        config.pluginmanager.register(judge, "conformance-judge")
        judge.prepare(ours, items)
