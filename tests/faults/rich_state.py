"""Faults that only rich deployments show: long texts, many events, full metadata, vaults, odd zones."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from conformance.reference import NEW, ApiError, Call, Deployment, Document, Service
from conformance.reference.errors import crashed
from conformance.reference.store import Schedule
from tests.faults.catalogue import fault

MANY = 50
BASIC = 0xFFFF
PAUSED, ACTIVE, ARCHIVED = (
    "pause.changes-only-its-own-fields",
    "pause.cycle-repeats",
    "archive.changes-only-its-own-fields",
)
REFUSED, CRASH = "object.refused-is-not-done", "errors.no-server-error"


def astral(text: str) -> bool:
    """Tell whether a text has characters beyond the basic plane."""
    return any(ord(character) > BASIC for character in text)


# --- actions that fail -------------------------------------------------------------------------------------


@fault(
    breaks="pause.makes-it-paused",
    also=(CRASH, "pause.needs-no-body", "pause.works-without-schedule", "idempotency.pause-is-replayed"),
    hides="sequence",
)
class ManyEventsCannotBePaused(Service):
    """A deployment with fifty events cannot be paused: the server fails."""

    def apply_pause(self, record: Deployment) -> Deployment:
        if len(record.initial_events) >= MANY:
            raise crashed()
        return super().apply_pause(record)


@fault(
    breaks="unpause.makes-it-active",
    also=(CRASH, "unpause.manual-only-has-null-schedule", "unpause.next-run-is-in-the-future"),
    hides="sequence",
)
class ManyEventsCannotBeUnpaused(Service):
    """A deployment with fifty events cannot be unpaused: the server fails."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        if len(record.initial_events) >= MANY:
            raise crashed()
        return super().apply_unpause(record)


@fault(
    breaks="archive.sets-archived-at",
    also=("archive.renames", "archive.clears-upcoming-runs", "archive.keeps-status-active", ARCHIVED),
    hides="sequence",
)
class LongNamesCannotBeArchived(Service):
    """A name that the suffix makes longer than 250 characters is refused by an archive, though it fits."""

    def archived_name(self, record: Deployment, at: datetime) -> str:
        name = super().archived_name(record, at)
        if len(name) > 250 and len(record.name) < 237:
            raise ApiError(400, "invalid_request_error", "The name is too long.")
        return name


@fault(breaks="pause.second-is-conflict", hides="sequence")
class SecondPauseBesideVaultsIsFine(Service):
    """A second pause of a deployment with vaults answers 200."""

    def check_not_paused(self, record: Deployment) -> None:
        if not record.vault_ids:
            super().check_not_paused(record)


@fault(breaks="unpause.active-is-conflict", hides="sequence")
class UnpauseOfActiveWithLongDescriptionIsFine(Service):
    """An unpause of an active deployment with a long description answers 200."""

    def check_paused(self, record: Deployment) -> None:
        if len(record.description) <= 1_000:
            super().check_paused(record)


# --- actions that mangle -----------------------------------------------------------------------------------


@fault(breaks=PAUSED, also=(ACTIVE,), hides="side effect")
class PauseEscapesDescriptions(Service):
    """A pause stores the description escaped for HTML, each time once more."""

    def apply_pause(self, record: Deployment) -> Deployment:
        return replace(super().apply_pause(record), description=html.escape(record.description, quote=False))


@fault(breaks=PAUSED, hides="side effect")
class PauseCutsLongNames(Service):
    """A pause cuts the name after 200 characters."""

    def apply_pause(self, record: Deployment) -> Deployment:
        return replace(super().apply_pause(record), name=record.name[:200])


@fault(
    breaks=PAUSED,
    also=("create.environment-variables-are-stored",),
    revisions=(NEW,),
    hides="side effect",
)
class PauseKeepsOneLineOfVariables(Service):
    """A pause keeps the first line of the environment variables."""

    def apply_pause(self, record: Deployment) -> Deployment:
        first, *_ = record.environment_variables.splitlines() or [""]
        return replace(super().apply_pause(record), environment_variables=first)


@fault(breaks=PAUSED, hides="side effect")
class PauseForgetsOtherVaults(Service):
    """A pause keeps the first of several vaults."""

    def apply_pause(self, record: Deployment) -> Deployment:
        return replace(super().apply_pause(record), vault_ids=record.vault_ids[:1])


