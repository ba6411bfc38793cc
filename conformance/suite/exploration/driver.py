"""Driving Hypothesis against a target: seeded, bounded, each failure under the requirement that it breaks.

Values are tried together; where something is wrong, a group is taken apart until the culprit is one value.
Hypothesis itself is imported when a search generates examples: runs without searches start faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Generic, TypeVar

from conformance.client.api import Api
from conformance.client.exchange import Exchange, timeline
from conformance.contract.judgement import expect_no_echo, expect_no_server_error
from conformance.contract.timeline import Timeline
from conformance.contract.verdict import Blame, BrokenPromiseError, Finding, NotJudgedError
from conformance.errors import ConformanceError
from conformance.suite.exploration.allowance import Allowance, check_room
from conformance.suite.exploration.binding import binds
from conformance.suite.exploration.cases import dumped
from conformance.suite.exploration.registry import Searched, replays
from conformance.suite.exploration.turns import computing, waiting

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

T = TypeVar("T")
SPARE_EXAMPLES = 3
"""How many attempts may end without an answer that can be judged, as where a gateway lost one."""


class StoppedError(BaseException):
    """The run was stopped; no Exception, so that Hypothesis ends at once and makes nothing smaller."""


class FoundError(ConformanceError):
    """A promise was broken while examples were tried.

    `suspect` is the one that seems to have broken it. Where its own requests show it, they begin with the
    number `since`.
    """

    def __init__(
        self, requirement: str, error: BrokenPromiseError, suspect: object, since: int | None
    ) -> None:
        super().__init__(f"{requirement}: {error}")
        self.requirement = requirement
        self.error = error
        self.suspect = suspect
        self.since = since
        self.steps: Timeline = ()
        self.replay = ""


@cache
def _found(requirement: str) -> type[FoundError]:
    """Return an exception class of its own for a requirement: Hypothesis tells failures apart by class."""
    return type(f"Found[{requirement}]", (FoundError,), {})


@contextmanager
def upholding(
    requirement: str, suspect: object = None, since: int | None = None, *, needed: bool = False
) -> Iterator[None]:
    """Name the requirement that a judgement inside the block upholds, and which example of a group it judges.

    `since` is the number of the first request that this example alone sent, if that shows what is broken.
    Where the requirement does not bind the target, nothing is broken; what follows cannot be judged then, if
    the block is `needed` for that.
    """
    try:
        yield
    except BrokenPromiseError as error:
        if binds(requirement):
            raise _found(requirement)(requirement, error, suspect, since) from None
        if needed:
            why = f"expected {error.expected}, which is not promised; got {error.got}"
            raise NotJudgedError(Blame.PRECONDITION, why) from None


@dataclass
class _Trial(Generic[T]):
    """Attempts, and what became of each: a replay asks the target nothing, so it always ends the same.

    An attempt that cannot be judged says nothing; the first after `SPARE_EXAMPLES` of them ends the search.
    What is tried beyond the plan has an allowance; what it does not reach counts as passing.
    """

    api: Api
    attempt: Callable[[Sequence[T]], None]
    background: Sequence[Exchange]
    allowance: Allowance
    outcomes: dict[str, FoundError | None] = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)
    spoiled: list[NotJudgedError] = field(default_factory=list)
    accepted: dict[str, FoundError] = field(default_factory=dict)
    ended_by: Exception | None = None

    def __call__(self, example: T) -> None:
        """Attempt one example beyond the plan unless its outcome is known; raise what it found."""
        found = self._outcome((example,), extra=True)
        if found and not self._is_accepted(found):
            raise found

    def together(self, examples: Sequence[T]) -> Iterator[FoundError]:
        """Try examples together; yield what each breaks alone, but for what the user accepts."""
        for found in self._together(examples):
            if self._is_accepted(found):
                self.accepted.setdefault(found.requirement, found)
            else:
                yield found

    def _together(self, examples: Sequence[T], *, extra: bool = False) -> Iterator[FoundError]:
        lost = len(self.spoiled)
        found = self._outcome(tuple(examples), extra=extra)
        if found is None and (lost == len(self.spoiled) or self.ended_by):
            return
        if found and (found.since is not None or len(examples) == 1):
            yield found
            rest = [one for one in examples if one is not found.suspect]
            if 0 < len(rest) < len(examples):
                yield from self._together(rest, extra=True)
            return
        alone = [error for half in _halves(examples, found) for error in self._together(half, extra=True)]
        yield from alone or [found] if found else alone

    def _outcome(self, examples: Sequence[T], *, extra: bool) -> FoundError | None:
        if self.api.target.manners.signal:
            raise StoppedError
        key = repr(examples)
        if key not in self.outcomes and not self.ended_by and (not extra or self.allowance.is_left):
            with self.allowance.spending(extra=extra):
                self._learn(key, examples)
        return self.outcomes.get(key)

    def _learn(self, key: str, examples: Sequence[T]) -> None:
        try:
            check_room(self.api)
            found = self.outcomes[key] = self._try(examples)
        except NotJudgedError as error:
            self.spoiled.append(error)
            if error.blame is Blame.HARNESS or len(self.spoiled) > SPARE_EXAMPLES:
                self.ended_by = error
            return
        except Exception as error:  # noqa: BLE001 (raised again when Hypothesis, which would shrink it, is done)
            self.ended_by = error
            return
        self.tried |= {repr(one) for one in examples}
        if found and found.since is not None:
            self.outcomes[repr((found.suspect,))] = found
        elif not found:
            self.outcomes.update({repr((one,)): None for one in examples})

    def _try(self, examples: Sequence[T]) -> FoundError | None:
        """Attempt examples together; what that found has the exchanges of this attempt as its steps."""
        first = self.api.target.next_number()
        try:
            with self._going_on(first, examples), waiting():
                self.attempt(examples)
            _look_at_all(self._sent_since(first))
        except FoundError as found:
            return self._with_steps(found, first, examples)
        return None

    @contextmanager
    def _going_on(self, first: int, examples: Sequence[T]) -> Iterator[None]:
        """Go on after what is accepted; of a group the others are still to be judged, one by one."""
        try:
            yield
        except FoundError as found:
            if len(examples) > 1 or not self._is_accepted(found):
                raise
            self.accepted.setdefault(found.requirement, self._with_steps(found, first, examples))

    def _is_accepted(self, found: FoundError) -> bool:
        return found.requirement in self.api.target.settings.open_promises

    def _with_steps(self, found: FoundError, first: int, examples: Sequence[T]) -> FoundError:
        """Return what was found with its story, from the exchange `first` on, and what repeats it."""
        sent = self._sent_since(first)
        if found.since is not None:
            sent = [e for e in sent if e.number >= found.since or e.number in found.error.culprits]
        steps = {one.number: one for one in (*self.background, *sent)}
        found.steps = timeline(steps.values(), found.error.culprits)
        single = len(examples) == 1 or found.since is not None
        found.replay = dumped((found.suspect or examples[0]) if single else tuple(examples))
        return found

    def _sent_since(self, first: int) -> list[Exchange]:
        return [e for e in self.api.target.exchanges(self.api.story) if e.number >= first]


def _halves(examples: Sequence[T], found: FoundError | None) -> Iterator[Sequence[T]]:
    """Yield two parts of a group: the suspect and the others, where there is one, else its halves."""
    suspects = [one for one in examples if found and one is found.suspect]
    middle = len(examples) // 2
    if suspects:
        yield suspects
        yield [one for one in examples if one is not suspects[0]]
    elif middle:
        yield examples[:middle]
        yield examples[middle:]


def _look_at_all(exchanges: Sequence[Exchange]) -> None:
    """Expect of each answer of an attempt what binds every answer, whatever was asked."""
    with upholding("errors.no-server-error"):
        expect_no_server_error(exchanges)
    with upholding("security.credentials-are-not-repeated"):
        expect_no_echo(exchanges)


def singly(examples: Sequence[T]) -> Sequence[Sequence[T]]:
    """Return each example as a group of its own."""
    return [(one,) for one in examples]


def explore(
    api: Api,
    strategy: Callable[[], SearchStrategy[T]],
    attempt: Callable[[Sequence[T]], None],
    *,
    first: Sequence[Sequence[T]] = (),
    background: Sequence[Exchange] = (),
    grouped: Callable[[Sequence[T]], Iterable[Sequence[T]]] = singly,
    count: int | None = None,
) -> Searched:
    """Try examples until a promise breaks; reduce each failure to its smallest example.

    `strategy` is called when it is this search's turn to compute. `attempt` talks to the target about a group
    of examples and judges inside `upholding`. What is replayed is tried first, and is all if it breaks a
    promise again. The groups `first` belong to every run; examples of `strategy` follow, and the run's seed
    decides them: `count`, or as many as `--examples` leaves. `grouped` makes groups of those, and may leave
    some out. `background` are exchanges that every example builds upon: a story of a failure begins with
    them. A broken promise that the user accepts is among the findings, and no example ends the search by it.
    Raises NotJudgedError, or whatever else an attempt raised, unless a broken promise was found before.
    """
    trial = _Trial(api, attempt, background, Allowance(api))
    with computing():
        found = [error for examples in replays(api) for error in trial.together(examples)]
        if not found:
            found = [error for examples in first for error in trial.together(examples)]
            left = api.target.settings.reach.examples - sum(map(len, first))
            found = [*_generate(api, strategy(), trial, grouped, count or max(1, left)), *found]
    smallest = {error.requirement: error for error in reversed(found)}
    if trial.spoiled and not trial.outcomes:
        raise trial.spoiled[0]
    if trial.ended_by and not found:
        raise _how_far(trial.ended_by, len(trial.tried))
    findings = (*smallest.values(), *trial.accepted.values())
    return Searched(tuple(map(finding, findings)), len(trial.tried))


def _how_far(error: Exception, tried: int) -> Exception:
    """Return an error that says, where a limit or the run's end stopped a search, how far it came."""
    if isinstance(error, NotJudgedError) and error.blame is Blame.HARNESS:
        return NotJudgedError(error.blame, f"{error}; {tried} examples were tried")
    return error


