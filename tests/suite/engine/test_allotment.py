"""What may be spent on stories told once more: each amount for itself."""

from __future__ import annotations

from conformance.suite.engine.allotment import Allotment


def test_what_is_used_up_in_one_amount_ends_it() -> None:
    used = [5.0, 0.0]
    left = Allotment((10.0, 2.0), lambda: tuple(used))
    with left.spending():
        used[0] += 6
    assert left.is_left()
    assert not left.is_left(0.5)
    with left.spending():
        used[1] += 2
    assert not left.is_left()
