"""The exit code's rules and the counts they stand on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conformance.report import RunResult

Run = Callable[..., RunResult]

EXIT_CODES: list[tuple[str, dict[str, Any], int]] = [
    ("pass", {}, 0),
    ("pass observed", {}, 0),
    ("observed", {}, 0),
    ("pass not-applicable", {}, 0),
    ("pass warn", {}, 0),
    ("pass warn", {"strict": True}, 1),
    ("pass advisory", {"strict": True}, 0),
    ("pass fail", {}, 1),
    ("fail not-judged", {}, 1),
    ("warn not-judged", {}, 3),
    ("warn not-judged", {"strict": True}, 1),
    ("pass not-judged", {}, 3),
    ("not-judged", {}, 3),
    ("not-applicable", {}, 3),
    ("", {}, 3),
    ("pass", {"internal_error": "boom"}, 4),
    ("fail not-judged", {"internal_error": "boom"}, 1),
    ("pass", {"ended_by": "SIGINT"}, 3),
    ("pass", {"ended_by": "SIGTERM"}, 3),
    ("pass fail", {"ended_by": "SIGINT"}, 1),
    ("pass", {"ended_by": "--max-seconds 5"}, 0),
]


@pytest.mark.parametrize(("names", "facts", "code"), EXIT_CODES)
def test_the_exit_code_follows_the_plan(names: str, facts: dict[str, Any], code: int, run: Run) -> None:
    assert run(*names.split(), **facts).exit_code == code


def test_what_was_not_judged_and_what_does_not_apply_are_not_counted_as_judged(run: Run) -> None:
    result = run("pass", "fail", "warn", "advisory", "observed", "not-applicable", "not-judged")
    assert (result.judged_count(), result.broken_count()) == (5, 1)


def test_strict_makes_a_warning_broken_unless_it_is_advisory(run: Run) -> None:
    assert run("pass", "fail", "warn", "advisory", strict=True).broken_count() == 2
