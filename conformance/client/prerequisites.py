"""What is known of a target before stories begin: what deployments refer to, in which form and edition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from conformance.contract.verdict import Blame, NotApplicableError, NotJudgedError
from conformance.vendors.profile import EventForm

NOTHING_THERE = "needs deployments that are there; the account shows none"


def event(text: str, form: EventForm) -> dict[str, object]:
    """Return a `user.message` event with its content as a block list or as a plain string (N47).

    In the form `message` it is a `message` with a role, as AgentStudio has it.
    """
    content = text if form == "string" else [{"type": "text", "text": text}]
    if form == "message":
        return {"type": "message", "role": "user", "content": content}
    return {"type": "user.message", "content": content}


@dataclass(frozen=True, kw_only=True)
class Prerequisites:
    """The agent and environment of created deployments, given by option or found in the account.

    `bystander` is the run's first deployment, to which nothing is ever done, and `agent_version` the version
    of the agent that it shows. `vaults` are the ids of vaults that the account shows. `revision` is the
    edition of the documents by which the target is judged.
    Where the run makes none (`own` is false), the bystander is one that is there. `refusals` hold what was
    answered instead of a list of `agents` or `environments`, where they were looked for.
    """

    agent_id: str | None = None
    environment_id: str | None = None
    archived_agent_id: str | None = None
    archived_environment_id: str | None = None
    event_form: EventForm = "blocks"
    bystander: str | None = None
    agent_version: object = None
    revision: str = ""
    own: bool = True
    vaults: tuple[str, ...] = ()
    refusals: Mapping[str, str] = field(default_factory=dict)

    @property
    def untouched(self) -> str:
        """The id of the run's first deployment, which is never changed.

        Raises NotJudgedError (precondition) when there is none, NotApplicableError when none is to be made.
        """
        if self.bystander is None and not self.own:
            raise NotApplicableError(NOTHING_THERE)
        if self.bystander is None:
            raise NotJudgedError(Blame.PRECONDITION, "no deployment could be created")
        return self.bystander

    @property
    def agent(self) -> str:
        """The agent's id; raises NotJudgedError (precondition) when there is none."""
        return self._required(self.agent_id, "agent")

    @property
    def environment(self) -> str:
        """The environment's id; raises NotJudgedError (precondition) when there is none."""
        return self._required(self.environment_id, "environment")

    def _required(self, value: str | None, kind: str) -> str:
        if value is not None:
            return value
        refusal = self.refusals.get(f"{kind}s")
        found = f"found: GET /{kind}s answered {refusal}" if refusal else f"found with GET /{kind}s"
        raise NotJudgedError(Blame.PRECONDITION, f"no {kind} was {found}; name one with --{kind}-id")

    def event(self, text: str) -> dict[str, object]:
        """Return a `user.message` event in the form that this target takes."""
        return event(text, self.event_form)


def resources(answer: object) -> Iterator[Mapping[str, object]]:
    """Yield the objects of a list of agents, environments or vaults, in any envelope: no page fixes it."""
    members = answer.values() if isinstance(answer, dict) else [answer]
    listed = (member for member in members if isinstance(member, list))
    yield from (item for item in chain.from_iterable(listed) if isinstance(item, dict))


def pick(items: Iterable[Mapping[str, object]], *, archived: bool) -> str | None:
    """Return the id of the first live (or archived) agent or environment, one with several versions first."""
    versions = {str(item["id"]): item.get("version") for item in identified(items, archived=archived)}
    return max(versions, key=lambda name: _versions(versions[name]), default=None)


def identified(items: Iterable[Mapping[str, object]], *, archived: bool) -> Iterator[Mapping[str, object]]:
    """Yield the live (or archived) objects that have an id."""
    yield from (
        item
        for item in items
        if isinstance(item.get("id"), str) and bool(item.get("archived_at")) == archived
    )


def _versions(version: object) -> int:
    return min(version, 2) if isinstance(version, int) else 0
