"""Driving Hypothesis against a target: seeded, bounded, each failure under the requirement that it breaks.

Imported only by searches while they run, since it imports Hypothesis.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Generic, TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis.strategies import SearchStrategy

from conformance.contract.verdict import Blame, BrokenPromiseError, Finding, NotJudgedError
from conformance.exploration._cases import dumped
from conformance.exploration.registry import Searched, replays
from conformance.target.api import Api
from conformance.target.exchange import Exchange, timeline

T = TypeVar("T")
SHRINK_SECONDS = 20.0
"""How long a search goes on making its first failure smaller."""
SPARE_EXAMPLES = 3
"""How many examples may end without an answer that can be judged, as where a gateway lost one."""


class StoppedError(BaseException):
    """The run was stopped; no Exception, so that Hypothesis ends at once and makes nothing smaller."""


class FoundError(Exception):
    """A promise was broken while an example was tried."""

    def __init__(self, requirement: str, error: BrokenPromiseError) -> None:
        super().__init__(f"{requirement}: {error}")
        self.requirement = requirement
        self.error = error
        self.steps = ""
        self.replay = ""


@cache
def _found(requirement: str) -> type[FoundError]:
    """Return an exception class of its own for a requirement: Hypothesis tells failures apart by class."""
    return type(f"Found[{requirement}]", (FoundError,), {})


@contextmanager
def upholding(requirement: str) -> Iterator[None]:
    """Name the requirement that a judgement inside the block upholds."""
    try:
        yield
    except BrokenPromiseError as error:
        raise _found(requirement)(requirement, error) from None


@dataclass
class _Trial(Generic[T]):
    """Attempts, and what became of each: a replay asks the target nothing, so it always ends the same.

    An attempt that cannot be judged says nothing; the first after `SPARE_EXAMPLES` of them ends the search.
    """

    api: Api
    attempt: Callable[[T], None]
    background: Sequence[Exchange]
    outcomes: dict[str, FoundError | None] = field(default_factory=dict)
    spoiled: list[NotJudgedError] = field(default_factory=list)
    give_up: float = float("inf")
    ended_by: Exception | None = None

    def __call__(self, example: T) -> None:
        """Attempt an example unless its outcome is known; raise what it found."""
        if self.api.target.manners.signal:
            raise StoppedError
        key = repr(example)
        if key not in self.outcomes:
            if self.ended_by or time.monotonic() > self.give_up:
                return  # what is not known to fail counts as passing
            self._learn(key, example)
        found = self.outcomes.get(key)
        if found:
            self.give_up = min(self.give_up, time.monotonic() + SHRINK_SECONDS)
            raise found

    def finds(self, example: T) -> Iterator[FoundError]:
        """Attempt one example; yield what it found, if anything."""
        try:
            self(example)
        except FoundError as found:
            yield found

    def _learn(self, key: str, example: T) -> None:
        try:
            self.outcomes[key] = self._try(example)
        except NotJudgedError as error:
            self.spoiled.append(error)
            if error.blame is Blame.HARNESS or len(self.spoiled) > SPARE_EXAMPLES:
                self.ended_by = error
        except Exception as error:  # noqa: BLE001 (raised again when Hypothesis, which would shrink it, is done)
            self.ended_by = error

    def _try(self, example: T) -> FoundError | None:
        """Attempt one example; what it found has the exchanges of this attempt as its steps."""
        first = self.api.target.next_number()
        try:
            self.attempt(example)
        except FoundError as found:
            mine = [e for e in self.api.target.exchanges(self.api.story) if e.number >= first]
            found.steps = timeline([*self.background, *mine], found.error.culprits)
            found.replay = dumped(example)
            return found
        return None


def explore(
    api: Api,
    strategy: SearchStrategy[T],
    attempt: Callable[[T], None],
    *,
    first: Sequence[T] = (),
    background: Sequence[Exchange] = (),
) -> Searched:
    """Try examples until a promise breaks; reduce each failure to its smallest example.

    `attempt` talks to the target and judges inside `upholding`. What is replayed is tried first, and is all
    if it breaks a promise again. The examples `first` belong to every run; those of `strategy` follow, and
    the run's seed decides them. `--examples` is the number of all.
    `background` are exchanges that every example builds upon: a story of a failure begins with them.
    Raises NotJudgedError, or whatever else an attempt raised, unless a broken promise was found before.
    """
    trial = _Trial(api, attempt, background)
    found = [error for example in replays(api) for error in trial.finds(example)]
    if not found:
        found = [error for example in first for error in trial.finds(example)]
        found = [*_generate(api, strategy, trial, max(1, api.target.settings.examples - len(first))), *found]
    smallest = {error.requirement: error for error in reversed(found)}
    if trial.spoiled and not trial.outcomes:
        raise trial.spoiled[0]
    if trial.ended_by and not found:
        raise trial.ended_by
    return Searched(tuple(_finding(error) for error in smallest.values()), len(trial.outcomes))


def _generate(api: Api, strategy: SearchStrategy[T], trial: _Trial[T], examples: int) -> Sequence[FoundError]:
    """Let Hypothesis choose examples and make what fails smaller; return what is found."""
    settings = hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
        print_blob=False,
    )

    @settings
    @hypothesis.seed(api.target.settings.seed)
    @hypothesis.given(strategy)
    def test(example: T) -> None:
        trial(example)

    try:
        test()
    except (FoundError, BaseExceptionGroup) as error:
        return tuple(_parts(error))
    return ()


def _parts(error: BaseException) -> Iterator[FoundError]:
    """Yield each failure of a group; anything else in it is an error of its own and raised."""
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _parts(part)
    elif isinstance(error, FoundError):
        yield error
    else:
        raise error


def _finding(found: FoundError) -> Finding:
    return Finding(found.requirement, found.error.expected, found.error.got, found.steps, found.replay)
