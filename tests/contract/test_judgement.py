"""Judgements on written answers: what passes, what is broken and how it is said, what cannot be judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.contract.comparing import (
    MISSING,
    content_text,
    differences,
    field,
    instant,
    same,
    shorten,
    without,
)
from conformance.contract.judgement import (
    answered,
    broken,
    error_type,
    expect_error,
    expect_errors,
    expect_field,
    expect_object,
    expect_success,
    expect_unchanged,
    refused,
)
from conformance.contract.verdict import Blame, BrokenPromiseError, NotJudgedError


@dataclass(frozen=True)
class Failed:
    blame: Blame
    text: str


@dataclass(frozen=True)
class Written:
    """An answer as judgements see it."""

    status: int | None = 200
    json: Any = None
    number: int = 7
    label: str = "read"
    ambiguous: bool = False
    retries: tuple[str, ...] = ()
    failure: Failed | None = None
    precondition: str = ""

    def summary(self) -> str:
        return f"{self.status} {self.json}"


CONFLICT = {"type": "error", "error": {"type": "conflict_error", "message": "no"}}
FAILURE = Written(None, failure=Failed(Blame.NETWORK, "it is gone"))
UNJUDGEABLE = {
    "no answer": FAILURE, "429": Written(429), "503": Written(503),
    "502 to a request sent once": Written(502),
    "a conflict after a lost attempt": Written(409, CONFLICT, ambiguous=True),
    "a reason that lies before": Written(400, precondition="it cannot be read"),
}  # fmt: skip
Judgement = Callable[[Written], object]
JUDGEMENTS: dict[str, Judgement] = {
    "answered": answered,
    "success": expect_success,
    "object": expect_object,
    "field": lambda one: expect_field(one, "a", 1),
    "error": lambda one: expect_error(one, 404),
    "unchanged before": lambda one: expect_unchanged(one, Written(json={})),
    "unchanged after": lambda one: expect_unchanged(Written(json={}), one),
}


@pytest.mark.parametrize("judgement", JUDGEMENTS.values(), ids=JUDGEMENTS)
@pytest.mark.parametrize("one", UNJUDGEABLE.values(), ids=UNJUDGEABLE)
def test_what_cannot_be_judged_is_not_called_broken(judgement: Judgement, one: Written) -> None:
    with pytest.raises(NotJudgedError) as error:
        judgement(one)
    assert "read" in error.value.reason
    assert error.value.blame in (Blame.NETWORK, Blame.TARGET, Blame.PRECONDITION)


def test_a_failure_keeps_its_blame_and_words() -> None:
    with pytest.raises(NotJudgedError, match="read: it is gone") as error:
        answered(FAILURE)
    assert error.value.blame is Blame.NETWORK


def test_a_repeated_write_may_meet_the_conflict_that_the_promise_names() -> None:
    again = Written(409, CONFLICT, ambiguous=True)
    expect_error(again, 409, kind="conflict_error")
    with pytest.raises(NotJudgedError):
        expect_error(again, 404)


@pytest.mark.parametrize("one", [Written(200, {}), Written(500), Written(200, {}, ambiguous=True)])
def test_an_answer_is_judged(one: Written) -> None:
    assert answered(one) is one


def test_success() -> None:
    assert expect_success(Written(json={"a": 1})) == {"a": 1}
    assert expect_success(Written(201, {"a": 1}), 200, 201) == {"a": 1}


@pytest.mark.parametrize(
    ("one", "statuses", "expected", "got"),
    [
        (Written(201, {}), (), "200 to read", "201 {}"),
        (Written(409, CONFLICT), (200, 201), "200 or 201 to read", "409 "),
        (Written(200, []), (), "a JSON object in answer to read", "[]"),
        (Written(200, None), (), "a JSON object in answer to read", "null"),
    ],
)
def test_no_success(one: Written, statuses: tuple[int, ...], expected: str, got: str) -> None:
    with pytest.raises(BrokenPromiseError) as error:
        expect_success(one, *statuses)
    assert error.value.expected == expected
    assert error.value.got.startswith(got)
    assert error.value.culprits == (7,)
    assert str(error.value) == f"expected {error.value.expected}; got {error.value.got}"


@pytest.mark.parametrize(
    ("one", "statuses", "kind"),
    [
        (Written(409, CONFLICT), (409,), "conflict_error"),
        (Written(409, CONFLICT), (409,), None),
        (Written(404, "text"), (400, 404), "not_found_error"),
        (Written(409, {"error": "conflict"}), (409,), "conflict_error"),
    ],
)
def test_an_error_as_expected(one: Written, statuses: tuple[int, ...], kind: str | None) -> None:
    expect_error(one, *statuses, kind=kind)


@pytest.mark.parametrize(
    ("one", "statuses", "kind", "expected"),
    [
        (Written(200, {}), (409,), "conflict_error", "409 conflict_error to read"),
        (Written(409, CONFLICT), (409,), "invalid_request_error", "409 invalid_request_error to read"),
        (Written(500, CONFLICT), (400, 404), None, "400 or 404 to read"),
    ],
)
def test_another_error(one: Written, statuses: tuple[int, ...], kind: str | None, expected: str) -> None:
    with pytest.raises(BrokenPromiseError) as error:
        expect_error(one, *statuses, kind=kind)
    assert error.value.expected == expected


def test_of_several_errors_all_that_differ_are_told() -> None:
    answers = {
        "GET": Written(404, number=1), "PUT": Written(200, number=2), "POST": Written(500, number=3),
        "DELETE": Written(None, number=4, failure=Failed(Blame.TARGET, "it hung")),
    }  # fmt: skip
    with pytest.raises(BrokenPromiseError) as error:
        expect_errors(answers, 404)
    assert error.value.expected == "404 to each"
    assert error.value.got == "PUT → 200 None; POST → 500 None"
    assert error.value.culprits == (2, 3)


def test_one_answer_that_cannot_be_judged_leaves_the_rest_unjudged_when_nothing_is_broken() -> None:
    with pytest.raises(NotJudgedError):
        expect_errors({"GET": Written(404), "PUT": Written(429)}, 404)
    expect_errors({"GET": Written(404), "PUT": Written(404)}, 404)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (CONFLICT, "conflict_error"),
        ({"error": {"type": 5}}, None),
        ({"error": []}, None),
        ([], None),
        (None, None),
    ],
)
def test_error_type(document: object, kind: str | None) -> None:
    assert error_type(Written(json=document)) == kind


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a", {"b": None}),
        ("a.b", None),
        ("a.c", MISSING),
        ("x", MISSING),
        ("a.b.c", MISSING),
        ("l.0", MISSING),
    ],
)
def test_field(path: str, value: object) -> None:
    assert (
        field({"a": {"b": None}, "l": [1]}, path) is value
        or field({"a": {"b": None}, "l": [1]}, path) == value
    )
    assert field([], path) is MISSING


def test_a_field_as_expected_and_not() -> None:
    one = Written(json={"status": "active", "schedule": {"type": "cron"}})
    expect_field(one, "schedule.type", "cron")
    with pytest.raises(
        BrokenPromiseError, match="expected status to be paused in answer to read; got active"
    ):
        expect_field(one, "status", "paused")
    with pytest.raises(BrokenPromiseError, match=r"expected paused_reason to be \{\} .* got nothing"):
        expect_field(one, "paused_reason", {})
    expect_field(one, "paused_reason", None)  # as good as null


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, 1.0, True), (1, True, False), (0, False, False), (True, True, True), (None, False, False),
        ("a", "a", True), ("a", "b", False), ("1", 1, False), ([1, 2], [2, 1], False), ([1], [1, 1], False),
        ({"a": 1}, {"a": 1, "b": None}, False), ({"a": [True]}, {"a": [1]}, False), ({"a": {}}, {"a": {}}, True),
        ("2026-07-01T08:30:00Z", "2026-07-01T08:30:00.999Z", True),
        ("2026-07-01T08:30:00Z", "2026-07-01T10:30:00+02:00", True),
        ("2026-07-01T08:30:00Z", "2026-07-01T08:30:01Z", False),
        ("2026-07-01T08:30:00Z", "2026-07-01T08:30:00", True),
        ({"t": ["2026-07-01T08:30:00Z"]}, {"t": ["2026-07-01T08:30:00.5Z"]}, True),
    ],
)  # fmt: skip
def test_same(one: object, other: object, equal: bool) -> None:
    assert same(one, other) is equal
    assert same(other, one) is equal


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_every_value_is_the_same_as_itself(value: Any) -> None:  # noqa: ANN401 (JSON)
    assert same(value, value)
    if isinstance(value, dict):
        assert differences(value, value) == []


@given(st.dictionaries(st.text(max_size=3), json_values), st.dictionaries(st.text(max_size=3), json_values))
def test_there_is_a_difference_exactly_where_values_are_not_the_same(
    one: Mapping[str, Any], other: Mapping[str, Any]
) -> None:
    assert (differences(one, other) == []) is same(one, other)


@pytest.mark.parametrize("value", [None, 5, "", "yesterday", "2026-13-01T00:00:00Z", [], "Z"])
def test_what_is_no_instant(value: object) -> None:
    assert instant(value) is None


DEPLOYMENT = {
    "id": "dep_1", "status": "active", "updated_at": "2026-07-01T08:30:00Z", "metadata": {"team": "a"},
    "schedule": {"type": "cron", "upcoming_runs_at": ["2026-07-02T00:00:00Z"], "last_run_at": None},
}  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"not_documented": 5}, {"schedule": {**DEPLOYMENT["schedule"], "upcoming_runs_at": []}},  # type: ignore[dict-item]
        {"schedule": {**DEPLOYMENT["schedule"], "last_run_at": "2026-07-01T09:00:00Z"}},  # type: ignore[dict-item]
        {"metadata": {"team": "a", "cas_config": "x"}}, {"updated_at": "2026-07-01T08:30:00.123Z"},
    ],
)  # fmt: skip
def test_what_may_move_between_two_reads(changes: dict[str, Any]) -> None:
    expect_unchanged(Written(json=DEPLOYMENT), Written(json={**DEPLOYMENT, **changes}))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"status": "paused"}, "status: active → paused"),
        ({"updated_at": "2026-07-01T08:30:01Z"}, "updated_at: 2026-07-01T08:30:00Z → 2026-07-01T08:30:01Z"),
        ({"metadata": {}}, "metadata.team: a → nothing"),
        ({"metadata": None}, 'metadata: {"team": "a"} → null'),
        ({"name": "new"}, "name: nothing → new"),
        ({"schedule": None}, "schedule: "),
    ],
)
def test_what_may_not_move_between_two_reads(changes: dict[str, Any], line: str) -> None:
    before, after = (
        Written(json=DEPLOYMENT, number=1),
        Written(json={**DEPLOYMENT, **changes}, number=2, label="look"),
    )
    with pytest.raises(BrokenPromiseError) as error:
        expect_unchanged(before, after)
    assert line in error.value.got
    assert error.value.expected == "nothing to have changed (look)"
    assert error.value.culprits == (1, 2)
    expect_unchanged(before, after, but=changes)


def test_an_object_without_some_paths_is_a_copy() -> None:
    document = {"a": {"b": {"c": 1, "d": 2}}, "e": 3, "f": [1]}
    assert without(document, ["a.b.c", "e", "f.x", "g.h"]) == {"a": {"b": {"d": 2}}, "f": [1]}
    assert document == {"a": {"b": {"c": 1, "d": 2}}, "e": 3, "f": [1]}


@pytest.mark.parametrize(
    ("event", "text"),
    [
        ({"content": "a"}, "a"), ({"content": [{"text": "a"}, {"text": "b"}]}, "ab"), ({"content": []}, ""),
        ({"content": [{"text": 5}]}, None), ({"content": ["a"]}, None), ({"content": 5}, None), ({}, None), (None, None),
    ],
)  # fmt: skip
def test_the_text_of_an_event(event: object, text: str | None) -> None:
    assert content_text(event) == text


def test_long_and_many_lined_values_are_shortened() -> None:
    assert shorten("a\n b\t c") == "a b c"
    assert shorten("x" * 301) == "x" * 299 + "…"
    assert shorten("x" * 300) == "x" * 300
    assert [shorten(value) for value in (None, True, [1.5, "ä"], MISSING)] == [
        "null",
        "true",
        '[1.5, "ä"]',
        "nothing",
    ]
    assert shorten({"a": "b"}) == '{"a": "b"}'
    assert len(broken("x", ["y" * 9999]).got) == 300
    assert repr(MISSING) == "nothing"


@pytest.mark.parametrize(
    ("one", "expected"),
    [(Written(status), 400 <= status < 500) for status in (200, 302, 399, 400, 404, 409, 499, 500, 503)]
    + [(Written(429), False), (FAILURE, False), (Written(409, ambiguous=True), False)],
)
def test_what_was_refused_for_what_it_said(one: Written, expected: bool) -> None:
    assert refused(one) is expected


def test_a_large_value_is_read_no_further_than_it_is_shown() -> None:
    class Counted(dict[str, object]):
        read = 0

        def items(self) -> Any:  # noqa: ANN401 (as dict)
            for pair in super().items():
                Counted.read += 1
                yield pair

    shown = shorten(Counted({f"name {number}": "v" * 30 for number in range(100_000)}))
    assert len(shown) == 300
    assert Counted.read < 1_000


@pytest.mark.parametrize("text", ["x" * 7_000_000, " " * 7_000_000, "x " * 3_000_000, ["x" * 7_000_000]])
def test_long_values_are_shortened(text: object) -> None:
    assert len(shorten(text)) <= 300
    assert shorten(text).endswith("…")


def test_of_many_differences_some_are_named() -> None:
    lines = differences({}, {"n" * 5000 + str(number): "v" * 5000 for number in range(10_000)})
    assert len(lines) == 21
    assert lines[-1] == "and more"
    assert max(map(len, lines)) < 300
    assert differences({}, {str(number): 1 for number in range(20)})[-1] != "and more"
