"""Faults that somebody thought of who had never seen the suite: of what is left out, equal, empty or odd."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from conformance.reference import (
    ApiError,
    Call,
    Deployment,
    Document,
    ReferenceSettings,
    Request,
    Response,
    Service,
)
from conformance.reference.errors import conflict, crashed, invalid
from conformance.reference.listing import Query, R
from conformance.reference.store import Schedule
from tests.faults.catalogue import fault

STORIES = "model.stories"


@fault(breaks="create.50-events-are-stored", hides="inputs", found_by=STORIES)
class EqualNeighboursAreOneEvent(Service):
    """Of equal events next to each other one is kept."""

    def read_events(self, value: object) -> Sequence[object]:
        events = super().read_events(value)
        return [one for place, one in enumerate(events) if place == 0 or one != events[place - 1]]


@fault(breaks="update.of-paused-keeps-it-paused", hides="sequence", found_by=STORIES)
class EmptyUpdatesOfPausedConflict(Service):
    """An update with nothing in it is a 409 while the deployment is paused."""

    def update(self, call: Call) -> Document:
        if not call.body and self.find(call).status == "paused":
            raise conflict("The deployment is paused.")
        return super().update(call)


@fault(breaks="list.newest-first", hides="sequence", shown_by=("listings",))
class ListsWithArchivedFollowChanges(Service):
    """With include_archived=true a list has what was changed last first."""

    def list_deployments(self, call: Call) -> Document:
        self._by_change = call.request.query.get("include_archived") == "true"
        try:
            return super().list_deployments(call)
        finally:
            self._by_change = False

    def newest_first(self, rows: Iterable[R]) -> list[R]:
        found = super().newest_first(rows)
        return sorted(found, key=_changed_at, reverse=True) if self._by_change else found

    _by_change = False


def _changed_at(row: Any) -> datetime:  # noqa: ANN401 (a deployment, an agent or a run)
    at: datetime = getattr(row, "updated_at", row.created_at)
    return at


@fault(breaks="pause.changes-only-its-own-fields", hides="sequence", found_by=STORIES)
class PausesWithoutADescriptionLoseMetadata(Service):
    """A pause loses the metadata of a deployment that has no description."""

    def apply_pause(self, record: Deployment) -> Deployment:
        paused = super().apply_pause(record)
        return paused if record.description else replace(paused, metadata=self.default_metadata())


@fault(
    breaks="create.name-of-256-is-stored",
    hides="inputs",
    tiers=("property",),
    found_by="property.valid-updates",
)
class NamesOfUpdatesCountInUtf16(Service):
    """An update counts characters beyond the basic plane twice in a name; a creation does not."""

    def read_patch(self, call: Call, metadata: Mapping[str, object]) -> dict[str, Any]:
        name = call.body.get("name")
        if isinstance(name, str) and len(name.encode("utf-16-le", "replace")) > 2 * self.name_limit:
            raise invalid(f"name must be at most {self.name_limit} characters", "name")
        return super().read_patch(call, metadata)


@fault(breaks="errors.no-server-error", hides="inputs", revisions=("2026-07",), shown_by=("odd_listings",))
class BoundsBeyondTheCalendarCrash(Service):
    """A bound of created_at in the first or last year that there is cannot be told in UTC, and crashes."""

    def read_span(self, query: Query, bounds: Iterable[str]) -> dict[str, datetime]:
        if any(
            name.startswith("created_at") and text[:4] in {"0001", "9999"} for name, text in query.items()
        ):
            raise crashed()
        return super().read_span(query, bounds)


@fault(breaks="errors.no-server-error", hides="inputs", shown_by=("odd_listings",))
class SuperscriptsAreDigits(Service):
    """A limit is a number if all its characters are digits, superscripts as well, and is then read as one."""

    def read_limit(self, query: Query) -> int:
        text = query.get("limit", "")
        if text.isdigit() and not text.isdecimal():
            raise crashed()
        return super().read_limit(query)


@fault(breaks="tenancy.other-tenant-is-refused", hides="side effect")
class ArchivedOnesAreEverybodys(Service):
    """With include_archived=true a list has the archived deployments of all tenants."""

    def deployment_rows(self, call: Call) -> Iterable[Deployment]:
        yield from super().deployment_rows(call)
        if call.request.query.get("include_archived") == "true":
            others = (one for one in self.store.tenants.values() if one is not call.tenant)
            yield from (one for other in others for one in other.deployments.values() if one.archived_at)


@fault(breaks="tenancy.other-tenant-is-refused", hides="side effect", revisions=("2026-07",))
class BoundsForgetTheTenant(Service):
    """A list that is bounded by created_at has the deployments of all tenants."""

    def deployment_rows(self, call: Call) -> Iterable[Deployment]:
        bounded = any(name.startswith("created_at") for name in call.request.query)
        tenants = self.store.tenants.values() if bounded else [call.tenant]
        return [one for tenant in tenants for one in tenant.deployments.values()]


@fault(breaks="idempotency.create-is-replayed", hides="sequence")
class ReplayedCreationsShowThePresent(Service):
    """A creation that is repeated with its key is answered as the deployment is now, not as it was answered."""

    def replay_or_execute(self, call: Call) -> Response:
        response = super().replay_or_execute(call)
        document = response.document
        made = call.tenant.deployments.get(str(document.get("id"))) if isinstance(document, dict) else None
        if call.request.operation == "create" and made:
            return Response(response.status, self.render_deployment(made))
        return response


@fault(breaks="errors.refused-creates-nothing", hides="side effect")
class NamesOfInvalidSchedulesAreTaken(Service):
    """A creation that is refused for its schedule has taken its name, and does not give it back."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self._taken: set[str] = set()

    def create(self, call: Call) -> Document:
        name = call.body.get("name")
        if isinstance(name, str) and name in self._taken:
            raise conflict(f"A deployment named {name!r} already exists.")
        try:
            return super().create(call)
        except ApiError as error:
            if isinstance(name, str) and (error.param or "").startswith("schedule"):
                self._taken.add(name)
            raise


