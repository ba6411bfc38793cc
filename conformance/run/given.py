"""Settings that somebody made before pytest began, in the place of those that its options would make."""

from __future__ import annotations

import pytest

from conformance.client.wire.environment import check_network
from conformance.config.mode_rules import check_workers
from conformance.config.options import SettingsError
from conformance.config.resolution import check_target
from conformance.config.settings import Settings
from conformance.redaction.known_secrets import shown
from conformance.report.text import harmless
from conformance.suite.exploration.registry import check_case

SETTINGS = pytest.StashKey[Settings]()


class Given:
    """A plugin object for one `pytest.main`: the run has these settings. Workers make theirs of options."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def pytest_configure(self, config: pytest.Config) -> None:
        """Show the hooks that judge the settings; raises pytest.UsageError when the run cannot have them."""
        try:
            check_usable(config, self._settings)
        except SettingsError as error:
            raise usage_error(error) from error
        config.stash[SETTINGS] = self._settings


def check_usable(config: pytest.Config, settings: Settings) -> None:
    """Raise SettingsError when target, network, workers or saved failures do not suit the settings."""
    if not config.option.collectonly:
        check_target(settings)
    check_network(settings)
    if getattr(config.option, "tx", None):
        check_workers(settings)
    for failure in settings.replay:
        check_case(failure)


def usage_error(error: SettingsError) -> pytest.UsageError:
    """Return what tells pytest of wrong settings, without secrets."""
    return pytest.UsageError(harmless(shown(str(error))))
