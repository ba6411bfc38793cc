"""Requests that are to be refused, as rows: each feeds a story, a judgement, a search and the tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Final, Literal

from conformance.client.api import Api
from conformance.client.calls.guarded import ABSENT

Body = Mapping[str, object]
Route = Literal["POST /deployments", "POST /deployments/{id}"]
CREATE: Final[Route] = "POST /deployments"
UPDATE: Final[Route] = "POST /deployments/{id}"
INVALID: Final = "invalid_request_error"


@dataclass(frozen=True)
class InvalidRequest:
    """A request with one thing wrong, and the requirement that promises its refusal.

    `asked` says in a few words what is wrong; evidence is keyed by it. `change` sets fields of a valid body,
    as `filled` reads them; `content` makes bytes of the whole body where its JSON is not what is sent.
    `beside` adds a valid change of the description, which must not be stored either. One of `statuses` has to
    answer, with `kind` as `error.type` where the promise names it. `unchanged` means that reads around the
    request have to be equal for this promise to hold. Without `requirement` it is sent to see that nothing
    comes of it.
    """

    requirement: str
    asked: str
    change: Body
    _: KW_ONLY
    route: Route = CREATE
    content: Callable[[Body], bytes] | None = None
    beside: bool = False
    statuses: tuple[int, ...] = (400,)
    kind: str | None = None
    unchanged: bool = False

    def body(self, api: Api, valid: Body) -> dict[str, object]:
        """Return a valid body, which is empty for an update, with this mistake."""
        extra: Body = {"description": f"beside {self.asked}"} if self.beside else {}
        changed = {name: filled(api, valid, name, value) for name, value in self.change.items()}
        return {name: value for name, value in {**valid, **extra, **changed}.items() if value is not ABSENT}


Rows = Sequence[InvalidRequest]


@dataclass(frozen=True)
class Limit:
    """A documented limit, whose excess is refused.

    `change` makes fields of a given size, of which `words` tell with the size in place of `{}`.
    """

    requirement: str
    words: str
    most: int
    change: Callable[[int], Body]
    _: KW_ONLY
    route: Route = CREATE
    statuses: tuple[int, ...] = (400,)

    def beyond(self, excess: int = 1) -> InvalidRequest:
        """Return a request that exceeds the limit by so much."""
        size = self.most + excess
        return InvalidRequest(
            self.requirement,
            self.words.format(size),
            self.change(size),
            route=self.route,
            statuses=self.statuses,
        )


def askable(api: Api, rows: Rows) -> Rows:
    """Return the rows that the target's vendor promises to refuse, and those that ask for something else.

    Where every MUST is to be judged, and no more, those are the first of each.
    """
    optional = () if api.target.profile.deployments.environment_required else ("environment_id",)
    asked = [
        row
        for row in rows
        if (api.asks(row.requirement) if row.requirement else not api.asks_musts_alone)
        and not any(row.change.get(name) is ABSENT for name in optional)
    ]
    return _first_of_each(asked) if api.asks_musts_alone else asked


def _first_of_each(rows: Rows) -> Rows:
    first: dict[str, InvalidRequest] = {}
    for row in rows:
        first.setdefault(row.requirement, row)
    return [*first.values()]


def constant(content: bytes) -> Callable[[Body], bytes]:
    """Return what makes the same bytes of any body."""
    return lambda _: content


def filled(api: Api, valid: Body, name: str, value: object) -> object:
    """Return the value of a field as it is sent.

    A name begins as the valid one does, at its full length: names are unique, and tell whose a deployment is.
    A text among the events is the text of a valid event. `_known` says what else a run fills in.
    """
    if name == "name" and isinstance(value, str) and value and "name" in valid:
        beginning = f"{valid['name']}-"
        return beginning + value[len(beginning) :]
    if name == "initial_events" and isinstance(value, list):
        return [_event(api, one) for one in value]
    return _filled(api, value)


def _event(api: Api, one: object) -> object:
    return api.known.event(one) if isinstance(one, str) and not one.startswith("$") else _filled(api, one)


def _filled(api: Api, value: object) -> object:
    if isinstance(value, dict):
        return {name: _filled(api, part) for name, part in value.items()}
    return _known(api, value) if isinstance(value, str) and value.startswith("$") else value


def _known(api: Api, text: str) -> object:
    """Return what a text stands for that only a run knows; any other text stands for itself."""
    known: dict[str, Callable[[], object]] = {
        "$agent": lambda: api.known.agent,
        "$environment": lambda: api.known.environment,
        "$archived-agent": lambda: api.known.archived_agent_id,
        "$archived-environment": lambda: api.known.archived_environment_id,
        "$event": lambda: api.known.event("A good event"),
        "$content": lambda: api.known.event("A good content")["content"],
        "$text": lambda: "A text where an event belongs",
    }
    return known.get(text, lambda: text)()
