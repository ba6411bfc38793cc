"""What searches send, at most: a case that comes from a file may be an edited one, and is held to the same.

Nothing in a body may fire soon, lead to somebody's agent, environment, vault or resource, or hide whose the
deployment is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

MOST_ITEMS: Final = 120
LARGEST_NUMBER: Final = 1_000
"""No number that chooses among variants is larger."""
RARELY: Final = re.compile(
    r"(?:[0-9]{1,2} ){3,4}[0-9]{1,2}(?: (?:\*|[0-9]{1,2}|[a-z]{4,12}))?|[a-z]{4,12} is no cron"
    r"|(?:\*/0|-[0-9]|[0-9],?) [0-9](?:-[0-9]{2})? [0-9] [0-9]{1,2} \*"
)
"""Expressions bound to one moment a year, though one field may be out of its range or not be there."""
NO_VAULT: Final = re.compile(r"vault_0{24}[0-9a-f]{8}")


def check_number(number: int) -> None:
    """Raise ValueError unless a number chooses among the variants of a case."""
    if not 0 <= number < LARGEST_NUMBER:
        raise ValueError(f"{number!r:.20} is not from 0 to {LARGEST_NUMBER - 1}")


def check_fields(fields: Mapping[str, object]) -> None:
    """Raise ValueError unless searches may send these fields; `$` begins what stands for the run's own."""
    for name, value in fields.items():
        if not _CHECKS.get(name, _refused)(value):
            raise ValueError(f"no search sends {name!r:.40} with {value!r:.60}")


def _refused(_: object) -> bool:
    return False


def _of_run(own: str) -> Callable[[object], bool]:
    """Return what tells whether a value is the run's own, also inside an object, or can name nothing."""
    return lambda value: (
        (value.get("id") if isinstance(value, dict) else value) == own or _names_nothing(value)
    )


def _names_nothing(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(part, int) for part in value)
    return isinstance(value, int)


def _few(value: object) -> bool:
    return not isinstance(value, list | dict) or len(value) <= MOST_ITEMS


def _references(value: object) -> bool:
    """Tell whether a list of ids names nothing that exists; a text is no list."""
    if not isinstance(value, list):
        return isinstance(value, str) or value == {}
    return _few(value) and all(isinstance(one, str) and NO_VAULT.fullmatch(one) for one in value)


def _rests(schedule: object) -> bool:
    """Tell whether no server that takes a schedule all the same would run it soon."""
    if not isinstance(schedule, dict):
        return schedule in (False, [], "daily") or (
            isinstance(schedule, str) and bool(RARELY.fullmatch(schedule))
        )
    if not schedule.keys() <= {"type", "expression", "timezone"}:
        return False
    expression = schedule.get("expression", "$expression")
    known = isinstance(expression, str) and RARELY.fullmatch(expression)
    return expression == "$expression" or not isinstance(expression, str) or bool(known)


_CHECKS: Final[Mapping[str, Callable[[object], bool]]] = {
    "name": _few,
    "description": _of_run("$description"),
    "agent": _of_run("$agent"),
    "environment_id": _of_run("$environment"),
    "schedule": _rests,
    "initial_events": _few,
    "resources": _references,
    "vault_ids": _references,
    "metadata": _few,
}


def in_month(expression: str, month: int) -> str:
    """Return an expression that is bound to one month, bound to another one."""
    fields = expression.split(" ")
    place = 4 if len(fields) > 5 else 3  # noqa: PLR2004 (before five fields there may be seconds)
    numbers = len(fields) > 3 and fields[place].isdecimal()  # noqa: PLR2004 (minute, hour, day, month)
    return " ".join([*fields[:place], str(month), *fields[place + 1 :]]) if numbers else expression
