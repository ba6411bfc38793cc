"""Lists: GET /deployments."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from conformance.client.answers import created_id, items
from conformance.client.exchange import Exchange
from conformance.client.paging import goes_on
from conformance.client.target import Target
from conformance.contract.comparing import MISSING, field, instant, shorten
from conformance.contract.judgement import broken, expect_errors, expect_success
from conformance.contract.schemas import violations
from conformance.contract.verdict import Blame, NotApplicableError, NotJudgedError
from conformance.suite.archive.stories import Archived
from conformance.suite.judging.answers import Deployments, expect_refusals
from conformance.suite.judging.lasting import contradictions
from conformance.suite.judging.list_answers import SLACK, expect_page, expect_way_on, seen
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import Observation, observations, observed
from conformance.suite.list.filters import AgentFilter, StatusFilter
from conformance.suite.list.listing import DEFAULT_PAGE, Listings, OddListings, UnknownPages
from conformance.suite.list.walks import DISTURBED, AfterIdWalk, PageWalk, Walk
from conformance.suite.pause.stories import PauseTwice
from conformance.suite.shared.list_pages import ids, item_of, outdated

UNSET = (None, "")
UNFILTERED = {"limit", "include_archived", "after_id", "page"}
SHOWN = 3


def instants(page: Exchange) -> list[tuple[str, datetime]]:
    """Return when the deployments of a page were created, as far as that can be read, with their ids."""
    found = ((str(item.get("id")), instant(item.get("created_at"))) for item in items(page))
    return [(name, at) for name, at in found if at is not None]


def every_page(listings: Listings, walk: AfterIdWalk, odd: OddListings) -> list[Exchange]:
    """Return all pages from the newest end and after cursors, and those that should be empty if answered."""
    empty = [page for page in (*end_of(walk), odd.unknown_agent) if page.succeeded]
    return [*listings.pages, *walk.walk.pages, *empty]


def end_of(walk: AfterIdWalk) -> tuple[Exchange, ...]:
    """Return the pages at the end of the list, the last of them empty, if the walk saw it."""
    tail = walk.tail
    return (tail.one_left, tail.none_left, tail.beyond) if tail else ()


@requirement("list.envelope")
def test_a_list_is_the_envelope(
    listings: Listings,
    after_id_walk: AfterIdWalk,
    odd_listings: OddListings,
    revision: str,
    target: Target,
) -> None:
    for page in every_page(listings, after_id_walk, odd_listings):
        found = violations("deployment-list", revision, expect_success(page))
        if found:
            raise broken("the list envelope", f"{found[0].path}: {found[0].message}", page)
    if "has_more" not in target.profile.lists.envelope:
        expect_way_on(listings.by_limit)


@requirement("list.newest-first")
def test_newest_first(
    listings: Listings, after_id_walk: AfterIdWalk, every_exchange: tuple[Exchange, ...]
) -> None:
    walk = after_id_walk.walk
    walked = walk.pages if walk.whole else ()  # one that goes in circles has no order
    for pages in (*((page,) for page in listings.pages), walked):
        for page in pages:
            expect_page(page)
        expect_newest_first(pages)
    for page in listings.pages:
        order, made = ids(page), dict(instants(page))
        if not {listings.older, listings.newer} <= {*made}:
            continue
        reverse = order.index(listings.older) < order.index(listings.newer)
        if reverse and made[listings.older] < made[listings.newer]:
            raise broken(f"{listings.newer} before the older {listings.older}", "the reverse", page)
    for page in filter(_goes_back_in_time, every_exchange):
        expect_newest_first((page,))


def _goes_back_in_time(page: Exchange) -> bool:
    """Tell whether an answer is a list in the documented order; in which one comes before an id is open."""
    url = urlsplit(page.url)
    listed = page.method == "GET" and url.path.endswith("/deployments") and page.succeeded
    return listed and not page.probe and "before_id" not in parse_qs(url.query)


def expect_newest_first(pages: Iterable[Exchange]) -> None:
    """Expect consecutive pages to go back in time: nothing is newer than what came before it."""
    oldest: tuple[str, datetime] | None = None
    for page in pages:
        for name, at in instants(page):
            if oldest and at - oldest[1] > SLACK:
                got = f"{oldest[0]} of {oldest[1]:%H:%M:%S} before {name} of {at:%H:%M:%S}"
                raise broken(f"the newest first in answer to {page.label}", got, page)
            oldest = min(oldest or (name, at), (name, at), key=lambda one: one[1])


@requirement("list.default-page")
def test_a_page_without_limit_is_small(listings: Listings) -> None:
    for page in (listings.default, listings.default_with_archived):
        expect_at_most(page, DEFAULT_PAGE)


@requirement("list.limit-is-kept")
def test_a_limit_is_kept(listings: Listings, after_id_walk: AfterIdWalk, target: Target) -> None:
    expect_at_most(listings.with_archived, target.profile.lists.largest_page)
    for limit, page in listings.by_limit.items():
        expect_at_most(page, limit)
    walk = after_id_walk.walk
    for page, limit in zip(walk.pages, walk.limits, strict=True):
        expect_at_most(page, limit)


def expect_at_most(page: Exchange, limit: int) -> None:
    """Expect a page with no more than `limit` deployments."""
    found = len(expect_page(page))
    if found > limit:
        raise broken(f"at most {limit} deployments in answer to {page.label}", found, page)


@requirement("list.limit-below-one-is-400")
def test_a_limit_below_one_is_refused(odd_listings: OddListings, target: Target) -> None:
    expect_refusals(odd_listings.below_one, HTTPStatus.BAD_REQUEST, target)


@requirement("list.first-and-last-id")
def test_first_and_last_id_are_the_ends(
    listings: Listings,
    after_id_walk: AfterIdWalk,
    odd_listings: OddListings,
    status_filter_if_any: StatusFilter | None,
) -> None:
    small = status_filter_if_any.small if status_filter_if_any else ()
    filtered = [page for pages in small for page in pages.pages if page.succeeded]
    backward = [page for page in (after_id_walk.before, after_id_walk.one_before) if page.succeeded]
    for page in (*every_page(listings, after_id_walk, odd_listings), *filtered, *backward):
        found = expect_page(page)
        expect_end(page, "first_id", found[:1])
        expect_end(page, "last_id", found[-1:])


def expect_end(page: Exchange, name: str, end: list[str]) -> None:
    """Expect a field to be the id at one end of a page, and no id at all if the page is empty."""
    got = field(page.json, name)
    if end and got != end[0]:
        raise broken(f"{name} to be {end[0]} in answer to {page.label}", got, page, at=name)
    if not end and isinstance(got, str) and got:
        raise broken(f"{name} to be null in answer to {page.label}, which is empty", got, page)


@requirement("list.empty-page")
def test_an_empty_list_of_runs_leads_nowhere(archive_twice: Archived) -> None:
    page = archive_twice.runs
    if page.status == HTTPStatus.NOT_FOUND:
        readable = "archive.runs-stay-readable"
        raise NotJudgedError(Blame.PRECONDITION, f"there was no list: see {readable}", readable)
    if expect_page(page):
        raise NotApplicableError("the archived deployment has runs")
    expect_no_ends(page)


def expect_no_ends(page: Exchange) -> None:
    """Expect an empty page to name no ids and, unless it says that there is more, no other page."""
    expect_end(page, "first_id", [])
    expect_end(page, "last_id", [])
    token = field(page.json, "next_page")
    if field(page.json, "has_more") is False and token not in UNSET:
        wanted = f"next_page to be null in answer to {page.label}, which is empty"
        raise broken(wanted, token, page, at="next_page")


@requirement("list.next-page-goes-with-has-more")
def test_next_page_goes_with_has_more(
    listings: Listings, after_id_walk: AfterIdWalk, odd_listings: OddListings
) -> None:
    for page in every_page(listings, after_id_walk, odd_listings):
        expect_page(page)
        more, token = field(page.json, "has_more"), field(page.json, "next_page")
        if more is True and token in UNSET:
            raise broken("next_page to be set where has_more is true", token, page, at="next_page")
        if more is False and token not in UNSET:
            raise broken("next_page to be null where has_more is false", token, page, at="next_page")


@requirement("list.next-page-is-last-id")
def test_next_page_is_last_id(
    listings: Listings, after_id_walk: AfterIdWalk, odd_listings: OddListings
) -> None:
    for page in every_page(listings, after_id_walk, odd_listings):
        expect_page(page)
        token, last = field(page.json, "next_page"), field(page.json, "last_id")
        if token not in UNSET and token != last:
            at = "last_id" if last is MISSING else ""
            raise broken(f"next_page to be last_id, {last}", token, page, at=at)


@requirement("list.after-id-walk")
def test_a_walk_with_after_id_meets_all_once(after_id_walk: AfterIdWalk) -> None:
    expect_whole(after_id_walk.walk)
    beyond = after_id_walk.tail.beyond if after_id_walk.tail else None
    if beyond and beyond.succeeded and not expect_page(beyond) and field(beyond.json, "has_more") is True:
        raise broken("the walk to end: has_more false on an empty page", True, beyond)  # noqa: FBT003 (JSON)


@requirement("list.page-walk")
def test_a_walk_with_page_meets_all_once(page_walk: PageWalk) -> None:
    walk = page_walk.walk
    expect_pages(walk)
    if field(walk.pages[-1].json, "next_page") is MISSING and not walk.whole:
        envelope = "list.envelope"
        raise NotJudgedError(
            Blame.PRECONDITION, f"a page had no next_page to go on with: see {envelope}", envelope
        )
    if not walk.whole and not walk.steady:  # a token may be the number of a page, which others shift
        raise NotJudgedError(Blame.PRECONDITION, DISTURBED)
    expect_whole(walk)


def expect_pages(walk: Walk) -> None:
    """Expect every page of a walk to be answered."""
    for page in walk.pages:
        expect_page(page)


def expect_whole(walk: Walk) -> None:
    """Expect a walk to meet what was there all the while, and nothing twice.

    Raises NotJudgedError if it was given up before it came to all of them.
    """
    expect_pages(walk)
    twice = [one for one, times in Counter(walk.met).items() if times > 1]
    if twice:
        raise broken("no deployment twice in one walk", f"{', '.join(twice)} again", *walk.pages)
    missed = walk.due - set(walk.met)
    if missed:
        promised = f"a walk in pages of at most {max(walk.limits)} to meet every deployment"
        raise broken(promised, f"a walk without {', '.join(sorted(missed))}", *walk.pages)
    if not set(walk.own) <= set(walk.met):
        raise NotJudgedError(
            Blame.PRECONDITION, f"{len(walk.pages)} pages did not lead to the own deployments"
        )


@requirement("list.before-id-walk")
def test_before_id_gives_what_comes_before(after_id_walk: AfterIdWalk) -> None:
    page, cursor, order = after_id_walk.before, after_id_walk.cursor, ids(after_id_walk.walk.snapshot)
    if cursor not in order:
        raise NotJudgedError(Blame.PRECONDITION, "the list did not hold the deployments that were made")
    place, found = order.index(cursor), expect_page(page)
    wrong = [one for one in order[place:] if one in found]
    if wrong:
        raise broken(f"nothing but what comes before {cursor}", f"{', '.join(wrong)} as well", page)
    if after_id_walk.lost:
        raise broken(
            f"all that comes before {cursor}", f"a page without {', '.join(after_id_walk.lost)}", page
        )
    one = after_id_walk.one_before
    if skipped := after_id_walk.skipped:
        raise broken(f"{skipped}, right before {cursor}", f"a page with {', '.join(ids(one))}", one, page)
    if place > 1 and len(ids(one)) == 1 and field(one.json, "has_more") is False:
        raise broken(f"has_more true: {place} deployments come before {cursor}", False, one)  # noqa: FBT003 (JSON)


@requirement("list.has-more-is-true")
def test_has_more_says_whether_more_follow(
    after_id_walk: AfterIdWalk, agent_filter_if_any: AgentFilter | None
) -> None:
    for page, beyond in agent_filter_if_any.overdrawn if agent_filter_if_any else ():
        wanted = f"has_more false in answer to {page.label}, after which nothing follows"
        raise broken(wanted, True, page, beyond)  # noqa: FBT003 (JSON)
    tail = after_id_walk.tail
    if tail is None or not tail.stayed:
        raise NotApplicableError("the account has fewer than three deployments, too many, or changes fast")
    if tail.has_more_holds:
        return
    for page, left in zip(end_of(after_id_walk), (True, False, False), strict=True):
        got = field(page.json, "has_more")
        if got is not left and isinstance(got, bool):
            raise broken(f"has_more {shorten(left)} in answer to {page.label}", got, page)


@requirement("list.pages-are-full")
def test_a_page_that_is_not_the_last_is_full(every_exchange: tuple[Exchange, ...], target: Target) -> None:
    pages: dict[int, list[Exchange]] = defaultdict(list)
    for exchange in every_exchange:
        limit = limit_of(exchange, target.profile.credentials.query)
        if limit and exchange.succeeded and goes_on(exchange, target.profile.lists):
            pages[limit].append(exchange)
    for limit, alike in pages.items():
        longest = max(len(ids(page)) for page in alike)
        if longest < limit and len(alike) > 1:  # one page may lack what was archived at that moment
            raise broken(f"{limit} deployments on a page before others", f"at most {longest}", *alike[:SHOWN])


def limit_of(exchange: Exchange, usual: Container[str] = ()) -> int | None:
    """Return how many deployments an answer shows if so many follow; None for what is no unfiltered list.

    The parameters that are `usual` go with every request.
    """
    url = urlsplit(exchange.url)
    query = {name: values for name, values in parse_qs(url.query).items() if name not in usual}
    limit = query.get("limit", [str(DEFAULT_PAGE)])[0]
    listed = exchange.method == "GET" and url.path.endswith("/deployments") and not exchange.probe
    return int(limit) if listed and query.keys() <= UNFILTERED and limit.isdecimal() else None


@requirement("list.items-are-current")
def test_lists_show_what_reads_show(
    pause_twice: PauseTwice,
    after_id_walk_if_any: AfterIdWalk | None,
    every_exchange: tuple[Exchange, ...],
    every_deployment: Deployments,
) -> None:
    read, page = pause_twice.after_first, pause_twice.listed_paused
    item = item_of(page.json, pause_twice.created.id)
    if not item:
        raise NotJudgedError(Blame.PRECONDITION, "the deployment was not listed")
    for one in (read, *pause_twice.later):  # before the list and after it
        found = outdated(item, one) if one.succeeded else []
        if found:
            raise broken("a list to show what a read shows", "; ".join(found), one, page)
    walk = after_id_walk_if_any
    if walk and walk.changed and walk.changed.succeeded:
        expect_current(walk.walk.snapshot, walk.changed)
    for page, first, differing in contradictions(every_exchange, every_deployment):
        wanted = f"{page.label} to show what every other answer shows of {created_id(first)}"
        raise broken(wanted, "; ".join(differing), first, page)


def expect_current(page: Exchange, change: Exchange) -> None:
    """Expect a list that was waited for to show a deployment as the answer to its last change does."""
    item = item_of(page.json, str(field(change.json, "id")))
    if found := outdated(item, change):
        raise broken(f"{page.label} to show the last change", "; ".join(found), change, page)


@requirement("list.status-with-archived-is-400")
def test_a_status_with_archived_ones_is_refused(odd_listings: OddListings) -> None:
    asked = "status=active&include_archived=true"
    expect_errors({asked: odd_listings.open[asked]}, HTTPStatus.BAD_REQUEST)


@requirement("list.unknown-status-is-400")
def test_an_unknown_status_is_refused(odd_listings: OddListings) -> None:
    asked = "status=archived", "status=banana"
    expect_errors({one: odd_listings.open[one] for one in asked}, HTTPStatus.BAD_REQUEST)


@requirement("list.unknown-page-is-400")
def test_an_unknown_page_is_refused(unknown_pages: UnknownPages) -> None:
    expect_errors({"page=unknown": unknown_pages.of_deployments}, HTTPStatus.BAD_REQUEST)


@requirement("list.two-cursors-are-400")
def test_two_cursors_are_refused(odd_listings: OddListings, target: Target) -> None:
    answers = {"after_id and before_id": odd_listings.two_cursors}
    expect_refusals(answers, HTTPStatus.BAD_REQUEST, target)


@requirement("list.page-with-cursor-is-400")
def test_a_page_with_another_cursor_is_refused(page_walk: PageWalk, target: Target) -> None:
    if not page_walk.mixed and page_walk.walk.whole and len(page_walk.walk.met) == 1:
        raise NotApplicableError("needs a list of two pages; the account shows one deployment")
    if not page_walk.mixed:
        raise NotJudgedError(Blame.PRECONDITION, "no page had a next_page to send")
    answers = {f"page and {name}": answer for name, answer in page_walk.mixed.items()}
    expect_refusals(answers, HTTPStatus.BAD_REQUEST, target)


def asked(requirement_id: str, *questions: str) -> Observation:
    """Return the row of an observation of what some queries got."""

    def describe(answers: Mapping[str, Exchange]) -> str:
        return "; ".join(f"{one}: {seen(answers[one])}" for one in questions)

    return observed(requirement_id, describe, "odd_listings.open")


globals().update(
    observations(
        asked("list.limit-that-is-no-number", "limit=abc"),
        asked("list.limit-101", "limit=101"),
        asked("list.limit-1000", "limit=1000", "limit=1001"),
        asked("list.unknown-cursor", "after_id=unknown", "before_id=unknown"),
        asked("list.unknown-status", "status=archived", "status=banana"),
        asked("list.status-with-archived", "status=active&include_archived=true"),
        asked("list.include-archived-garbage", "include_archived=banana"),
    )
)
