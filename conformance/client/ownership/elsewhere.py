"""What the ids of a run mean to other credentials: ids may be counted for each tenant."""

from __future__ import annotations

import json
import threading
from collections.abc import Hashable

from conformance.client.exchange import Exchange
from conformance.contract.comparing import shorten
from conformance.contract.verdict import Blame, NotJudgedError


class Elsewhere:
    """Whether other credentials lead to a deployment of somebody else under an id."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._lock = threading.Lock()
        self._foreign: dict[tuple[str, Hashable], bool] = {}

    def read(self, deployment_id: str, who: Hashable, exchange: Exchange) -> None:
        """Keep what a read with other credentials shows of a deployment."""
        shown = exchange.json if exchange.succeeded and isinstance(exchange.json, dict) else {}
        if shown and shown.get("id") != deployment_id:
            return  # runs of it, say
        with self._lock:
            self._foreign[deployment_id, who] = bool(shown) and self._run_id not in json.dumps(shown)

    def is_read(self, deployment_id: str, who: Hashable) -> bool:
        """Tell whether a deployment was asked for with other credentials."""
        return (deployment_id, who) in self._foreign

    def check(self, deployment_id: str, who: Hashable) -> None:
        """Raise NotJudgedError (precondition) if other credentials lead to a deployment of somebody else."""
        if self._foreign.get((deployment_id, who)):
            raise NotJudgedError(
                Blame.PRECONDITION,
                f"with other credentials the id {shorten(deployment_id, 100)} names a deployment that this "
                "run did not make: nothing is sent that could change it",
            )
