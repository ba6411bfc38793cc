"""What may answer in a situation, from the texts of a profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from conformance.contract.answers import OPEN, VendorAnswers
from conformance.contract.verdict import BrokenPromiseError, NotJudgedError, OpenSituationError
from conformance.vendors import load_profile
from tests.client.factory import exchange

SITUATION = "pause-when-paused"


def answers(*texts: str, situation: str = SITUATION) -> VendorAnswers:
    return VendorAnswers(replace(load_profile("qoder"), answers={situation: texts}))


def error(status: int, kind: str) -> Mapping[str, object]:
    return {
        "status": status,
        "label": "pause",
        "json": {"type": "error", "error": {"type": kind, "message": "no"}},
    }


TABLE = [
    (["409 conflict_error"], (409, "conflict_error"), True),
    (["409 conflict_error"], (409, "other_error"), False),
    (["409 conflict_error"], (400, "conflict_error"), False),
    (["409"], (409, "other_error"), True),
    (["4xx"], (404, "any_error"), True),
    (["4xx"], (500, "api_error"), False),
    (["200"], (200, ""), True),
    (["200"], (201, ""), False),
    (["2xx"], (201, ""), True),
    (["404 not_found_error", "400"], (404, "not_found_error"), True),
    (["404 not_found_error", "400"], (400, "x"), True),
    (["404 not_found_error", "400"], (409, "x"), False),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "got", "fits"), TABLE)
def test_each_form(texts: list[str], got: tuple[int, str], fits: bool) -> None:
    one = exchange(**error(*got))
    assert answers(*texts).allow(SITUATION, one) == fits
    if fits:
        answers(*texts).expect(SITUATION, {"a second pause": one})
    else:
        with pytest.raises(BrokenPromiseError) as broken:
            answers(*texts).expect(SITUATION, {"a second pause": one})
        assert broken.value.expected == f"{' or '.join(texts)} to a second pause"
        assert broken.value.culprits == (1,)


@pytest.mark.parametrize("texts", [["any"], []])
def test_what_is_open_is_observed_and_never_broken(texts: list[str]) -> None:
    open_ = answers(*texts) if texts else answers("409", situation="run-when-paused")
    for status in (200, 409, 500):
        one = exchange(**error(status, "some_error"))
        assert open_.allow(SITUATION, one)
        with pytest.raises(
            OpenSituationError, match=rf"leave the answer open: a second pause → {status} some_error"
        ):
            open_.expect(SITUATION, {"a second pause": one})
    assert open_.to(SITUATION, "pause.second-is-conflict") is OPEN


def test_what_cannot_be_judged_is_not() -> None:
    with pytest.raises(NotJudgedError):
        answers("200").expect(SITUATION, {"a second pause": exchange(**error(503, "overloaded_error"))})


def test_the_preferred_answer_comes_first_and_bears_the_promise() -> None:
    known = answers("409 conflict_error", "4xx", "200").to(SITUATION, "pause.second-is-conflict")
    assert [str(one) for one in known] == ["409 conflict_error", "4xx", "200"]
    assert {one.promise for one in known} == {"pause.second-is-conflict"}
    assert [one.shows for one in known] == [False, False, True]
