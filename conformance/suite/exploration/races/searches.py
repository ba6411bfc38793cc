"""The races: what is sent at once, and how often."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations

from conformance.client.answers import created_id, items
from conformance.client.api import Api, Created
from conformance.client.exchange import Exchange
from conformance.contract.judgement import answered, expect_no_server_error
from conformance.contract.lifecycle import Operation, Verb
from conformance.contract.timeline import Timeline
from conformance.contract.verdict import Blame, BrokenPromiseError, Finding, NotJudgedError
from conformance.suite.exploration.allowance import check_room
from conformance.suite.exploration.binding import binds
from conformance.suite.exploration.kept_deployment import Kept, can_be_renamed, has_room
from conformance.suite.exploration.races.course import (
    ARCHIVE,
    PAUSE,
    UNPAUSE,
    Course,
    Operations,
    case_of,
    need_it_in_turn,
    story_of,
)
from conformance.suite.exploration.registry import CaseReader, Searched, search
from conformance.suite.shared.values import yearly

SPARE_ROUNDS = 3
FAILURE = "errors.no-server-error"


def _order_of(verbs: Sequence[str]) -> CaseReader:
    """Return a function that reads what `case_of` wrote: in which order operations were sent."""

    def read(data: object) -> Sequence[str]:
        order = data.get("operations") if isinstance(data, dict) else None
        if not isinstance(order, list) or sorted(map(str, order)) != sorted(verbs):
            raise ValueError(f"expected as operations, in any order: {', '.join(verbs)}")
        return tuple(order)

    return read


@search("race.pauses", reads=_order_of(["pause"] * 4))
def pauses(api: Api) -> Searched:
    """Four pauses of one active deployment."""
    return _race(api, lambda _: [PAUSE] * 4)


@search("race.pause-and-unpause", reads=_order_of(["pause", "unpause"]))
def pause_and_unpause(api: Api) -> Searched:
    """A pause and an unpause of one paused deployment."""
    return _race(api, lambda _: [PAUSE, UNPAUSE], paused=True)


@search("race.unpauses", reads=_order_of(["unpause", "unpause", "update"]))
def unpauses(api: Api) -> Searched:
    """Two unpauses of one paused deployment, and an update."""

    def operations(number: int) -> Sequence[Operation]:
        return UNPAUSE, UNPAUSE, _rewriting("unpaused", number)

    return _race(api, operations, paused=True)


@search("race.pause-and-archive", reads=_order_of(["pause", "unpause", "archive"]))
def pause_and_archive(api: Api) -> Searched:
    """A pause, an unpause and an archive of one active deployment."""
    return _race(api, lambda _: [PAUSE, UNPAUSE, ARCHIVE], final=True)


@search("race.pause-and-update", reads=_order_of(["pause", "update"]))
def pause_and_update(api: Api) -> Searched:
    """A pause and an update of one active deployment."""

    def operations(number: int) -> Sequence[Operation]:
        return PAUSE, _rewriting("paused", number)

    return _race(api, operations)


def _rewriting(meanwhile: str, number: int) -> Operation:
    """Return an update of all that a writer beside it may keep of the deployment that it has read."""
    changes = {
        "description": f"Changed while it was {meanwhile}, round {number}.",
        "metadata": {"changed": f"while {meanwhile}, round {number}"},
        "schedule": yearly(minute=number),
    }
    return Operation(Verb.UPDATE, changes)


@search("race.archives", reads=_order_of(["archive", "archive", "update"]))
def archives(api: Api) -> Searched:
    """Two archives of one active deployment, and an update."""

    def operations(_: int) -> Sequence[Operation]:
        return Operation(Verb.UPDATE, {"name": api.body()["name"]}), ARCHIVE, ARCHIVE

    return _race(api, operations, final=True)


@search("race.updates", reads=_order_of(["update"] * 3))
def updates(api: Api) -> Searched:
    """Three updates of one deployment: of its description, and of two metadata keys."""

    def operations(number: int) -> Sequence[Operation]:
        changes = (
            {"description": f"Changed beside another change, round {number}."},
            {"metadata": {"changed": f"in round {number}"}},
            {"metadata": {"another": f"in round {number}"}},
        )
        return [Operation(Verb.UPDATE, change) for change in changes]

    return _race(api, operations)


@search("race.creations", reads=_order_of(["create", "create"]))
def creations(api: Api) -> Searched:
    """Two creations with one idempotency key."""
    return _repeat(api, lambda number: _create_together(api, number), final=True)


def _repeat(api: Api, run: Callable[[int], Finding | None], *, final: bool) -> Searched:
    """Run a race until it breaks something, as often as the footprint says; a `final` one costs more.

    A round whose answers cannot be judged, such as one that the gateway throttled, says nothing: a few are
    run again. Raises NotJudgedError when every round was like that, and when the run itself may not go on.
    """
    accepted: dict[str, Finding] = {}
    spoiled: list[NotJudgedError] = []
    judged = 0
    reach = api.target.settings.reach
    most = reach.final_rounds if final else reach.rounds
    for number in range(most + SPARE_ROUNDS):
        if number - len(spoiled) >= most:
            break
        try:
            check_room(api)
            finding = run(number)
        except NotJudgedError as error:
            if error.blame is Blame.HARNESS:
                raise
            spoiled.append(error)
            continue
        judged += 1
        if finding and finding.requirement not in api.target.settings.open_promises:
            return Searched((finding, *accepted.values()), judged)
        if finding:
            accepted.setdefault(finding.requirement, finding)
    if not judged:
        raise spoiled[0]
    return Searched(tuple(accepted.values()), judged)


def _race(api: Api, operations: Operations, *, paused: bool = False, final: bool = False) -> Searched:
    fits = can_be_renamed if final else has_room
    course = Course(api, operations, paused=paused, fits=fits)
    try:
        searched = _repeat(api, course.run, final=final)
    finally:
        course.close()
    if any(finding.requirement not in api.target.settings.open_promises for finding in searched.findings):
        for order in {repr(order): order for order in permutations(operations(0))}.values():
            need_it_in_turn(api, order, fits, paused=paused)
    return searched


def _create_together(api: Api, number: int) -> Finding | None:
    body = api.body(schedule=yearly())
    answers = api.create_together(body, 2, headers={"idempotency-key": f"{api.target.run_id}-{number}"})
    made = {created_id(answered(exchange)) for exchange in answers} - {None}
    listed = api.list({"limit": 100}, label="look for what both made")
    made |= {str(item.get("id")) for item in items(listed) if item.get("description") == body["description"]}
    kept = [Kept(api, Created(one, str(body["name"]), answers[0])) for one in sorted(filter(None, made))]
    for one in kept:
        one.leave() if len(kept) == 1 else one.put_away()
    story, replay = story_of([*answers, listed], answers), case_of(["create", "create"])
    if len(made) <= 1:
        return _failure(answers, story, replay)
    got = f"{len(made)} deployments: {', '.join(sorted(filter(None, made)))}"
    return Finding(
        "idempotency.create-is-replayed", "one deployment of two creations with one key", got, story, replay
    )


def _failure(answers: Sequence[Exchange], story: Timeline, replay: str) -> Finding | None:
    """Return on which requests the server failed: what a key that is in use gets is open, but not that."""
    try:
        expect_no_server_error(answers)
    except BrokenPromiseError as error:
        return Finding(FAILURE, error.expected, error.got, story, replay) if binds(FAILURE) else None
    return None
