"""Property search over schedules, none of which fires within months."""

from __future__ import annotations

from conformance.contract.judgement import answered, expect_success
from conformance.exploration._timetables import Timetable, boundaries, expect_echo, expect_explained, replayed
from conformance.exploration.registry import Searched, search
from conformance.stories.values import far_month
from conformance.target.api import Api
from conformance.target.creations import created_id

BAD_REQUEST = 400


@search("property.schedules", reads=replayed)
def schedules(api: Api) -> Searched:
    """Schedules over the five-field grammar and zones of every kind are kept and list their own runs."""
    from conformance.exploration._explore import explore
    from conformance.exploration._strategies import timetables

    month = far_month()
    return explore(api, timetables(month), lambda one: _create_on(api, one), first=boundaries(month))


def _create_on(api: Api, timetable: Timetable) -> None:
    from conformance.exploration._explore import upholding

    body = api.body(schedule=timetable.sent())
    exchange = api.create(body, label=f"create on {timetable}", probe=timetable.refusable)
    if answered(exchange).status == BAD_REQUEST and timetable.refusable:
        return
    made = created_id(exchange)
    try:
        with upholding("schedule.is-echoed"):
            expect_success(exchange, 200, 201)
            if made:
                read = api.get(made, label=f"read it ({timetable})")
                expect_echo(read, timetable)
        with upholding("schedule.upcoming-runs-match"):
            if made:
                expect_explained(read, timetable)
    finally:
        if made:
            api.archive(made, label="archive it")
