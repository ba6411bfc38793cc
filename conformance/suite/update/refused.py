"""Stories about updates that are refused: the read after them must show nothing of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.client.api import Api, Created
from conformance.client.exchange import Exchange
from conformance.contract.judgement import refused
from conformance.suite.engine.registry import story
from conformance.suite.shared.ids import tracing
from conformance.suite.shared.invalid_requests import InvalidRequest, Rows, askable
from conformance.suite.shared.values import yearly
from conformance.suite.update.refusals import (
    FULL_METADATA,
    LIKELY,
    LIKELY_SCHEDULES,
    PROMISED,
    PROMISED_SCHEDULES,
    UPDATES,
)


@dataclass(frozen=True)
class RefusedUpdates:
    """Answers to updates with bad fields by what was asked.

    `around` holds pairs of reads between which nothing but refused updates was sent; one that was accepted
    may change what it likes. `later` is the answer to an update of metadata that must be accepted after them.
    """

    answers: Mapping[str, Exchange]
    around: Sequence[tuple[Exchange, Exchange]]
    later: Exchange | None = None


@story()
def refused_updates(api: Api) -> RefusedUpdates:
    """A deployment with 16 metadata keys gets updates with a bad name, bad events, too much metadata."""
    made = api.create_deployment(schedule=yearly(), metadata=FULL_METADATA)
    evidence = attempt(api, made, PROMISED, LIKELY)
    later = {"metadata": {"key-1": "changed after refusals"}}
    return replace(
        evidence, later=api.update(made.id, later, label="update metadata after all that was refused")
    )


@story()
def refused_schedule_updates(api: Api) -> RefusedUpdates:
    """A paused deployment gets updates with invalid crons and schedules that lack a part."""
    made = api.obtain(schedule=yearly())
    if not api.asks_musts_alone:
        api.pause(made.id, label="pause before the refused updates")
        made = replace(made, exchange=api.get(made.id, label="read before the refused updates"))
    return attempt(api, made, PROMISED_SCHEDULES, LIKELY_SCHEDULES)


@story(needs=("archived-agent-id",))
def update_to_archived_agent(api: Api) -> RefusedUpdates:
    """A deployment is to be moved to an archived agent."""
    return attempt(api, api.obtain_any(), UPDATES["update_to_archived_agent"])


@story(needs=("archived-environment-id",))
def update_to_archived_environment(api: Api) -> RefusedUpdates:
    """A deployment is to be moved to an archived environment."""
    return attempt(api, api.obtain_any(), UPDATES["update_to_archived_environment"])


def attempt(api: Api, made: Created, *groups: Rows, probe: bool = False) -> RefusedUpdates:
    """Send updates, read after each group of them and after each that is accepted.

    The first waits, so that a refusal which moves `updated_at` shows.
    """
    before = api.first_read(made, "read before the refused updates")
    api.wait_for_next_second()
    answers: dict[str, Exchange] = {}
    around: list[tuple[Exchange, Exchange]] = []
    for group in filter(None, (askable(api, rows) for rows in groups)):
        for row in group:
            answers[row.asked] = _update(api, made, row, probe=probe)
            if not refused(answers[row.asked]):
                before = api.get(made.id, label=f"read after the update with {row.asked}")
        asked = ", ".join(row.asked for row in group)
        after = api.get(made.id, label=f"read after the updates with {asked}")
        around.append((before, after))
        before = after
    return RefusedUpdates(answers, around)


def _update(api: Api, made: Created, row: InvalidRequest, *, probe: bool) -> Exchange:
    label, body = f"update with {row.asked}", row.body(api, {})
    if row.content:
        content = row.content(body)
        return api.update(made.id, None, label=label, content=content, headers=tracing(), probe=probe)
    return api.update(made.id, body, label=label, probe=probe)
