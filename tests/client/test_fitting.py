"""Long answers in a report: what matters may stand at their end."""

from __future__ import annotations

import json

import pytest

from conformance.client.fitting import LARGEST, fitted


def test_what_fits_stays_as_it_is() -> None:
    assert fitted('{"a" : 1.0}', 20) == '{"a" : 1.0}'


@pytest.mark.parametrize("length", [100, 1_000, 5_000])
def test_fields_behind_long_ones_are_shown(length: int) -> None:
    deployment = {
        "id": "dep_01a22e42b924700db443c9aaa361b233",
        "metadata": {f"{n:064}": "x" * length for n in range(16)},
        "resources": [{"type": "file", "path": "p" * length}] * 20,
        "status": "paused",
    }
    shown = json.loads(fitted(json.dumps(deployment), 2_000))
    assert (shown["id"], shown["status"]) == (deployment["id"], "paused")
    assert shown["metadata"]["0" * 64].endswith("x…" if length > 40 else "x")
    assert shown["resources"][-1].startswith("… ")
    assert shown["metadata"]["…"].endswith(" more")


def test_a_list_keeps_as_many_items_as_fit() -> None:
    runs = [
        {"id": f"drun_{n:032}", "scheduled_at": "2026-07-01T02:00:00Z", "error": "e" * 300}
        for n in range(100)
    ]
    shown = json.loads(fitted(json.dumps({"data": runs}), 2_000))["data"]
    assert shown[-1] == f"… {100 - len(shown) + 1} more"
    assert len(shown) > 8


def test_texts_are_cut_no_further_than_they_must() -> None:
    shown = json.loads(fitted(json.dumps({"a": "x" * 3_000, "b": "y" * 150}), 2_000))
    assert (len(shown["a"]), len(shown["b"])) == (201, 150)


@pytest.mark.parametrize(
    "body",
    [
        "x" * 3_000,
        '{"a": [' + "1, " * 3_000,
        "[" * 3_000,
        json.dumps(dict.fromkeys(map(str, range(999)), 7)),
        json.dumps(["x" * LARGEST]),
    ],
)
def test_what_cannot_be_made_to_fit_is_cut_at_its_end(body: str) -> None:
    shown = fitted(body, 2_000)
    assert len(shown) == 2_001
    assert shown.endswith("…")


def test_lone_surrogates_stay() -> None:
    assert "\ud800" in fitted(json.dumps({"a": "\ud800" + "x" * 3_000}), 2_000)
