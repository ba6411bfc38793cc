"""What a cause is, and what a run has seen of one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from conformance.client.exchange import Exchange
from conformance.contract.shapes import Shapes
from conformance.contract.verdict import BrokenPromiseError


@dataclass(frozen=True, slots=True)
class Cause:
    """What many judgements may trip over, and the requirements that name it, best first.

    Where none of them is judged, or none is named, it is the first one that comes upon it.
    """

    text: str
    owners: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trouble:
    """A broken promise, and what the run saw.

    `sent` returns the exchanges so far, `told` all that stories have when the last of them is collected.
    `named` are the causes that a requirement tells already, `kinds` the documented `error.type` by status.
    """

    requirement: str
    error: BrokenPromiseError
    base_url: str
    shapes: Shapes
    kinds: Mapping[int, str]
    named: Collection[Cause]
    sent: Callable[[], Sequence[Exchange]]
    told: Callable[[], Sequence[Exchange]]

    @cached_property
    def exchanges(self) -> Sequence[Exchange]:
        """What was sent so far."""
        return self.sent()

    @cached_property
    def everything(self) -> Sequence[Exchange]:
        """What all stories sent; it waits for them."""
        return self.told()

    @cached_property
    def shown(self) -> Sequence[Exchange]:
        """The exchanges that show the promise broken."""
        culprits = frozenset(self.error.culprits)
        return [exchange for exchange in self.exchanges if exchange.number in culprits]


Finder = Callable[[Trouble], Iterator[Cause]]
"""Yields the causes that a broken promise may follow from."""