@fault(breaks=ACTIVE, hides="side effect")
class UnpauseDropsSystemMessages(Service):
    """An unpause drops the system messages among the events."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        kept = [
            event
            for event in record.initial_events
            if not (isinstance(event, dict) and event["type"] == "system.message")
        ]
        return replace(super().apply_unpause(record), initial_events=kept)


@fault(breaks=ACTIVE, hides="side effect")
class UnpauseDecodesPercents(Service):
    """An unpause decodes percent signs in the description, as in a URL."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        return replace(super().apply_unpause(record), description=unquote(record.description))


@fault(breaks=ACTIVE, hides="side effect")
class UnpauseLosesAstralCharacters(Service):
    """An unpause replaces characters beyond the basic plane in the name."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        name = "".join("?" if astral(character) else character for character in record.name)
        return replace(super().apply_unpause(record), name=name)


@fault(breaks=ARCHIVED, hides="side effect")
class ArchiveDropsLateEvents(Service):
    """An archive keeps the first 32 events."""

    def apply_archive(self, record: Deployment) -> Deployment:
        return replace(super().apply_archive(record), initial_events=record.initial_events[:32])


@fault(breaks=ARCHIVED, hides="side effect")
class ArchiveCutsLongMetadata(Service):
    """An archive cuts values of metadata after 255 characters."""

    def apply_archive(self, record: Deployment) -> Deployment:
        bag = {key: v[:255] if isinstance(v, str) else v for key, v in record.metadata.items()}
        return replace(super().apply_archive(record), metadata=bag)


@fault(breaks=ARCHIVED, hides="side effect")
class ArchiveForgetsVaults(Service):
    """An archive detaches the vaults."""

    def apply_archive(self, record: Deployment) -> Deployment:
        return replace(super().apply_archive(record), vault_ids=())


@fault(breaks=ARCHIVED, hides="side effect")
class ArchiveShortensZones(Service):
    """An archive keeps two parts of the name of a zone that has three."""

    def apply_archive(self, record: Deployment) -> Deployment:
        archived = super().apply_archive(record)
        if archived.schedule is None:
            return archived
        zone = archived.schedule.timezone.replace("Argentina/", "").replace("Kathmandu", "Katmandu")
        return replace(archived, schedule=Schedule(archived.schedule.expression, zone))


@fault(breaks="update.keeps-what-was-not-sent", hides="side effect")
class UpdateForgetsOtherVaults(Service):
    """An update that does not name the vaults keeps the first of several."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        return super().apply_update(record, {"vault_ids": record.vault_ids[:1], **fields})


@fault(breaks="update.keeps-what-was-not-sent", revisions=(NEW,), hides="side effect")
class UpdateDecodesVariables(Service):
    """An update that does not name the environment variables decodes percent signs in them."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        decoded = {"environment_variables": unquote(record.environment_variables)}
        return super().apply_update(record, {**decoded, **fields})


@fault(breaks="pause.refused-changes-nothing", also=(REFUSED, ACTIVE), hides="side effect")
class RefusedPauseTrimsTheDescription(Service):
    """A refused pause cuts a long description."""

    def pause(self, call: Call) -> Document:
        try:
            return super().pause(call)
        except ApiError:
            record = self.find(call)
            self.keep(replace(record, description=record.description[:1_000]))
            raise


@fault(breaks="archive.refused-changes-nothing", also=(REFUSED,), hides="side effect")
class RefusedArchiveMovesEvents(Service):
    """A refused archive puts the last event before all others."""

    def archive(self, call: Call) -> Document:
        try:
            return super().archive(call)
        except ApiError:
            record = self.find(call)
            events = record.initial_events
            self.keep(replace(record, initial_events=[events[-1], *events[:-1]]))
            raise


@fault(
    breaks="errors.refused-changes-nothing",
    also=(REFUSED, "update.archived-agent-is-400", "update.archived-environment-is-400"),
    hides="side effect",
)
class RefusedUpdateDropsVaults(Service):
    """A refused update detaches the vaults."""

    def update(self, call: Call) -> Document:
        try:
            return super().update(call)
        except ApiError:
            record = self.find(call)
            self.keep(replace(record, vault_ids=()))
            raise
