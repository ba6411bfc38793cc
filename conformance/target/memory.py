"""What the target has told a story of its deployments: a read that shows an earlier state lags behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from conformance.contract.judgement import changes
from conformance.target.creations import created_id
from conformance.target.exchange import Exchange


class Memory:
    """The answers to what a story did to its deployments, by id, in the order of the requests."""

    def __init__(self) -> None:
        self._told: defaultdict[str, list[Exchange]] = defaultdict(list)

    def note(self, exchange: Exchange) -> None:
        """Remember what an accepted creation or change answered."""
        made = created_id(exchange)
        if made and isinstance(exchange.json, dict):
            self._told[made].append(exchange)

    def forget(self, deployment_id: str) -> None:
        """Forget what was told of a deployment, after which no read of it is called outdated."""
        self._told.pop(deployment_id, None)

    def knows(self, deployment_id: str) -> bool:
        """Tell whether the target has ever told of a deployment."""
        return deployment_id in self._told

    def is_outdated(self, deployment_id: str, read: Exchange) -> bool:
        """Tell whether a read shows a deployment as it was before the last change that was answered."""
        told, shown = self._told.get(deployment_id, []), read.json
        if len(told) < 2 or not isinstance(shown, dict) or _shows(told[-1], shown):  # noqa: PLR2004 (a state and its change)
            return False
        return any(_shows(answer, shown) for answer in told[:-1])


def _shows(answer: Exchange, state: Mapping[str, Any]) -> bool:
    return isinstance(answer.json, dict) and not changes(answer.json, state)