@fault(
    breaks="object.answers-are-about-what-was-asked",
    hides="race",
    shown_by=("lifecycle", "updates", "pause_cycle", "pause_twice", "unpause_twice"),
)
class ReadsShareABuffer(Service):
    """Of reads that meet, each is answered with what the last of them asked for."""

    _shown: Response | None = None

    async def respond(self, request: Request) -> Response:
        response = self.handle(request)
        if request.operation != "get" or response.status != HTTPStatus.OK:
            return response
        self._shown = response
        await asyncio.sleep(0.002)
        return self._shown


@fault(breaks="update.metadata-is-merged", hides="inputs")
class ZeroIsNothing(Service):
    """A metadata value "0" in a patch deletes its key, as null does: both are empty to the language."""

    def read_metadata(self, value: object, current: Mapping[str, object] | None) -> dict[str, object]:
        if current is not None and isinstance(value, dict):
            value = {key: None if entry == "0" else entry for key, entry in value.items()}
        return super().read_metadata(value, current)


@fault(breaks="update.returns-full-object", hides="inputs", found_by=STORIES)
class ZeroIsNoDescription(Service):
    """A description "0" is none."""

    def read_description(self, value: object) -> str:
        text = super().read_description(value)
        return "" if text == "0" else text


@fault(breaks="update.returns-full-object", hides="inputs", found_by=STORIES)
class DescriptionsAreDecoded(Service):
    """A description that is a JSON document is shown as what it means, written as a text again."""

    def read_description(self, value: object) -> str:
        text = super().read_description(value)
        return {"null": "", "true": "True", "false": "False"}.get(text, text)


@fault(
    breaks="create.agent-object-needs-type",
    hides="inputs",
    revisions=("2026-07",),
    tiers=("property",),
    found_by="property.invalid-creations",
)
class AgentsOfAnyType(Service):
    """An agent object must have a type, whichever it is."""

    def check_agent_type(self, reference: Document) -> None:
        super().check_agent_type({**reference, "type": "agent"} if "type" in reference else reference)


@fault(
    breaks="update.unknown-zone-is-400",
    hides="inputs",
    tiers=("property",),
    found_by="property.invalid-updates",
)
class ZonesWithoutARegionAreUnchecked(Service):
    """A time zone without a slash is not looked up, and read as UTC."""

    def read_timezone(self, value: object) -> str:
        plain = isinstance(value, str) and value.isalpha()
        return str(value) if plain else super().read_timezone(value)

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        plain = schedule.timezone.isalpha()
        return super().occurrences(replace(schedule, timezone="UTC") if plain else schedule, after)

    def between(self, record: Deployment, since: datetime, until: datetime) -> Iterator[datetime]:
        plain = record.schedule is not None and record.schedule.timezone.isalpha()
        yield from () if plain else super().between(record, since, until)


class _Mistaken(Service):
    """Reads one field of an expression wrongly; an expression that means nothing then has no runs."""

    def _misread(self, words: list[str]) -> None:
        raise NotImplementedError

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        words = schedule.expression.split()
        self._misread(words)
        return super().occurrences(replace(schedule, expression=" ".join(words)), after)


@fault(
    breaks="schedule.upcoming-runs-match", hides="inputs", tiers=("property",), found_by="property.schedules"
)
class OneWeekdayOfAList(_Mistaken):
    """Of a list of weekdays the first alone is among the upcoming runs."""

    def _misread(self, words: list[str]) -> None:
        words[4] = words[4].split(",")[0]


@fault(
    breaks="schedule.upcoming-runs-match", hides="inputs", tiers=("property",), found_by="property.schedules"
)
class OneMonthOfAList(_Mistaken):
    """Of a list of months the first alone is among the upcoming runs."""

    def _misread(self, words: list[str]) -> None:
        words[3] = words[3].split(",")[0]


@fault(
    breaks="schedule.upcoming-runs-match", hides="inputs", tiers=("property",), found_by="property.schedules"
)
class LastDaysNeverCome(Service):
    """A schedule for the day 31 alone lists no upcoming runs."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        return [] if schedule.expression.split()[2] == "31" else super().occurrences(schedule, after)


@fault(
    breaks="object.answers-are-about-what-was-asked",
    hides="sequence",
    shown_by=("lifecycle", "updates", "pause_cycle", "archive_twice", "listings"),
)
class IdsComeRoundAgain(Service):
    """Ids of deployments begin again after ten: the next creation takes the place of an earlier one."""

    _made = 0

    def new_id(self, prefix: str) -> str:
        if prefix != "dep":
            return super().new_id(prefix)
        self._made = self._made % 10 + 1
        return f"{self.id_prefix(prefix)}{self._made:032x}"


@fault(breaks="update.metadata-is-merged", also=("create.metadata-at-its-limits-is-stored",), hides="inputs")
class KeysWithAColonAreRefused(Service):
    """A metadata key with a colon is refused: elsewhere it divides a key from its value."""

    def read_metadata_entry(self, key: str, entry: object, bag: Mapping[str, object]) -> object:
        if ":" in key:
            raise invalid("a metadata key must not have a colon", "metadata")
        return super().read_metadata_entry(key, entry, bag)
