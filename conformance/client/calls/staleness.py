"""What the target has told a story of its deployments: a read that shows an earlier state lags behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from conformance.client.answers import created_id
from conformance.client.exchange import Exchange
from conformance.contract.comparing import changes, field, instant
from conformance.contract.judgement import refused
from conformance.contract.path_ids import key_of


class Memory:
    """The answers to what a story did to its deployments, by id, in the order of the requests."""

    def __init__(self) -> None:
        self._answers: defaultdict[str, list[Exchange]] = defaultdict(list)
        self._keys: set[str] = set()

    def remember(self, exchange: Exchange) -> None:
        """Remember what an accepted creation or change answered, unless its key says that it is repeated."""
        made = created_id(exchange)
        key = exchange.request_headers.get("idempotency-key")
        if key in self._keys:
            return  # the first answer comes again, whatever the state is by now
        if key and not refused(exchange):  # else nothing was done under it as yet
            self._keys.add(key)
        if made and isinstance(exchange.json, dict):
            self._answers[key_of(made)].append(exchange)

    def forget(self, deployment_id: str) -> None:
        """Forget what was told of a deployment, after which no read of it is called outdated."""
        self._answers.pop(key_of(deployment_id), None)

    def knows(self, deployment_id: str) -> bool:
        """Tell whether the target has ever told of a deployment."""
        return key_of(deployment_id) in self._answers

    def is_outdated(self, deployment_id: str, read: Exchange) -> bool:
        """Tell whether a read shows a deployment as it was before the last change that was answered.

        So does one that shows the change, but the upcoming runs of before: some servers foresee them late.
        """
        answers = self._answers.get(key_of(deployment_id), [])
        if len(answers) < 2:  # noqa: PLR2004 (a state and its change)
            return False
        with read.alone():
            shown = read.json
            if not isinstance(shown, dict):
                return False
            if _shows(answers[-1], shown):
                return _lists_former_runs(answers, shown)
            return any(_shows(answer, shown) for answer in answers[:-1])


def _shows(answer: Exchange, state: Mapping[str, Any]) -> bool:
    return isinstance(answer.json, dict) and not changes(answer.json, state)


def _lists_former_runs(answers: Sequence[Exchange], state: Mapping[str, Any]) -> bool:
    *former, told = (_upcoming(answer.json) for answer in answers)
    shown = _upcoming(state)
    return shown is not None and told is not None and shown != told and shown in former


def _upcoming(state: object) -> list[datetime | None] | None:
    listed = field(state, "schedule.upcoming_runs_at")
    return [instant(at) for at in listed] if isinstance(listed, list) else None
