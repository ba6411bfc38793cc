"""What is refused has no effect, and a body that cannot be read is refused, wherever it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from conformance.contract.judgement import broken, expect_errors, refused
from conformance.contract.verdict import NotApplicableError
from conformance.stories.creating import Refusals
from conformance.stories.creation import SameName
from conformance.stories.updates_refused import RefusedUpdates
from conformance.suite.pages import Newest, made_since
from conformance.suite.requirement import requirement
from conformance.target.exchange import Exchange

pytestmark = pytest.mark.usefixtures("creatable")

BAD_REQUEST = 400
CONDITIONAL = ("agent_without_type", "archived_agent", "archived_environment")
"""Stories that are not told in every revision or without an option."""


@requirement("errors.malformed-json-is-400")
def test_malformed_json_is_400(malformed_creations: Refusals, refused_updates: RefusedUpdates) -> None:
    update = refused_updates.answers["malformed JSON"]
    answers = {**malformed_creations.answers, "an update with malformed JSON": update}
    expect_errors(answers, BAD_REQUEST, kind="invalid_request_error")


@requirement("errors.wrong-type-is-400")
def test_a_wrong_type_is_400(
    incomplete_creations: Refusals, refused_updates: RefusedUpdates, refused_schedule_updates: RefusedUpdates
) -> None:
    answers = {
        **incomplete_creations.of("a list as name", "an event instead of a list"),
        "an update with a list as name": refused_updates.answers["a list as name"],
        "an update with text as schedule": refused_schedule_updates.answers["text as schedule"],
    }
    expect_errors(answers, BAD_REQUEST, kind="invalid_request_error")


@pytest.fixture
def refusals(
    request: pytest.FixtureRequest,
    *,
    beyond_the_limits: Refusals,
    incomplete_creations: Refusals,
    metadata_that_is_no_text: Refusals,
    malformed_creations: Refusals,
    same_name_twice: SameName,
    invalid_schedules: Refusals,
    open_references: Refusals,
) -> list[Refusals]:
    """Return what every story about refused creations saw."""
    found = [
        beyond_the_limits,
        incomplete_creations,
        metadata_that_is_no_text,
        malformed_creations,
        same_name_twice.second,
        invalid_schedules,
        open_references,
    ]
    for name in CONDITIONAL:
        try:
            found.append(request.getfixturevalue(name))
        except NotApplicableError:
            continue
    return found


@requirement("errors.refused-creates-nothing")
def test_a_refused_creation_makes_nothing(refusals: list[Refusals], newest: Newest) -> None:
    listed = made_since(newest())
    made = [found for story in refusals for found in _made_all_the_same(story, listed)]
    if made:
        got = "; ".join(
            f"{answer.label}: {answer.summary()}, listed as {made_id}" for answer, made_id in made
        )
        raise broken("no deployment after a refused creation", got, *(answer for answer, _ in made))


def _made_all_the_same(refusals: Refusals, listed: Mapping[str, str]) -> Iterator[tuple[Exchange, str]]:
    """Yield the refused creations that are listed, by their description, with the id they got."""
    for asked, answer in refusals.answers.items():
        description = str(refusals.descriptions[asked])
        if refused(answer) and description in listed:
            yield answer, listed[description]
