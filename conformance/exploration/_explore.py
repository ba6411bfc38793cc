"""Driving Hypothesis against a target: seeded, bounded, each failure under the requirement that it breaks.

Imported only by searches while they run, since it imports Hypothesis.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis.strategies import SearchStrategy

from conformance.contract.verdict import BrokenPromiseError, Finding
from conformance.exploration.registry import Searched
from conformance.target.api import Api
from conformance.target.exchange import timeline

T = TypeVar("T")
SHRINK_SECONDS = 20.0
"""How long a search goes on making its first failure smaller."""


class FoundError(Exception):
    """A promise was broken while an example was tried."""

    def __init__(self, requirement: str, error: BrokenPromiseError) -> None:
        super().__init__(f"{requirement}: {error}")
        self.requirement = requirement
        self.error = error
        self.steps = ""


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
class _Memory:
    """What became of each example: a replay asks the target nothing, so it always ends the same."""

    outcomes: dict[str, FoundError | None] = field(default_factory=dict)
    give_up: float = float("inf")


def explore(api: Api, strategy: SearchStrategy[T], attempt: Callable[[T], None]) -> Searched:
    """Try examples of `strategy` until a promise breaks; reduce each failure to its smallest example.

    `attempt` talks to the target and judges inside `upholding`. The run's seed decides the examples and
    `--examples` their number. NotJudgedError passes through.
    """
    memory = _Memory()

    def once(example: T) -> None:
        key = repr(example)
        if key not in memory.outcomes and time.monotonic() > memory.give_up:
            return  # time to shrink is over: what is not known to fail counts as passing
        if key not in memory.outcomes:
            memory.outcomes[key] = _try(api, attempt, example)
        found = memory.outcomes[key]
        if found:
            memory.give_up = min(memory.give_up, time.monotonic() + SHRINK_SECONDS)
            raise found

    settings = hypothesis.settings(
        max_examples=api.target.settings.examples,
        deadline=None,
        database=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
        print_blob=False,
    )
    test: Any = settings(hypothesis.seed(api.target.settings.seed)(hypothesis.given(strategy)(once)))
    try:
        test()
    except (FoundError, BaseExceptionGroup) as error:
        return Searched(tuple(_findings(error)), len(memory.outcomes))
    return Searched((), len(memory.outcomes))


def _try(api: Api, attempt: Callable[[T], None], example: T) -> FoundError | None:
    """Attempt one example; return what it found, with the exchanges of this attempt as its steps."""
    first = api.target.next_number()
    try:
        attempt(example)
    except FoundError as found:
        exchanges = [e for e in api.target.exchanges(api.story) if e.number >= first]
        found.steps = timeline(exchanges, found.error.culprits)
        return found
    return None


def _findings(error: BaseException) -> Iterator[Finding]:
    """Yield a finding for each failure; anything else in a group is an error of its own and raised."""
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _findings(part)
    elif isinstance(error, FoundError):
        yield Finding(error.requirement, error.error.expected, error.error.got, error.steps)
    else:
        raise error
