"""Faults of answers: what lists or one route alone show otherwise, null for empty, other forms of instants."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from conformance.reference import ApiError, Call, Deployment, Document, Request, Service
from tests.faults.catalogue import fault
from tests.faults.mangled_texts import _Lists

NEW_ONLY = ("2026-07",)
LISTED, SCHEMA, FIELDS = "list.items-are-current", "object.matches-schema", "object.has-sample-fields"


@fault(breaks=SCHEMA, hides="inputs", shown_by=("odd_listings",))
class EmptyListsAreNullInLists(_Lists):
    """Lists show empty resources and vaults as null."""

    def shown(self, item: Document) -> Document:
        return {**item, "resources": item["resources"] or None, "vault_ids": item["vault_ids"] or None}


@fault(breaks=SCHEMA, hides="inputs", shown_by=("updates",))
class ClearedVaultsAreNull(Service):
    """Vaults that an update emptied are null."""

    def render_deployment(self, record: Deployment) -> Document:
        document = super().render_deployment(record)
        cleared = not record.vault_ids and record.updated_at != record.created_at
        return {**document, "vault_ids": None} if cleared else document


@fault(breaks=SCHEMA, hides="inputs", revisions=NEW_ONLY, shown_by=("creation_with_variables",))
class EmptiedMetadataIsNull(Service):
    """Metadata whose last key was deleted is null."""

    def update(self, call: Call) -> Document:
        answer = super().update(call)
        return {**answer, "metadata": answer["metadata"] or None}


@fault(breaks="list.items-are-current", hides="inputs", shown_by=("pause_twice",))
class ArchivedAtIsTheYearOne(_Lists):
    """Lists show the first instant of year 1 as archived_at of what is not archived."""

    def shown(self, item: Document) -> Document:
        return {**item, "archived_at": item["archived_at"] or "0001-01-01T00:00:00Z"}


@fault(breaks="object.times-are-in-utc", hides="inputs", shown_by=("odd_listings",))
class ListsShowLocalTime(_Lists):
    """Lists show created_at with the offset of Shanghai."""

    def shown(self, item: Document) -> Document:
        at = datetime.fromisoformat(str(item["created_at"]))
        return {**item, "created_at": at.astimezone(timezone(timedelta(hours=8))).isoformat()}


@fault(breaks=LISTED, hides="inputs", shown_by=("pause_twice",))
class ListsShowWholeMinutes(_Lists):
    """Lists show updated_at without its seconds."""

    def shown(self, item: Document) -> Document:
        return {**item, "updated_at": str(item["updated_at"])[:17] + "00Z"}


@fault(breaks="object.identity-never-moves", hides="inputs")
class CreationsAnswerASecondEarly(Service):
    """The answer to a creation has instants one second before those that reads show."""

    def create(self, call: Call) -> Document:
        answer = super().create(call)
        at = datetime.fromisoformat(str(answer["created_at"])) - timedelta(seconds=1)
        return {**answer, "created_at": self.render_time(at)}


@fault(breaks=SCHEMA, hides="inputs", shown_by=("agent_filter", "plain_lists"))
class VersionsAreTextInLists(_Lists):
    """Lists show the agent's version as a text."""

    def shown(self, item: Any) -> Document:  # noqa: ANN401 (free JSON)
        return {**item, "agent": {**item["agent"], "version": str(item["agent"]["version"])}}


@fault(breaks=LISTED, hides="inputs", shown_by=("pause_twice",))
class PausedLoseTheirReasonInLists(_Lists):
    """Lists show no paused_reason."""

    def shown(self, item: Document) -> Document:
        return {**item, "paused_reason": None}


@fault(breaks="archive.clears-upcoming-runs", hides="inputs")
class ArchivedKeepTheirRunsInLists(_Lists):
    """Lists show upcoming runs of archived deployments."""

    def shown(self, item: Any) -> Document:  # noqa: ANN401 (free JSON)
        if item["archived_at"] and item["schedule"]:
            return {**item, "schedule": {**item["schedule"], "upcoming_runs_at": [item["archived_at"]]}}
        return dict(item)


@fault(breaks="schedule.no-last-run-before-the-first", hides="inputs")
class NeverRunIs1970(Service):
    """Before any run last_run_at is the beginning of 1970."""

    def render_schedule(self, record: Deployment) -> Document | None:
        document = super().render_schedule(record)
        return document and {**document, "last_run_at": document.get("last_run_at") or "1970-01-01T00:00:00Z"}


@fault(breaks="object.matches-schema", hides="inputs", shown_by=("odd_listings",))
class NullSchedulesAreLeftOutOfLists(_Lists):
    """Lists leave out a schedule that is null."""

    def shown(self, item: Document) -> Document:
        return {k: v for k, v in item.items() if k != "schedule" or v is not None}


@fault(breaks="pause.reason-is-manual", hides="inputs")
class ReasonsAreTextInReads(Service):
    """A read shows the paused_reason as a text."""

    def get(self, call: Call) -> Document:
        answer: Any = super().get(call)
        return {**answer, "paused_reason": answer["paused_reason"] and answer["paused_reason"]["type"]}


@fault(breaks="create.50-events-are-stored", hides="inputs")
class ReadsReverseTheEvents(Service):
    """A read shows the events in reverse order when there are more than two."""

    def get(self, call: Call) -> Document:
        answer: Any = super().get(call)
        events = answer["initial_events"]
        return {**answer, "initial_events": events[::-1] if len(events) > 2 else events}


