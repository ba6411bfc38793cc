"""Faults of checks that look at a value too loosely, or refuse a form that is as good as any other."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from conformance.reference import NEW, ApiError, Call, Deployment, Document, Request, Service
from conformance.reference.errors import crashed, invalid
from conformance.reference.messages import Document as Body
from conformance.reference.store import Schedule
from tests.faults.catalogue import fault

WRONG: Final = "errors.wrong-type-is-400"
MALFORMED: Final = "errors.malformed-json-is-400"
MERGED: Final = "update.metadata-is-merged"
ECHO: Final = "errors.request-id-echoes-header"
RUNS: Final = "schedule.upcoming-runs-match"
LIMIT: Final = 16


# --- values that count as something else -------------------------------------------------------------------


@fault(breaks="update.partial-schedule-is-400", hides="inputs")
class EmptyScheduleIsNone(Service):
    """A schedule without any of its parts counts as no schedule."""

    def read_field(self, field: str, value: object, reader: Callable[[Any], Any]) -> object:
        return super().read_field(field, None if field == "schedule" and value == {} else value, reader)


@fault(breaks=WRONG, hides="inputs")
class EmptyListIsAnObject(Service):
    """An empty array where metadata belongs counts as empty metadata."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        return super().read_metadata({} if value == [] else value, current)


@fault(breaks=WRONG, hides="inputs")
class FalseCountsAsAbsent(Service):
    """The values false and 0 of an optional field count as not sent."""

    def read_field(self, field: str, value: object, reader: Callable[[Any], Any]) -> object:
        optional = field in {"description", "schedule", "resources", "vault_ids", "metadata"}
        absent = optional and isinstance(value, int) and not value
        return super().read_field(field, None if absent else value, reader)


@fault(breaks=WRONG, hides="inputs")
class NumbersAmongVaultsAreTexts(Service):
    """A number in the list of vault ids is written out as text."""

    def read_vault_ids(self, value: object) -> Sequence[str]:
        if isinstance(value, list):
            value = [str(one) if isinstance(one, int) else one for one in value]
        return super().read_vault_ids(value)


@fault(breaks=WRONG, hides="inputs")
class NullZoneIsUtc(Service):
    """A time zone that is null counts as UTC."""

    def read_timezone(self, value: object) -> str:
        return super().read_timezone("UTC" if value is None else value)


@fault(breaks=MERGED, hides="inputs")
class EmptyValuesDelete(Service):
    """An empty value in a patch of metadata deletes its key, as null does."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        if current is not None and isinstance(value, dict):
            value = {key: None if entry == "" else entry for key, entry in value.items()}
        return super().read_metadata(value, current)


@fault(breaks=MERGED, hides="inputs")
class NullAsTextDeletes(Service):
    """The text null in a patch of metadata deletes its key, as null itself does."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        if current is not None and isinstance(value, dict):
            value = {key: None if entry == "null" else entry for key, entry in value.items()}
        return super().read_metadata(value, current)


@fault(breaks="errors.no-server-error", hides="inputs", shown_by=("open_updates",))
class AbsentKeysCannotBeDeleted(Service):
    """Null for a key of metadata that is not there is a 500."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        if current is not None and isinstance(value, dict):
            for key, entry in value.items():
                if entry is None and key not in current:
                    raise crashed()
        return super().read_metadata(value, current)


@fault(breaks=MERGED, revisions=(NEW,), hides="inputs")
class FullBagsCannotBeChanged(Service):
    """Keys that a patch overwrites count a second time against the limit of metadata."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        if current is not None and isinstance(value, dict):
            sent = sum(entry is not None for entry in value.values())
            if sent and len(current.keys() - {"cas_config"}) + sent > LIMIT:
                raise invalid(f"metadata must hold at most {LIMIT} keys", "metadata")
        return super().read_metadata(value, current)


# --- bodies ------------------------------------------------------------------------------------------------


