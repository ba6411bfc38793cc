"""What some vendors promise of states, lists and errors beside the plain server, done another way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from conformance.reference import ApiError, Call, Deployment, Document, Request, Response, Run, VendorService
from conformance.reference.errors import conflict, not_found
from conformance.reference.listing import Query
from tests.faults.catalogue import vendor_fault
from tests.faults.vendor_bodies import Lax

# --- states ----------------------------------------------------------------------------------------------


@vendor_fault(breaks="archive.refuses-changes", hides="sequence")
class AnArchivedOneIsUpdated(VendorService):
    """An archived deployment can be updated, paused and unpaused as any other."""

    def check_not_archived(self, record: Deployment) -> None:
        """Allow it."""


@vendor_fault(breaks="archive.second-keeps-the-time", hides="sequence")
class ASecondArchiveIsTheLatest(VendorService):
    """Archiving what is archived moves archived_at."""

    def check_not_already_archived(self, record: Deployment) -> None:
        """Allow it."""


@vendor_fault(breaks="pause.again-keeps-it-paused", hides="sequence")
class PausingTurnsAbout(VendorService):
    """Pausing what is paused makes it active again."""

    def pause(self, call: Call) -> Document:
        return self.unpause(call) if self.find(call).status == "paused" else super().pause(call)


@vendor_fault(breaks="pause.clears-next-run", hides="side effect")
class ThePausedHaveANextRun(VendorService):
    """A paused deployment shows the run that it would have next."""

    def render_schedule(self, record: Deployment) -> Document | None:
        return super().render_schedule(replace(record, status="active"))


@vendor_fault(
    breaks="schedule.lists-one-to-five-runs",
    hides="inputs",
)
class RareRunsAreNotListed(VendorService):
    """Of a schedule that is due once a year no run is listed."""

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        runs = super().upcoming(record)
        return () if runs and runs[-1] - runs[0] > timedelta(days=366) else runs


@vendor_fault(breaks="archive.second-is-conflict", hides="sequence")
class ASecondArchiveIsRefused(VendorService):
    """Where a second archive is allowed, it is a conflict."""

    def answer_to(self, situation: str) -> str:
        return "409 conflict_error" if situation == "archive-when-archived" else super().answer_to(situation)


@vendor_fault(breaks="runs.paused-is-conflict", hides="sequence", tiers=("billable",))
class APausedOneIsNotRun(VendorService):
    """Where a paused deployment can be run, it is refused."""

    def check_runnable(self, record: Deployment) -> None:
        super().check_runnable(record)
        if record.status == "paused":
            raise conflict("The deployment is paused.")

    def answer_to(self, situation: str) -> str:
        return "409 conflict_error" if situation == "run-when-paused" else super().answer_to(situation)


@vendor_fault(breaks="runs.leaves-last-run", hides="side effect", tiers=("billable",))
class ARunByHandIsTheLastRun(VendorService):
    """A run by hand moves last_run_at of the schedule."""

    def apply_run(self, record: Deployment, run: Run) -> Deployment:
        return replace(super().apply_run(record, run), last_run_at=run.created_at)


@vendor_fault(breaks="archive.runs-stay-readable", hides="sequence")
class NoRunsOfTheArchived(VendorService):
    """Runs cannot be filtered by a deployment that is archived."""

    def list_all_runs(self, call: Call) -> Document:
        record = call.tenant.deployments.get(call.request.query.get("deployment_id", ""))
        if record and record.archived_at is not None:
            raise not_found("The deployment")
        return super().list_all_runs(call)


# --- lists -----------------------------------------------------------------------------------------------


@vendor_fault(breaks="list.status-with-archived-is-400", hides="inputs")
class FiltersMeet(Lax):
    """A list takes a status beside include_archived=true."""

    broken = frozenset({"list.status-with-archived-is-400"})


@vendor_fault(breaks="list.unknown-status-is-400", hides="inputs")
class UnknownStatesListNothing(VendorService):
    """No deployment has a status that there is not: its list is empty."""

    def deployment_filter(self, query: Query) -> Callable[[Deployment], bool]:
        if query.get("status", "active") not in ("active", "paused"):
            return lambda _: False
        return super().deployment_filter(query)


@vendor_fault(breaks="list.unknown-page-is-400", also=("runs.unknown-page-is-400",), hides="inputs")
class AnUnknownPageIsTheFirst(VendorService):
    """A page of deployments that nobody gave out is the first one."""

    def read_cursor(self, query: Query) -> tuple[str, str | None]:
        try:
            return super().read_cursor(query)
        except ApiError:
            return super().read_cursor({})


@vendor_fault(breaks="runs.unknown-page-is-400", hides="inputs")
class AnUnknownPageOfRunsIsTheFirst(VendorService):
    """A page of runs that nobody gave out is the first one."""

    def list_all_runs(self, call: Call) -> Document:
        try:
            return super().list_all_runs(call)
        except ApiError:
            first = {name: value for name, value in call.request.query.items() if name != "page"}
            return super().list_all_runs(replace(call, request=replace(call.request, query=first)))


# --- headers and errors ----------------------------------------------------------------------------------------------


@vendor_fault(breaks="errors.answers-name-their-request", shown_by=("strangers",))
class SuccessesHaveNoId(VendorService):
    """Only errors have the header with the id of their request."""

    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        headers = super().response_headers(request, response, body)
        if response.status < 400:
            del headers[self.profile.request_id_header]
        return headers


@vendor_fault(breaks="errors.request-id-is-the-header", hides="inputs", shown_by=("strangers",))
class ErrorsHaveAnIdOfTheirOwn(VendorService):
    """The id in an error is another than that of its header."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        return super().error_document(error, request) | {"request_id": f"err_{request.request_id}"}
