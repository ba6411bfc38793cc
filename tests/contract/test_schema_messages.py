"""How a value that breaks a schema is shown."""

from __future__ import annotations

import pytest

from conformance.contract.schemas import violations
from conformance.contract.schemas.messages import WIDTH, printable, shown
from conformance.contract.schemas.store import openapi_file


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": 2}, "an object with the keys b, a"),
        ({}, "an empty object"),
        ([1, 2], "an array of 2"),
        ("é\n", '"é\\n"'),
        ("x" * (WIDTH - 2), '"' + "x" * (WIDTH - 2) + '"'),
        ("x" * WIDTH, '"' + "x" * (WIDTH - 2) + "…"),
        ("x" * (WIDTH + 1), '"' + "x" * (WIDTH - 2) + "…"),
        ("\udc80", '"\\udc80"'),
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        (complex(1, 2), '"(1+2j)"'),
        ({"k" * WIDTH: 1}, "an object with the keys " + "k" * (WIDTH - 25) + "…"),
    ],
    ids=str,
)
def test_a_value_in_one_line(value: object, text: str) -> None:
    assert shown(value) == text
    assert len(shown(value)) <= WIDTH


def test_only_the_first_keys_are_looked_at() -> None:
    assert shown({str(n): n for n in range(10_000)}).endswith("…")
    assert printable("a\ud800b") == "a\\ud800b"


def test_a_type_is_told_with_its_alternatives() -> None:
    (wrong,) = [
        one for one in violations("deployment", "2026-07", {"description": 7}) if one.path == "$.description"
    ]
    assert wrong.message == "expected string or null; found 7"


def test_the_openapi_file_lies_beside_the_schemas() -> None:
    assert openapi_file("2026-07").parts[-2:] == ("2026-07", "openapi.yaml")
    assert openapi_file("2026-06").is_file()
    with pytest.raises(
        ValueError,
        match=r"^unknown revision: '2026-08'; allowed: .*2026-06, 2026-07; did you mean '2026-0[67]'\?$",
    ):
        openapi_file("2026-08")