class _Bodies(Service):
    """Reads a body in another form than it was sent in."""

    def reread(self, content: bytes) -> bytes:
        raise NotImplementedError

    def read_body(self, request: Request) -> Body:
        return super().read_body(replace(request, content=self.reread(request.content)))


@fault(breaks=MALFORMED, hides="inputs")
class TrailingCommasAreTaken(_Bodies):
    """A comma before a closing brace is overlooked."""

    def reread(self, content: bytes) -> bytes:
        return re.sub(rb",\s*}\s*$", b"}", content)


@fault(breaks=MALFORMED, hides="inputs")
class WhatFollowsADocumentIsIgnored(_Bodies):
    """What follows the JSON object in a body is not looked at."""

    def reread(self, content: bytes) -> bytes:
        try:
            text = content.decode()
            _, end = json.JSONDecoder().raw_decode(text)
        except (ValueError, RecursionError):
            return content
        return text[:end].encode()


@fault(breaks="create.50-events-are-stored", also=("update.events-are-replaced",), hides="inputs")
class TypesMustComeFirst(Service):
    """An event whose type is not its first member is a 400, as where the type chooses a class."""

    def read_event(self, value: object) -> object:
        event: Any = super().read_event(value)
        if next(iter(event)) != "type":
            raise invalid("an event must begin with its type", "initial_events")
        return event


@fault(breaks="update.returns-full-object", hides="inputs")
class EscapedPairsAreRefused(Service):
    """A character beyond the basic plane that is written as two escapes is a 400."""

    def read_body(self, request: Request) -> Body:
        if re.search(rb"\\u[dD][89abAB]", request.content):
            raise invalid("Request body must be valid JSON.")
        return super().read_body(request)


@fault(
    breaks="errors.no-server-error",
    also=("update.returns-full-object",),
    hides="inputs",
    shown_by=("updates",),
)
class ApostrophesInUpdatesAreACrash(Service):
    """An update with an apostrophe in the description is a 500."""

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "'" in fields.get("description", ""):
            raise crashed()
        return super().apply_update(record, fields)


# --- schedules ---------------------------------------------------------------------------------------------


@fault(breaks=RUNS, hides="inputs")
class StepsRunOverTheHour(Service):
    """A step of minutes that does not divide the hour is counted on across it."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        runs = super().occurrences(schedule, after)
        step = re.match(r"\*/([0-9]+) ", schedule.expression)
        if step is None or 60 % int(step[1]) == 0 or not runs:
            return runs
        return [runs[0] + timedelta(minutes=int(step[1]) * place) for place in range(len(runs))]


@fault(breaks=RUNS, hides="inputs")
class EtcZonesAreTurnedRound(Service):
    """Zones like Etc/GMT+5, which lie west of Greenwich, are read as if they lay east."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        zone = schedule.timezone.translate(str.maketrans("+-", "-+"))
        turned = zone.startswith("Etc/GMT") and zone[7:] not in {"+13", "+14"}
        return super().occurrences(replace(schedule, timezone=zone) if turned else schedule, after)


# --- request ids -------------------------------------------------------------------------------------------


@fault(breaks=ECHO, revisions=(NEW,), hides="inputs", shown_by=("refused_updates",))
class MalformedBodiesLoseTheRequestId(Service):
    """The error for malformed JSON carries a request_id of its own, whatever the sender named."""

    def read_body(self, request: Request) -> Body:
        try:
            return super().read_body(request)
        except ApiError as error:
            self.__dict__["raised"] = error
            raise

    def error_document(self, error: ApiError, request: Request) -> Document:
        own = error is self.__dict__.get("raised")
        known = replace(request, request_id=str(uuid.uuid4())) if own else request
        return super().error_document(error, known)


@fault(breaks="idempotency.new-key-executes", hides="inputs")
class KeysAreCutAfter32(Service):
    """Of an idempotency key the first 32 characters count, of which a UUID has 36."""

    def idempotency_key(self, call: Call) -> tuple[str, ...] | None:
        key = super().idempotency_key(call)
        return key and (key[0], key[1][:32])
