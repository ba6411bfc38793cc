"""Property search over schedules, none of which fires within months."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from conformance.client.answers import created_id
from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.contract.judgement import answered, expect_success
from conformance.contract.verdict import BrokenPromiseError
from conformance.suite.exploration.cases import groups, together
from conformance.suite.exploration.driver import explore, upholding
from conformance.suite.exploration.kept_deployment import Kept, on_kept
from conformance.suite.exploration.properties.body_parts import refused_legally
from conformance.suite.exploration.properties.timetables import (
    Timetable,
    boundaries,
    expect_echo,
    expect_explained,
    replayed,
)
from conformance.suite.exploration.registry import Searched, search
from conformance.suite.shared.values import far_month

AT_ONCE = 8
"""After so many updates the deployment is read."""


@search("property.schedules", reads=together(replayed))
def schedules(api: Api) -> Searched:
    """Schedules over the five-field grammar and zones of every kind are kept and list their own runs."""
    from conformance.suite.exploration.properties.strategies import timetables

    month = far_month()

    def search_on(kept: Kept) -> Searched:
        return explore(
            api,
            lambda: timetables(month),
            lambda some: _update_to_each(api, kept, some),
            first=groups(boundaries(month), AT_ONCE),
            background=kept.background,
            grouped=partial(groups, size=AT_ONCE),
        )

    return on_kept(api, search_on)


def _update_to_each(api: Api, kept: Kept, timetables: Sequence[Timetable]) -> None:
    """Set one schedule after another; what an update shows wrongly is asked of a creation too."""
    kept.before()
    last = None
    for timetable in timetables:
        since = api.target.next_number()
        exchange = api.update(
            kept.id, timetable.sent(api), label=f"set {timetable}", probe=timetable.refusable
        )
        if refused_legally(answered(exchange), [timetable], bytes_may_count=False):
            continue
        if not _shows(exchange, timetable):
            read = kept.after(f"read it ({timetable})")
            if not _shows(read, timetable):
                _create_on(api, timetable, since)
                _expect_updated(exchange, read, timetable, since)
        last = timetable, exchange, since
    read = kept.after("read it afterwards")
    if last:
        timetable, exchange, since = last
        _expect_updated(exchange, read, timetable, since)


def _shows(exchange: Exchange, timetable: Timetable) -> bool:
    try:
        expect_echo(exchange, timetable)
        expect_explained(exchange, timetable)
    except BrokenPromiseError:
        return False
    return True


def _expect_updated(exchange: Exchange, read: Exchange, timetable: Timetable, since: int) -> None:
    """Expect an update to be accepted, and a read to show its schedule."""
    with upholding("update.is-stored", timetable, since):
        expect_success(exchange)
        expect_echo(read, timetable)
    with upholding("update.new-schedule-lists-new-runs", timetable, since):
        expect_explained(read, timetable)


def _create_on(api: Api, timetable: Timetable, since: int) -> None:
    """Expect a creation with a schedule to be accepted, and a read to show it."""
    refusable = timetable.refusable
    body = api.body(**timetable.sent(api))
    exchange = api.create(body, label=f"create on {timetable}", probe=refusable, valid=not refusable)
    if refused_legally(answered(exchange), [timetable], bytes_may_count=False):
        return
    made = created_id(exchange)
    try:
        with upholding("schedule.is-echoed", timetable, since):
            expect_success(exchange, 200, 201)
            if made:
                read = api.get(made, label=f"read it ({timetable})")
                expect_echo(read, timetable)
        with upholding("schedule.upcoming-runs-match", timetable, since):
            if made:
                expect_explained(read, timetable)
    finally:
        if made:
            api.archive(made, label="archive it")
