"""What is made of a text is remembered, within a bound in bytes."""

from __future__ import annotations

import sys

from conformance.redaction.remembering import LONGEST, Remembered


class Counted:
    """Makes upper case of texts, and counts how often."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, text: str) -> str:
        self.made += 1
        return text.upper()


def test_a_text_is_made_once() -> None:
    make = Counted()
    remembered = Remembered(make)
    assert [remembered["a"], remembered["a"], remembered["b"]] == ["A", "A", "B"]
    assert make.made == 2


def test_a_long_text_is_not_remembered() -> None:
    make = Counted()
    remembered = Remembered(make)
    for _ in range(2):
        assert remembered["a" * (LONGEST + 1)] == "A" * (LONGEST + 1)
    assert (make.made, len(remembered)) == (2, 0)


def test_no_more_bytes_are_held_than_allowed() -> None:
    size = 2 * sys.getsizeof("text 0")
    remembered = Remembered(Counted(), most=3 * size)
    held = []
    for number in range(7):
        remembered[f"text {number}"]
        held.append(len(remembered))
    assert held == [1, 2, 3, 1, 2, 3, 1]
    assert "text 6" in remembered
