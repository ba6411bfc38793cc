"""Lists, schedules and deployments as such, answered otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from conformance.client.exchange import Exchange
from tests.suite.history_stories import ACTIVE, NOW_PAUSED, acted, at, created, read
from tests.suite.judging import Accusing, Rows
from tests.suite.stories import NEWEST, OLDEST, item
from tests.suite.written import (
    CRASH,
    DEPLOYMENT,
    PAUSED,
    REFUSED,
    SCHEDULE,
    SILENT,
    Edit,
    answer,
    becoming,
    deployment,
    error,
    page,
    put,
    showing,
    with_facts,
)

MADE_LATER = "2026-07-01T02:00:04Z"
FULL: Final = [
    {**item(f"dep_of_others_{number}"), "created_at": f"2026-07-01T02:00:{59 - number // 2:02}Z"}
    for number in range(100)
]
"""As many as a page holds, all made just before it, the newest first."""
OLD: Final = [*FULL[:-1], {**FULL[-1], "created_at": "2026-06-01T00:00:00Z"}]


def listed_as(**shown: object) -> tuple[Exchange, ...]:
    """Return the life of a deployment that was paused, and a list that shows it otherwise."""
    told = {**DEPLOYMENT, **NOW_PAUSED, **shown}
    return created(), read(1, **ACTIVE), acted(2, "pause", **NOW_PAUSED), at(3, page(told), path="")


EMPTY = becoming(page())
NO_LIST = becoming(answer({"data": {}}))
BOTH = [item(NEWEST), item(OLDEST)]
HALVES = [
    {**item(OLDEST), "created_at": "2026-07-01T02:00:00.2Z"},
    {**item(NEWEST), "created_at": "2026-07-01T02:00:00.8Z"},
]
REVERSE = replace(showing("data", HALVES), words="the reverse, within a second")
SNAPSHOT = page(item(NEWEST), item("dep_second"), item("dep_third"))
THIRD_OF_THREE = Edit(
    "the third of three",
    lambda told: replace(told, cursor="dep_third", walk=replace(told.walk, snapshot=SNAPSHOT)),
)
ALONE = page(item(NEWEST))
ONE_ALONE = Edit(
    "one deployment",
    lambda told: replace(
        told,
        mixed={},
        walk=replace(told.walk, own=(NEWEST,), snapshot=ALONE, pages=(ALONE,), afterwards=ALONE),
    ),
)
NONE_MADE = Edit(
    "none made",
    lambda told: {what: replace(one, answer=error(400), read=None) for what, one in told.items()},
)
WITHOUT_RUNS = Edit(
    "no run to come",
    lambda old: page({**old.json["data"][0], "schedule": {**SCHEDULE, "upcoming_runs_at": []}}),
)
DENSE, SPARSE = "schedules.dense.often", "schedules.sparse.yearly"
CHANGE = "clock_changes_if_any.stored.skipped 02:30"
BESIDE_CHANGE = ["2027-03-13T07:30:00Z", "2027-03-14T07:00:00Z", "2027-03-15T06:30:00Z"]


BROKEN: Final[Accusing] = [
    ("list.before-id-walk", "after_id_walk.lost", put(("dep_1", "dep_2"), "two lost"), "dep_1, dep_2"),
    ("list.agent-filter", "agent_filter.further", put(("agent_2", page(item(NEWEST))), "another agent"), "agent_1"),
    ("list.envelope", "listings.by_limit.2", NO_LIST, "data"),
    ("list.envelope", "listings.default", CRASH, "500"),
    ("list.envelope", "after_id_walk.walk.pages.0", showing("has_more", None), "has_more"),
    ("list.newest-first", "listings.with_archived", showing("data", BOTH[::-1]), "before"),
    ("list.newest-first", "listings.by_limit.2", CRASH, "500"),
    ("list.newest-first", "listings.with_archived", REVERSE, "the reverse"),
    ("list.newest-first", "every_exchange", put((at(3, page(*BOTH[::-1]), path="?include_archived=true"),), "by the last change"), "before"),
    ("list.default-page", "listings.default", showing("data", BOTH * 11), "22"),
    ("list.default-page", "listings.default_with_archived", showing("data", BOTH * 11), "22"),
    ("list.limit-is-kept", "listings.by_limit.1", showing("data", BOTH), "2"),
    ("list.limit-is-kept", "listings.with_archived", showing("data", BOTH * 51), "102"),
    ("list.limit-is-kept", "after_id_walk.walk.pages.0", showing("data", BOTH), "2"),
    ("list.limit-below-one-is-400", "odd_listings.below_one.limit=0", EMPTY, "200"),
    ("list.limit-below-one-is-400", "odd_listings.below_one.limit=-1", CRASH, "500"),
    ("list.first-and-last-id", "listings.by_limit.2", showing("first_id", OLDEST), OLDEST),
    ("list.first-and-last-id", "listings.by_limit.2", showing("last_id", None), "null"),
    ("list.first-and-last-id", "odd_listings.unknown_agent", showing("last_id", OLDEST), OLDEST),
    ("list.next-page-goes-with-has-more", "listings.by_limit.1", showing("next_page", None), "null"),
    ("list.next-page-goes-with-has-more", "listings.by_limit.2", showing("next_page", OLDEST), OLDEST),
    ("list.next-page-is-last-id", "listings.by_limit.1", showing("next_page", "page_2"), "page_2"),
    ("list.after-id-walk", "after_id_walk.walk.pages.1", showing("data", [item(NEWEST)]), "again"),
    ("list.after-id-walk", "after_id_walk.walk.pages.1", EMPTY, f"without {OLDEST}"),
    ("list.after-id-walk", "after_id_walk.tail.beyond", showing("has_more", True), "true"),
    ("list.page-walk", "page_walk.walk.pages.1", EMPTY, f"without {OLDEST}"),
    ("list.page-walk", "page_walk.walk.pages.0", CRASH, "500"),
    ("list.before-id-walk", "after_id_walk.before", showing("data", BOTH), OLDEST),
    ("list.before-id-walk", "after_id_walk", THIRD_OF_THREE, "false"),
    ("list.before-id-walk", "after_id_walk.skipped", put("dep_1", "one skipped"), NEWEST),
    ("list.first-and-last-id", "status_filter_if_any.small.0.pages.0", showing("last_id", NEWEST), NEWEST),
    ("list.has-more-is-true", "agent_filter_if_any.overdrawn", put(((page(item(NEWEST), has_more=True), page()),), "none follows"), "true"),
    ("list.agent-filter", "agent_filter.moved.1", EMPTY, "not listed"),
    ("list.agent-filter", "archive_paused_if_any.of_another_agent", becoming(page(DEPLOYMENT)), "there"),
    ("list.created-at-range", "archive_paused_if_any.made_long_ago", becoming(page(DEPLOYMENT)), "there"),
    ("list.has-more-is-true", "after_id_walk.tail.none_left", showing("has_more", True), "true"),
    ("list.has-more-is-true", "after_id_walk.tail.one_left", showing("has_more", False), "false"),
    ("list.pages-are-full", "every_exchange.3", becoming(page(item(OLDEST), has_more=True)), "at most 1"),
    ("list.items-are-current", "pause_twice.listed_paused", becoming(page(DEPLOYMENT)), "status"),
    ("list.items-are-current", "every_exchange", put(listed_as(description="cut"), "a shorter description"), "cut"),
    ("list.items-are-current", "every_exchange", put(listed_as(schedule={**SCHEDULE, "timezone": "UTC"}), "another zone"), "timezone"),
    ("list.items-are-current", "after_id_walk_if_any.changed", put(deployment(id=NEWEST, description="new"), "changed"), "new"),
    ("list.first-and-last-id", "after_id_walk.before", showing("first_id", OLDEST), OLDEST),
    ("list.created-at-range", "created_range.lists.4", with_facts("only in UTC", exchange=page(), beside=(page(item(OLDEST)),)), "not listed"),
    ("list.items-are-current", "pause_twice.listed_paused", WITHOUT_RUNS, "upcoming_runs_at"),
    ("list.items-are-current", "pause_twice.later.1", showing("description", ""), "description"),
    ("list.two-cursors-are-400", "odd_listings.two_cursors", EMPTY, "200"),
    ("list.page-with-cursor-is-400", "page_walk.mixed.after_id", EMPTY, "200"),
    ("list.status-filter", "status_filter.active.page", showing("data", []), "not listed"),
    ("list.status-filter", "status_filter.active.page", put(page(*OLD, has_more=True), "a full page that goes far back"), "not listed"),
    ("list.status-filter", "status_filter.paused.page", becoming(page(item(NEWEST))), "not listed"),
    ("list.status-filter", "status_filter.further.page", becoming(page(item(NEWEST))), NEWEST),
    ("list.status-filter", "status_filter.combined.0.page", becoming(page(item(NEWEST), item(OLDEST))), NEWEST),
    ("list.status-filter", "status_filter.combined.0.page", REFUSED, "400"),
    ("list.status-filter", "status_filter.small.0.pages.0", EMPTY, "not listed"),
    ("list.status-filter", "status_filter.small.0.pages.0", becoming(page(*BOTH)), "there"),
    ("list.status-filter", "status_filter.small.0.pages.0", REFUSED, "400"),
    ("list.status-filter", "status_filter.small.1.pages.0", becoming(page(item(NEWEST))), "there"),
    ("list.agent-filter", "agent_filter.small.0.pages.0", EMPTY, "not listed"),
    ("list.agent-filter", "agent_filter.small.0.pages.0", becoming(page(item("dep_of_agent_2"), item(OLDEST))), "there"),
    ("archive.hides-from-list", "archive_twice.small_hiding.0.pages.0", becoming(page(DEPLOYMENT, item(OLDEST))), "there"),
    ("archive.is-listed-on-request", "archive_twice.small_listed.0.pages.0", becoming(page(item(OLDEST))), "not listed"),
    ("list.agent-filter", "agent_filter.lists.agent_1.1", EMPTY, "not listed"),
    ("list.agent-filter", "agent_filter.active.1", EMPTY, "not listed"),
    ("list.agent-filter", "agent_filter.active.1", becoming(page(item(NEWEST), {**item(OLDEST), "agent": {"id": "a"}})), OLDEST),
    ("list.agent-filter", "agent_filter.lists.agent_1.1", becoming(page(item(NEWEST), {**item(OLDEST), "agent": {"id": "a"}})), OLDEST),
    ("list.created-at-range", "created_range.lists.0.exchange", EMPTY, "not listed"),
    ("list.created-at-range", "created_range.lists.0.exchange", becoming(page(*BOTH)), OLDEST),
    ("list.created-at-range", "created_range.lists.1.exchange", becoming(page(*BOTH)), NEWEST),
    ("list.created-at-range", "created_range.lists.5.exchange", becoming(page(item(NEWEST))), NEWEST),
    ("list.created-at-range", "created_range.lists.0.exchange", REFUSED, "400"),
    ("schedule.is-echoed", f"{DENSE}.read", showing("schedule.timezone", "Asia/Tokyo"), "Asia/Tokyo"),
    ("schedule.is-echoed", f"{SPARSE}.answer", REFUSED, "400"),
    ("schedule.upcoming-runs-match", "unpause_twice_if_any.after_first", showing("schedule.upcoming_runs_at", ["2027-05-01T03:00:00Z"]), "03:00"),
    ("schedule.is-echoed", f"{SPARSE}.read", showing("schedule.expression", "0 3 1 5 1"), "0 3 1 5 1"),
    ("schedule.lists-one-to-five-runs", f"{DENSE}.read", showing("schedule.upcoming_runs_at", []), "0"),
    ("schedule.lists-five-runs", f"{DENSE}.read", showing("schedule.upcoming_runs_at", ["2026-07-01T03:00:00Z"]), "1"),
    ("list.empty-page", "archive_twice.runs", showing("first_id", "drun_1"), "drun_1"),
    ("list.empty-page", "archive_twice.runs", showing("next_page", "more"), "more"),
    ("list.created-at-range", "created_range.empty", becoming(page(item(NEWEST))), NEWEST),
    ("list.created-at-range", "created_range.empty", showing("last_id", "dep_1"), "dep_1"),
    ("list.created-at-range", "created_range.before", showing("first_id", "dep_1"), "dep_1"),
    ("list.agent-filter", "agent_filter.beginning.1", becoming(page(item(NEWEST))), NEWEST),
    ("schedule.upcoming-runs-match", f"{CHANGE}.read", showing("schedule.upcoming_runs_at", ["2027-03-13T08:30:00Z"]), "08:30"),
    ("schedule.upcoming-runs-match", f"{SPARSE}.answer", showing("schedule.upcoming_runs_at", ["2027-05-01T19:01:00Z"]), "19:01"),
    ("schedule.upcoming-runs-match", f"{SPARSE}.read", showing("schedule.upcoming_runs_at", "soon"), "soon"),
    ("schedule.upcoming-runs-match", f"{DENSE}.read", showing("schedule.upcoming_runs_at", ["2026-07-01T04:00:00Z"]), "04:00"),
    ("schedule.no-last-run-before-the-first", f"{SPARSE}.read", showing("schedule.last_run_at", "2026-05-01T19:00:00Z"), "2026-05"),
    ("object.matches-schema", "every_exchange.2", showing("status", "stopped"), "status"),
    ("object.matches-schema", "every_exchange.2", showing("created_at", "today"), "created_at"),
    ("object.has-sample-fields", "every_exchange.2", becoming(answer({"id": "dep_1"})), "description"),
    ("object.times-are-in-utc", "every_exchange.2", showing("updated_at", "2026-07-01T10:00:05+08:00"), "+08:00"),
    ("object.no-undocumented-fields", "every_exchange.2", showing("shard", 4), "shard"),
]  # fmt: skip

LEGAL: Final[Rows] = [
    ("list.created-at-range", "created_range.empty", put(None, "no bounds")),
    ("list.created-at-range", "created_range.before", REFUSED),
    ("list.created-at-range", "created_range.empty", REFUSED),
    ("list.agent-filter", "agent_filter.beginning.1", REFUSED),
    ("list.agent-filter", "archive_paused_if_any", put(None, "it is not told")),
    ("list.created-at-range", "archive_paused_if_any.made_long_ago", put(None, "not promised")),
    ("schedule.upcoming-runs-match", f"{CHANGE}.read", showing("schedule.upcoming_runs_at", BESIDE_CHANGE)),
    ("schedule.upcoming-runs-match", f"{CHANGE}.read", showing("schedule.upcoming_runs_at", BESIDE_CHANGE[::2])),
    ("schedule.upcoming-runs-match", f"{CHANGE}.read", becoming(answer("no", 400))),
    ("list.envelope", "odd_listings.unknown_agent", REFUSED),
    ("list.first-and-last-id", "odd_listings.unknown_agent", showing("last_id", "")),
    ("list.next-page-goes-with-has-more", "listings.by_limit.2", showing("next_page", "")),
    ("list.newest-first", "every_exchange", put((at(3, page(*BOTH[::-1]), path="?before_id=dep_1"),), "before an id")),
    ("list.newest-first", "every_exchange", put((replace(at(3, page(*BOTH[::-1]), path="?status=banana"), probe=True),), "by no status")),
    ("list.newest-first", "listings.with_archived", showing("data", [item(NEWEST), {**item(OLDEST), "created_at": "2026-07-01T02:00:00.9Z"}])),
    ("list.status-filter", "status_filter.further.page", becoming(page({**item("dep_foreign"), "status": "active"}))),
    ("list.agent-filter", "agent_filter.lists.agent_1.1", becoming(page(item("dep_foreign"), item(NEWEST)))),
    ("list.created-at-range", "created_range.lists.4.exchange", REFUSED),
    ("list.status-filter", "status_filter.small.1", with_facts("refused", pages=())),
    ("list.status-filter", "status_filter.small.1.pages.0", becoming(page(item("dep_other")))),
    ("list.items-are-current", "pause_twice.after_first", showing("schedule.upcoming_runs_at", [])),
    ("list.items-are-current", "every_exchange", put(listed_as(status="active"), "as it was before a pause")),
    ("list.items-are-current", "every_exchange", put(listed_as(updated_at=MADE_LATER), "changed a second later")),
    ("list.before-id-walk", "after_id_walk.before", EMPTY),
    ("list.status-filter", "status_filter.small.0", with_facts("too far", pages=(page(item("dep_other")),), ended=False)),
    ("list.status-filter", "status_filter.small.0", with_facts("shifted", pages=(page(),), shifted=True)),
    ("archive.is-listed-on-request", "archive_twice.small_listed.0", with_facts("too far", pages=(page(DEPLOYMENT),), ended=False)),
    ("schedule.is-echoed", f"{DENSE}.answer", REFUSED),
    ("schedule.is-echoed", f"{DENSE}.answer", becoming(error(422, "validation_error"))),
    ("schedule.no-last-run-before-the-first", f"{SPARSE}.read", showing("schedule.last_run_at", None)),
    ("object.times-are-in-utc", "every_exchange.2", showing("updated_at", "2026-07-01T02:00:05.25+00:00")),
    ("object.matches-schema", "every_exchange.2", showing("shard", 4)),
    ("object.no-undocumented-fields", "every_exchange.2", showing("metadata", {"shard": "4"})),
]  # fmt: skip

SHIFTED: Final = page(item(NEWEST), has_more=True), page(item(NEWEST))

UNJUDGED: Final[Rows] = [
    ("list.page-with-cursor-is-400", "page_walk.mixed", put({}, "none")),
    ("list.envelope", "listings.default", SILENT),
    ("list.empty-page", "archive_twice.runs", becoming(error(404, "not_found_error"))),
    ("list.limit-is-kept", "listings.by_limit.1", becoming(answer(None, 429))),
    ("list.after-id-walk", "after_id_walk.walk.pages.1", becoming(answer(None, 503))),
    ("list.before-id-walk", "after_id_walk.walk.snapshot", EMPTY),
    ("list.items-are-current", "pause_twice.listed_paused", EMPTY),
    ("list.status-filter", "status_filter.active.page", becoming(answer(None, 503))),
    ("list.status-filter", "status_filter.active.page", put(page(*FULL, has_more=True), "a full page of what is new")),
    ("list.status-filter", "status_filter.small.0.pages.0", SILENT),
    ("list.status-filter", "status_filter.active.reads", put({NEWEST: deployment(**PAUSED)}, "paused")),
    ("list.page-walk", "page_walk.walk", with_facts("broken off", own=("dep_far",), ended=False)),
    ("list.page-walk", "page_walk.walk", with_facts("disturbed", pages=SHIFTED, afterwards=page(item("dep_other"), *BOTH))),
    ("schedule.lists-five-runs", "schedules.dense", NONE_MADE),
    ("list.two-cursors-are-400", "odd_listings.two_cursors", becoming(answer(None, 429))),
    ("list.created-at-range", "created_range.lists.0.exchange", SILENT),
    ("schedule.is-echoed", f"{SPARSE}.read", becoming(answer(None, 503))),
]  # fmt: skip

INAPPLICABLE: Final[Rows] = [
    ("schedule.lists-five-runs", "schedules.dense", put({}, "none")),
    ("list.page-with-cursor-is-400", "page_walk", ONE_ALONE),
    ("list.has-more-is-true", "after_id_walk.tail.one_left", becoming(page(item("dep_foreign"), has_more=True))),
    ("list.empty-page", "archive_twice.runs", becoming(page({"id": "drun_1"}))),
]  # fmt: skip
