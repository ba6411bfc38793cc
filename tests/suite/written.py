"""Written exchanges: what a conforming target answers, by the documents, and ways to change that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass, replace
from typing import Any, Final

from conformance.client.exchange import Exchange, Failure
from conformance.contract.verdict import Blame
from tests.client.factory import exchange

ID, NAME = "dep_0196f3a1", "conformance-written-1"
CREATED_AT, UPDATED_AT, ARCHIVED_AT = "2026-07-01T02:00:00Z", "2026-07-01T02:00:05Z", "2026-07-01T02:00:09Z"
SUFFIX = 1782871209
"""The Unix time of `ARCHIVED_AT`."""
HEADERS: Final = {"date": "Wed, 01 Jul 2026 02:00:10 GMT", "content-type": "application/json"}
UPCOMING = [f"{year}-05-01T19:00:00Z" for year in range(2027, 2032)]
SCHEDULE: Final[Mapping[str, object]] = {
    "type": "cron",
    "expression": "0 3 2 5 *",
    "timezone": "Asia/Shanghai",
    "upcoming_runs_at": UPCOMING,
    "last_run_at": None,
}
DEPLOYMENT: Final[Mapping[str, object]] = {
    "id": ID,
    "type": "deployment",
    "name": NAME,
    "description": "Written by hand.",
    "agent": {"id": "agent_1", "type": "agent", "version": 1},
    "environment_id": "env_1",
    "environment_variables": "",
    "initial_events": [{"type": "user.message", "content": [{"type": "text", "text": "Begin."}]}],
    "resources": [],
    "vault_ids": [],
    "metadata": {},
    "schedule": SCHEDULE,
    "status": "active",
    "paused_reason": None,
    "archived_at": None,
    "created_at": CREATED_AT,
    "updated_at": UPDATED_AT,
}
PAUSED: Final = {"status": "paused", "paused_reason": {"type": "manual"}}
ARCHIVED: Final = {
    "name": f"{NAME}_archived_{SUFFIX}",
    "archived_at": ARCHIVED_AT,
    "schedule": {**SCHEDULE, "upcoming_runs_at": []},
}


@dataclass(frozen=True)
class Edit:
    """Makes another part of a story of a written one; `words` say in what it differs."""

    words: str
    make: Callable[[Any], object]


class _Numbers:
    last = 0


def answer(document: object, status: int = 200, **facts: Any) -> Exchange:  # noqa: ANN401 (fields of Exchange)
    """Return an exchange with a number of its own."""
    _Numbers.last += 1
    return exchange(number=_Numbers.last, json=document, status=status, headers=HEADERS, **facts)


def deployment(**changes: object) -> Exchange:
    """Return an answer that shows the deployment, with some fields changed."""
    return answer({**DEPLOYMENT, **changes}, url=f"https://deployments.example/api/deployments/{ID}")


def error(status: int = 409, kind: str = "conflict_error", **fields: object) -> Exchange:
    """Return an answer with the documented envelope, and more fields beside the error."""
    return answer({"type": "error", "error": {"type": kind, "message": "No."}, **fields}, status)


def page(*items: Mapping[str, object], has_more: bool = False) -> Exchange:
    """Return a list answer; a page that another one follows says how to come there."""
    first, last = (items[0]["id"], items[-1]["id"]) if items else (None, None)
    token = last if has_more else None
    data = {"data": [*items], "first_id": first, "last_id": last, "has_more": has_more, "next_page": token}
    return answer(data, url="https://deployments.example/api/deployments")


def showing(path: str, value: object) -> Edit:
    """Return the edit that changes what an answer shows at a dotted path."""

    def edit(old: Exchange) -> Exchange:
        assert isinstance(old.json, dict)
        shown = _put(old.json, path.split("."), value)
        return answer(
            shown, old.status or 0, label=old.label, url=old.url, request_headers=old.request_headers
        )

    return Edit(f"{path} {value}", edit)


def _put(document: Mapping[str, Any], path: list[str], value: object) -> dict[str, Any]:
    head, *rest = path
    return {**document, head: _put(document[head], rest, value) if rest else value}


def lacking(name: str) -> Edit:
    """Return the edit that leaves a field out of an answer."""

    def edit(old: Exchange) -> Exchange:
        assert isinstance(old.json, dict)
        return replace(old, json={key: value for key, value in old.json.items() if key != name})

    return Edit(f"no {name}", edit)


def becoming(new: Exchange) -> Edit:
    """Return the edit that answers something else."""
    return Edit(f"{new.summary()} {new.body}", lambda old: replace(new, label=old.label, url=old.url))


def put(part: object, words: str) -> Edit:
    """Return the edit that puts something else in the place of a part that is no exchange."""
    return Edit(words, lambda _: part)


def with_facts(words: str, **facts: object) -> Edit:
    """Return the edit that keeps the answer but for some facts of its exchange."""
    changed: dict[str, Any] = facts
    return Edit(words, lambda old: replace(old, **changed))


def repeated(new: Exchange) -> Edit:
    """Return the edit that answers so at the second attempt: the first one was lost."""

    def edit(old: Exchange) -> Exchange:
        return replace(new, label=old.label, method="POST", retries=("no answer",))

    return Edit(f"{new.summary()} at last", edit)


TOUCHED = showing("updated_at", "2026-07-01T02:00:30Z")
"""An operation that changes nothing is told as one that did."""
CRASH = becoming(error(500, "api_error"))
REFUSED = becoming(error(400, "invalid_request_error"))
SILENT = Edit("nothing", lambda old: replace(old, status=None, failure=Failure(Blame.NETWORK, "it is lost")))
"""Nobody answers."""


def edited(story: object, path: list[str], edit: Edit) -> Any:  # noqa: ANN401 (a story, or a part of one)
    """Return a story in which the part at a path is another; parts are attributes, keys or places."""
    if not path:
        return edit.make(story)
    head, *rest = path
    if isinstance(story, Mapping):
        key = next(key for key in story if str(key) == head)
        return {**story, key: edited(story[key], rest, edit)}
    if isinstance(story, tuple):
        parts = list(story)
        parts[int(head)] = edited(parts[int(head)], rest, edit)
        return tuple(parts)
    assert is_dataclass(story)
    assert not isinstance(story, type)
    return replace(story, **{head: edited(getattr(story, head), rest, edit)})
