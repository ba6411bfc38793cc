"""Ids that name nothing: of the form of one that exists, and never that one."""

from __future__ import annotations

import re

import pytest

from conformance.suite.shared.ids import unknown_like, unlike

SAMPLED = 200


@pytest.mark.parametrize(
    ("suffix", "form"),
    [
        ("01a21f482d657231a2659f8b9901d022", r"[0-9a-f]{32}"),
        ("507f1f77bcf86cd799439011", r"507f1f77[0-9a-f]{16}"),
        ("1b4e28ba-2fa1-41d2-883f-0016d3cca427", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"),
        ("01JG8Z5N3QXW7R2K4M6P8T0VYB", r"01JG8Z5N[0-9A-Z]{18}"),
        ("V1StGXR8_Z5jdHi6B-myT", r"V1StGXR[0-9]_[A-Z][0-9][a-z]{2}[A-Z][a-z][0-9][A-Z]-[a-z]{2}[A-Z]"),
        ("kX9mQ2vB7tLp", r"kX9m[0-9A-Za-z]{8}"),
        ("1234567", r"8[0-9]{17}"),
        ("0000001a", r"[0-9a-f]{32}"),
        ("00000000001a", r"[0-9a-f]{32}"),
        ("a3f9k2m1", r"[0-9a-f]{32}"),
        ("", r"[0-9a-f]{32}"),
    ],
)  # fmt: skip
def test_an_unknown_id_has_the_form_of_one_that_exists_unless_that_leaves_too_little_room(
    suffix: str, form: str
) -> None:
    made = [unlike(suffix) for _ in range(SAMPLED)]
    assert suffix not in made
    assert [one for one in made if not re.fullmatch(form, one)] == []


@pytest.mark.parametrize(
    ("suffix", "well_formed"),
    [
        ("01a21f482d657231a2659f8b9901d022", True),
        ("kX9mQ2vB7tLp", True),
        ("1785302400000000000", True),
        ("", False),
        ("1234567", False),
        ("00000000001a", False),
        ("a3f9k2m1", False),
    ],
)
def test_only_an_id_as_long_as_others_is_called_well_formed(suffix: str, *, well_formed: bool) -> None:
    assert unknown_like("dep_", suffix and f"dep_{suffix}").well_formed is well_formed


@pytest.mark.parametrize(
    ("shown", "form"),
    [
        ("depl_01a21f482d657231a2659f8b9901d022", r"depl_[0-9a-f]{32}"),
        ("1b4e28ba-2fa1-41d2-883f-0016d3cca427", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"),
        ("abcdefab-2fa1-41d2-883f-0016d3cca427", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"),
        ("sched:job:01JG8Z5N3QXW7R2K4M6P8T0VYB", r"sched:job:01JG8Z5N[0-9A-Z]{18}"),
        ("my-deployment-1785302400000000000", r"my-deployment-8[0-9]{18}"),
        ("1785302400000000000", r"8[0-9]{18}"),
    ],
)  # fmt: skip
def test_an_unknown_id_begins_as_others_do_on_the_target(shown: str, form: str) -> None:
    made = unknown_like("dep_", shown)
    assert re.fullmatch(form, made.id)
    assert made.well_formed


def test_the_version_of_hexadecimal_ids_is_kept() -> None:
    made = unlike("550e8400e29b41d4a716446655440000")
    assert (made[12], made[16]) == ("4", "a")