@fault(breaks=LISTED, hides="inputs", shown_by=("pause_twice", "after_id_walk"))
class ListsLagBehindMetadata(_Lists):
    """Lists show the metadata of the creation after an update."""

    def create(self, call: Call) -> Document:
        answer = super().create(call)
        self.__dict__.setdefault("bags", {})[answer["id"]] = answer["metadata"]
        return answer

    def shown(self, item: Document) -> Document:
        bags: Any = self.__dict__.get("bags", {})
        return {**item, "metadata": bags.get(item["id"], item["metadata"])}


# --- errors ------------------------------------------------------------------------------------------------


class _Errors(Service):
    """Shows errors as `bent` returns their documents."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        return self.bent(super().error_document(error, request), error, request)

    def bent(self, document: Document, error: ApiError, request: Request) -> Document:
        raise NotImplementedError


@fault(
    breaks="errors.request-id-present", hides="inputs", revisions=NEW_ONLY, shown_by=("other_credentials",)
)
class UnauthenticatedHaveNoRequestId(_Errors):
    """A 401 has no request_id."""

    def bent(self, document: Document, error: ApiError, request: Request) -> Document:
        return {k: v for k, v in document.items() if k != "request_id" or error.status != 401}


@fault(breaks="errors.request-id-present", hides="inputs", revisions=NEW_ONLY, shown_by=("odd_listings",))
class BadQueriesHaveNoRequestId(_Errors):
    """A refused query has no request_id."""

    def bent(self, document: Document, error: ApiError, request: Request) -> Document:
        keep = request.method != "GET" or error.status != 400
        return {k: v for k, v in document.items() if k != "request_id" or keep}


@fault(
    breaks="errors.request-id-echoes-header",
    hides="inputs",
    revisions=NEW_ONLY,
    shown_by=("refused_updates",),
)
class RefusedBodiesHaveIdsOfTheirOwn(_Errors):
    """A 400 to a body has a request_id of its own."""

    def bent(self, document: Document, error: ApiError, request: Request) -> Document:
        if error.status == 400 and request.method == "POST":
            return {**document, "request_id": "cb80235f-76a2-4ff3-9e28-5aa2da12dc14"}
        return document


@fault(
    breaks="errors.request-id-echoes-header", hides="inputs", revisions=NEW_ONLY, shown_by=("pause_twice",)
)
class ConflictsHaveIdsOfTheirOwn(_Errors):
    """A 409 or 401 has a request_id of its own."""

    def bent(self, document: Document, error: ApiError, request: Request) -> Document:
        if error.status in {401, 409}:
            return {**document, "request_id": "cb80235f-76a2-4ff3-9e28-5aa2da12dc14"}
        return document


@fault(breaks="errors.envelope", hides="inputs", shown_by=("invalid_schedules",))
class MessagesOfNestedFieldsAreLists(_Errors):
    """The message about a nested field is a list."""

    def bent(self, document: Document, error: ApiError, request: Request) -> Document:
        if error.param and "." in error.param:
            return {**document, "error": {"type": error.kind, "message": [error.message]}}
        return document


@fault(breaks="errors.param-is-text", hides="inputs", shown_by=("invalid_schedules",))
class ParamsOfNestedFieldsArePaths(_Errors):
    """error.param of a nested field is a list of names."""

    def bent(self, document: Any, error: ApiError, request: Request) -> Document:  # noqa: ANN401 (free JSON)
        if error.param and "." in error.param:
            return {**document, "error": {**document["error"], "param": error.param.split(".")}}
        return dict(document)


@fault(breaks="errors.type-matches-status", hides="inputs", shown_by=("unknown_runs",))
class UnknownRunsHaveAnotherType(_Errors):
    """The error of an unknown run is an invalid_request_error."""

    def bent(self, document: Any, error: ApiError, request: Request) -> Document:  # noqa: ANN401 (free JSON)
        if error.status == 404 and "run" in request.operation:
            return {**document, "error": {**document["error"], "type": "invalid_request_error"}}
        return dict(document)


@fault(breaks="errors.type-matches-status", hides="inputs", shown_by=("odd_listings",))
class RefusedCursorsHaveAnotherType(_Errors):
    """A refused limit or cursor is a validation_error."""

    def bent(self, document: Any, error: ApiError, request: Request) -> Document:  # noqa: ANN401 (free JSON)
        if error.status == 400 and request.method == "GET":
            return {**document, "error": {**document["error"], "type": "validation_error"}}
        return dict(document)


class _Statuses(Service):
    """Refuses with a status of its own what `status_of` names."""

    def render_error(self, error: ApiError, request: Request) -> Any:  # noqa: ANN401 (as the base)
        return replace(super().render_error(error, request), status=self.status_of(error, request))

    def status_of(self, error: ApiError, request: Request) -> int:
        raise NotImplementedError


@fault(breaks="schedule.invalid-cron-is-400", hides="inputs")
class SchedulesAre422(_Statuses):
    """What is wrong in a schedule is a 422."""

    def status_of(self, error: ApiError, request: Request) -> int:
        return 422 if (error.param or "").startswith("schedule.") else error.status


@fault(breaks="list.limit-below-one-is-400", hides="inputs")
class BadLimitsAre422(_Statuses):
    """A limit out of bounds is a 422."""

    def status_of(self, error: ApiError, request: Request) -> int:
        return 422 if error.param == "limit" else error.status


@fault(breaks="errors.wrong-type-is-400", hides="inputs")
class WrongTypesAre422(_Statuses):
    """A field of a wrong type is a 422 inside lists alone."""

    def status_of(self, error: ApiError, request: Request) -> int:
        return (
            422
            if "must be a" in error.message and error.param in {"vault_ids", "resources"}
            else error.status
        )
