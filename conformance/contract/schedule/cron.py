"""Five-field cron expressions: parsing, with an error that says which field is wrong and what is allowed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from conformance.errors import ConformanceError

_ELEMENT = re.compile(
    r"(?:(?P<star>\*)|(?P<first>[0-9]{1,4}|[a-z]{3})(?:-(?P<last>[0-9]{1,4}|[a-z]{3}))?)(?:/(?P<step>[0-9]{1,4}))?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SUNDAY = 7
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class CronError(ConformanceError, ValueError):
    """An expression is no five-field cron; the message says what was given, which field, what is allowed."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an expression: its text and the values it admits (day-of-week: 0 to 6, 0 is Sunday)."""

    text: str
    values: frozenset[int]

    @property
    def open(self) -> bool:
        """A bare star: the field restricts nothing."""
        return self.text == "*"

    @property
    def starred(self) -> bool:
        """Begins with a star, as `*` and `*/2` do: Vixie cron and its heirs treat both alike."""
        return self.text.startswith("*")


@dataclass(frozen=True, slots=True)
class Cron:
    """A parsed five-field expression."""

    minute: Field
    hour: Field
    day: Field
    month: Field
    weekday: Field

    @property
    def fixed(self) -> bool:
        """Runs at fixed times of day, in the sense of Debian's cron: neither minute nor hour is starred."""
        return not (self.minute.starred or self.hour.starred)

    def __str__(self) -> str:
        return " ".join(f.text for f in (self.minute, self.hour, self.day, self.month, self.weekday))


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a field may hold: `low` to `high`, and `names` of which the first stands for `low`."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        names = f" or {self.names[0]}-{self.names[-1]}" if self.names else ""
        return f"{self.low}-{self.high}{names}, as *, a, a-b, */n or a-b/n, joined by commas"

    def number(self, text: str) -> int | None:
        if text in self.names:
            return self.low + self.names.index(text)
        return int(text) if text.isdecimal() and self.low <= int(text) <= self.high else None


_RULES = (
    _Rule("minute", 0, 59),
    _Rule("hour", 0, 23),
    _Rule("day-of-month", 1, 31),
    _Rule("month", 1, 12, _MONTHS),
    _Rule("day-of-week", 0, 7, _WEEKDAYS),
)


def parse(expression: str) -> Cron:
    """Read a five-field expression: minute, hour, day-of-month, month, day-of-week.

    Lists, ranges and steps are read as everywhere; 7 as Sunday and English names of three letters are common
    extensions and are read too. Refused with `CronError`: anything else, which includes macros (`@daily`),
    seconds, `L W # ?`, ranges that run backwards, a step on a single number, and digits beyond ASCII.
    """
    return _read(expression, open_ended=False, seven=True)


def readings(expression: str) -> tuple[Cron, ...]:
    """Return all that an expression may mean, the reading of `parse` first: dialects differ.

    7 in day-of-week is Sunday or, as no day has that number, nothing (N65). A step on a range of a single
    number, as in 5-5/2, takes that number alone or goes on to the end of the field, as cronsim and croniter
    read it. A reading in which a field admits nothing is left out. Raises `CronError` as `parse` does.
    """
    found = (
        _read(expression, open_ended=open_ended, seven=seven)
        for open_ended in (False, True)
        for seven in (True, False)
    )
    return tuple(dict.fromkeys(cron for cron in found if cron.weekday.values))


def _read(expression: str, *, open_ended: bool, seven: bool) -> Cron:
    texts = [text for text in re.split("[ \t]", expression) if text]
    if len(texts) != len(_RULES):
        names = ", ".join(rule.name for rule in _RULES)
        raise CronError(f"{expression!r} has {len(texts)} fields; a cron expression has 5: {names}")
    minute, hour, day, month, weekday = (
        _field(expression, rule, text, open_ended=open_ended)
        for rule, text in zip(_RULES, texts, strict=True)
    )
    days = frozenset(value % _SUNDAY for value in weekday.values if seven or value != _SUNDAY)
    return Cron(minute, hour, day, month, Field(weekday.text, days))


def _field(expression: str, rule: _Rule, text: str, *, open_ended: bool) -> Field:
    values: set[int] = set()
    for element in text.split(","):
        found = _element(rule, element.lower(), open_ended=open_ended)
        if not found:
            raise CronError(f"{expression!r}: {rule.name} {text!r} is not allowed: {rule.allowed}")
        values.update(found)
    return Field(text, frozenset(values))


def _element(rule: _Rule, element: str, *, open_ended: bool) -> range:
    """Return the values of one element of a list, none if it is not allowed."""
    match = _ELEMENT.fullmatch(element)
    if match is None:
        return range(0)
    step = int(match["step"] or 1)
    lonely_step = match["step"] is not None and match["last"] is None and not match["star"]
    if step == 0 or lonely_step:
        return range(0)
    if match["star"]:
        return range(rule.low, rule.high + 1, step)
    first, last = rule.number(match["first"]), rule.number(match["last"] or match["first"])
    if first is None or last is None:
        return range(0)
    if open_ended and first == last and match["step"]:
        last = rule.high
    return range(first, last + 1, step)
