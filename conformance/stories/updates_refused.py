"""Stories about updates that are refused: each is followed by a read that must show nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.stories.registry import story
from conformance.stories.values import cron, yearly
from conformance.target.api import Api, Created
from conformance.target.exchange import Exchange

LONGEST_NAME = 256
MOST_EVENTS = 50
MOST_KEYS = 16


@dataclass(frozen=True)
class Attempt:
    """An update that is to be refused, and the read after it."""

    answer: Exchange
    after: Exchange


@dataclass(frozen=True)
class RefusedUpdates:
    """Updates with bad fields, in the order they were sent; `before` is the read before the first."""

    before: Exchange
    attempts: Mapping[str, Attempt]

    @property
    def malformed(self) -> Exchange:
        """The answer to an update whose body is no JSON."""
        return self.answers("malformed JSON")["malformed JSON"]

    def answers(self, *asked: str) -> dict[str, Exchange]:
        """Return the answers to some of the attempts by what was asked."""
        return {words: self.attempts[words].answer for words in asked}


@story()
def refused_updates(api: Api) -> RefusedUpdates:
    """A deployment with 16 metadata keys gets updates with a bad name, bad events, too much metadata."""
    kept = {f"key-{number}": "kept" for number in range(MOST_KEYS)}
    made = api.create_deployment(schedule=yearly(), metadata=kept)
    half = {"description": "half of a refused update"}
    event = api.known.event("Event of a refused update")
    bad: dict[str, object] = {
        "an empty name": {**half, "name": ""},
        "a name of 257 characters": {"name": "n" * (LONGEST_NAME + 1)},
        "a number as name": {**half, "name": 5},
        "no event": {**half, "initial_events": []},
        "51 events": {"initial_events": [event] * (MOST_EVENTS + 1)},
        "a 17th metadata key": {"metadata": {"key-0": "changed", "one-too-many": "value"}},
    }
    before = _before(api, made)
    attempts = _attempts(api, made, bad)
    malformed = api.update(made.id, None, label="update with malformed JSON", content=b'{"name":')
    attempts["malformed JSON"] = Attempt(malformed, _read(api, made, "malformed JSON"))
    return RefusedUpdates(before, attempts)


@story()
def refused_schedule_updates(api: Api) -> RefusedUpdates:
    """A scheduled deployment gets updates with invalid crons and schedules that lack a part."""
    made = api.create_deployment(schedule=yearly())
    whole = yearly(minute=15, hour=4)
    half = {"description": "half of a refused update"}
    bad: dict[str, object] = {
        "the cron 'not a cron'": {"schedule": cron("not a cron")},
        "a cron of 4 fields": {**half, "schedule": cron(whole["expression"].rpartition(" ")[0])},
        "the minute 61": {"schedule": cron(whole["expression"].replace("15", "61"))},
        **{
            f"a schedule without {part}": {
                "schedule": {name: value for name, value in whole.items() if name != part}
            }
            for part in whole
        },
        "the schedule type interval": {**half, "schedule": {**whole, "type": "interval"}},
    }
    return RefusedUpdates(_before(api, made), _attempts(api, made, bad))


@story(needs=("archived-agent-id",))
def update_to_archived_agent(api: Api) -> RefusedUpdates:
    """A deployment is to be moved to an archived agent."""
    return _move(api, "an archived agent", {"agent": api.known.archived_agent_id})


@story(needs=("archived-environment-id",))
def update_to_archived_environment(api: Api) -> RefusedUpdates:
    """A deployment is to be moved to an archived environment."""
    return _move(api, "an archived environment", {"environment_id": api.known.archived_environment_id})


def _move(api: Api, asked: str, change: Mapping[str, object]) -> RefusedUpdates:
    made = api.create_deployment()
    bad = {asked: {"description": "half of a refused update", **change}}
    return RefusedUpdates(_before(api, made), _attempts(api, made, bad))


def _before(api: Api, made: Created) -> Exchange:
    """Read the deployment; wait, so that a refusal which moves `updated_at` shows."""
    before = api.get(made.id, label="read before the refused updates")
    api.wait_for_next_second()
    return before


def _attempts(api: Api, made: Created, bodies: Mapping[str, object]) -> dict[str, Attempt]:
    return {
        asked: Attempt(
            api.update(made.id, body, label=f"update with {asked}"),
            _read(api, made, asked),
        )
        for asked, body in bodies.items()
    }


def _read(api: Api, made: Created, asked: str) -> Exchange:
    return api.get(made.id, label=f"read after the update with {asked}")
