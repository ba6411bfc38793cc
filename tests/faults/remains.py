"""Faults of refusals that leave something where it is not looked for: hidden rows, names, last runs."""

from __future__ import annotations

from dataclasses import replace

from conformance.reference import ApiError, Call, Document, ReferenceSettings, Service
from conformance.reference.errors import conflict
from conformance.reference.store import AgentPin, Deployment
from tests.faults.catalogue import fault

CREATES_NOTHING = "errors.refused-creates-nothing"
CHANGES_NOTHING = "errors.refused-changes-nothing"


@fault(breaks=CREATES_NOTHING, also=("object.refused-is-not-done",), hides="side effect")
class ARefusedCreationIsArchived(Service):
    """A creation that is refused with 400 is made and archived at once: only a list with archived ones shows it."""

    def create(self, call: Call) -> Document:
        try:
            return super().create(call)
        except ApiError as error:
            if error.status == 400 and isinstance(call.body.get("name"), str):
                agent = AgentPin(next(iter(call.tenant.agents)), 1)
                fields = {
                    "name": call.body["name"],
                    "description": str(call.body.get("description", "")),
                    "agent": agent,
                    "environment_id": next(iter(call.tenant.environments)),
                    "initial_events": [{"type": "user.message", "content": ""}],
                    "metadata": self.default_metadata(),
                }
                self.save(call, self.apply_archive(self.apply_create(call, fields)))
            raise


@fault(breaks=CREATES_NOTHING, hides="side effect")
class ARefusedCreationTakesTheName(Service):
    """The name of a creation that was refused with 400 is taken from then on."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._taken: set[tuple[str, str]] = set()

    def create(self, call: Call) -> Document:
        name = call.body.get("name")
        try:
            return super().create(call)
        except ApiError as error:
            if error.status == 400 and isinstance(name, str):
                self._taken.add((call.tenant.name, name))
            raise

    def check_name_free(self, call: Call, name: str, besides: str | None = None) -> None:
        super().check_name_free(call, name, besides)
        if (call.tenant.name, name) in self._taken:
            raise conflict(f"A deployment named {name!r} already exists.")


@fault(breaks=CHANGES_NOTHING, hides="side effect")
class AnUnknownReferenceIsFoundLate(Service):
    """An update to an unknown agent or environment is refused, and its other fields are stored."""

    def update(self, call: Call) -> Document:
        try:
            return super().update(call)
        except ApiError as error:
            late = {"agent", "environment_id"} & {*call.body}
            if error.status == 404 and late and call.deployment_id in call.tenant.deployments:
                kept = {name: value for name, value in call.body.items() if name not in late}
                super().update(replace(call, body=kept))
            raise


@fault(breaks="runs.refused-records-nothing", hides="side effect", tiers=("billable",))
class ARefusedRunCountsAsTheLast(Service):
    """A run that is refused while paused is recorded nowhere, but moves last_run_at."""

    def check_runnable(self, record: Deployment) -> None:
        try:
            super().check_runnable(record)
        except ApiError:
            if record.archived_at is None:
                self.keep(replace(record, last_run_at=self.instant()))
            raise
