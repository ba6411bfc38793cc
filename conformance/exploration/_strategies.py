"""Hypothesis strategies for values that the documents allow, and for values that they do not."""

from __future__ import annotations

import unicodedata
import zoneinfo
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.contract.schedule import parse
from conformance.exploration import _violations as v
from conformance.exploration._parts import KEY_LIMIT, NAME_ROOM, RESERVED_KEY, VALUE_LIMIT, Part, canonical
from conformance.exploration._timetables import ZONES, Timetable
from conformance.stories.values import yearly

UNFIT_AT_ENDS = ("Z", "Cf")
"""Beginnings of Unicode categories that a server may trim: spaces, and what shows nothing."""
TRICKY = "\"'\\<&%${};,=#_*|~`^§ßİǅŉΣς\u0301\u0327\u200d\u202e\u00ad\ufffdé界あ한ى\u0e33\U0001d4b3🚀👩🏽𠜎🇨🇭"

characters = st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp")) | st.sampled_from(TRICKY)
"""Any assigned character that is neither a control character nor a line break: those are open."""


def tidy(text: str, most: int) -> str:
    """Return the beginning of a text without what servers may trim, at most `most` characters in any form."""
    short = text[:most]
    while len(unicodedata.normalize("NFC", short)) > most:
        short = short[:-1]
    start, end = 0, len(short)
    while start < end and unicodedata.category(short[start]).startswith(UNFIT_AT_ENDS):
        start += 1
    while start < end and unicodedata.category(short[end - 1]).startswith(UNFIT_AT_ENDS):
        end -= 1
    return short[start:end]


def texts(most: int) -> SearchStrategy[str]:
    """Return texts of 1 to `most` characters of any kind, half of them short."""
    short = st.text(characters, min_size=1, max_size=min(12, most))
    long = st.builds(lambda text, length: (text * length)[:length], short, st.integers(1, most))
    return (short | long).map(lambda text: tidy(text, most)).filter(bool)


def lines(most: int) -> SearchStrategy[str]:
    """Return texts of several lines."""
    return st.lists(texts(80), min_size=1, max_size=40).map("\n".join).map(lambda text: tidy(text, most))


def metadata() -> SearchStrategy[dict[str, str]]:
    """Return metadata of 1 to 16 keys, which stay different under every normalisation."""
    bags = st.dictionaries(texts(KEY_LIMIT), texts(VALUE_LIMIT), min_size=1, max_size=v.METADATA_LIMIT)
    return bags.filter(lambda bag: RESERVED_KEY not in bag and len({*map(canonical, bag)}) == len(bag))


def events() -> SearchStrategy[list[str]]:
    """Return the texts of 1 to 50 events."""
    few = st.lists(texts(60), min_size=1, max_size=5)
    return st.builds(
        lambda some, count: [f"{n} {some[n % len(some)]}" for n in range(count)],
        few,
        st.integers(1, v.EVENT_LIMIT),
    )


def parts() -> SearchStrategy[Part]:
    """Return one part of a body with a valid value."""
    fields: dict[str, SearchStrategy[Any]] = {
        "name": texts(NAME_ROOM),
        "description": texts(3_000) | lines(3_000).filter(bool),
        "metadata": metadata(),
        "initial_events": events(),
    }
    return st.one_of(*(st.builds(Part, st.just(name), values) for name, values in fields.items()))


# --- what must be refused --------------------------------------------------------------------------------

beyond = st.integers(1, 300)
words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=12)


def invalid_creations() -> SearchStrategy[v.Violation]:
    """Return violations of what the create page documents."""
    key, value = "create.metadata-key-of-65-is-400", "create.metadata-value-of-513-is-400"
    strange = st.integers(-1_000, 1_000) | st.booleans() | st.lists(st.integers(), max_size=2)
    return st.one_of(
        st.builds(v.long_name, st.just("create.name-of-257-is-400"), texts(4), beyond),
        st.just(v.Violation("create.empty-name-is-400", "an empty name", {"name": ""})),
        st.sampled_from(("name", "agent", "environment_id", "initial_events")).map(
            lambda name: v.Violation("create.missing-field-is-400", f"no {name}", without=name)
        ),
        st.just(v.many_events("create.no-events-is-400", 0)),
        st.builds(v.many_events, st.just("create.51-events-is-400"), st.integers(51, 90)),
        words.filter(lambda word: word != "message").map(_event_of_type),
        st.just(_event({"content": "no type"}, "create.event-without-type-is-400", "an event without type")),
        st.integers(51, 120).map(v.many_vaults),
        st.builds(v.many_keys, st.just("create.17-metadata-keys-are-400"), st.integers(17, 40)),
        beyond.map(lambda n: v.metadata(key, f"a metadata key of {64 + n}", "k" * (64 + n), "value")),
        beyond.map(lambda n: v.metadata(value, f"a metadata value of {512 + n}", "key", "v" * (512 + n))),
        strange.map(
            lambda x: v.metadata("create.metadata-values-are-text", f"the metadata value {x}", "key", x)
        ),
        invalid_schedules(),
        wrong_types(),
    )


def wrong_types() -> SearchStrategy[v.Violation]:
    """Return fields with a value of another JSON type; null and numbers that read as text are open."""
    values: SearchStrategy[object] = st.booleans() | st.lists(st.booleans(), min_size=1, max_size=2)
    return st.builds(
        lambda name, value: v.Violation("errors.wrong-type-is-400", f"{value} as {name}", {name: value}),
        st.sampled_from(("name", "environment_id")),  # a valid description may stand beside them
        values,
    )


def _event_of_type(kind: str) -> v.Violation:
    event = {"type": f"user.{kind}", "content": "unknown"}
    return _event(event, "create.unknown-event-type-is-400", f"an event of type user.{kind}")


