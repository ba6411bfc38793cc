"""Faults of creating: what is answered and what is stored."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from conformance.reference import NEW, Call, Deployment, Document, Service
from conformance.reference.errors import invalid
from conformance.reference.store import Agent, AgentPin
from tests.faults.catalogue import fault

SHAPE = ("object.matches-schema", "object.has-sample-fields", "get.has-the-shape-of-create")


# --- what is answered --------------------------------------------------------------------------------------


@fault(breaks="create.minimal-is-accepted")
class DescriptionIsRequired(Service):
    """A creation without a description is refused."""

    def check_required_fields(self, body: Document) -> None:
        super().check_required_fields(body)
        if "description" not in body:
            raise invalid("Missing required field: description", "description")


@fault(breaks="create.returns-deployment")
class AnotherPrefix(Service):
    """Ids of deployments begin with another prefix."""

    def new_id(self, prefix: str) -> str:
        return super().new_id("deployment" if prefix == "dep" else prefix)


@fault(breaks="create.starts-active", also=SHAPE)
class CreationAnswersPending(Service):
    """The answer to a creation has a status that no other answer shows."""

    def create(self, call: Call) -> Document:
        return super().create(call) | {"status": "pending"}


@fault(breaks="create.starts-unpaused-and-unarchived", also=SHAPE)
class FreshDeploymentsHaveAReason(Service):
    """The answer to a creation has a paused_reason."""

    def create(self, call: Call) -> Document:
        return super().create(call) | {"paused_reason": {"type": "never_started"}}


@fault(
    breaks="create.manual-only-has-null-schedule",
    also=(*SHAPE, "pause.works-without-schedule", "unpause.manual-only-has-null-schedule"),
)
class NoScheduleField(Service):
    """A manual-only deployment has no field schedule."""

    def render_deployment(self, record: Deployment) -> Document:
        document = super().render_deployment(record)
        if record.schedule is None:
            del document["schedule"]
        return document


@fault(
    breaks="create.timestamps-agree",
    also=(
        *SHAPE,
        "object.identity-never-moves",
        "object.updated-at-never-goes-back",
        "update.advances-updated-at",  # the first update is compared with the answer to the creation
    ),
    hides="time",
)
class CreationAnswersLocalTime(Service):
    """The answer to a creation tells the local time of Shanghai and calls it UTC."""

    def create(self, call: Call) -> Document:
        local = self.render_time(self.instant() + timedelta(hours=8))
        return super().create(call) | {"created_at": local, "updated_at": local}


@fault(breaks="create.timestamps-agree", also=("update.advances-updated-at",), hides="time")
class CreatedEarlier(Service):
    """created_at lies some seconds before updated_at."""

    def apply_create(self, call: Call, fields: Mapping[str, Any]) -> Deployment:
        record = super().apply_create(call, fields)
        return replace(record, created_at=record.created_at - timedelta(seconds=10))


@fault(breaks="create.absent-lists-are-empty", also=SHAPE)
class EmptyListsAreNull(Service):
    """Lists that are empty read as null."""

    def render_deployment(self, record: Deployment) -> Document:
        document = super().render_deployment(record)
        return document | {name: document[name] or None for name in ("resources", "vault_ids")}


@fault(breaks="create.absent-metadata-is-empty")
class MetadataOfItsOwn(Service):
    """A creation without metadata gets some."""

    def read_creation(self, call: Call) -> dict[str, Any]:
        fields = super().read_creation(call)
        own = {} if "metadata" in call.body else {"created_by": "api"}
        return fields | {"metadata": {**fields["metadata"], **own}}


@fault(breaks="create.absent-environment-variables-are-empty", also=SHAPE, revisions=(NEW,))
class NoVariablesAreNull(Service):
    """Absent environment variables read as null."""

    def render_deployment(self, record: Deployment) -> Document:
        return super().render_deployment(record) | {
            "environment_variables": record.environment_variables or None
        }


@fault(breaks="create.agent-as-text", also=(*SHAPE, "create.agent-version-is-pinned", "list.agent-filter"))
class AgentWithItsVersionInTheId(Service):
    """The id of an agent carries its version."""

    def render_agent_pin(self, agent: AgentPin) -> Document:
        return super().render_agent_pin(agent) | {"id": f"{agent.id}@{agent.version}"}


# --- what is stored ----------------------------------------------------------------------------------------


class Stores(Service):
    """Keeps something else than the answer to the creation tells."""

    def stored(self, record: Deployment) -> Deployment:
        """Return what is kept instead of a new deployment."""
        raise NotImplementedError

    def create(self, call: Call) -> Document:
        document = super().create(call)
        self.keep(self.stored(call.tenant.deployments[str(document["id"])]))
        return document


@fault(breaks="create.stores-what-was-sent", also=("get.has-the-shape-of-create",), hides="inputs")
class DescriptionIsEscaped(Stores):
    """A description is stored escaped for HTML."""

    def stored(self, record: Deployment) -> Deployment:
        return replace(record, description=html.escape(record.description))


@fault(breaks="create.name-of-256-is-stored", hides="inputs")
class NamesAreCutAt255(Stores):
    """A name is stored up to its 255th character."""

    def stored(self, record: Deployment) -> Deployment:
        return replace(record, name=record.name[:255])


@fault(
    breaks="create.name-of-256-is-stored", also=("create.metadata-at-its-limits-is-stored",), hides="inputs"
)
class LengthsInUtf16(Service):
    """Lengths are counted in UTF-16 units, as some languages do."""

    def length(self, text: str) -> int:
        return len(text.encode("utf-16-le", "surrogatepass")) // 2


@fault(breaks="create.metadata-at-its-limits-is-stored", hides="inputs")
class KeysInBytes(Service):
    """The length of a metadata key is counted in bytes."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        if len(key.encode()) > self.metadata_key_limit:
            raise invalid("a metadata key is too long", "metadata")
        return super().read_metadata_entry(key, entry, bag)


@fault(breaks="create.50-events-are-stored", also=("update.events-are-replaced",), hides="inputs")
class EventsAreFewerThan50(Service):
    """The number of events must be below the limit."""

    event_limit = 49


@fault(breaks="create.50-events-are-stored", hides="inputs")
class ManyEventsLoseTheirOrder(Stores):
    """From ten events on, they are stored sorted by their text backwards."""

    def stored(self, record: Deployment) -> Deployment:
        events = record.initial_events
        return replace(record, initial_events=events[::-1]) if len(events) > 9 else record


@fault(
    breaks="create.environment-variables-are-stored",
    also=("get.has-the-shape-of-create",),
    revisions=(NEW,),
    hides="inputs",
)
class VariablesOnOneLine(Stores):
    """Environment variables are stored on one line."""

    def stored(self, record: Deployment) -> Deployment:
        return replace(record, environment_variables=record.environment_variables.replace("\n", ";"))


@fault(breaks="create.agent-version-is-pinned", hides="inputs")
class AlwaysTheLatestAgent(Service):
    """The version of an agent object is not looked at."""

    def read_version(self, reference: Document, agent: Agent) -> int:
        super().read_version(reference, agent)
        return agent.version
