"""Each story is a fixture under its own name; `observe` records what the documents leave open."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.client.exchange import Exchange
from conformance.client.prerequisites import NOTHING_THERE
from conformance.client.target import Target
from conformance.contract.verdict import Blame, NotApplicableError, NotJudgedError
from conformance.suite.engine.preflight import Preflight
from conformance.suite.engine.registry import IF_ANY, load_stories
from conformance.suite.judging.answers import Deployments
from conformance.suite.judging.running import OBSERVATION, running


def _fixture(name: str) -> Callable[[pytest.FixtureRequest], object]:
    @pytest.fixture(scope="session", name=name)
    def evidence(request: pytest.FixtureRequest) -> object:
        return running(request.config).runner.evidence(name)

    return evidence


def _optional(name: str) -> Callable[[pytest.FixtureRequest], object]:
    """Return the fixture of a story that is asked for beside others, on which a judgement does not depend."""

    @pytest.fixture(scope="session", name=f"{name}{IF_ANY}")
    def evidence(request: pytest.FixtureRequest) -> object:
        try:
            return request.getfixturevalue(name)
        except (NotApplicableError, NotJudgedError):
            return None

    return evidence


globals().update({f"story_{name}": _fixture(name) for name in load_stories()})
globals().update({f"optional_{name}": _optional(name) for name in load_stories()})


@pytest.fixture(scope="session")
def preflight(request: pytest.FixtureRequest) -> Preflight:
    """What the first requests of the run found."""
    found = running(request.config).runner.preflight
    if found.blocked:
        raise found.blocked
    return found


@pytest.fixture(scope="session")
def creatable(preflight: Preflight) -> Exchange:
    """The first creation; where there is none, whoever asks for it is not judged.

    Where none is to be made, what can be judged all the same looks at deployments that are there.
    """
    if not preflight.known.own:
        return preflight.first_list
    if preflight.no_creation or preflight.created is None:
        raise preflight.no_creation or NotJudgedError(Blame.PRECONDITION, "nothing was created")
    return preflight.created


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Target:
    """The target, for its profile and settings."""
    return running(request.config).target


@pytest.fixture(scope="session")
def revision(preflight: Preflight) -> str:
    """The revision that is judged."""
    return preflight.revision


@pytest.fixture(scope="session")
def every_exchange(request: pytest.FixtureRequest, preflight: Preflight) -> tuple[Exchange, ...]:
    """All exchanges of all stories, for promises that bind every answer."""
    _ = preflight
    return running(request.config).runner.everything()


@pytest.fixture(scope="session")
def every_deployment(every_exchange: tuple[Exchange, ...], preflight: Preflight) -> Deployments:
    """Every deployment that an answer of the run shows, equal ones once."""
    found = Deployments(every_exchange)
    if not found and not preflight.known.own:
        raise NotApplicableError(NOTHING_THERE)
    if not found:
        raise NotJudgedError(Blame.PRECONDITION, "no answer of the run held a deployment")
    return found


@pytest.fixture(scope="session")
def newest(request: pytest.FixtureRequest) -> Callable[[], tuple[Exchange, ...]]:
    """Return a function that lists the newest deployments when all stories under way are told."""
    return running(request.config).runner.newest


@pytest.fixture
def observe(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return a function that records an observation as the verdict of the test."""

    def record(text: str) -> None:
        request.node.stash[OBSERVATION] = text

    return record
