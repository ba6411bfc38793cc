"""What a target ignores altogether: the cursors of lists, their filter by status, the keys of requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from conformance.client.exchange import Exchange
from conformance.contract.comparing import field, instant
from conformance.run.verdicts.cause import Cause, Trouble
from conformance.run.verdicts.shown_documents import documents, is_list
from conformance.suite.shared.list_pages import ids

CURSORS, STATUSES = ("after_id", "before_id"), ("active", "paused")
WALK, FILTER, REPLAY = "list.after-id-walk", "list.status-filter", "idempotency.create-is-replayed"
CURSORS_ASKED = frozenset({"list.before-id-walk", "list.two-cursors-are-400", "list.page-with-cursor-is-400"})
"""What is asked of cursors beside the walk."""
STATUS_ASKED = frozenset({
    "pause.is-listed", "list.unknown-status-is-400", "list.status-with-archived-is-400",
})  # fmt: skip
PAGES = "list.page-walk"
TOKENS_ASKED = frozenset({"list.unknown-page-is-400", "runs.unknown-page-is-400"})
KEY, FILTERED = "idempotency-key", "status_filter"


def ignored(trouble: Trouble) -> Iterator[Cause]:
    """Yield what the target ignores of the requests that show a promise broken."""
    answered = trouble.requirement in CURSORS_ASKED and all(map(is_list, trouble.shown))
    if answered and _cursors_are_ignored(trouble):
        yield Cause("lists are the same with after_id as without", (WALK,))
    if trouble.requirement in STATUS_ASKED and _status_is_ignored(trouble.everything):
        yield Cause("lists by status show every status", (FILTER,))
    if trouble.requirement in TOKENS_ASKED and _tokens_are_ignored(trouble.everything):
        yield Cause("a list is the same with a page token as without", (PAGES,))
    if trouble.requirement.startswith("idempotency.") and _keys_are_ignored(trouble.everything):
        yield Cause("a creation that is repeated with its key makes another one each time", (REPLAY,))


def _query(exchange: Exchange) -> Mapping[str, str]:
    """Return the parameters of a list that was answered."""
    if not is_list(exchange):
        return {}
    return {name: values[-1] for name, values in parse_qs(urlsplit(exchange.url).query).items()}


def _cursors_are_ignored(trouble: Trouble) -> bool:
    """Tell whether some page shows that cursors by id mean nothing, and none after one that they do.

    Where `before_id` is asked for as well, a page before one must show it: those may be short.
    """
    exchanges = trouble.everything
    shown = [document for exchange in exchanges for document in documents(exchange)]
    made = {str(one.get("id")): at for one in shown if (at := instant(one.get("created_at")))}
    after, before = (_seen_beyond(name, exchanges, made) for name in CURSORS)
    asked = before if any("before_id" in _query(exchange) for exchange in trouble.shown) else after | before
    return True in asked and False not in after


def _seen_beyond(
    cursor: str, exchanges: Sequence[Exchange], made: Mapping[str, datetime]
) -> set[bool | None]:
    """Return what `_shows_beyond` tells of all pages that were asked for with a cursor alone."""
    seen = set[bool | None]()
    for exchange in exchanges:
        query = _query(exchange)
        if query.keys() & {*CURSORS, "page"} == {cursor} and query[cursor] in made:
            seen.add(_shows_beyond(cursor, query[cursor], exchange, made))
    return seen


def _shows_beyond(cursor: str, named: str, page: Exchange, made: Mapping[str, datetime]) -> bool | None:
    """Tell whether a page holds what lies on the other side of a cursor; None where it may be either."""
    on_page = ids(page)
    times = [made[one] for one in on_page if one in made]
    after = cursor == CURSORS[0]
    if any(at > made[named] if after else at < made[named] for at in times):
        return True
    return None if named in on_page or made[named] in times else False


def _tokens_are_ignored(exchanges: Sequence[Exchange]) -> bool:
    """Tell whether pages asked for by a token show what the one that named it did, and none goes on.

    What was made meanwhile may have come before all that.
    """
    named, again = dict[tuple[str, str], Exchange](), set[bool | None]()
    for exchange in filter(is_list, exchanges):
        before = named.get((exchange.story, _query(exchange).get("page", "")))
        if before and (found := set(ids(exchange))):
            later = min(_created(exchange)) > max(_created(before))
            again.add(True if found.intersection(ids(before)) else None if later else False)
        following = field(exchange.json, "next_page")
        if isinstance(following, str) and following:
            named[exchange.story, following] = exchange
    return True in again and False not in again


def _created(page: Exchange) -> list[datetime]:
    """Return when the deployments of a page were made, as far as that can be read; never nothing."""
    found = (instant(one.get("created_at")) for one in documents(page))
    return [at for at in found if at] or [datetime.min.replace(tzinfo=UTC)]


def _status_is_ignored(exchanges: Sequence[Exchange]) -> bool:
    """Tell whether the judgement of the filter sees lists of each status show deployments of the other."""
    mixed = set[str]()
    for exchange in exchanges:
        asked = _query(exchange).get("status")
        if exchange.story == FILTERED and asked in STATUSES:
            mixed |= {asked for one in documents(exchange) if one.get("status") in {*STATUSES} - {asked}}
    return mixed == {*STATUSES}


def _keys_are_ignored(exchanges: Sequence[Exchange]) -> bool:
    """Tell whether creations were repeated with their key, and every answer shows another deployment."""
    made = defaultdict[tuple[str, str | None], list[str]](list)
    for exchange in exchanges:
        creates = exchange.method == "POST" and exchange.path.endswith("/deployments")
        if creates and exchange.succeeded and KEY in exchange.request_headers:
            sent = exchange.request_headers[KEY], exchange.request_body
            made[sent] += [str(document.get("id")) for document in documents(exchange)]
    repeated = [found for found in made.values() if len(found) > 1]
    return bool(repeated) and all(len(found) == len({*found}) for found in repeated)
