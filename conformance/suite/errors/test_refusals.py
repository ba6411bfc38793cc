"""What is refused has no effect, and a body that cannot be read is refused, wherever it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from conformance.client.answers import items
from conformance.client.exchange import Exchange
from conformance.contract.comparing import instant, shorten
from conformance.contract.judgement import broken, refused
from conformance.contract.verdict import NotApplicableError
from conformance.suite.create.accepted import SameName
from conformance.suite.create.refusals import CREATIONS
from conformance.suite.judging.list_answers import SLACK, Newest, made_since
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import refusals as row_judgements
from conformance.suite.shared.creating import Refusals
from conformance.suite.update.refusals import UPDATES

pytestmark = pytest.mark.usefixtures("creatable")

NAMELESS = "no name"
CONDITIONAL = ("agent_without_type", "archived_agent", "archived_environment")
"""Stories that are not told in every revision or without an option."""
globals().update(row_judgements("errors", CREATIONS, UPDATES))


@pytest.fixture
def refusals(
    request: pytest.FixtureRequest,
    *,
    beyond_the_limits: Refusals,
    incomplete_creations: Refusals,
    metadata_that_is_no_text_if_any: Refusals | None,
    malformed_creations: Refusals,
    same_name_twice: SameName,
    invalid_schedules: Refusals,
    open_references_if_any: Refusals | None,
) -> list[Refusals]:
    """Return what every story about refused creations saw."""
    found = [
        beyond_the_limits,
        incomplete_creations,
        malformed_creations,
        same_name_twice.second,
        invalid_schedules,
        *filter(None, (metadata_that_is_no_text_if_any, open_references_if_any)),
    ]
    for name in CONDITIONAL:
        try:
            found.append(request.getfixturevalue(name))
        except NotApplicableError:
            continue
    return found


@requirement("errors.refused-creates-nothing")
def test_a_refused_creation_makes_nothing(
    refusals: list[Refusals], same_name_twice: SameName, newest: Newest
) -> None:
    nothing, taken = (same_name_twice.nothing, same_name_twice.never), same_name_twice.taken
    if taken and all(one is None or refused(one) for one in nothing):
        wanted = "the name of a creation that was refused to be free"
        raise broken(wanted, f"{taken.label} answered {taken.summary()}", *filter(None, nothing), taken)
    pages = newest()
    listed = made_since([*pages, *(story.left for story in refusals if story.left)])
    made = [found for story in refusals for found in _made_all_the_same(story, listed)]
    nameless = [] if made else [found for story in refusals for found in _made_without_name(story, pages)]
    if made := made or nameless:
        got = "; ".join(
            f"{answer.label}: {answer.summary()}, listed as {made_id}" for answer, made_id in made
        )
        culprits = [answer for answer, _ in made]
        raise broken("no deployment after a refused creation", got, *culprits, at="name" if nameless else "")


def _made_without_name(refusals: Refusals, pages: tuple[Exchange, ...]) -> Iterator[tuple[Exchange, str]]:
    """Yield a refused creation without a name when a deployment is listed that has none and was made then.

    It cannot be found by its description: what takes no notice of the one may lose the other as well.
    """
    answer = refusals.answers.get(NAMELESS)
    at = answer.date if answer and refused(answer) else None
    for item in (item for page in pages for item in items(page)):
        made = instant(item.get("created_at"))
        bare = not item.get("name") and not item.get("description")
        if answer and at and made and bare and abs(made - at) <= SLACK:
            yield answer, f"{shorten(item.get('id'))}, which has no name"


def _made_all_the_same(refusals: Refusals, listed: Mapping[str, str]) -> Iterator[tuple[Exchange, str]]:
    """Yield the refused creations that are listed, by their description, with the id they got."""
    for asked, answer in refusals.answers.items():
        description = str(refusals.descriptions[asked])
        if refused(answer) and description in listed:
            yield answer, listed[description]
