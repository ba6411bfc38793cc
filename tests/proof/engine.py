"""Judges a server inside this process: the suite is collected once, its judgements are called again and again.

Stories, searches, judgements, verdicts and the result are those of `conformance run`; only pytest's own
protocol around each test is left out, which costs more than most judgements do and knows one run at a time.
`tests/test_proof.py` compares the verdicts of both ways.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import pytest

import conformance
from conformance.config.settings import Settings
from conformance.contract.areas import SEARCH_AREA
from conformance.contract.catalogue import Requirement, load_catalogue
from conformance.contract.verdict import BrokenPromiseError, Verdict
from conformance.report import RunResult
from conformance.run.selection import ALL_ANSWERS, requirement_of, stories_of, turn
from conformance.run.session import Collector, Session
from conformance.run.terminal import Quiet
from conformance.run.verdicts.isolation import isolated
from conformance.run.verdicts.outcomes import judge, searched
from conformance.suite.engine.registry import IF_ANY
from conformance.suite.judging.running import FINDINGS, OBSERVATION, RUN

Made = tuple[object, Exception | None]
NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True)
class Judgement:
    """One test of the suite: its function, the fixtures it needs and the parameters it has."""

    requirement: Requirement
    function: Callable[..., object]
    arguments: tuple[str, ...]
    needs: tuple[str, ...]
    given: Mapping[str, object]
    fixtures: Mapping[str, Any]
    stories: tuple[str, ...]


class _Collected:
    def __init__(self) -> None:
        self.items: list[pytest.Function] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = [item for item in session.items if isinstance(item, pytest.Function)]


@cache
def collect() -> tuple[Judgement, ...]:
    """Let pytest collect the suite, once; call it first where no other thread runs."""
    suite = Path(conformance.__file__).parent / "suite"
    collected = _Collected()
    words = ["--collect-only", "--pyargs", "conformance.suite", "-c", str(suite / "pytest.toml")]
    words += [f"--rootdir={suite.parent}", "-p", "no:cacheprovider", "-p"]
    with patch.dict(os.environ, {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}):
        code = pytest.main([*words, "conformance.plugin"], plugins=[collected, Quiet()])
    if code != pytest.ExitCode.OK:
        raise RuntimeError(f"pytest could not collect the suite: it ended with {code}")
    return tuple(_judgement(item) for item in collected.items)


def _judgement(item: pytest.Function) -> Judgement:
    requirement = requirement_of(item)
    if requirement is None:
        raise RuntimeError(f"{item.nodeid} judges no requirement")
    spec = getattr(item, "callspec", None)
    return Judgement(
        requirement=requirement,
        function=item.function,
        arguments=item._fixtureinfo.argnames,
        needs=tuple(item.fixturenames),
        given=dict(spec.params) if spec else {},
        fixtures={name: found[-1] for name, found in item._fixtureinfo.name2fixturedefs.items()},
        stories=stories_of(item),
    )


class _Stashed:
    """Stands for pytest's config and nodes, of which judgements use the stash alone."""

    def __init__(self) -> None:
        self.stash = pytest.Stash()


class _Request:
    """Stands for the `request` of one judgement; fixtures of the whole session are made once for a run."""

    def __init__(self, judgement: Judgement, config: _Stashed, made: dict[str, Made]) -> None:
        self.config = config
        self.node = _Stashed()
        self._judgement = judgement
        self._of_session = made
        self._mine: dict[str, Made] = {}

    def getfixturevalue(self, name: str) -> object:
        if name == "request":
            return self
        if name in self._judgement.given:
            return self._judgement.given[name]
        definition = self._judgement.fixtures.get(name) or _fixture(name)
        made = self._of_session if definition.scope == "session" else self._mine
        if name not in made:
            made[name] = self._make(definition)
        value, error = made[name]
        if error:
            raise error
        return value

    def _make(self, definition: Any) -> Made:  # noqa: ANN401 (pytest names the type in private alone)
        try:
            return definition.func(**{name: self.getfixturevalue(name) for name in definition.argnames}), None
        except Exception as error:  # noqa: BLE001 (it is raised again for whoever asks)
            return None, error

    def judge(self, other: Mapping[str, object] = NOTHING) -> None:
        """Call the judgement, with `other` evidence of some stories."""
        values = {name: self.getfixturevalue(name) for name in self._judgement.needs}
        self._judgement.function(
            **{name: other.get(name.removesuffix(IF_ANY), values[name]) for name in self._judgement.arguments}
        )

    @property
    def stories(self) -> tuple[str, ...]:
        """The stories that the judgement reads."""
        return self._judgement.stories


@cache
def _fixture(name: str) -> Any:  # noqa: ANN401 (the same)
    """Return a fixture that a judgement asks for by name while it runs."""
    used = (j.fixtures[name] for j in collect() if name in j.fixtures)
    return next(used, None) or _Story(name)


class _Story:
    """Stands for the fixture of a story that judgements read only where it is told."""

    scope, argnames = "session", ("request",)

    def __init__(self, name: str) -> None:
        self._name = name

    def func(self, request: _Request) -> object:
        return request.config.stash[RUN].runner.evidence(self._name)


def judge_in_process(
    settings: Settings,
    watch: Callable[[Session], None],
    share: Collection[str] | None = None,
    *,
    isolates: bool = True,
) -> RunResult:
    """Judge what `settings` select; `watch` gets the session when it has begun.

    A `share` of the stories is all that there are for requirements that bind every answer. Which value breaks
    a promise is looked for if it `isolates`: that takes as many requests again, and saves no broken promise.
    """
    catalogue = load_catalogue(settings.profile)
    collected = (replace(j, requirement=catalogue[j.requirement.id]) for j in collect())
    chosen = [j for j in collected if not settings.only or j.requirement.id in settings.only]
    chosen.sort(key=lambda judgement: turn(judgement.requirement))
    tiers = settings.tier
    asked = [j for j in chosen if j.requirement.tier in tiers and not j.requirement.unbound]
    needed = [name for j in asked for name in j.stories]
    collector = Collector(settings, selected=[j.requirement.id for j in chosen])
    session = Session(settings, share)
    watch(session)
    session.trace({j.requirement.id for j in chosen})
    if not any(ALL_ANSWERS in j.needs or j.requirement.area == SEARCH_AREA for j in asked):
        session.runner.judged = frozenset(j.requirement.id for j in asked)
    session.runner.start(dict.fromkeys(needed))
    config, made = _Stashed(), dict[str, Made]()
    config.stash[RUN] = session
    for judgement in chosen:
        request = _Request(judgement, config, made)
        verdict = _verdict(request, judgement.requirement, session, isolates=isolates)
        collector.verdicts[verdict.requirement] = verdict
    collector.facts.append(session.finish())
    return collector.result()


def _verdict(request: _Request, requirement: Requirement, session: Session, *, isolates: bool) -> Verdict:
    error: Exception | None = None
    try:
        session.check_applicable(requirement)
        request.judge()
    except Exception as raised:  # noqa: BLE001 (what it means is for `judge` to say)
        error = raised
    ended: BaseException | None = session.traced(requirement, error)
    if ended is error and (isolates or not isinstance(error, BrokenPromiseError)):
        ended = isolated(session.runner, request.judge, request.stories, error)
    stash = request.node.stash
    if error is None and requirement.area == SEARCH_AREA:
        catalogue = load_catalogue(session.settings.profile)
        return searched(requirement, cast("Any", stash.get(FINDINGS, ())), catalogue)
    return judge(requirement, ended, stash.get(OBSERVATION, ""))
