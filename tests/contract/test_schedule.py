"""The schedule oracle against brute force, against another library, and against wrong listings."""

from __future__ import annotations

import zoneinfo
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.contract.schedule import (
    ALL_POLICIES,
    CronError,
    DayRule,
    Gap,
    Overlap,
    Policy,
    ZoneError,
    explain,
    find_zone,
    foreseeable,
    occurrences,
    parse,
)
from conformance.contract.schedule.zone import changes_oddly, find_zones

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DEBIAN = Policy(Gap.DEBIAN, Overlap.DEBIAN, DayRule.VIXIE)

# A zone, and the UTC day on which or near which its clocks change.
CHANGES = (
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 10, 3)),
    ("Australia/Lord_Howe", date(2026, 4, 4)),
    ("Asia/Beirut", date(2026, 3, 28)),
    ("Asia/Beirut", date(2026, 10, 24)),
    ("America/St_Johns", date(2010, 11, 7)),
    ("Antarctica/Troll", date(2026, 3, 29)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Asia/Kolkata", date(2026, 5, 31)),
    ("Asia/Kathmandu", date(2026, 12, 31)),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def listing(
    expression: str, zone: str, after: datetime, count: int = 5, policy: Policy = DEBIAN
) -> list[datetime]:
    return list(islice(occurrences(parse(expression), ZoneInfo(zone), after, policy), count))


def refusal(expression: str, zone: str, listed: list[datetime], clock: datetime) -> str | None:
    wrong = explain(expression, zone, listed, not_before=clock, not_after=clock)
    return f"expected {wrong.expected}, got {wrong.got}" if wrong else None


# The reference: every minute is looked at, and the values of each field come from the test, not the parser.


@dataclass(frozen=True)
class Spec:
    """A schedule as text and, apart from that, as the values meant."""

    texts: tuple[str, ...]
    values: tuple[frozenset[int], ...]

    def __str__(self) -> str:
        return " ".join(self.texts)

    @property
    def fixed(self) -> bool:
        return self.texts[0][0] != "*" and self.texts[1][0] != "*"

    def matches(self, wall: datetime, rule: DayRule) -> bool:
        minutes, hours, days, months, weekdays = self.values
        if wall.minute not in minutes or wall.hour not in hours or wall.month not in months:
            return False
        by_date, by_weekday = wall.day in days, wall.isoweekday() in weekdays
        day, weekday = self.texts[2], self.texts[4]
        both = {
            DayRule.OR: "*" in (day, weekday),
            DayRule.VIXIE: "*" in (day[0], weekday[0]),
            DayRule.AND: True,
        }[rule]
        return (by_date and by_weekday) if both else (by_date or by_weekday)


@lru_cache
def minutes_around(zone: str, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """Return each minute of some days as UTC and as the wall clock shows it."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - 2 * DAY
    instants = (start + n * MINUTE for n in range(5 * 24 * 60))
    return tuple((u, u.astimezone(ZoneInfo(zone)).replace(tzinfo=None)) for u in instants)


def brute_force(spec: Spec, zone: str, day: date, policy: Policy) -> list[datetime]:
    gap, overlap = policy.gap, policy.overlap
    if gap is Gap.DEBIAN:
        gap = Gap.NEXT if spec.fixed else Gap.SKIP
    if overlap is Overlap.DEBIAN:
        overlap = Overlap.FIRST if spec.fixed else Overlap.BOTH
    timeline = minutes_around(zone, day)
    to_come = Counter(wall for _, wall in timeline)
    passed: Counter[datetime] = Counter()
    found: set[datetime] = set()
    due = timeline[0][1]
    for utc, wall in timeline:
        for lag in range(max(0, (wall - due) // MINUTE) if gap is not Gap.SKIP else 0):
            if spec.matches(due + lag * MINUTE, policy.day_rule):
                found.add(utc if gap is Gap.NEXT else utc + lag * MINUTE)
        to_come[wall] -= 1
        dropped = (overlap is Overlap.FIRST and passed[wall]) or (overlap is Overlap.LAST and to_come[wall])
        passed[wall] += 1
        due = wall + MINUTE
        if not dropped and spec.matches(wall, policy.day_rule):
            found.add(utc)
    return sorted(found)


def numbers(low: int, high: int) -> st.SearchStrategy[tuple[str, frozenset[int]]]:
    """Draw the text of one field, and what it means."""
    values = st.integers(low, high)
    every = frozenset(range(low, high + 1))
    stepped = st.integers(1, high).map(lambda n: (f"*/{n}", frozenset(range(low, high + 1, n))))
    ranges = st.tuples(values, values, st.integers(1, 9)).map(lambda v: (min(v[:2]), max(v[:2]), v[2]))
    return st.one_of(
        st.just(("*", every)),
        stepped,
        st.lists(values, min_size=1, max_size=3).map(lambda v: (",".join(map(str, v)), frozenset(v))),
        ranges.map(lambda v: (f"{v[0]}-{v[1]}", frozenset(range(v[0], v[1] + 1)))),
        # cronsim reads 5-5/2 as 5-59/2
        ranges.filter(lambda v: v[0] < v[1]).map(
            lambda v: (f"{v[0]}-{v[1]}/{v[2]}", frozenset(range(v[0], v[1] + 1, v[2])))
        ),
    )


@st.composite
def specs(draw: st.DrawFn, last_day: int = 31) -> Spec:
    fields = [draw(numbers(*bounds)) for bounds in ((0, 59), (0, 23), (1, last_day), (1, 12), (0, 7))]
    if draw(st.booleans()):
        fields[2:4] = [("*", frozenset(range(1, 32))), ("*", frozenset(range(1, 13)))]
    values = [value for _, value in fields]
    values[4] = frozenset(7 if value == 0 else value for value in values[4])
    return Spec(tuple(text for text, _ in fields), tuple(values))


@settings(max_examples=150)
@given(specs(), st.sampled_from(CHANGES), st.sampled_from(ALL_POLICIES))
def test_every_policy_agrees_with_brute_force(spec: Spec, change: tuple[str, date], policy: Policy) -> None:
    timeline = minutes_around(*change)
    runs = occurrences(parse(str(spec)), ZoneInfo(change[0]), timeline[0][0] - MINUTE, policy)
    end = timeline[-1][0]
    found = []
    for run in runs:
        if run > end:
            break
        found.append(run)
    assert found == [run for run in brute_force(spec, *change, policy) if run <= end]


@pytest.mark.parametrize("policy", [*map(Policy, Gap, Overlap)], ids=str)
@pytest.mark.parametrize(("zone", "day"), CHANGES)
@pytest.mark.parametrize("text", ["30 0,2 * * *", "*/30 * * * *", "*/15 2 * * *", "45 1,23 * * *"])
def test_jobs_at_the_changing_hours_agree_with_brute_force(
    text: str, zone: str, day: date, policy: Policy
) -> None:
    minute, hour = text.split()[:2]
    spec = Spec(
        tuple(text.split()),
        (
            {"*": frozenset(range(0, 60, int(minute[2:] or 1)))}.get(minute[0]) or frozenset({int(minute)}),
            frozenset(range(24)) if hour == "*" else frozenset(map(int, hour.split(","))),
            *(frozenset(range(32)),) * 3,
        ),
    )
    expected = brute_force(spec, zone, day, policy)
    start = minutes_around(zone, day)[0][0] - MINUTE
    assert listing(text, zone, start, len(expected), policy) == expected


# Where midnight is skipped, cronsim runs `*/10 */8 * * 0` at one o'clock, which is no hour of it.
STEADY_OR_CRONSIM_IS_RIGHT = st.sampled_from(["America/New_York", "Europe/Berlin", "Asia/Kolkata", "UTC"])


@settings(max_examples=100)
@given(
    specs(last_day=28),
    STEADY_OR_CRONSIM_IS_RIGHT,
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 (aware by timezones)
)
def test_the_debian_policy_agrees_with_cronsim(spec: Spec, zone: str, after: datetime) -> None:
    local = after.astimezone(ZoneInfo(zone)).replace(fold=0)
    theirs: Iterator[datetime] = CronSim(str(spec), local)
    assert listing(str(spec), zone, local, 20) == [run.astimezone(UTC) for run in islice(theirs, 20)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("* * * * 7", {0}),
        ("* * * * 0,7", {0}),
        ("* * * * 5-7", {0, 5, 6}),
        ("* * * * 1-7/2", {0, 1, 3, 5}),
        ("* * * * */2", {0, 2, 4, 6}),
        ("* * * * SUN", {0}),
        ("* * * * mon-Fri", {1, 2, 3, 4, 5}),
        ("* * * * sat,sun", {0, 6}),
        ("\t*  * * * 3 ", {3}),
    ],
)
def test_weekdays_are_read(text: str, values: set[int]) -> None:
    assert parse(text).weekday.values == values


def test_lists_ranges_steps_and_month_names_are_read() -> None:
    cron = parse("1,50-52,*/20 8-18/5 31 JAN-mar/2,12 *")
    assert cron.minute.values == {0, 1, 20, 40, 50, 51, 52}
    assert cron.hour.values == {8, 13, 18}
    assert cron.day.values == {31}
    assert cron.month.values == {1, 3, 12}
    assert str(cron) == "1,50-52,*/20 8-18/5 31 JAN-mar/2,12 *"


@pytest.mark.parametrize(
    ("text", "field", "allowed"),
    [
        ("60 * * * *", "minute '60'", "0-59"),
        ("* 24 * * *", "hour '24'", "0-23"),
        ("* * 0 * *", "day-of-month '0'", "1-31"),
        ("* * * 13 *", "month '13'", "1-12 or jan-dec"),
        ("* * * * 8", "day-of-week '8'", "0-7 or sun-sat"),
        ("* * * sun *", "month 'sun'", "1-12"),
        ("5/15 * * * *", "minute '5/15'", "a-b/n"),
        ("9-5 * * * *", "minute '9-5'", "a-b"),
        ("*/0 * * * *", "minute '*/0'", "*/n"),
        ("+5 * * * *", "minute '+5'", "0-59"),
        ("1_0 * * * *", "minute '1_0'", "0-59"),
        ("\uff15 * * * *", "minute '\uff15'", "0-59"),
        ("\u0665 * * * *", "minute '\u0665'", "0-59"),
        ("* * * * \u017fun", "day-of-week '\u017fun'", "sun-sat"),
        ("1, * * * *", "minute '1,'", "commas"),
        ("* * L * *", "day-of-month 'L'", "1-31"),
        ("* * 1W * *", "day-of-month '1W'", "1-31"),
        ("* * ? * *", "day-of-month '?'", "1-31"),
        ("* * * * 1#2", "day-of-week '1#2'", "0-7"),
        ("@daily", "1 fields", "has 5"),
        ("", "0 fields", "has 5"),
        ("* * * *", "4 fields", "has 5"),
        ("0 0 9 * * *", "6 fields", "has 5"),
        ("0\n0 9 * * *", "minute '0\\n0'", "0-59"),
        (f"{'9' * 5000} * * * *", "minute '999", "0-59"),
    ],
)
def test_what_is_no_cron_is_refused_with_the_field_and_what_is_allowed(
    text: str, field: str, allowed: str
) -> None:
    with pytest.raises(CronError) as refused:
        parse(text)
    assert repr(text) in str(refused.value)
    assert field in str(refused.value)
    assert allowed in str(refused.value)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "Asia", "+08:00", "../UTC", "/etc/localtime", "U\0TC"])
def test_an_unknown_zone_is_refused_by_name(name: str) -> None:
    with pytest.raises(ZoneError) as refused:
        find_zone(name)
    assert repr(name) in str(refused.value)


# Days

DAY_RULES = {
    DayRule.OR: ["2026-02-02", "2026-02-09", "2026-02-13", "2026-02-16"],
    DayRule.VIXIE: ["2026-02-02", "2026-02-09", "2026-02-13", "2026-02-16"],
    DayRule.AND: ["2026-04-13", "2026-07-13", "2027-09-13", "2027-12-13"],
}
STAR_STEPS = {
    DayRule.OR: ["2026-02-01", "2026-02-02", "2026-02-03", "2026-02-05"],
    DayRule.VIXIE: ["2026-02-09", "2026-02-23", "2026-03-09", "2026-03-23"],
    DayRule.AND: ["2026-02-09", "2026-02-23", "2026-03-09", "2026-03-23"],
}


@pytest.mark.parametrize("rule", DayRule)
@pytest.mark.parametrize(("text", "days"), [("0 0 13 * 1", DAY_RULES), ("0 0 */2 * 1", STAR_STEPS)])
def test_day_of_month_and_day_of_week_combine_by_the_rule(
    text: str, days: dict[DayRule, list[str]], rule: DayRule
) -> None:
    expected = [at(day) for day in days[rule]]
    assert listing(text, "UTC", at("2026-01-31T12:00"), 4, Policy(day_rule=rule)) == expected
    assert refusal(text, "UTC", expected, at("2026-01-31T12:00")) is None


@pytest.mark.parametrize("text", ["0 0 * * 1", "0 0 13 * *"])
def test_a_bare_star_restricts_nothing_whatever_the_rule(text: str) -> None:
    lists = [listing(text, "UTC", at("2026-01-31"), 9, Policy(day_rule=rule)) for rule in DayRule]
    assert lists[0] == lists[1] == lists[2]


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("0 12 31 * *", "2026-01-31T12:00", ["2026-03-31T12:00", "2026-05-31T12:00", "2026-07-31T12:00"]),
        ("0 0 29 2 *", "2096-02-29", ["2104-02-29", "2108-02-29"]),
        ("0 0 29 2 1", "2072-02-29", ["2112-02-29", "2140-02-29"]),
        ("0 0 30 2 *", "2026-01-01", []),
        ("0 0 31 4,6 *", "2026-01-01", []),
    ],
)
def test_rare_and_impossible_dates(text: str, after: str, expected: list[str]) -> None:
    found = listing(text, "UTC", at(after), len(expected) or 1, Policy(day_rule=DayRule.AND))
    assert found == [at(day) for day in expected]


# What the documents leave open, in New York: clocks go forward on 8 March 2026 and back on 1 November

AROUND_GAP = ("2026-03-07T07:30", "2026-03-09T06:30", "2026-03-10T06:30")
AROUND_OVERLAP = ("2026-10-31T05:30", "2026-11-02T06:30")


@pytest.mark.parametrize(
    "during", [[], ["2026-03-08T07:00"], ["2026-03-08T07:30"]], ids=["skip", "next", "shift"]
)
def test_every_legal_reading_of_a_gap_is_explained(during: list[str]) -> None:
    listed = sorted(map(at, (*AROUND_GAP, *during)))
    assert refusal("30 2 * * *", "America/New_York", listed, at("2026-03-07T00:00")) is None


@pytest.mark.parametrize(
    "during", [["2026-03-08T06:30"], ["2026-03-08T08:00"], ["2026-03-08T07:00", "2026-03-08T07:30"]]
)
def test_other_readings_of_a_gap_are_refused(during: list[str]) -> None:
    listed = sorted(map(at, (*AROUND_GAP, *during)))
    assert refusal("30 2 * * *", "America/New_York", listed, at("2026-03-07T00:00"))


@pytest.mark.parametrize("during", [["05:30"], ["06:30"], ["05:30", "06:30"]], ids=["first", "last", "both"])
def test_every_legal_reading_of_an_overlap_is_explained(during: list[str]) -> None:
    listed = sorted(map(at, (*AROUND_OVERLAP, *(f"2026-11-01T{time}" for time in during))))
    assert refusal("30 1 * * *", "America/New_York", listed, at("2026-10-31T00:00")) is None


@pytest.mark.parametrize("during", [[], ["2026-11-01T04:30"], ["2026-11-01T07:30"]])
def test_other_readings_of_an_overlap_are_refused(during: list[str]) -> None:
    listed = sorted(map(at, (*AROUND_OVERLAP, *during)))
    assert refusal("30 1 * * *", "America/New_York", listed, at("2026-10-31T00:00"))


def test_one_listing_may_not_mix_policies() -> None:
    clock, skipped, put_off = at("2026-03-07T12:00"), at("2026-03-09T06:30"), at("2027-03-14T07:30")
    between = listing("30 2 * 3 *", "America/New_York", skipped - MINUTE, 36, Policy(Gap.SKIP))
    assert between[-1] == at("2027-03-13T07:30")
    assert refusal("30 2 * 3 *", "America/New_York", between, clock) is None
    assert refusal("30 2 * 3 *", "America/New_York", [*between, put_off], clock)


def test_away_from_clock_changes_policies_do_not_matter() -> None:
    lists = {
        tuple(listing("30 */3 * * 1-5", "America/New_York", at("2026-06-01"), 60, p)) for p in ALL_POLICIES
    }
    assert len(lists) == 1


# Listings

CLOCK = at("2026-11-23T10:00:20")  # a Monday
SHANGHAI = [at(f"2026-11-{day}T01:30") for day in (24, 25, 26, 27, 30)]
YEARLY = [at(f"{year}-12-31T19:00") for year in (2026, 2027, 2028, 2029, 2030)]
RIGHT = (
    ("30 9 * * 1-5", "Asia/Shanghai", SHANGHAI),
    ("*/5 * * * *", "America/New_York", [at(f"2026-11-23T10:{minute:02}") for minute in (5, 10, 15, 20, 25)]),
    ("0 3 1 1 *", "Asia/Shanghai", YEARLY),
    ("0 * * * *", "Asia/Kolkata", [at(f"2026-11-23T{hour}:30") for hour in (10, 11, 12, 13, 14)]),
    (
        "0 0 * * 0",
        "Asia/Kathmandu",
        [at(f"2026-{day}T18:15") for day in ("11-28", "12-05", "12-12", "12-19", "12-26")],
    ),
)
FAULTS: dict[str, Callable[[list[datetime]], list[datetime]]] = {
    "an hour late": lambda listed: [run + HOUR for run in listed],
    "an hour early": lambda listed: [run - HOUR for run in listed],
    "half an hour late": lambda listed: [run + 30 * MINUTE for run in listed],
    "a minute late": lambda listed: [run + MINUTE for run in listed],
    "a day late": lambda listed: [run + DAY for run in listed],
    "a second late": lambda listed: [run + timedelta(seconds=1) for run in listed],
    "a fraction late": lambda listed: [run + timedelta(microseconds=1) for run in listed],
    "the first missing": lambda listed: listed[1:],
    "one missing in the middle": lambda listed: [*listed[:2], *listed[3:]],
    "one doubled": lambda listed: [*listed[:2], *listed[1:]],
    "descending": lambda listed: listed[::-1],
    "two exchanged": lambda listed: [listed[0], listed[2], listed[1], *listed[3:]],
    "one too many": lambda listed: [*listed[:2], listed[1] + MINUTE, *listed[2:]],
    "one at the end of time": lambda listed: [
        *listed,
        datetime.max.replace(second=0, microsecond=0, tzinfo=UTC),
    ],
    "one in the past": lambda listed: [CLOCK.replace(second=0), *listed],
}


@pytest.mark.parametrize(("text", "zone", "listed"), RIGHT)
def test_a_right_listing_and_all_its_first_parts_are_explained(
    text: str, zone: str, listed: list[datetime]
) -> None:
    for length in range(len(listed) + 1):
        assert refusal(text, zone, listed[:length], CLOCK) is None


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("text", "zone", "listed"), RIGHT)
def test_a_wrong_listing_is_refused_under_all_policies(
    text: str, zone: str, listed: list[datetime], fault: str
) -> None:
    message = refusal(text, zone, FAULTS[fault](listed), CLOCK)
    assert message
    assert "expected" in message
    assert "got" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "zone", "mistaken_text", "mistaken_zone"),
    [
        ("30 9 * * 1-5", "Asia/Shanghai", "30 9 * * 1-5", "UTC"),
        ("0 * * * *", "Asia/Kolkata", "0 * * * *", "UTC"),
        ("0 3 1 1 *", "Asia/Shanghai", "0 3 1 1 *", "UTC"),
        ("30 9 * * 1-5", "Asia/Shanghai", "30 9 * * 2-6", "Asia/Shanghai"),
        ("30 9 * * 1-5", "Asia/Shanghai", "30 9 * * 0-4", "Asia/Shanghai"),
        ("0 0 * * 0", "Asia/Kathmandu", "0 0 * * 1", "Asia/Kathmandu"),
        ("0 0 * * 7", "Asia/Kathmandu", "0 0 * * 6", "Asia/Kathmandu"),
        ("0 9 13 * 5", "Europe/Berlin", "0 9 13 * *", "Europe/Berlin"),
        ("0 9 1 * *", "Europe/Berlin", "0 8 1 * *", "UTC"),
    ],
)
def test_a_listing_of_another_schedule_is_refused(
    text: str, zone: str, mistaken_text: str, mistaken_zone: str
) -> None:
    assert refusal(text, zone, listing(text, zone, CLOCK, 8), CLOCK) is None
    assert refusal(text, zone, listing(mistaken_text, mistaken_zone, CLOCK, 8), CLOCK)


def test_the_message_names_the_entry_that_was_due() -> None:
    listed = [*SHANGHAI[:2], *SHANGHAI[3:]]
    assert refusal("30 9 * * 1-5", "Asia/Shanghai", listed, CLOCK) == (
        "expected 2026-11-26T01:30:00Z (Thu 09:30 there) as entry 3 of '30 9 * * 1-5' in Asia/Shanghai, "
        "got 2026-11-27T01:30:00Z (Fri 09:30 there)"
    )


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ([SHANGHAI[0].replace(microsecond=1)], "expected whole minutes"),
        ([SHANGHAI[0], SHANGHAI[0]], "expected ascending, distinct entries"),
        ([SHANGHAI[1], SHANGHAI[0]], "expected ascending, distinct entries"),
        ([SHANGHAI[0] - DAY], "expected entries later than the clock"),
    ],
)
def test_the_message_says_what_is_wrong_before_any_schedule_is_read(
    listed: list[datetime], words: str
) -> None:
    assert (refusal("30 9 * * 1-5", "Asia/Shanghai", listed, CLOCK) or "").startswith(words)


def test_an_entry_at_the_very_clock_is_not_later() -> None:
    message = refusal("30 9 * * 1-5", "Asia/Shanghai", SHANGHAI, SHANGHAI[0])
    assert (message or "").startswith("expected entries later than the clock")


def test_the_message_is_that_of_the_nearest_policy() -> None:
    listed = [at(day) for day in ("2026-02-09", "2026-02-23", "2026-03-10")]
    assert "as entry 3 of" in (refusal("0 0 */2 * 1", "UTC", listed, at("2026-02-03T12:00")) or "")


def test_a_clock_in_the_first_pass_over_midnight_has_the_evening_yet_to_come_again() -> None:
    # In St. John's the clock went from 00:01 on 7 November 2010 back to 23:01 on the 6th.
    expected = [at("2010-11-07T03:00"), at("2010-11-08T03:00")]
    assert listing("30 23 * * *", "America/St_Johns", at("2010-11-07T02:30:30"), 2, Policy()) == expected


def test_a_schedule_that_never_runs_explains_only_an_empty_listing() -> None:
    assert refusal("0 0 30 2 *", "UTC", [], CLOCK) is None
    assert "expected no run" in (refusal("0 0 30 2 *", "UTC", [at("2027-02-28")], CLOCK) or "")


# The server's clock

FIVES = [at(f"2026-11-23T10:{minute:02}") for minute in (0, 5, 10, 15)]


def by_clock(listed: list[datetime], earliest: str, latest: str) -> str | None:
    day = "2026-11-23T"
    found = explain("*/5 * * * *", "UTC", listed, not_before=at(day + earliest), not_after=at(day + latest))
    return str(found) if found else None


@pytest.mark.parametrize(
    ("earliest", "latest", "legal_starts"),
    [
        ("09:59:58", "09:59:59.999", {0}),
        ("09:59:58", "10:00:01", {0, 1}),
        ("09:59:58", "10:00:00", {0, 1}),
        ("10:00:00", "10:00:01", {1}),
        ("10:00:30", "10:00:30", {1}),
        ("09:59:58", "10:05:01", {0, 1, 2}),
    ],
)
def test_only_a_run_within_the_clocks_bounds_may_be_listed_or_have_passed(
    earliest: str, latest: str, legal_starts: set[int]
) -> None:
    starts = {start for start in range(len(FIVES)) if by_clock(FIVES[start:], earliest, latest) is None}
    assert starts == legal_starts


def test_within_the_clocks_bounds_none_may_be_missing_after_the_first() -> None:
    assert by_clock([FIVES[0], FIVES[2]], "09:59:58", "10:00:01")
    assert by_clock([FIVES[0], FIVES[2]], "09:59:58", "10:05:01")


def test_bounds_in_the_wrong_order_and_naive_instants_are_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="later than not_after"):
        by_clock(FIVES, "10:00:01", "09:59:58")
    with pytest.raises(ValueError, match="without a zone"):
        by_clock([FIVES[0].replace(tzinfo=None)], "09:59:58", "10:00:01")


def test_instants_are_compared_whatever_zone_they_are_given_in() -> None:
    listed = [run.astimezone(ZoneInfo("Asia/Tokyo")) for run in SHANGHAI]
    assert refusal("30 9 * * 1-5", "Asia/Shanghai", listed, CLOCK) is None


@pytest.mark.parametrize("clock", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_a_clock_at_the_ends_of_the_calendar_has_no_runs(clock: datetime) -> None:
    assert listing("* * * * *", "Asia/Shanghai", clock) == []


# What nobody is accused of: other editions of the database, other dialects, odd changes of clocks


@pytest.fixture
def stale(tmp_path: Path) -> Iterator[Path]:
    """A folder that is the system's time zone database, until the test ends."""
    zoneinfo.reset_tzpath([tmp_path])
    forget_zones()
    yield tmp_path
    zoneinfo.reset_tzpath()
    forget_zones()


def forget_zones() -> None:
    find_zones.cache_clear()
    ZoneInfo.clear_cache()


def rewrite(folder: Path, name: str, like: str) -> None:
    """Let a zone of the system's database have the rules of another."""
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(files("tzdata").joinpath("zoneinfo", *like.split("/")).read_bytes())


def test_either_database_may_be_the_targets(stale: Path) -> None:
    rewrite(stale, "Africa/Casablanca", like="Europe/London")
    newer, older = find_zones("Africa/Casablanca")[::-1]
    assert newer != older
    for zone in (newer, older):
        runs = list(islice(occurrences(parse("0 9 * * *"), zone, at("2026-12-01"), Policy()), 5))
        assert refusal("0 9 * * *", "Africa/Casablanca", runs, at("2026-12-01")) is None


def test_nothing_is_judged_from_where_databases_disagree(stale: Path) -> None:
    rewrite(stale, "Europe/Berlin", like="Africa/Lagos")  # UTC+1 the whole year
    changed, clock = at("2027-03-28T07:00"), at("2027-03-24T12:00")
    right = [at(f"2027-03-{day}T08:00") for day in (25, 26, 27)]
    for third in (changed, changed + HOUR, changed - HOUR):
        assert refusal("0 9 * * *", "Europe/Berlin", [*right, third], clock) is None
    assert refusal("0 9 * * *", "Europe/Berlin", [right[0] + HOUR, *right[1:], changed], clock)


def test_databases_that_agree_to_the_byte_are_one(stale: Path) -> None:
    rewrite(stale, "Asia/Shanghai", like="Asia/Shanghai")
    assert len(find_zones("Asia/Shanghai")) == 1
    assert len(find_zones("Asia/Tokyo")) == 1


@pytest.mark.parametrize("name", ["../Asia/Tokyo", "/etc/passwd", "", "Mars/Olympus", "Asia", "a\0b"])
def test_a_name_that_leads_elsewhere_is_no_zone(name: str) -> None:
    with pytest.raises(ZoneError):
        find_zones(name)


def test_far_entries_are_foreseeable_in_utc_alone() -> None:
    assert foreseeable(YEARLY, "Asia/Shanghai", CLOCK) == YEARLY[:1]
    assert foreseeable(YEARLY, "UTC", CLOCK) == YEARLY
    assert foreseeable(YEARLY, "Etc/GMT-8", CLOCK) == YEARLY


def days(month: int, *numbers: int, time: str = "09:00") -> list[datetime]:
    return [at(f"2026-{month:02}-{day:02}T{time}") for day in numbers]


@pytest.mark.parametrize(
    ("expression", "clock", "listings"),
    [
        ("0 9 25-25/6 * *", "2026-11-23", [days(11, 25), [*days(11, 25), *days(12, 25)]]),
        ("0 9 25-25/6 * *", "2026-12-23", [days(12, 25, 31)]),
        ("0 9 * * 5-7", "2026-11-23", [days(11, 27, 28, 29), [*days(11, 27, 28), *days(12, 4, 5)]]),
        ("0 9 * * 0,7", "2026-11-23", [days(11, 29)]),
        ("0 9 * * 7", "2026-11-23", [days(11, 29), []]),
        ("0 9 * * 1-7/3", "2026-11-24", [days(11, 26, 29, 30), days(11, 26, 30)]),
        ("0 9 26 * 1-1/3", "2026-11-23T12:00", [days(11, 26, 30), days(11, 26, 29, 30), days(11, 26)]),
    ],
)  # fmt: skip
def test_every_dialect_is_explained(expression: str, clock: str, listings: list[list[datetime]]) -> None:
    for listed in listings:
        assert refusal(expression, "UTC", listed, at(clock)) is None


@pytest.mark.parametrize(
    ("expression", "listed"),
    [
        ("0 9 25-25/6 * *", days(11, 25, 28)),
        ("0 9 * * 5-7", days(11, 26, 27, 28)),
        ("0 9 * * 7", days(11, 28)),
        ("0 9 * * 1-7/3", days(11, 25, 28)),
    ],
)
def test_no_dialect_explains_everything(expression: str, listed: list[datetime]) -> None:
    assert refusal(expression, "UTC", listed, at("2026-11-24T12:00"))


CHATHAM = "Pacific/Chatham"  # its clocks go from 02:45 to 03:45 on 27 September 2026, 14:00 UTC on the 26th


@pytest.mark.parametrize(
    "during", [[], ["14:00"], ["14:15"], ["14:05"], ["14:05", "14:15"], ["13:35", "14:30"]]
)
def test_around_a_change_off_the_hour_nothing_is_judged(during: list[str]) -> None:
    before, after = at("2026-09-24T14:05"), at("2026-09-27T13:05")
    listed = [before, *(at(f"2026-09-26T{time}") for time in during), after]
    assert refusal("50 2,3 * * *", CHATHAM, listed, at("2026-09-24T14:00")) is None


def test_away_from_such_a_change_all_is_judged() -> None:
    clock, right = at("2026-06-01"), [at("2026-06-01T14:05"), at("2026-06-02T14:05")]
    assert refusal("50 2 * * *", CHATHAM, right, clock) is None
    assert refusal("50 2 * * *", CHATHAM, [right[0], right[1] + HOUR], clock)
    late = [at("2026-09-23T14:05"), at("2026-09-24T14:05"), at("2026-09-25T15:05")]
    assert refusal("50 2 * * *", CHATHAM, [late[0] + HOUR, *late[1:]], at("2026-09-23"))


@pytest.mark.parametrize(
    ("zone", "near", "odd"),
    [
        (CHATHAM, "2026-09-26T14:00", True),
        (CHATHAM, "2026-07-01", False),
        ("Australia/Lord_Howe", "2026-10-03T15:00", True),
        ("America/New_York", "2026-03-08T07:00", False),
        ("Antarctica/Troll", "2026-03-29T01:00", False),
        ("Pacific/Apia", "2011-12-30T10:00", False),
        ("Asia/Pyongyang", "2018-05-04T15:00", True),
        ("UTC", "2026-07-01", False),
        ("UTC", "9999-12-31", False),
    ],
)
def test_odd_changes_of_clocks(zone: str, near: str, odd: bool) -> None:
    assert changes_oddly(at(near), ZoneInfo(zone)) is odd
