"""Creating for evidence: what was sent, what was answered, what is there afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.target.api import Api
from conformance.target.creations import created_id
from conformance.target.exchange import Exchange

Body = Mapping[str, object]


@dataclass(frozen=True)
class Stored:
    """A creation that should succeed: the body sent, its answer, and a read (None when nothing was made)."""

    sent: Body
    answer: Exchange
    read: Exchange | None


def store(api: Api, body: Body, label: str, *, probe: bool = False) -> Stored:
    """Create a deployment and read it back once it can be read."""
    answer = api.create(body, label=label, probe=probe)
    made = created_id(answer)
    read = api.get_until(made, lambda state: state.get("id") == made) if made else None
    return Stored(body, answer, read)


@dataclass(frozen=True)
class Refusals:
    """Creations that should be refused: answers and unique descriptions by what was asked.

    `listed` shows the newest deployments after all of them.
    """

    answers: Mapping[str, Exchange]
    descriptions: Mapping[str, object]
    listed: Exchange

    def of(self, *asked: str) -> Mapping[str, Exchange]:
        """Return the answers to some of them."""
        return {one: self.answers[one] for one in asked}


def try_creations(api: Api, bodies: Mapping[str, Body], *, probe: bool = False) -> Refusals:
    """Send creations one after another and list what is there; one that is accepted is archived at once."""
    answers = {asked: _try(api, body, asked, probe=probe) for asked, body in bodies.items()}
    return look(api, answers, bodies)


def look(api: Api, answers: Mapping[str, Exchange], bodies: Mapping[str, Body]) -> Refusals:
    """List what is there after creations whose bodies kept the description of `Api.body`."""
    descriptions = {asked: bodies[asked].get("description") for asked in answers}
    return Refusals(answers, descriptions, api.list_refused())


def _try(api: Api, body: Body, asked: str, *, probe: bool) -> Exchange:
    answer = api.create(body, label=f"create with {asked}", probe=probe)
    made = created_id(answer)
    if made:
        api.archive(made, label=f"archive what was created with {asked}")
    return answer
