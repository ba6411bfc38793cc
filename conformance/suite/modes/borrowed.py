"""Stories on the deployment that a user lends: they change only what can be put back as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from conformance.client.api import Api, Created
from conformance.client.exchange import Exchange
from conformance.contract import limits
from conformance.contract.comparing import field
from conformance.contract.mode import Mode
from conformance.contract.verdict import NotApplicableError
from conformance.suite.engine.registry import story
from conformance.suite.errors.unknown_ids import ByRoute
from conformance.suite.modes.existing_routes import read_unknown
from conformance.suite.object import whole_life as lives
from conformance.suite.pause import stories as pause
from conformance.suite.pause.stories import PauseBodies, PauseCycle, PauseManualOnly, PauseTwice
from conformance.suite.shared.ids import unknown_id
from conformance.suite.shared.values import yearly
from conformance.suite.unpause import stories as unpause
from conformance.suite.unpause.stories import UnpauseTwice
from conformance.suite.update.accepted import Rescheduling, Updates
from conformance.suite.update.changes import Change, change_to
from conformance.suite.update.refusals import (
    EMPTY_NAME,
    LIKELY_SCHEDULES,
    LONG_NAME,
    MALFORMED,
    PROMISED_SCHEDULES,
    wrong_type,
)
from conformance.suite.update.refused import RefusedUpdates, attempt

LENT = (Mode.LENT,)
OWN_KEYS = ("conformance-a", "conformance-b", "conformance-c", "conformance-d")
ADDED = " umbenannt 已改名"
E = TypeVar("E", PauseTwice, PauseCycle, UnpauseTwice)


@story(modes=LENT)
def pause_twice(api: Api) -> PauseTwice:
    """The lent deployment is paused, read, listed, and over a second later paused again."""
    return _if_pausable(api, pause.pause_twice, lambda evidence: evidence.first)


@story(modes=LENT)
def unpause_twice(api: Api) -> UnpauseTwice:
    """The lent deployment is paused, unpaused, and over a second later unpaused again."""
    return _if_pausable(api, unpause.unpause_twice, lambda evidence: evidence.paused)


@story(modes=LENT)
def pause_cycle(api: Api) -> PauseCycle:
    """The lent deployment is paused and unpaused three times."""
    return _if_pausable(api, pause.pause_cycle, lambda evidence: evidence.last_paused)


def _if_pausable(api: Api, story: Callable[[Api], E], shows: Callable[[E], Exchange]) -> E:
    """Tell a story; that one without a schedule can be paused is a weaker promise than the story judges."""
    evidence = story(api)
    document = shows(evidence).json
    if field(api.get(api.known.untouched).json, "schedule") is None and field(document, "status") != "paused":
        raise NotApplicableError("the target does not pause a manual-only deployment")
    return evidence


@story(modes=LENT, lent="scheduled")
def pause_bodies(api: Api) -> PauseBodies:
    """The lent deployment is paused with an empty object, with a field nobody knows, and with an array."""
    return pause.pause_bodies(api)


@story(modes=LENT, lent="manual-only")
def pause_manual_only(api: Api) -> PauseManualOnly:
    """The lent deployment, which has no schedule, is paused and unpaused."""
    return pause.pause_manual_only(api)


@story(modes=LENT, lent="scheduled")
def refused_schedule_updates(api: Api) -> RefusedUpdates:
    """The lent deployment gets updates with invalid crons and schedules that lack a part."""
    return attempt(api, api.obtain(schedule=yearly()), PROMISED_SCHEDULES, LIKELY_SCHEDULES)


@story(modes=LENT)
def refused_updates(api: Api) -> RefusedUpdates:
    """The lent deployment gets updates with a bad name: if one were accepted, it could be undone."""
    names = (replace(EMPTY_NAME, beside=False), LONG_NAME.beyond(), MALFORMED)
    number = (wrong_type("a number as name", {"name": 5}),)
    return attempt(api, api.obtain(schedule=yearly()), names, number)


@story(modes=LENT)
def lifecycle(api: Api) -> lives.Lifecycle:
    """The lent deployment is updated, paused, updated while paused, unpaused; read after each."""
    made = api.obtain(schedule=yearly())
    _need_description(made)
    return lives.live(api, made, {"description": lives.FIRST})


@story(modes=LENT)
def updates(api: Api) -> Updates:
    """The lent deployment is updated field by field and read after each update."""
    made = api.obtain(schedule=yearly())
    _need_description(made)
    keyed = _add_keys(api, made)
    before = api.get(made.id, label="read before the updates")
    api.wait_for_next_second()
    name = change_to(api, made.id, before, {"name": f"{made.name[: limits.NAME // 2]}{ADDED}"})
    description = change_to(api, made.id, name.after, {"description": "Geändert, 更新, 🚀"})
    last = description
    metadata = expression = timezone = None
    if keyed:
        changed, deleted, new, _ = OWN_KEYS
        patch = {"metadata": {changed: "geändert, 新", deleted: None, new: "set"}}
        api.wait_for_next_second()
        last = metadata = change_to(api, made.id, last.after, patch)
    if field(made.exchange.json, "schedule") is not None:
        expression, timezone = _change_schedule(api, made, last)
        last = timezone
    empty = change_to(api, made.id, last.after, {"metadata": {}})
    nothing = change_to(api, made.id, empty.after, {})
    return Updates(
        name,
        description,
        None,
        metadata,
        expression,
        timezone,
        empty,
        nothing,
        kept_key=OWN_KEYS[-1],
        rescheduled=expression,
    )


def _change_schedule(api: Api, made: Created, last: Change) -> tuple[Change, Change]:
    api.wait_for_next_second()
    expression = change_to(api, made.id, last.after, {"schedule": yearly(minute=30, hour=9)})
    other_zone = yearly(minute=30, hour=9, timezone="Asia/Kolkata")
    return expression, change_to(api, made.id, expression.after, {"schedule": other_zone})


def _add_keys(api: Api, made: Created) -> bool:
    """Give the lent deployment metadata keys of the suite's own, if it has room for them."""
    shown = field(made.exchange.json, "metadata")
    room = isinstance(shown, dict) and len(shown) + len(OWN_KEYS) <= limits.METADATA_KEYS
    if room:
        changed, deleted, _, kept = OWN_KEYS
        keys = {changed: "old", deleted: "old", kept: "kept"}
        answer = api.update(made.id, {"metadata": keys}, label="add metadata keys of the suite's own")
        return answer.succeeded
    return False


def _need_description(made: Created) -> None:
    """Raise NotApplicableError unless there is a description: no page promises that null can be put back."""
    if not isinstance(field(made.exchange.json, "description"), str):
        raise NotApplicableError("the lent deployment has no description that could be put back")


@story(modes=LENT)
def rescheduling(_: Api) -> Rescheduling:
    """The lent deployment gets no schedule that it did not have, nor another one while it is paused."""
    return Rescheduling()


@story(modes=LENT)
def unknown_deployment(api: Api) -> ByRoute:
    """Routes that read, update, pause and unpause are asked for a deployment that does not exist."""
    made_up = unknown_id(api)
    unknown = made_up.id
    what = "of an unknown deployment"
    changed = {
        "POST /deployments/{id}": api.update(unknown, {"description": "new"}, label=f"update {what}"),
        "POST /deployments/{id}/pause": api.pause(unknown, label=f"pause {what}"),
        "POST /deployments/{id}/unpause": api.unpause(unknown, label=f"unpause {what}"),
    }
    read = read_unknown(api, made_up)
    return replace(read, answers={**read.answers, **changed})
