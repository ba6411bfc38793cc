"""RFC 3339 timestamps are read strictly, and another reader agrees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.contract.schemas import parse_timestamp

MOMENT = datetime(2026, 6, 14, 8, 53, 32, tzinfo=UTC)
LEGAL = {
    "2026-06-14T08:53:32Z": MOMENT,
    "2026-06-14t08:53:32z": MOMENT,
    "2026-06-14T08:53:32+00:00": MOMENT,
    "2026-06-14T08:53:32-00:00": MOMENT,
    "2026-06-14T16:53:32+08:00": MOMENT,
    "2026-06-14T03:23:32-05:30": MOMENT,
    "2026-06-14T08:53:32.5Z": MOMENT.replace(microsecond=500_000),
    "2026-06-14T08:53:32.61669Z": MOMENT.replace(microsecond=616_690),
    "2026-06-14T08:53:32.1234569999999Z": MOMENT.replace(microsecond=123_456),
    "2024-02-29T00:00:00Z": datetime(2024, 2, 29, tzinfo=UTC),
    "2016-12-31T23:59:60Z": datetime(2017, 1, 1, tzinfo=UTC),
    "2017-01-01T00:59:60+01:00": datetime(2017, 1, 1, tzinfo=UTC),
    "0001-01-01T00:00:00Z": datetime(1, 1, 1, tzinfo=UTC),
}
ILLEGAL = [
    "", "nonsense", "2026-06-14", "08:53:32Z", "2026-06-14T08:53:32", "2026-06-14 08:53:32Z",
    "20260614T085332Z", "2026-06-14T08:53Z", "2026-06-14T08:53:32.Z", "2026-06-14T08:53:32,5Z",
    "2026-06-14T08:53:32+0800", "2026-06-14T08:53:32+08", "2026-06-14T08:53:32+24:00",
    "2026-06-14T08:53:32+00:60", "2026-06-14T24:00:00Z", "2026-06-14T08:60:00Z", "2026-06-14T08:53:60Z",
    "2016-12-31T23:59:60+01:00", "2016-12-31T23:59:61Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
    "2026-W24-7T08:53:32Z", "2026-165T08:53:32Z", "\u0662\u0660\u0662\u0666-06-14T08:53:32Z",
    "2026-06-14T08:53:3\uff12Z", "2026-06-14T08:53:32Z\n", " 2026-06-14T08:53:32Z", "12026-06-14T08:53:32Z",
    "-2026-06-14T08:53:32Z", "2026-06-14T08:53:32 Z", "2026-06-14T08:53:32ZZ",
]  # fmt: skip


@pytest.mark.parametrize(("text", "instant"), LEGAL.items())
def test_a_legal_timestamp_is_read(text: str, instant: datetime) -> None:
    parsed = parse_timestamp(text)
    assert parsed == instant
    assert parsed is not None
    assert parsed.tzinfo is UTC


@pytest.mark.parametrize("text", ILLEGAL)
def test_what_is_no_timestamp_is_refused(text: str) -> None:
    assert parse_timestamp(text) is None


@pytest.mark.parametrize("value", [None, 1781427212, True, b"2026-06-14T08:53:32Z", ["2026-06-14T08:53:32Z"]])
def test_only_text_can_be_a_timestamp(value: object) -> None:
    assert parse_timestamp(value) is None


@pytest.mark.parametrize(
    "text", ["9999-12-31T23:59:60Z", "0001-01-01T00:00:00+01:00", "0000-01-01T00:00:00Z"]
)
def test_an_instant_that_cannot_be_represented_is_refused(text: str) -> None:
    assert parse_timestamp(text) is None


@pytest.mark.parametrize("text", [*LEGAL, *ILLEGAL])
def test_another_reader_of_rfc_3339_agrees(text: str) -> None:
    schema = {"type": "string", "format": "date-time"}
    another = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    assert another.is_valid(text) is (parse_timestamp(text) is not None)


OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=OFFSETS))  # noqa: DTZ001 (the strategy adds the zone)
def test_every_instant_is_read_back(instant: datetime) -> None:
    assert parse_timestamp(instant.isoformat()) == instant
