"""Keeps pytest's own terminal silent while `conformance run` speaks, and takes the result out of it."""

from __future__ import annotations

import sys

import pytest

from conformance.redaction.known_secrets import shown
from conformance.report import RunResult
from conformance.report.text import harmless
from conformance.run.reporter import RESULT


class Quiet:
    """A plugin object for one `pytest.main`; `result` is set when the run is over."""

    def __init__(self) -> None:
        self.result: RunResult | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Take the terminal reporter away; errors reach the result by other hooks."""
        if hasattr(config, "workerinput"):
            return
        reporter = config.pluginmanager.getplugin("terminalreporter")
        if reporter:
            config.pluginmanager.unregister(reporter)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Say at once why the suite cannot be loaded."""
        if report.failed:
            print(harmless(shown(str(report.longrepr))), file=sys.stderr)  # noqa: T201 (nothing else would show it)

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Keep the result."""
        self.result = config.stash.get(RESULT, None)
