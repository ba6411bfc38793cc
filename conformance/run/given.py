"""Settings that somebody made before pytest began, in the place of those that its options would make."""

from __future__ import annotations

import pytest

from conformance.client.wire.environment import check_network
from conformance.config.mode_rules import check_workers
from conformance.config.options import SettingsError
from conformance.config.resolution import check_target
from conformance.config.settings import Settings
from conformance.contract.catalogue import REVISIONS
from conformance.redaction.known_secrets import shown
from conformance.report.text import harmless
from conformance.suite.exploration.registry import check_case
from conformance.vendors import load_profile

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
            raise usage_error(error) from None
        config.stash[SETTINGS] = self._settings


def check_usable(config: pytest.Config, settings: Settings) -> None:
    """Raise SettingsError when target, network, workers or saved failures do not suit the settings."""
    if not config.option.collectonly:
        check_target(settings)
    check_network(settings)
    _check_embedded(settings)
    if getattr(config.option, "tx", None):
        check_workers(settings)
    for failure in settings.replay:
        check_case(failure)


def _check_embedded(settings: Settings) -> None:
    """Raise SettingsError when the embedded server would be judged by promises that it does not make."""
    profile = load_profile(settings.profile)
    if settings.base_url is None and not set(profile.editions.names) <= set(REVISIONS):
        raise SettingsError(
            f"the embedded reference server does not speak the profile {profile.name}, but the editions "
            f"{', '.join(REVISIONS)}. Hint: name a server to judge with --base-url."
        )


def usage_error(error: SettingsError) -> pytest.UsageError:
    """Return what tells pytest of wrong settings, without secrets."""
    return pytest.UsageError(harmless(shown(str(error))))
