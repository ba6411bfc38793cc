"""The command that judges one requirement again takes over whatever decides how it is judged."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Any

import pytest

from conformance.config.options import OPTIONS, Option
from conformance.config.resolution import resolve
from conformance.config.settings import Settings
from conformance.contract.catalogue import load_catalogue
from conformance.contract.failure import SavedFailure
from conformance.contract.verdict import Finding
from conformance.run.rerun import NOT_REPEATED, OF_SEARCHES, again

CATALOGUE = load_catalogue()
RULE, SEARCH = CATALOGUE["pause.second-is-conflict"], CATALOGUE["race.pauses"]
TOKENS = {"MINE": "pt-mine-0000", "OTHER": "pt-other-0000", "CONFORMANCE_TOKEN": "pt-usual-0000"}
GIVEN: dict[str, Any] = {
    "base-url": "https://x.example/a b".replace(" ", "%20"), "profile": "qoder-cn", "revision": "2026-06",
    "token-env": "MINE", "second-token-env": "OTHER", "deployment-id": "dep_1", "footprint": "normal",
}  # fmt: skip
OF_A_KIND = {"flag": True, "integer": "3", "seconds": "7.5", "rate": "12.5", "text": "it's mine"}


def settings(folder: Any, *options: Option) -> Settings:  # noqa: ANN401 (a path)
    given = {o.attribute: GIVEN.get(o.name, OF_A_KIND.get(o.kind)) for o in options}
    target = {} if given.get("reference") else {"base_url": GIVEN["base-url"]}
    return resolve({**target, **given}, TOKENS, CATALOGUE, folder)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_option_is_taken_over_or_left_out_for_a_reason(option: Option, tmp_path: Any) -> None:  # noqa: ANN401 (a path)
    if option.name in NOT_REPEATED:
        assert len(NOT_REPEATED[option.name]) > 5
        return
    given = settings(tmp_path, option)
    words = shlex.split(again(given, SEARCH))
    assert f"--{option.name}" in words
    if option.kind != "flag":
        value = GIVEN.get(option.name, OF_A_KIND.get(option.kind))
        assert words[words.index(f"--{option.name}") + 1] == value
    assert (f"--{option.name}" in again(given, RULE)) is (option.name not in OF_SEARCHES)


def test_nothing_is_left_out_that_does_not_exist() -> None:
    assert {*NOT_REPEATED, *OF_SEARCHES} <= {option.name for option in OPTIONS}


def test_what_is_usual_is_not_said() -> None:
    assert again(Settings(), RULE) == f"conformance run --only {RULE.id}"
    rare = replace(RULE, tier="time")
    assert again(Settings(), rare) == f"conformance run --tier time --only {RULE.id}"


def test_one_of_several_processes_says_the_rate_of_all() -> None:
    assert "--rate 12.5 " in again(Settings(rate=12.5).shared(4), RULE)


def test_what_was_found_and_what_was_to_be_tried_is_tried_first() -> None:
    found = Finding(RULE.id, "a", "b", replay='{"x": 1}')
    tried = [SavedFailure(path, search, RULE.id, {}) for path, search in (
        ("out/failures/race.pauses-pause.second-is-conflict.json", SEARCH.id), ("my dir/x.json", SEARCH.id),
        ("other.json", "race.updates"),
    )]  # fmt: skip
    line = again(Settings(report_dir="out", replay=tuple(tried)), SEARCH, [found])
    assert [word for word in shlex.split(line) if word.endswith(".json")] == [
        "out/failures/race.pauses-pause.second-is-conflict.json", "my dir/x.json",
    ]  # fmt: skip
    assert "--replay" not in again(Settings(), SEARCH, [Finding(RULE.id, "a", "b")])
