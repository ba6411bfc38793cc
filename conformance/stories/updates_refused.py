"""Stories about updates that are refused: the read after them must show nothing of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.contract.judgement import refused, without
from conformance.stories.ids import tracing
from conformance.stories.registry import story
from conformance.stories.values import cron, yearly
from conformance.target.api import Api, Created
from conformance.target.exchange import Exchange

Bodies = Mapping[str, object]
"""Bodies of updates by what is wrong with them; bytes are sent as they are."""
LONGEST_NAME = 256
MOST_EVENTS = 50
MOST_KEYS = 16
FULL_METADATA = {f"key-{number}": "kept" for number in range(MOST_KEYS)}
"""As many keys as a deployment may have."""
LONGEST_KEY, LONGEST_VALUE = 64, 512


@dataclass(frozen=True)
class RefusedUpdates:
    """Answers to updates with bad fields by what was asked.

    `around` holds pairs of reads between which nothing but refused updates was sent; one that was accepted
    may change what it likes.
    """

    answers: Mapping[str, Exchange]
    around: Sequence[tuple[Exchange, Exchange]]

    def of(self, *asked: str) -> dict[str, Exchange]:
        """Return the answers to some of them."""
        return {words: self.answers[words] for words in asked}


@story()
def refused_updates(api: Api) -> RefusedUpdates:
    """A deployment with 16 metadata keys gets updates with a bad name, bad events, too much metadata."""
    made = api.create_deployment(schedule=yearly(), metadata=FULL_METADATA)
    event = api.known.event("Event of a refused update")
    unknown = {**event, "type": "assistant.message"}
    promised: Bodies = {
        "an empty name": {"description": "beside an empty name", "name": ""},
        "a name of 257 characters": {"name": "n" * (LONGEST_NAME + 1)},
        "no event": {"description": "beside no event", "initial_events": []},
        "51 events": {"initial_events": [event] * (MOST_EVENTS + 1)},
        "malformed JSON": b'{"name":',
    }
    likely: Bodies = {
        "a 17th metadata key": {"metadata": {"key-0": "changed", "one-too-many": "value"}},
        "a metadata key of 65 characters": {"metadata": {"key-0": None, "k" * (LONGEST_KEY + 1): "value"}},
        "a metadata value of 513 characters": {"metadata": {"key-0": "v" * (LONGEST_VALUE + 1)}},
        "a number as metadata value": {"metadata": {"key-0": 7}},
        "an unknown event type": {"initial_events": [unknown]},
        "an unknown event type after a good event": {"initial_events": [event, unknown]},
        "an event without type": {"initial_events": [without(event, ["type"])]},
        "a list as name": {"description": "beside a list as name", "name": ["text"]},
    }
    return attempt(api, made, promised, likely)


@story()
def refused_schedule_updates(api: Api) -> RefusedUpdates:
    """A scheduled deployment gets updates with invalid crons and schedules that lack a part."""
    made = api.obtain(schedule=yearly())
    whole = yearly(minute=15, hour=4)
    promised: Bodies = {
        "the cron 'not a cron'": {"schedule": cron("not a cron")},
        "a cron of 4 fields": {
            "description": "beside a cron of 4 fields",
            "schedule": cron(whole["expression"].rpartition(" ")[0]),
        },
        "the minute 61": {"schedule": cron(whole["expression"].replace("15", "61"))},
        **{
            f"a schedule without {part}": {
                "schedule": {name: value for name, value in whole.items() if name != part}
            }
            for part in whole
        },
    }
    likely: Bodies = {
        "the schedule type interval": {
            "description": "beside the type interval",
            "schedule": {**whole, "type": "interval"},
        },
        "an unknown time zone": {"schedule": {**whole, "timezone": "Mars/Olympus"}},
        "a cron of 6 fields": {"schedule": {**whole, "expression": f"0 {whole['expression']}"}},
        "text as schedule": {"schedule": whole["expression"]},
    }
    return attempt(api, made, promised, likely)


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
    return attempt(api, made, {asked: {"description": f"beside {asked}", **change}})


def attempt(api: Api, made: Created, *groups: Bodies) -> RefusedUpdates:
    """Send updates, read after each group of them and after each that is accepted.

    The first waits, so that a refusal which moves `updated_at` shows.
    """
    before = api.get(made.id, label="read before the refused updates")
    api.wait_for_next_second()
    answers: dict[str, Exchange] = {}
    around: list[tuple[Exchange, Exchange]] = []
    for group in groups:
        for asked, body in group.items():
            answers[asked] = _update(api, made, asked, body)
            if not refused(answers[asked]):
                before = api.get(made.id, label=f"read after the update with {asked}")
        after = api.get(made.id, label=f"read after the updates with {', '.join(group)}")
        around.append((before, after))
        before = after
    return RefusedUpdates(answers, around)


def _update(api: Api, made: Created, asked: str, body: object) -> Exchange:
    label = f"update with {asked}"
    if isinstance(body, bytes):
        return api.update(made.id, None, label=label, content=body, headers=tracing())
    return api.update(made.id, body, label=label)
