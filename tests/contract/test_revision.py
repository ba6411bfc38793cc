"""Which edition a target follows: the whole table of the rules that Qoder's profile has."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import pytest

from conformance.contract.catalogue import REVISIONS
from conformance.contract.revision import detect
from conformance.vendors import Editions, load_profile

OLD, NEW = REVISIONS
QODER = load_profile("qoder").editions
NOTHING_SEEN = "deployments have no environment_variables and errors no request_id"
REQUEST_ID_ALONE = "errors have a request_id, but deployments have no environment_variables"


def found(*marks: str) -> tuple[str, str]:
    """Return what is detected on a target that shows these marks and no other."""
    return detect(QODER, lambda mark: mark in marks)


@pytest.mark.parametrize(
    ("marks", "edition", "reason"),
    [
        ((), OLD, NOTHING_SEEN),
        (("environment_variables",), NEW, "deployments have environment_variables"),
        (("environment_variables", "cas_config"), NEW, "deployments have environment_variables"),
        (("request_id",), OLD, REQUEST_ID_ALONE),
        (("request_id", "refuses_limit_101"), NEW, "errors have a request_id and limit=101 is refused"),
        (("request_id", "refuses_limit_101", "cas_config"), OLD, REQUEST_ID_ALONE),
        (("refuses_limit_101",), OLD, NOTHING_SEEN),
        (("cas_config",), OLD, NOTHING_SEEN),
    ],
)
def test_detection(marks: tuple[str, ...], edition: str, reason: str) -> None:
    assert found(*marks) == (edition, reason)


def test_one_mark_of_the_new_edition_beside_environment_variables_is_never_enough() -> None:
    others = ("request_id", "cas_config", "refuses_limit_101")
    for there in product((False, True), repeat=3):
        marks = [mark for mark, shown in zip(others, there, strict=True) if shown]
        request_id, cas_config, refuses = there
        new = request_id and refuses and not cas_config
        assert found(*marks)[0] == (NEW if new else OLD), marks
        assert found("environment_variables", *marks)[0] == NEW


@pytest.mark.parametrize(
    ("marks", "asked"),
    [
        ({"environment_variables": True}, ["environment_variables"]),
        ({"request_id": False}, ["environment_variables", "request_id"]),
        ({"request_id": True, "cas_config": True}, ["environment_variables", "request_id", "cas_config"]),
    ],
)
def test_a_mark_is_asked_for_once_and_only_where_it_decides(
    marks: Mapping[str, bool], asked: list[str]
) -> None:
    seen: list[str] = []

    def shows(mark: str) -> bool:
        seen.append(mark)
        return marks.get(mark, False)

    detect(QODER, shows)
    assert seen == asked


def test_a_vendor_with_one_edition_asks_nothing() -> None:
    only = Editions(("one",), {}, [])
    assert detect(only, lambda _: pytest.fail("nothing is to be asked")) == ("one", "it is the only one")
