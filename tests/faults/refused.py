"""Faults of refusals that are carried out all the same, on routes and with bodies that nothing else watches."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from conformance.reference import ApiError, Call, Deployment, Document, Request, Service
from conformance.reference.documents import parse_document
from conformance.reference.errors import conflict, crashed
from tests.faults.catalogue import fault

NOT_DONE = "object.refused-is-not-done"


class _OtherMethods(Service):
    """Finds the deployment that a request with a method that is not offered names."""

    methods: tuple[str, ...] = ("DELETE",)

    def check_route(self, request: Request) -> None:
        if request.operation == "unsupported" and request.method in self.methods:
            named = request.path.rpartition("/")[2]
            tenant = self.authenticate(request)
            if named in tenant.deployments:
                self.carry_out(request, tenant.deployments[named])
        super().check_route(request)

    def carry_out(self, request: Request, record: Deployment) -> None:
        """Do what is about to be refused."""
        raise NotImplementedError


@fault(breaks=NOT_DONE, hides="side effect", shown_by=("odd_transport",))
class ARefusedDeleteDeletes(_OtherMethods):
    """A DELETE is a 405, and the deployment is gone."""

    def carry_out(self, request: Request, record: Deployment) -> None:
        del self.store.tenants[record.tenant].deployments[record.id]


@fault(breaks=NOT_DONE, hides="side effect", shown_by=("odd_transport",))
class ARefusedDeleteArchives(_OtherMethods):
    """A DELETE is a 405, and the deployment is archived."""

    def carry_out(self, request: Request, record: Deployment) -> None:
        self.keep(self.apply_archive(record))


@fault(breaks=NOT_DONE, hides="side effect", shown_by=("open_updates",))
class ARefusedPutIsStored(_OtherMethods):
    """A PUT is a 405, and its description is stored."""

    methods = ("PUT",)

    def carry_out(self, request: Request, record: Deployment) -> None:
        body = parse_document(request.content)
        if isinstance(body, dict):
            self.keep(self.touch(replace(record, description=str(body.get("description")))))


@fault(breaks=NOT_DONE, hides="side effect", shown_by=("open_updates",))
class ARefusedPatchPauses(_OtherMethods):
    """A PATCH is a 405, and the deployment is paused."""

    methods = ("PATCH",)

    def carry_out(self, request: Request, record: Deployment) -> None:
        self.keep(self.apply_pause(record))


@fault(breaks=NOT_DONE, hides="side effect", shown_by=("open_updates",))
class ARefusedStatusIsTaken(Service):
    """An update that names a status is refused, and the deployment has that status."""

    def update(self, call: Call) -> Document:
        try:
            return super().update(call)
        except ApiError:
            if call.body.get("status") == "paused":
                self.keep(self.apply_pause(self.find(call)))
            raise


@fault(breaks=NOT_DONE, hides="side effect", shown_by=("open_updates",))
class ACrashOnReadOnlyFieldsLeavesTraces(Service):
    """An update that names archived_at is a 500, and the deployment is archived."""

    def update(self, call: Call) -> Document:
        if "archived_at" in call.body and self.find(call).archived_at is None:
            self.keep(self.apply_archive(self.find(call)))
            raise crashed()
        return super().update(call)


@fault(breaks="errors.refused-creates-nothing", hides="side effect")
class ACreationWithoutNameIsStored(Service):
    """A creation without a name is refused, and stored without one."""

    def create(self, call: Call) -> Document:
        if "name" not in call.body:
            with suppress(ApiError):
                fields = self.read_creation(replace(call, body={**call.body, "name": "no name"}))
                self.save(call, replace(self.apply_create(call, fields), name=""))
        return super().create(call)


@fault(breaks="errors.refused-creates-nothing", hides="side effect")
class ACreationWithoutNameIsStoredBare(Service):
    """A creation without a name is refused, and stored with neither name nor description."""

    def create(self, call: Call) -> Document:
        if "name" not in call.body:
            with suppress(ApiError):
                fields = self.read_creation(replace(call, body={**call.body, "name": "no name"}))
                self.save(call, replace(self.apply_create(call, fields), name="", description=""))
        return super().create(call)


@fault(
    breaks="pause.refused-changes-nothing",
    hides="side effect",
    tiers=("property",),
    found_by="model.lifecycle",
)
class ARefusedPauseUnpausesWhatWasUpdated(Service):
    """A refused pause makes a deployment active whose description is no longer that of its creation."""

    def pause(self, call: Call) -> Document:
        try:
            return super().pause(call)
        except ApiError:
            record = self.find(call)
            if record.status == "paused" and record.description.startswith("Turn "):
                self.keep(self.apply_unpause(record))
            raise


@fault(breaks=NOT_DONE, hides="side effect", tiers=("core", "billable"), shown_by=("run_while_paused",))
class ARefusedRunUnpauses(Service):
    """A run of a paused deployment is refused, and the deployment is active."""

    def check_runnable(self, record: Deployment) -> None:
        if record.status == "paused":
            self.keep(self.apply_unpause(record))
        super().check_runnable(record)


@fault(breaks=NOT_DONE, hides="side effect", tiers=("core", "billable"), shown_by=("manual_runs",))
class ARefusedRunRevives(Service):
    """A run of an archived deployment is refused, and it is no longer archived."""

    def check_runnable(self, record: Deployment) -> None:
        if record.archived_at is not None:
            self.keep(replace(record, archived_at=None))
            raise conflict("The deployment is archived.")
        super().check_runnable(record)


@fault(breaks=NOT_DONE, hides="side effect", shown_by=("same_name_twice",))
class ATakenNameOverwrites(Service):
    """A creation with a taken name is refused, and its metadata go to the deployment that has the name."""

    def check_name_free(self, call: Call, name: str, besides: str | None = None) -> None:
        try:
            super().check_name_free(call, name, besides)
        except ApiError:
            metadata = call.body.get("metadata")
            if call.request.operation == "create" and isinstance(metadata, dict):
                for record in call.tenant.deployments.values():
                    if record.name == name and record.archived_at is None:
                        self.keep(replace(record, metadata={**record.metadata, **metadata}))
            raise


@fault(breaks=NOT_DONE, hides="side effect", shown_by=("pause_bodies",))
class AnUnreadablePauseIsCarriedOut(Service):
    """A pause whose body is an array is a 400, and the deployment is paused."""

    def read_body(self, request: Request) -> Document:
        try:
            return super().read_body(request)
        except ApiError:
            if request.operation == "pause" and request.content == b"[]":
                named = request.route.ids["deployment_id"]
                self.keep(self.apply_pause(self.authenticate(request).deployments[named]))
            raise


@fault(breaks=NOT_DONE, hides="side effect", shown_by=("odd_transport",))
class AnUnreadableArchiveIsCarriedOut(Service):
    """An archive with malformed JSON is a 400, and the deployment is archived."""

    def read_body(self, request: Request) -> Document:
        try:
            return super().read_body(request)
        except ApiError:
            if request.operation == "archive":
                named = request.route.ids["deployment_id"]
                self.keep(self.apply_archive(self.authenticate(request).deployments[named]))
            raise
