"""The filters of lists: GET /deployments with status, agent_id, created_at."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import timedelta
from http import HTTPStatus

from conformance.client.answers import items
from conformance.client.exchange import Exchange
from conformance.client.paging import goes_on, newest_first
from conformance.client.target import Target
from conformance.contract.comparing import field, instant, shorten
from conformance.contract.judgement import broken
from conformance.contract.schemas import timestamp_text
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.archive.stories import ArchivePaused, HiddenFromPaused
from conformance.suite.judging.list_answers import SLACK, expect_filtered, expect_page, seen
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import observations, observed
from conformance.suite.judging.states import need
from conformance.suite.list.filters import AgentFilter, Bounded, CreatedRange, StatusFilter
from conformance.suite.list.test_list import expect_no_ends
from conformance.suite.shared.list_pages import ids
from conformance.vendors import ListForm

JUST_NOW = timedelta(minutes=10)
"""How long before a list the run may have made what is looked for in it."""


@requirement("list.status-filter")
def test_a_status_filter_lists_that_status_alone(status_filter: StatusFilter, target: Target) -> None:
    for one in (
        status_filter.active,
        status_filter.paused,
        status_filter.further,
        *status_filter.combined,
    ):
        for read in one.reads.values():
            need(read, "status", one.status)
        expect_listed(one.page, one.wanted, target.profile.lists)
        expect_only(one.page, "status", one.status, among=status_filter.known)
    for small in status_filter.small:
        expect_filtered(small)


@requirement("list.agent-filter")
def test_an_agent_filter_lists_that_agent_alone(
    agent_filter: AgentFilter, archive_paused_if_any: HiddenFromPaused | None, target: Target
) -> None:
    for agent, (own, page) in agent_filter.lists.items():
        expect_listed(page, [own], target.profile.lists)
        expect_only(page, "agent.id", agent)
    if agent_filter.active:
        agent, page = agent_filter.active
        expect_listed(page, [agent_filter.lists[agent][0]], target.profile.lists)
    if agent_filter.moved:
        moved, page = agent_filter.moved
        expect_listed(page, [moved], target.profile.lists)
    for agent, page in filter(None, (agent_filter.further, agent_filter.active)):
        expect_only(page, "agent.id", agent)
    for small in agent_filter.small:
        expect_filtered(small)
    if agent_filter.beginning and agent_filter.beginning[1].succeeded:
        agent, page = agent_filter.beginning
        expect_only(page, "agent.id", agent)
    if isinstance(archive_paused_if_any, ArchivePaused):  # else it was there before
        expect_without(archive_paused_if_any, archive_paused_if_any.of_another_agent)


def expect_without(story: ArchivePaused, page: Exchange | None) -> None:
    """Expect a list that was chosen otherwise to be without the archived deployment."""
    if page and page.succeeded and story.created.id in ids(page):
        raise broken(f"no {story.created.id} in answer to {page.label}", "it is there", page)


def expect_listed(page: Exchange, deployments: Iterable[str], form: ListForm) -> None:
    """Expect new deployments to be on the first page that they match.

    Raises NotJudgedError for a page that is not the last and has room, since filters may come after the limit
    and the newest deployments be those of others, or does not begin with the newest, or holds none but those
    that were made just now: as many as a page holds may have been made since.
    """
    found = expect_page(page)
    missing = set(deployments) - set(found)
    has_room = len(found) < form.largest_page
    beyond = goes_on(page, form) is True and (has_room or not newest_first(page) or is_recent(page))
    if missing and beyond:
        raise NotJudgedError(Blame.PRECONDITION, f"{page.label}: what is looked for may be on a later page")
    if missing:
        raise broken(f"{', '.join(sorted(missing))} in answer to {page.label}", "not listed", page)


def is_recent(page: Exchange) -> bool:
    """Tell whether all deployments on a page were made just before it, by the clock of its answer."""
    made = [instant(item.get("created_at")) for item in items(page)]
    now = page.date or page.sent_at
    return all(at is not None and at > now - JUST_NOW for at in made)


def expect_only(page: Exchange, path: str, wanted: str, *, among: Container[str] | None = None) -> None:
    """Expect the field at `path` to be what was asked for, in every deployment on a page or those `among`."""
    expect_page(page)
    for item in items(page):
        got = field(item, path)
        if got != wanted and (among is None or str(item.get("id")) in among):
            raise broken(
                f"{path} {wanted} alone in answer to {page.label}",
                f"{item.get('id')} with {shorten(got)}",
                page,
                at=path,
            )


@requirement("list.created-at-range")
def test_a_range_holds_its_bounds_and_nothing_beyond(
    created_range: CreatedRange, archive_paused_if_any: HiddenFromPaused | None, target: Target
) -> None:
    if isinstance(archive_paused_if_any, ArchivePaused):  # else it was there before
        expect_without(archive_paused_if_any, archive_paused_if_any.made_long_ago)
    exact = {
        (one.own, one.at)
        for one in created_range.lists
        if one.lower and one.upper and not one.other_zone and one.own in ids(one.exchange)
    }
    for bounded in created_range.lists:
        if bounded.other_zone and bounded.exchange.status == HTTPStatus.BAD_REQUEST:
            continue  # that a bound may have another zone than UTC is nowhere said
        expect_page(bounded.exchange)
        expect_within(bounded)
        # What has no fraction of a second for a bound in UTC has none for the same moment in another zone.
        beside = () if bounded.other_zone and (bounded.own, bounded.at) in exact else bounded.beside
        on_page = not bounded.own or any(bounded.own in ids(page) for page in (bounded.exchange, *beside))
        if not on_page and goes_on(bounded.exchange, target.profile.lists) is False:
            raise broken(
                f"{bounded.own} in answer to {bounded.exchange.label}", "not listed", bounded.exchange
            )
    # That a lower bound may lie above the upper one, and before_id beside a filter, is promised nowhere.
    for page in filter(None, (created_range.empty, created_range.before)):
        if page.status == HTTPStatus.BAD_REQUEST:
            continue
        if made := expect_page(page):
            raise broken("nothing that is made next year", f"{made[0]}", page)
        expect_no_ends(page)


def expect_within(bounded: Bounded) -> None:
    """Expect everything on a page to be created within its bounds, give or take less than a second."""
    for item in items(bounded.exchange):
        at = instant(item.get("created_at"))
        if at is None:
            continue
        early = bounded.lower and bounded.at - at >= SLACK
        late = bounded.upper and at - bounded.at >= SLACK
        if early or late:
            raise broken(
                f"nothing {'earlier' if early else 'later'} than {timestamp_text(bounded.at)}",
                f"{item.get('id')} of {timestamp_text(at)}",
                bounded.exchange,
            )


globals().update(observations(observed("list.unknown-agent-filter", seen, "odd_listings.unknown_agent")))
