"""The run that judges, as fixtures and judgements see it: the rooms above put it into the stash of pytest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import pytest

from conformance.client.target import Target
from conformance.contract.verdict import Finding
from conformance.suite.engine.runner import Runner

OBSERVATION = pytest.StashKey[str]()
FINDINGS = pytest.StashKey[tuple[Finding, ...]]()


class CurrentRun(Protocol):
    """One run of the suite, as its judgements see it."""

    @property
    def runner(self) -> Runner:
        """What tells the stories."""

    @property
    def target(self) -> Target:
        """The target, for its profile and settings."""

    def kept(self, search_id: str, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return the findings of a search that follow from no other cause.

        Raises NotJudgedError or NotApplicableError where all of them do.
        """


RUN = pytest.StashKey[CurrentRun]()


def running(config: pytest.Config) -> CurrentRun:
    """Return the run of this process."""
    return config.stash[RUN]
