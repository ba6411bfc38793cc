"""Which cron expressions and zones are taken, and when they occur."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from conformance.reference import cron

START = datetime(2026, 6, 12, 8, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "expression",
    [
        "* * * * *",
        "*/5 0-23/2 1,15 JAN-MAR mon-fri",
        "59 23 31 12 7",
        "0 0 29 2 *",
        " 0\t0 1  1 0 ",
        "0 0 13 * 5",
        "*/59 * * * 5-7",
        "0 0 30 2 1",
    ],
)
def test_good_expressions(expression: str) -> None:
    cron.check_expression(expression)
    assert len(cron.upcoming(expression, "UTC", START)) == 5


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "not a cron",
        "* * * *",
        "0 * * * * *",
        "@daily",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * * 8",
        "*/0 * * * *",
        "*/60 * * * *",
        "5/15 * * * *",
        "5-1 * * * *",
        "* * * * FRI-MON",
        "1, * * * *",
        ",1 * * * *",
        "* * L * *",
        "* * 15W * *",
        "* * * * 1#2",
        "* * * * 5L",
        "? * * * *",
        "* * * MON *",
        "* * * * JAN",
        "-1 * * * *",
        "1-2-3 * * * *",
        "*/5/5 * * * *",
        "+5 * * * *",
        "1_0 * * * *",
        "\u0665 * * * *",
        "0 0 1 \u017fep *",
        "* * * * \u017fun",
        "*\n* * * *",
        "* * * *\u00a0*",
        "0 0 30 2 *",
        "0 0 31 4,6,9,11 *",
        "000 * * * *",
    ],
)
def test_bad_expressions(expression: str) -> None:
    with pytest.raises(ValueError, match=r"field|never|step|range"):
        cron.check_expression(expression)


@pytest.mark.parametrize("name", ["UTC", "Asia/Shanghai", "America/Argentina/Buenos_Aires", "Etc/GMT+8"])
def test_good_zones(name: str) -> None:
    cron.check_zone(name)
    assert cron.upcoming("* * * * *", name, START)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Olympus",
        "+08:00",
        "utc",
        "America",
        "../UTC",
        "/etc/localtime",
        "UTC\0",
        "localtime",
        "x" * 9999,
    ],
)
def test_bad_zones(name: str) -> None:
    with pytest.raises(ValueError, match="IANA"):
        cron.check_zone(name)


@pytest.mark.parametrize(
    ("expression", "zone", "expected"),
    [
        ("30 9 * * 1-5", "Asia/Shanghai", ["15T01:30", "16T01:30", "17T01:30", "18T01:30", "19T01:30"]),
        ("0 9 * * *", "Asia/Kolkata", ["13T03:30", "14T03:30", "15T03:30", "16T03:30", "17T03:30"]),
        ("*/20 * * * *", "UTC", ["12T09:00", "12T09:20", "12T09:40", "12T10:00", "12T10:20"]),
        ("59 8 * * *", "UTC", ["13T08:59", "14T08:59", "15T08:59", "16T08:59", "17T08:59"]),
        ("0 12 * * 7", "UTC", ["14T12:00", "21T12:00", "28T12:00"]),
    ],
)
def test_occurrences_are_strictly_later_and_in_the_zone(
    expression: str, zone: str, expected: list[str]
) -> None:
    found = [at.strftime("%dT%H:%M") for at in cron.upcoming(expression, zone, START)]
    assert found[: len(expected)] == expected


def test_occurrences_ascend_through_a_clock_change() -> None:
    before = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)  # 01:00 in New York for the second time
    found = cron.upcoming("45 1 * * *", "America/New_York", before)
    assert len(found) == 5
    assert list(found) == sorted(found)
    assert found[0] > before