def _event(event: object, requirement: str, what: str) -> v.Violation:
    return v.Violation(requirement, what, {"initial_events": [event]})


def invalid_schedules() -> SearchStrategy[v.Violation]:
    """Return schedules that the create page rules out; taken all the same, none would fire within months."""
    kinds = words.filter(lambda word: word != "cron")
    return st.one_of(
        kinds.map(lambda w: v.schedule("schedule.type-must-be-cron", f"a schedule of type {w}", type=w)),
        st.sampled_from(("type", "expression", "timezone")).map(
            lambda part: v.partial_schedule("schedule.missing-field-is-400", part)
        ),
        st.builds(
            v.schedule,
            st.just("schedule.invalid-cron-is-400"),
            st.just("a schedule of invalid cron"),
            expression=invalid_expressions(),
        ),
        st.integers(0, 59).map(
            lambda second: v.schedule(
                "schedule.six-fields-are-400",
                "a schedule of six fields",
                expression=f"{second} {yearly()['expression']}",
            )
        ),
        words.filter(lambda word: word.capitalize() not in _regions()).map(
            lambda word: v.schedule(
                "schedule.unknown-zone-is-400",
                "an unknown time zone",
                timezone=f"{word.capitalize()}/Nowhere",
            )
        ),
    )


def invalid_expressions() -> SearchStrategy[str]:
    """Return expressions with one field out of its range, or unreadable, or missing."""
    _, _, _, month, _ = yearly()["expression"].split()
    return st.one_of(
        st.integers(60, 99).map(lambda minute: f"{minute} 3 1 {month} *"),
        st.integers(24, 99).map(lambda hour: f"0 {hour} 1 {month} *"),
        st.integers(32, 99).map(lambda day: f"0 3 {day} {month} *"),
        st.integers(8, 99).map(lambda weekday: f"0 3 1 {month} {weekday}"),
        words.map(lambda word: f"0 3 1 {month} {word}"),
        st.just(f"0 3 1 {month}"),
        words.map(lambda word: f"{word} is no cron"),
    )


def invalid_updates() -> SearchStrategy[v.Violation]:
    """Return violations of what the update page documents, alone or beside a valid change."""
    outside = "update.events-outside-1-to-50-are-400"
    violations = st.one_of(
        st.builds(v.long_name, st.just("update.name-of-257-is-400"), texts(4), beyond),
        st.just(v.Violation("update.empty-name-is-400", "an empty name", {"name": ""})),
        st.builds(v.many_events, st.just(outside), st.just(0) | st.integers(51, 90)),
        words.map(
            lambda word: v.metadata(
                "update.17th-metadata-key-is-400", "a 17th metadata key", f"new {word}", "v"
            )
        ),
        invalid_expressions().map(
            lambda cron: v.schedule("update.invalid-cron-is-400", "invalid cron", expression=cron)
        ),
        st.sampled_from(("type", "expression", "timezone")).map(
            lambda part: v.partial_schedule("update.partial-schedule-is-400", part)
        ),
        beyond.map(
            lambda n: v.metadata(
                "update.metadata-beyond-limits-is-400",
                f"a metadata value of {512 + n}",
                "key 0",
                "v" * (512 + n),
            )
        ),
        words.filter(lambda word: word != "message").map(
            lambda word: v.Violation(
                "update.unknown-event-type-is-400",
                f"an event of type user.{word}",
                {"initial_events": [{"type": f"user.{word}", "content": "unknown"}]},
            )
        ),
        wrong_types(),
    )
    return st.builds(
        lambda one, beside: v.Violation(one.requirement, one.what, one.change, beside=beside),
        violations,
        st.booleans(),
    )


# --- schedules -------------------------------------------------------------------------------------------


def timetables(month: int) -> SearchStrategy[Timetable]:
    """Return schedules over the five-field grammar that run in one month only, in zones of every kind."""
    return st.builds(
        lambda minute, hour, day, weekday, zone: Timetable(f"{minute} {hour} {day} {month} {weekday}", zone),
        _cron_field(0, 59),
        _cron_field(0, 23),
        _cron_field(1, 31),
        _cron_field(0, 6) | st.sampled_from(("7", "5-7", "0,7", "MON-FRI", "sun", "Sat,Sun")),
        st.sampled_from(ZONES),
    ).filter(_comes)


def _comes(timetable: Timetable) -> bool:
    """Tell whether a schedule has a day that every month has, so that it comes every year."""
    cron = parse(timetable.expression)
    return min(cron.day.values) <= 28  # noqa: PLR2004 (the shortest month)


def _cron_field(low: int, high: int) -> SearchStrategy[str]:
    numbers = st.integers(low, high).map(str)
    bounds = st.tuples(st.integers(low, high), st.integers(low, high)).map(sorted)
    ranges = bounds.filter(lambda pair: pair[0] < pair[1]).map(lambda pair: f"{pair[0]}-{pair[1]}")
    star_steps = st.integers(1, high).map(lambda step: f"*/{step}")
    # Ranges of one value, and steps longer than their range: libraries differ on what they mean.
    range_steps = bounds.filter(lambda pair: pair[0] < pair[1]).flatmap(
        lambda pair: st.integers(1, pair[1] - pair[0]).map(lambda step: f"{pair[0]}-{pair[1]}/{step}")
    )
    lists = st.lists(numbers | ranges, min_size=2, max_size=3).map(",".join)
    return st.one_of(st.just("*"), numbers, ranges, star_steps, range_steps, lists)


@cache
def _regions() -> frozenset[str]:
    return frozenset(name.partition("/")[0] for name in zoneinfo.available_timezones())
