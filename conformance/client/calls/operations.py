"""The routes of the Deployments API, one method each."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Unpack

from conformance.client.answers import created_id, is_archived
from conformance.client.calls.guarded import ABSENT, Calls, Variant
from conformance.client.calls.staleness import Memory
from conformance.client.credentials import Auth
from conformance.client.exchange import Exchange
from conformance.client.ownership.borrowed import Lending
from conformance.client.ownership.creations import Creations
from conformance.client.prerequisites import Prerequisites
from conformance.client.target import Target
from conformance.client.traffic.quota import UNEXPECTED

MINIMAL = frozenset({"name", "description", "agent", "environment_id", "initial_events"})
"""What `Operations.body` sets: any account that has room takes such a creation."""


class Operations(Calls):
    """The routes of the Deployments API for one story; `known` is what deployments can refer to."""

    def __init__(
        self,
        target: Target,
        story: str,
        known: Prerequisites,
        creations: Creations,
        *,
        lending: Lending | None,
        memory: Memory,
    ) -> None:
        super().__init__(target, story, creations, lending=lending, memory=memory)
        self.known = known
        self._counter = itertools.count(1)

    def body(self, **changes: object) -> dict[str, object]:
        """Return a minimal valid create body with a fresh name; `changes` set fields, `ABSENT` drops one."""
        name = f"conformance-{self.target.run_id}-{self.story.replace('_', '-')}-{next(self._counter)}"
        fields = {
            "name": name,
            "description": f"Made by a conformance run ({name}); it is archived when the run ends.",
            "agent": self.target.shapes.agent(self.known.agent),
            "environment_id": self._environment(),
            "initial_events": [self.known.event(f"Event of {name}")],
            **changes,
        }
        return {field: value for field, value in fields.items() if value is not ABSENT}

    def _environment(self) -> object:
        """Return the environment of a creation, `ABSENT` where none is known and none is required."""
        required = self.target.profile.deployments.environment_required
        return self.known.environment if required or self.known.environment_id else ABSENT

    def create(self, body: object, /, **variant: Unpack[Variant]) -> Exchange:
        """Send a creation, whatever its body; the ledger has it before and after.

        An answer that a quota of the account explains says so (`Exchange.precondition`).
        """
        exchange = self._create(body, variant)
        if self.creations.created and variant.get("authorization", Auth.OWN) is Auth.OWN:
            conflict = exchange.status == HTTPStatus.CONFLICT and not variant.get("may_conflict")
            suspicious = variant.get("valid", False) or conflict or exchange.status in UNEXPECTED
            reason = self.creations.quota.reason(exchange, suspicious=suspicious, ask=self._create_minimal)
            return self.target.explain(exchange, reason) if reason else exchange
        return exchange

    def _create(self, body: object, variant: Variant) -> Exchange:
        with self.creations.announced(body) as (marks,):
            exchange = self._call("POST", "/deployments", variant, "create", body)
            self.creations.settle(marks, exchange)
        if exchange.succeeded and isinstance(body, Mapping) and body.keys() <= MINIMAL:
            self.creations.quota.accepted()
        return exchange

    def _create_minimal(self) -> Exchange:
        """Create what any account with room takes, and archive it at once."""
        label = "look whether the account takes any more deployments"
        exchange = self._create(self.body(), {"label": label})
        if made := created_id(exchange):
            self.archive(made, label="archive it")
        return exchange

    def create_together(self, body: object, count: int, *, headers: Mapping[str, str]) -> Sequence[Exchange]:
        """Send one creation several times so that they arrive together; return the answers.

        Raises NotApplicableError when the rate never allows so many at once.
        """
        self.target.check_allowed(count)
        request = self.request("POST", "/deployments", label="create", body=body, headers=headers)
        with self.creations.announced(body, count) as marks:
            answers = self.volley([request] * count)
            for mark, exchange in zip(marks, answers, strict=True):
                self.creations.settle(mark, exchange)
        return answers

    def update(self, deployment_id: str, body: object, /, **variant: Unpack[Variant]) -> Exchange:
        """Update a deployment with a partial body."""
        return self._call("POST", self.target.routes.deployment(deployment_id), variant, "update", body)

    def pause(self, deployment_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Pause a deployment."""
        return self._act(deployment_id, "pause", variant)

    def unpause(self, deployment_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Unpause a deployment."""
        return self._act(deployment_id, "unpause", variant)

    def archive(self, deployment_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Archive a deployment, which is final."""
        exchange = self._act(deployment_id, "archive", variant)
        if variant.get("authorization", Auth.OWN) is Auth.OWN and is_archived(exchange):
            self.creations.archived(deployment_id)  # else the clean-up reads whether it is
        return exchange

    def _act(self, deployment_id: str, action: str, variant: Variant) -> Exchange:
        return self._call("POST", self.target.routes.deployment(deployment_id, action), variant, action)

    def run(self, deployment_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Run a deployment by hand, which starts billable work.

        Without the tier `billable` only what cannot run may be named: a deployment that this run archived, or
        one that does not exist. Raises ForbiddenRequestError otherwise.
        """
        return self._act(deployment_id, "run", variant)

    def runs(
        self, deployment_id: str, params: Mapping[str, object] | None = None, **variant: Unpack[Variant]
    ) -> Exchange:
        """List the runs of one deployment."""
        return self._call("GET", self.target.routes.runs_of(deployment_id, params), variant, "list runs")

    def get_run(self, deployment_id: str, run_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Read one run of one deployment."""
        return self._call("GET", self.target.routes.run_of(deployment_id, run_id), variant, "read a run")

    def all_runs(self, params: Mapping[str, object] | None = None, **variant: Unpack[Variant]) -> Exchange:
        """List the runs of all deployments."""
        return self._call("GET", self.target.routes.runs(params), variant, "list all runs")

    def get_any_run(self, run_id: str, **variant: Unpack[Variant]) -> Exchange:
        """Read one run by its id alone."""
        return self._call("GET", self.target.routes.run(run_id), variant, "read a run by id")

    def list_refused(self) -> Exchange:
        """List the newest deployments after refused creations; any that was made all the same is ours."""
        exchange = self.list({"limit": self.largest_page}, label="look for what refused creations left")
        self.creations.adopt(exchange)
        return exchange
