"""What a search tried, as plain data for a file, and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar, get_origin, get_type_hints

T = TypeVar("T")
MOST_TOGETHER = 120


def dumped(case: object) -> str:
    """Return a case, or cases that were tried together, as JSON; a case that is no dataclass has none."""
    try:
        plain = [*map(asdict, case)] if isinstance(case, tuple) else asdict(case)  # type: ignore[call-overload]  # it may be anything
        return json.dumps(plain, allow_nan=False)
    except (TypeError, ValueError):
        return ""


def together(read: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    """Return a function that reads one case, or a list of those that break a promise only together."""

    def read_all(data: object) -> tuple[T, ...]:
        if isinstance(data, list) and not 0 < len(data) <= MOST_TOGETHER:
            raise ValueError(f"expected 1 to {MOST_TOGETHER} cases")
        return tuple(map(read, data)) if isinstance(data, list) else (read(data),)

    return read_all


def groups(cases: Sequence[T], size: int) -> Sequence[Sequence[T]]:
    """Return groups of so many cases, in their order."""
    return [cases[start : start + size] for start in range(0, len(cases), size)]


def reader(kind: type[T]) -> Callable[[Any], T]:
    """Return a function that makes a `kind`, a dataclass, of what `dumped` wrote of one.

    The function raises ValueError for what is none; `kind` itself raises it for values that it does not know.
    """

    def read(data: Any) -> T:  # noqa: ANN401 (it comes from a file)
        hints = get_type_hints(kind)
        if not isinstance(data, dict) or data.keys() != hints.keys():
            raise ValueError(f"expected an object with {', '.join(hints)}")
        return kind(**{name: _read(name, hint, data[name]) for name, hint in hints.items()})

    return read


def _read(name: str, hint: Any, value: object) -> object:  # noqa: ANN401 (an annotation may be anything)
    origin = get_origin(hint) or hint
    wanted = {tuple: list, Mapping: dict}.get(origin, origin)
    if wanted is not Any and not isinstance(value, wanted):
        raise ValueError(f"{name} is no {wanted.__name__}: {value!r:.60}")
    return tuple(value) if isinstance(value, list) and origin is tuple else value
