"""Which revision a target follows: the whole table."""

from __future__ import annotations

from itertools import product

import pytest

from conformance.contract.revision import NEW, OLD, Marks, detect

SEEN = (None, False, True)
NOTHING_SEEN = "deployments have no environment_variables and errors no request_id"
REQUEST_ID_ALONE = "errors have a request_id, but deployments have no environment_variables"


@pytest.mark.parametrize(
    ("marks", "revision", "reason"),
    [
        (Marks(), OLD, NOTHING_SEEN),
        (Marks(environment_variables=True), NEW, "deployments have environment_variables"),
        (Marks(environment_variables=True, cas_config=True), NEW, "deployments have environment_variables"),
        (
            Marks(environment_variables=False, request_id=True),
            OLD,
            REQUEST_ID_ALONE,
        ),
        (
            Marks(request_id=True, refuses_limit_101=True),
            NEW,
            "errors have a request_id and limit=101 is refused",
        ),
        (Marks(request_id=True, refuses_limit_101=False), OLD, REQUEST_ID_ALONE),
        (
            Marks(request_id=True, refuses_limit_101=True, cas_config=True),
            OLD,
            REQUEST_ID_ALONE,
        ),
        (Marks(refuses_limit_101=True), OLD, NOTHING_SEEN),
        (Marks(cas_config=True), OLD, NOTHING_SEEN),
    ],
)
def test_detection(marks: Marks, revision: str, reason: str) -> None:
    assert detect(marks) == (revision, reason)


@pytest.mark.parametrize("variables", [None, False])
def test_one_mark_of_the_new_revision_beside_environment_variables_is_never_enough(
    variables: bool | None,
) -> None:
    for request_id, cas_config, refuses in product(SEEN, repeat=3):
        marks = Marks(variables, request_id, cas_config, refuses)
        new = bool(request_id and refuses and not cas_config)
        assert detect(marks)[0] == (NEW if new else OLD), marks


def test_environment_variables_decide_alone() -> None:
    for rest in product(SEEN, repeat=3):
        assert detect(Marks(True, *rest))[0] == NEW
