"""Scheduled and archived deployments that are there, where none may be made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice, product, repeat
from typing import NamedTuple

from conformance.client.answers import items
from conformance.client.api import Api, Created
from conformance.client.calls.polling import poll
from conformance.client.exchange import Exchange
from conformance.contract.comparing import field, instant
from conformance.contract.schedule import (
    CronError,
    DayRule,
    Policy,
    ZoneError,
    find_zone,
    occurrences,
    parse,
    readings,
)
from conformance.contract.verdict import NotApplicableError
from conformance.suite.archive.stories import Archived, HiddenFromPaused, list_without
from conformance.suite.engine.registry import LITTLE, story
from conformance.suite.modes.existing import Item, list_there, repeated
from conformance.suite.schedule.accepted import Schedules
from conformance.suite.shared.creating import Stored
from conformance.suite.shared.list_pages import find_listed

LISTED = 5
MONTH = timedelta(days=31)
MOST_READ = 10
TURNS, TURN_SECONDS = 4, 1.5
"""How often, and after how many seconds, a listing is read again that begins with a run that has passed."""
NEAR = timedelta(seconds=3)
ARCHIVED = {"include_archived": "true"}


@story(modes=LITTLE)
def schedules(api: Api) -> Schedules:
    """Active scheduled deployments are read; dense ones have five runs in the month that begins now."""
    found = repeated(api, lambda: _schedules(api), lambda found: bool(found.seen.all) or not found.lent)
    if not found.seen.all:
        raise NotApplicableError("needs an active scheduled deployment; the account shows none")
    return found.seen


class _Found(NamedTuple):
    """What is active on a schedule, and whether the lent one has one: the run may have just paused that."""

    seen: Schedules
    lent: bool


def _schedules(api: Api) -> _Found:
    scheduled = [item for item in items(list_there(api)) if not item.get("archived_at") and _plan(item)]
    plans: dict[str, Item] = {}
    for item in scheduled:
        if item.get("status") == "active":
            plans.setdefault(_plan(item), item)
    dense: dict[str, Stored] = {}
    sparse: dict[str, Stored] = {}
    for plan, item in islice(plans.items(), MOST_READ):
        read = _read_fresh(api, str(item.get("id")))
        document = read.json if isinstance(read.json, dict) else {}
        if document.get("status") == "active" and not document.get("archived_at") and _plan(document):
            group = dense if _is_dense(document) else sparse
            group[plan] = Stored({"schedule": document["schedule"]}, read, read)
    lent = api.target.settings.deployment_id in {item.get("id") for item in scheduled}
    return _Found(Schedules(dense, sparse), lent)


def _plan(item: Item) -> str:
    """Return the expression and zone of a schedule, or an empty text when they cannot be read here."""
    expression, zone = field(item, "schedule.expression"), field(item, "schedule.timezone")
    try:
        parse(expression)
        find_zone(zone)
    except (CronError, ZoneError, TypeError, AttributeError):
        return ""
    return f"{expression} in {zone}"


def _is_dense(document: Item) -> bool:
    """Tell whether a schedule has five runs in the month that begins now, whatever it may mean."""
    now = datetime.now(UTC)
    zone, crons = (
        find_zone(field(document, "schedule.timezone")),
        readings(field(document, "schedule.expression")),
    )
    means = (occurrences(cron, zone, now, Policy(day_rule=rule)) for cron, rule in product(crons, DayRule))
    fifths = [next(islice(runs, LISTED - 1, None), None) for runs in means]
    return all(fifth is not None and fifth - now < MONTH for fifth in fifths)


def _read_fresh(api: Api, deployment_id: str) -> Exchange:
    """Read until the listed runs are still to come: a scheduler may write them a moment after one was due."""
    read = partial(api.get, deployment_id, label="read an active scheduled deployment")
    return poll(read, _is_fresh, repeat(TURN_SECONDS, TURNS - 1), api.target.stopped.wait)


def _is_fresh(read: Exchange) -> bool:
    listed = field(read.json, "schedule.upcoming_runs_at")
    first = instant(listed[0]) if isinstance(listed, list) and listed else None
    return first is None or first > (read.date or read.sent_at) + NEAR


@story(modes=LITTLE)
def archive_twice(api: Api) -> Archived:
    """A scheduled deployment that was archived before is read and listed."""
    there = _archived(api)
    first = api.get(there.id, label="read an archived deployment")
    return Archived(
        created=there,
        first=first,
        after_first=first,
        hiding={
            status or "any status": list_without(api, there.id, {"status": status} if status else {})
            for status in ("", "active")
        },
        listed=find_listed(api, {**ARCHIVED, "limit": api.largest_page}, there.id),
        after_second=api.get(there.id, label="read an archived deployment again"),
        runs=api.runs(there.id, label="list the runs of an archived deployment"),
    )


@story(modes=LITTLE)
def archive_paused(api: Api) -> HiddenFromPaused:
    """An archived deployment is looked for among the paused ones."""
    there = _archived(api)
    return HiddenFromPaused(there, list_without(api, there.id, {"status": "paused"}))


def _archived(api: Api) -> Created:
    """Return the newest archived scheduled deployment; raises NotApplicableError when there is none."""
    page = list_there(api, "list what is there, archived ones as well", **ARCHIVED)
    for item in items(page):
        scheduled = isinstance(item.get("schedule"), dict)
        if item.get("archived_at") and scheduled and isinstance(item.get("id"), str):
            return Created(str(item["id"]), str(item.get("name")), page)
    raise NotApplicableError("needs an archived scheduled deployment; the account shows none")
