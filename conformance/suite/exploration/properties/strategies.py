"""Hypothesis strategies for values that the documents allow, and for values that they do not."""

from __future__ import annotations

import unicodedata
import zoneinfo
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.contract import limits
from conformance.contract.schedule import parse
from conformance.suite.create import refusals as creations
from conformance.suite.exploration.properties import violations as v
from conformance.suite.exploration.properties.body_parts import NAME_ROOM, RESERVED_KEY, BodyPart, canonical
from conformance.suite.exploration.properties.timetables import ZONES, Timetable
from conformance.suite.schedule import refusals as schedules
from conformance.suite.shared.invalid_requests import InvalidRequest, Limit
from conformance.suite.shared.values import yearly
from conformance.suite.update import refusals as updates

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
    bags = st.dictionaries(
        texts(limits.METADATA_KEY), texts(limits.METADATA_VALUE), min_size=1, max_size=limits.METADATA_KEYS
    )
    return bags.filter(lambda bag: RESERVED_KEY not in bag and len({*map(canonical, bag)}) == len(bag))


def events() -> SearchStrategy[list[str]]:
    """Return the texts of 1 to 50 events."""
    few = st.lists(texts(60), min_size=1, max_size=5)
    return st.builds(
        lambda some, count: [f"{n} {some[n % len(some)]}" for n in range(count)],
        few,
        st.integers(1, limits.EVENTS),
    )


def parts() -> SearchStrategy[BodyPart]:
    """Return one part of a body with a valid value."""
    fields: dict[str, SearchStrategy[Any]] = {
        "name": texts(NAME_ROOM),
        "description": texts(3_000) | lines(3_000).filter(bool),
        "metadata": metadata(),
        "initial_events": events(),
    }
    return st.one_of(*(st.builds(BodyPart, st.just(name), values) for name, values in fields.items()))


# --- what must be refused --------------------------------------------------------------------------------

words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=12)


def beyond(limits: Sequence[Limit]) -> SearchStrategy[InvalidRequest]:
    """Return requests that exceed one of some limits, at most twofold."""
    return st.sampled_from(limits).flatmap(lambda limit: st.integers(1, limit.most).map(limit.beyond))


def like(row: InvalidRequest, asked: str, **change: object) -> InvalidRequest:
    """Return a request that breaks the same promise as a row does, in another way."""
    return replace(row, asked=asked, change=change)


def events_like(row: InvalidRequest) -> SearchStrategy[InvalidRequest]:
    """Return requests with one event whose type nobody knows."""
    kinds = words.filter(lambda word: word != "message").map(lambda word: f"user.{word}")
    return kinds.map(
        lambda kind: like(
            row, f"an event of type {kind}", initial_events=[{"type": kind, "content": "$content"}]
        )
    )


def invalid_creations() -> SearchStrategy[v.Violation]:
    """Return violations of what the create page documents."""
    strange = st.integers(-1_000, 1_000) | st.booleans() | st.lists(st.integers(), max_size=2)
    rows = st.one_of(
        beyond(creations.LIMITS),
        st.sampled_from((*creations.EMPTY, *creations.MISSING, creations.NO_TYPE)),
        events_like(creations.UNKNOWN_TYPE),
        strange.map(lambda x: like(creations.NOT_TEXT[0], f"the metadata value {x}", metadata={"key": x})),
        invalid_schedules(),
        wrong_types(),
    )
    return rows.map(v.violation)


def wrong_types() -> SearchStrategy[InvalidRequest]:
    """Return fields with a value of another JSON type; null and numbers that read as text are open."""
    values: SearchStrategy[object] = st.booleans() | st.lists(st.booleans(), min_size=1, max_size=2)
    return st.builds(
        lambda name, value: creations.wrong_type(f"{value} as {name}", {name: value}),
        st.sampled_from(("name", "environment_id")),  # a valid description may stand beside them
        values,
    )


def invalid_schedules() -> SearchStrategy[InvalidRequest]:
    """Return schedules that the create page rules out; taken all the same, none would fire within months."""

    def other(row: InvalidRequest, asked: str, **parts: str) -> InvalidRequest:
        return like(row, asked, schedule={**yearly(), **parts})

    kinds = words.filter(lambda word: word != "cron")
    regions = words.map(str.capitalize).filter(lambda word: word not in _regions())
    return st.one_of(
        kinds.map(lambda kind: other(schedules.OTHER_TYPE, f"a schedule of type {kind}", type=kind)),
        st.sampled_from(schedules.PARTIAL),
        invalid_expressions().map(
            lambda cron: other(schedules.NO_CRON[0], "a schedule of invalid cron", expression=cron)
        ),
        st.integers(0, 59).map(
            lambda second: other(
                schedules.SIX_FIELDS,
                "a schedule of six fields",
                expression=f"{second} {yearly()['expression']}",
            )
        ),
        regions.map(
            lambda region: other(schedules.NO_ZONE, "an unknown time zone", timezone=f"{region}/Nowhere")
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
    rows = st.one_of(
        beyond((*updates.LIMITS, *updates.IMPLIED_LIMITS)),
        st.sampled_from((updates.EMPTY_NAME, updates.NO_EVENT, *updates.PARTIAL)),
        words.map(lambda word: like(updates.ONE_KEY_MORE, "a 17th key", metadata={f"new {word}": "value"})),
        invalid_expressions().map(
            lambda cron: like(updates.NO_CRON, "invalid cron", schedule={**updates.WHOLE, "expression": cron})
        ),
        events_like(updates.UNKNOWN_TYPE),
        wrong_types(),
    )
    return st.builds(lambda row, beside: v.violation(row, beside=beside), rows, st.booleans())


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
