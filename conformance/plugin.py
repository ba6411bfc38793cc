"""The pytest door: registers options and a marker, and wakes the suite's hooks when its tests are selected.

It loads in every pytest run of its environment, so it imports only what options need, and reads nothing: to a
run of somebody else's tests neither `conformance.toml` nor the environment means anything.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from conformance.config.options import OPTIONS
from conformance.contract.areas import AREAS, SEARCH_AREA, TIERS
from conformance.errors import ConformanceError

MARK = "conformance_requirement"
PACKAGE = Path(__file__).parent
USAGE = 2
"""The exit code of wrong settings, as `conformance run` has it; pytest's own for wrong usage is 4."""
PREFIXED = "Under pytest an option begins with --conformance-, such as --conformance-base-url."


class UsageCode:
    """Ends pytest with `USAGE` when settings of the suite are wrong."""

    @pytest.hookimpl(wrapper=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> Generator[None, object, object]:
        """Say what is wrong as pytest says it; a worker leaves that to the process that started it."""
        try:
            return (yield)
        except pytest.UsageError as error:
            ours = isinstance(error.__cause__, ConformanceError)
            if not ours or hasattr(config, "workerinput"):
                raise
            print(f"ERROR: {error}\n{PREFIXED}", file=sys.stderr)  # noqa: T201 (pytest prints its own there)
            return USAGE


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Register the options of `conformance run` with `--conformance-` before each."""
    pluginmanager.register(UsageCode(), "conformance-usage-code")
    group = parser.getgroup("conformance", "Deployments API conformance")
    for option in OPTIONS:
        flag, text = f"--conformance-{option.name}", f"{option.help} [{option.variable}]"
        if option.kind == "flag":
            group.addoption(flag, action="store_true", default=None, help=text)
        else:
            action = "append" if option.kind == "list" else "store"
            group.addoption(flag, action=action, default=None, metavar=option.metavar, help=text)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of the suite's tests; listen to workers that are to run them."""
    config.addinivalue_line("markers", f"{MARK}(id): the requirement that a test judges")
    distributes = getattr(config.option, "tx", None) and not hasattr(config, "workerinput")
    if distributes and any(_names_suite(argument, config) for argument in config.args):
        from conformance.run.reporter import Reporter

        config.pluginmanager.register(Reporter(config), "conformance-reporter")


def _names_suite(argument: str, config: pytest.Config) -> bool:
    """Tell whether an argument of pytest names the suite: by its path, or as a package after --pyargs."""
    name = argument.partition("::")[0]
    if config.option.pyargs and (name == "conformance" or name.startswith("conformance.suite")):
        return True
    path = (config.invocation_params.dir / name).resolve()
    return path == PACKAGE or path.is_relative_to(PACKAGE / "suite")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Put the requirement id into the name of its test, so that -k and JUnit know it."""
    mark = metafunc.definition.get_closest_marker(MARK)
    if mark:
        metafunc.fixturenames.append("_requirement")
        metafunc.parametrize("_requirement", [mark.args[0]], ids=[str(mark.args[0])])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Hand the suite's tests to the hooks that judge them, with the markers by which -m selects some."""
    ours = [item for item in items if item.get_closest_marker(MARK)]
    if not ours:
        return
    from conformance.run.hooks import Judge

    for word in ("must", "should", "observe"):
        config.addinivalue_line("markers", f"{word}: requirements of this level")
    for word in (*AREAS, SEARCH_AREA, *TIERS):
        config.addinivalue_line("markers", f"{word}: requirements of this area or tier")
    judge = Judge(config)
    config.pluginmanager.register(judge, "conformance-judge")
    judge.prepare(ours, items)
