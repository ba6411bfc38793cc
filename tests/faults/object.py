"""Faults of the deployment object in every answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from conformance.reference import Deployment, Document, Service
from tests.faults.catalogue import fault


@fault(
    breaks="object.matches-schema",
    also=("archive.sets-archived-at", "create.timestamps-agree"),
    shown_by=(
        "archive_long_name",
        "other_event_form",
    ),
)
class TimesWithoutZone(Service):
    """Timestamps carry no zone."""

    def render_time(self, at: datetime) -> str:
        return super().render_time(at).removesuffix("Z")


@fault(
    breaks="object.matches-schema",
    also=("archive.sets-archived-at",),
    hides="sequence",
    shown_by=(
        "archive_twice",
        "lifecycle",
    ),
)
class ArchivedAtIsANumber(Service):
    """archived_at is a Unix time."""

    def render_deployment(self, record: Deployment) -> Document:
        document = super().render_deployment(record)
        if record.archived_at:
            document["archived_at"] = int(record.archived_at.timestamp())
        return document


@fault(breaks="object.matches-schema", also=("create.returns-deployment",), shown_by=("lifecycle",))
class TypeIsAnotherWord(Service):
    """The type is not deployment."""

    def render_deployment(self, record: Deployment) -> Document:
        return super().render_deployment(record) | {"type": "schedule"}


@fault(breaks="object.has-sample-fields", shown_by=("lifecycle",))
class NoResources(Service):
    """The field resources is missing."""

    def render_deployment(self, record: Deployment) -> Document:
        document = super().render_deployment(record)
        del document["resources"]
        return document


@fault(breaks="object.no-undocumented-fields", shown_by=("updates",))
class OneFieldMore(Service):
    """A field that no page knows is there."""

    def render_deployment(self, record: Deployment) -> Document:
        return super().render_deployment(record) | {"shard": 7}


@fault(breaks="object.identity-never-moves", also=("list.before-id-walk",), hides="sequence")
class UpdateMovesCreatedAt(Service):
    """An update moves created_at."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        changed = super().apply_update(record, fields)
        return replace(changed, created_at=changed.created_at - timedelta(seconds=30))


@fault(breaks="object.updated-at-never-goes-back", also=("pause.advances-updated-at",), hides="sequence")
class PauseSetsUpdatedAtBack(Service):
    """A pause sets updated_at back."""

    def apply_pause(self, record: Deployment) -> Deployment:
        return replace(super().apply_pause(record), updated_at=record.updated_at - timedelta(seconds=30))