def _generate(
    api: Api,
    strategy: SearchStrategy[T],
    trial: _Trial[T],
    grouped: Callable[[Sequence[T]], Iterable[Sequence[T]]],
    count: int,
) -> Sequence[FoundError]:
    """Try examples that Hypothesis chooses; where one breaks a promise, let it make that smaller."""
    seed = api.target.settings.seed
    drawn: dict[str, T] = {}
    _test(strategy, lambda example: drawn.setdefault(repr(example), example), count, seed, shrinks=False)
    found = [error for examples in grouped([*drawn.values()]) for error in trial.together(examples)]
    if not found or trial.ended_by:
        return found
    try:  # the same examples, and where one is known to fail Hypothesis goes on with smaller ones
        _test(strategy, trial, count, seed, shrinks=True)
    except (FoundError, BaseExceptionGroup) as error:
        return [*_parts(error), *found]
    return found


def _test(
    strategy: SearchStrategy[T], test: Callable[[T], object], count: int, seed: int, *, shrinks: bool
) -> None:
    """Let Hypothesis choose examples and give them to `test`; a seed decides them."""
    import hypothesis
    from hypothesis import HealthCheck, Phase

    settings = hypothesis.settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink) if shrinks else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
        print_blob=False,
    )

    @settings
    @hypothesis.seed(seed)
    @hypothesis.given(strategy)
    def run(example: T) -> None:
        test(example)

    run()


def _parts(error: BaseException) -> Iterator[FoundError]:
    """Yield each failure of a group; anything else in it is an error of its own and raised."""
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _parts(part)
    elif isinstance(error, FoundError):
        yield error
    else:
        raise error


def finding(found: FoundError) -> Finding:
    """Return what was found, for the reports."""
    error = found.error
    about = error.culprits, error.at, error.statuses
    return Finding(found.requirement, error.expected, error.got, found.steps, found.replay, *about)
