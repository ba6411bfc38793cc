"""Faults of changes that touch what they do not name, or not all that they should."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from conformance.reference import NEW, Call, Deployment, Document, Service
from conformance.reference.store import AgentPin
from tests.faults.catalogue import fault

SEARCH = "model.lifecycle"
VARIABLES = "create.environment-variables-are-stored"


# --- environment variables -------------------------------------------------------------------------------


@fault(
    breaks=VARIABLES,
    also=("update.keeps-what-was-not-sent",),
    revisions=(NEW,),
    hides="side effect",
)
class UpdateLosesVariables(Service):
    """An update that does not name the environment variables empties them."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        return super().apply_update(record, {"environment_variables": "", **fields})


@fault(breaks=VARIABLES, also=("pause.changes-only-its-own-fields",), revisions=(NEW,), hides="side effect")
class PauseLosesVariables(Service):
    """A pause empties the environment variables."""

    def apply_pause(self, record: Deployment) -> Deployment:
        return replace(super().apply_pause(record), environment_variables="")


@fault(breaks=VARIABLES, also=("pause.cycle-repeats",), revisions=(NEW,), hides="side effect")
class UnpauseLosesVariables(Service):
    """An unpause empties the environment variables."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        return replace(super().apply_unpause(record), environment_variables="")


# --- other fields ----------------------------------------------------------------------------------------


@fault(breaks="pause.changes-only-its-own-fields", hides="side effect")
class PauseLosesMetadata(Service):
    """A pause empties the metadata."""

    def apply_pause(self, record: Deployment) -> Deployment:
        return replace(super().apply_pause(record), metadata=self.default_metadata())


@fault(breaks="pause.cycle-repeats", hides="side effect")
class UnpauseLosesMetadata(Service):
    """An unpause empties the metadata."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        return replace(super().apply_unpause(record), metadata=self.default_metadata())


@fault(
    breaks="pause.changes-only-its-own-fields",
    hides="side effect",
    tiers=("property",),
    found_by=SEARCH,
)
class PauseMovesToTheLatestAgent(Service):
    """A pause moves a deployment to the latest version of its agent, whatever version it pins."""

    def pause(self, call: Call) -> Document:
        record = self.find(call)
        super().pause(call)
        latest = AgentPin(record.agent.id, call.tenant.agents[record.agent.id].version)
        self.keep(replace(self.find(call), agent=latest))
        return self.get(call)


# --- updated_at and the name -----------------------------------------------------------------------------


@fault(breaks="pause.advances-updated-at", hides="side effect")
class PauseMovesNoTime(Service):
    """A pause leaves updated_at as it was."""

    def apply_pause(self, record: Deployment) -> Deployment:
        return replace(super().apply_pause(record), updated_at=record.updated_at)


@fault(breaks="pause.advances-updated-at", hides="side effect")
class UnpauseMovesNoTime(Service):
    """An unpause leaves updated_at as it was."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        return replace(super().apply_unpause(record), updated_at=record.updated_at)


@fault(breaks="archive.renames", hides="sequence")
class ArchiveGoesBackToTheFirstName(Service):
    """An archive appends to the name that a deployment was made with."""

    def apply_create(self, call: Call, fields: Mapping[str, Any]) -> Deployment:
        made = super().apply_create(call, fields)
        self.__dict__.setdefault("first_names", {})[made.id] = made.name
        return made

    def archived_name(self, record: Deployment, at: datetime) -> str:
        first = self.__dict__["first_names"].get(record.id, record.name)
        return super().archived_name(replace(record, name=first), at)
