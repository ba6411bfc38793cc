"""Lists and walks over deployments that are there, where none may be made."""

from __future__ import annotations

from conformance.client.api import Api
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.engine.registry import LITTLE, story
from conformance.suite.list.listing import Listings
from conformance.suite.list.walks import (
    DISTURBED,
    PAGE_WALK,
    AfterIdWalk,
    PageWalk,
    Walk,
    first_move,
    look_back,
    mix,
    persist,
    walk_to,
)
from conformance.suite.modes.existing import list_there
from conformance.suite.shared.list_pages import ids


@story(modes=LITTLE)
def listings(api: Api) -> Listings:
    """What is there is listed in pages of several sizes, with archived ones and without."""
    with_archived = {"include_archived": "true"}
    return Listings(
        older="",
        newer="",
        by_limit={
            limit: api.list({"limit": limit}, label=f"list with limit={limit}")
            for limit in (api.largest_page, 1, 2)
        },
        with_archived=api.list({"limit": api.largest_page, **with_archived}, label="list with archived ones"),
        default=api.list(label="list without parameters"),
        default_with_archived=api.list(with_archived, label="list with archived ones, without limit"),
    )


@story(modes=LITTLE)
def after_id_walk(api: Api) -> AfterIdWalk:
    """What is there is walked through with after_id, then listed before one in the middle of it."""
    walk = _walk(api, *first_move(api))
    order = ids(walk.snapshot)
    place = len(order) // 2
    found = look_back(api, walk, place, order[place] if order else "")
    if not found.before.succeeded and found.cursor not in ids(list_there(api)):
        raise NotJudgedError(Blame.PRECONDITION, "somebody archived the deployment that was the cursor")
    return found


@story(promises=(PAGE_WALK,), modes=LITTLE)
def page_walk(api: Api) -> PageWalk:
    """What is there is walked through with page; a token is sent together with other cursors."""
    walk = _walk(api, "page", "next_page")
    return mix(api, walk, next(iter(ids(walk.snapshot)), ""))


def _walk(api: Api, parameter: str, source: str) -> Walk:
    """Walk through the newest deployments.

    Raises NotJudgedError when others changed the list each time that the walk did not meet it all.
    """
    walk = persist(api, lambda: _attempt(api, parameter, source))
    if not walk.whole and not walk.steady:
        raise NotJudgedError(Blame.PRECONDITION, DISTURBED)
    return walk


def _attempt(api: Api, parameter: str, source: str) -> Walk:
    snapshot = list_there(api, "list what is there before the walk")
    return walk_to(api, ids(snapshot), snapshot, parameter, source)
