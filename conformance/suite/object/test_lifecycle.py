"""What holds over a deployment's whole life, whatever is done to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise

import pytest

from conformance.client.exchange import Exchange
from conformance.contract.comparing import field, instant, same, shorten
from conformance.contract.judgement import answered, broken, expect_unchanged, refused
from conformance.contract.schemas import timestamp_text
from conformance.contract.verdict import Blame, NotApplicableError, NotJudgedError
from conformance.suite.judging.requirement import requirement
from conformance.suite.object.whole_life import Lifecycle
from conformance.suite.schedule.firing import WatchedPause
from conformance.suite.transport.stories import Transport
from conformance.suite.update.refused import RefusedUpdates

PRECISION = timedelta(seconds=1)
"""Some routes may show fractions of a second and others whole ones."""


@requirement("object.identity-never-moves")
def test_the_identity_of_a_deployment_never_moves(lifecycle: Lifecycle) -> None:
    first, *others = shown(lifecycle)
    for path in ("id", "type", "created_at"):
        wanted = field(first.json, path)
        for exchange in others:
            got = field(exchange.json, path)
            if isinstance(exchange.json, dict) and not same(got, wanted):  # else others tell that
                expected = f"{path} to stay {shorten(wanted, 80)} in answer to {exchange.label}"
                raise broken(expected, got, first, exchange)


@requirement("object.updated-at-never-goes-back")
def test_updated_at_never_goes_back(lifecycle: Lifecycle, watched_pause_if_any: WatchedPause | None) -> None:
    expect_onwards(shown(lifecycle))
    if watched_pause_if_any:
        expect_onwards(while_watched(watched_pause_if_any))


def while_watched(story: WatchedPause) -> list[Exchange]:
    """Return what showed a deployment as it was made, changed, and a while after that, when no read lags."""
    reads = [[story.created.exchange], [story.fired[-1].deployment]]
    reads += [
        [acted.action, acted.reads[-1].deployment]
        for acted in (story.paused, story.unpaused)
        if acted and acted.reads
    ]
    return [exchange for pair in reads for exchange in pair if exchange.succeeded]


def expect_onwards(answers: Iterable[Exchange]) -> None:
    """Expect each of some answers to show the same `updated_at` as the one before it, or a later one."""
    instants = [(e, at) for e in answers if (at := instant(field(e.json, "updated_at")))]
    for (before, earlier), (after, later) in pairwise(instants):
        if earlier - later >= PRECISION:
            wanted = f"updated_at not before {timestamp_text(earlier)} in answer to {after.label}"
            raise broken(wanted, timestamp_text(later), before, after)


@pytest.fixture
def odd_updates(request: pytest.FixtureRequest) -> RefusedUpdates | None:
    """Return updates with bodies that nobody should send; None where they have no deployment of their own."""
    try:
        story: Transport = request.getfixturevalue("odd_transport")
    except NotApplicableError:
        return None
    return story.odd


@requirement("errors.refused-changes-nothing")
def test_a_refused_update_changes_nothing(
    refused_updates: RefusedUpdates,
    refused_schedule_updates: RefusedUpdates,
    odd_updates: RefusedUpdates | None,
) -> None:
    stories = [refused_updates, refused_schedule_updates, *([odd_updates] if odd_updates else [])]
    if not any(refused(answer) for story in stories for answer in story.answers.values()):
        raise NotJudgedError(Blame.PRECONDITION, "none of the bad updates was refused")
    for story in stories:
        for before, after in story.around:
            expect_unchanged(before, after)
    if later := refused_updates.later:
        # No refused update names created_at: that the accepted one moves it is another promise.
        own = ("metadata", "updated_at", "created_at")
        expect_unchanged(refused_updates.around[-1][1], later, but=own)


def shown(story: Lifecycle) -> list[Exchange]:
    """Return the answers that show the deployment; a step that is refused breaks other promises."""
    return [answered(exchange) for exchange in story.states if exchange.succeeded]
