"""Which promises bind the target of the search that runs: nothing else is searched or accused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from conformance.client.api import Api

T = TypeVar("T")
_binds: ContextVar[Callable[[str], bool]] = ContextVar("binds", default=lambda _: True)


@contextmanager
def bound_to(api: Api) -> Iterator[None]:
    """Judge inside the block by what the target's profile promises in the target's edition."""
    token = _binds.set(api.promised)
    try:
        yield
    finally:
        _binds.reset(token)


def binds(requirement: str) -> bool:
    """Tell whether a requirement binds the target of the search that runs."""
    return _binds.get()(requirement)


def binding(cases: Iterable[T], requirement_of: Callable[[T], str]) -> list[T]:
    """Return the cases whose requirement binds the target."""
    return [case for case in cases if binds(requirement_of(case))]
