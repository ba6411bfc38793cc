"""What a search may ask of a target beyond its plan, and what it leaves of the run's limits to others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from conformance.client.answers import created_id
from conformance.client.api import Api
from conformance.contract.verdict import Blame, NotJudgedError

SECONDS = 20.0
"""How long a search goes on making its first failure smaller."""
REQUESTS_LEFT, CREATED_LEFT = 30, 3
"""What searches leave of `--max-requests` and `--max-created`: an attempt under way in each of them."""


class Allowance:
    """What is left for taking groups apart and for shrinking, from the first failure on.

    A target that breaks every promise would else be asked far more than a conforming one.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        reach = api.target.settings.reach
        self._requests, self._created = reach.spare_requests, reach.spare_created
        self._until = float("inf")

    @property
    def is_left(self) -> bool:
        """Whether another attempt may be made."""
        return self._requests > 0 and self._created > 0 and time.monotonic() < self._until

    @contextmanager
    def spending(self, *, extra: bool = True) -> Iterator[None]:
        """Count what the block asks, if it is `extra` to the plan."""
        first = self._api.target.next_number()
        try:
            yield
        finally:
            if extra:
                self._until = min(self._until, time.monotonic() + SECONDS)
                sent = [one for one in self._api.target.exchanges(self._api.story) if one.number > first]
                self._requests -= len(sent)
                self._created -= sum(
                    one.method == "POST" and one.path.endswith("/deployments") and bool(created_id(one))
                    for one in sent
                )


def check_room(api: Api, created: int = 0) -> None:
    """Raise NotJudgedError (harness) when a limit of the run is near; `created` are about to be made."""
    limit = api.target.manners.budget.short_of(requests=REQUESTS_LEFT, created=CREATED_LEFT + created)
    if limit:
        raise NotJudgedError(Blame.HARNESS, f"searches ended before {limit} was reached")
