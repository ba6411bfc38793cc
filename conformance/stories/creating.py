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
    """Creations that should be refused: answers and unique descriptions by what was asked."""

    answers: Mapping[str, Exchange]
    descriptions: Mapping[str, object]

    def of(self, *asked: str) -> Mapping[str, Exchange]:
        """Return the answers to some of them."""
        return {one: self.answers[one] for one in asked}


def try_creations(api: Api, bodies: Mapping[str, Body], *, probe: bool = False) -> Refusals:
    """Send creations one after another; one that is accepted is archived at once.

    The bodies keep the description of `Api.body`, by which `Runner.newest` finds what was made all the same.
    """
    answers = {asked: _try(api, body, asked, probe=probe) for asked, body in bodies.items()}
    return refusals(answers, bodies)


def refusals(answers: Mapping[str, Exchange], bodies: Mapping[str, Body]) -> Refusals:
    """Return the answers to creations with the descriptions that were sent."""
    return Refusals(answers, {asked: bodies[asked].get("description") for asked in answers})


def _try(api: Api, body: Body, asked: str, *, probe: bool) -> Exchange:
    answer = api.create(body, label=f"create with {asked}", probe=probe)
    made = created_id(answer)
    if made:
        api.archive(made, label=f"archive what was created with {asked}")
    return answer
