"""Whether lists hold the deployments of a walk where their states belong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from conformance.contract.judgement import broken, expect_success
from conformance.contract.lifecycle import OPEN, Deployment, misplaced
from conformance.contract.schemas import parse_timestamp
from conformance.exploration._explore import upholding
from conformance.stories.pages import ids
from conformance.target.api import LARGEST_PAGE, Api
from conformance.target.exchange import Exchange

MOST_PAGES = 3


@dataclass(frozen=True)
class Listed:
    """A deployment that lists must show or leave out, by its state."""

    id: str
    letter: str
    state: Deployment
    created_at: object

    def belongs(self, query: Mapping[str, str]) -> bool | None:
        """Tell whether a list with this query must hold it; None where the documents are silent."""
        if self.state.archived:
            return "include_archived" in query
        wanted = query.get("status")
        return None if wanted and self.state.status == OPEN else wanted in (None, self.state.status)


def expect_listed(
    api: Api, query: Mapping[str, str], known: Sequence[Listed], in_time: Callable[[], bool]
) -> None:
    """Walk down a list, at most `MOST_PAGES` pages, and expect it to hold what belongs there and no more.

    A deployment further down than the walk came is not judged.
    """
    label = f"list ({', '.join(f'{name}={value}' for name, value in query.items()) or 'no filter'})"
    params: dict[str, object] = {"limit": LARGEST_PAGE, **query}
    page = api.list_until(params, lambda document: not _wrong([document], query, known) or not in_time())
    pages = [page]
    while _goes_on(pages, query, known) and len(pages) < MOST_PAGES:
        pages.append(api.list({**params, "after_id": ids(pages[-1])[-1]}, label=f"{label}, next page"))
    with upholding("list.status-filter" if "status" in query else "list.envelope"):
        documents = [expect_success(page) for page in pages]
    for one in _wrong(documents, query, known):
        with upholding(misplaced(one.state, query)):
            must = "to hold" if one.belongs(query) else "not to hold"
            got = "is missing" if one.belongs(query) else "is there"
            raise broken(
                f"the {label} {must} {one.letter}, which is {_words(one.state)}", f"it {got}", *pages
            )


def _wrong(
    documents: Sequence[Mapping[str, object]], query: Mapping[str, str], known: Sequence[Listed]
) -> list[Listed]:
    """Return the deployments that pages wrongly hold, or lack although they came far enough."""
    found = {str(item.get("id")): item for document in documents for item in _items(document)}
    wrong = []
    for one in known:
        belongs = one.belongs(query)
        if (belongs is False and one.id in found) or (
            belongs and one.id not in found and _came_past(documents[-1], one)
        ):
            wrong.append(one)
    return wrong


def _goes_on(pages: Sequence[Exchange], query: Mapping[str, str], known: Sequence[Listed]) -> bool:
    """Tell whether a deployment that belongs on the list may stand on the page after the last one."""
    met = {one for page in pages for one in ids(page)}
    last = pages[-1].json
    return isinstance(last, dict) and any(
        one.belongs(query) and one.id not in met and not _came_past(last, one) for one in known
    )


def _came_past(document: Mapping[str, object], one: Listed) -> bool:
    """Tell whether a list ends with this page, or has come to what is older than the deployment."""
    shown = _items(document)
    if not shown or document.get("has_more") is not True:
        return True
    oldest, made = parse_timestamp(shown[-1].get("created_at")), parse_timestamp(one.created_at)
    return oldest is not None and made is not None and (made - oldest).total_seconds() > 1


def _items(document: Mapping[str, object]) -> list[Mapping[str, object]]:
    data = document.get("data")
    return [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []


def _words(state: Deployment) -> str:
    return "archived" if state.archived else str(state.status)
