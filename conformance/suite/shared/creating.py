"""Creating for evidence: what was sent, what was answered, what is there afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conformance.client.answers import created_id
from conformance.client.api import Api, Created
from conformance.client.calls.guarded import Variant
from conformance.client.exchange import Exchange
from conformance.suite.shared.invalid_requests import Body, InvalidRequest, Rows, askable


@dataclass(frozen=True)
class Stored:
    """A creation that should succeed: the body sent, its answer, and a read (None when nothing was made).

    `updated`: it is not a creation but an update of what another one made.
    """

    sent: Body
    answer: Exchange
    read: Exchange | None
    updated: bool = False


def store(api: Api, body: Body, label: str, *, probe: bool = False) -> Stored:
    """Create a deployment and read it back once it can be read."""
    return read_back(api, body, api.create(body, label=label, probe=probe, valid=True))


def read_back(api: Api, body: Body, answer: Exchange) -> Stored:
    """Read what a creation made, once it can be read."""
    made = created_id(answer)
    read = api.get_until(made, lambda state: state.get("id") == made) if made else None
    return Stored(body, answer, read)


def hand_on(api: Api, stored: Stored) -> None:
    """Let other stories have what a creation made, where the run makes few; without `read` they read it."""
    if made := created_id(stored.answer):
        api.hand_on(Created(made, str(stored.sent.get("name")), stored.answer), stored.read)


def store_by_update(api: Api, deployment_id: str, change: Body, label: str, *, probe: bool = False) -> Stored:
    """Update a deployment to what a creation could have sent as well, and read it once it shows."""
    answer = api.update(deployment_id, change, label=label, probe=probe)
    if not answer.succeeded:
        return Stored(change, answer, None, updated=True)
    return Stored(change, answer, api.get_until(deployment_id, _shows(change)), updated=True)


def _shows(change: Body) -> Callable[[Mapping[str, object]], bool]:
    """Return what tells whether a deployment shows a change; a schedule may show more than was sent."""
    return lambda state: all(_holds(state.get(name), value) for name, value in change.items())


def _holds(shown: object, sent: object) -> bool:
    if isinstance(shown, dict) and isinstance(sent, dict):
        return sent.items() <= shown.items()
    return shown == sent


@dataclass(frozen=True)
class Refusals:
    """Creations that should be refused: answers and unique descriptions by what was asked.

    `left` lists the newest deployments after them, archived ones as well.
    """

    answers: Mapping[str, Exchange]
    descriptions: Mapping[str, object]
    left: Exchange | None = None


def try_creations(api: Api, rows: Rows) -> Refusals:
    """Send creations that the vendor promises to refuse; one that is accepted is archived at once.

    The bodies keep the description of `Api.body`, by which `Runner.newest` finds what was made all the same.
    """
    asked = askable(api, rows)
    bodies = {row.asked: row.body(api, api.body()) for row in asked}
    return refusals({row.asked: _refuse(api, row, bodies[row.asked]) for row in asked}, bodies)


def _refuse(api: Api, row: InvalidRequest, body: Body) -> Exchange:
    return _try(api, body, row.asked, {"content": row.content(body)} if row.content else {})


def probe_creations(api: Api, bodies: Mapping[str, Body]) -> Refusals:
    """Send creations of which the documents say nothing; one that is accepted is archived at once."""
    return refusals(
        {asked: _try(api, body, asked, {"probe": True}) for asked, body in bodies.items()}, bodies
    )


def refusals(answers: Mapping[str, Exchange], bodies: Mapping[str, Body]) -> Refusals:
    """Return the answers to creations with the descriptions that were sent."""
    return Refusals(answers, {asked: bodies[asked].get("description") for asked in answers})


def _try(api: Api, body: Body, asked: str, variant: Variant) -> Exchange:
    sent: Variant = {**variant, "label": f"create with {asked}"}
    answer = api.create(body, **sent)
    made = created_id(answer)
    if made:
        api.archive(made, label=f"archive what was created with {asked}")
    return answer
