"""What faults of a later turn remember: how often something was asked, and what a deployment was before."""

from __future__ import annotations

from collections import Counter, defaultdict

from conformance.reference import Call, Deployment, ReferenceSettings, Service


class Counting(Service):
    """Counts what is asked of each deployment."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._asked: Counter[tuple[str, str]] = Counter()

    def times(self, call: Call, what: str = "") -> int:
        """Return how often this was asked of the deployment that a call names, this time included."""
        key = (what or call.request.operation, call.deployment_id)
        self._asked[key] += 1
        return self._asked[key]


class Remembering(Service):
    """Keeps every state of each deployment, oldest first."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._states: defaultdict[str, list[Deployment]] = defaultdict(list)

    def keep(self, record: Deployment) -> None:
        self._states[record.id].append(record)
        super().keep(record)

    def states(self, record: Deployment) -> list[Deployment]:
        """Return the states of a deployment until now, its creation first."""
        return self._states[record.id] or [record]
