"""Twins that end deployments, and name and describe things, in other legal ways."""

from __future__ import annotations

import base64
import json
import re
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from conformance.reference import ApiError, Call, Deployment, Document, Request, Response, Service
from conformance.reference.app import Scope
from conformance.reference.errors import conflict, invalid, not_found
from tests.twins.catalogue import twin

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class PausedMustBeUnpausedFirst(Service):
    """A paused deployment cannot be archived: that is a 409 (N130)."""

    def check_not_already_archived(self, record: Deployment) -> None:
        super().check_not_already_archived(record)
        if record.status == "paused":
            raise conflict("The deployment is paused; unpause it first.")


@twin()
class ArchivedNamesAreReserved(Service):
    """No name that a client gives may end as those of archived deployments do."""

    def check_name_free(self, call: Call, name: str, besides: str | None = None) -> None:
        if re.search(r"_archived_[0-9]+$", name):
            raise invalid("A name must not end in _archived_ and a number.", "name")
        super().check_name_free(call, name, besides)


class LongNamesAreCut(Service):
    """A name is cut where the suffix of an archive would make it longer than 256 characters (N133)."""

    def archived_name(self, record: Deployment, at: datetime) -> str:
        suffix = f"_archived_{int(at.timestamp())}"
        return record.name[: 256 - len(suffix)] + suffix


class LongNamesCannotBeArchived(Service):
    """A name that the suffix would make longer than 256 characters is a 400 when it is archived (N133)."""

    def archived_name(self, record: Deployment, at: datetime) -> str:
        name = super().archived_name(record, at)
        if len(name) > 256:
            raise invalid("The name is too long to be archived; give it a shorter one.", "name")
        return name


class ArchivedIsNotFound(Service):
    """An update, a pause or an unpause of what is archived is a 404 (N98, N118)."""

    def check_not_archived(self, record: Deployment) -> None:
        if record.archived_at is not None:
            raise not_found("A live deployment")


class ArchivedIsLockedFirst(Service):
    """What is archived is a 403 whatever else is wrong with the request, but for a second archive and a run."""

    def read_body(self, request: Request) -> Document:
        if request.operation in {"update", "pause", "unpause"}:
            record = self.authenticate(request).deployments.get(request.route.ids["deployment_id"])
            if record is not None and record.archived_at is not None:
                raise ApiError(403, "permission_error", "The deployment is archived and locked.")
        return super().read_body(request)


# --- ids -------------------------------------------------------------------------------------------------------


class Base64Ids(Service):
    """Ids are base64 with plus signs and padding; one that is not is a 400 (N26: the suffix is opaque)."""

    def new_id(self, prefix: str) -> str:
        return f"{self.id_prefix(prefix)}{base64.b64encode(secrets.token_bytes(16), altchars=b'+-').decode()}"

    def find(self, call: Call) -> Deployment:
        if not re.fullmatch(rf"{self.id_prefix('dep')}[A-Za-z0-9+-]{{22}}==", call.deployment_id):
            raise invalid("This is no deployment id.")
        return super().find(call)


@twin()
class HyphenatedIds(Service):
    """Ids are random UUIDs with hyphens."""

    def new_id(self, prefix: str) -> str:
        return f"{self.id_prefix(prefix)}{uuid.uuid4()}"


class LongIds(Service):
    """Ids tell region and cell, have dots, tildes, colons and 200 letters."""

    def new_id(self, prefix: str) -> str:
        return f"{self.id_prefix(prefix)}eu-1.cell:7~{super().new_id('x')}.{secrets.token_hex(90)}"


class IdsInAnyCase(Service):
    """An id may be written in any case: the database compares so; answers have it as it was made."""

    def find(self, call: Call) -> Deployment:
        wanted = call.deployment_id.lower().rstrip(" ")
        for name, record in call.tenant.deployments.items():
            if name.lower() == wanted:
                return record
        return super().find(call)


class RequestIdsOfItsOwn(Service):
    """Only a UUID is taken for a request id; without one it is a UUID of version 1 in capitals (N11, N12)."""

    def parse_request(self, scope: Scope, content: bytes | None) -> Request:
        request = super().parse_request(scope, content)
        sent = request.headers.get("x-request-id", "")
        return replace(request, request_id=sent if UUID.fullmatch(sent) else str(uuid.uuid1()).upper())


# --- texts -----------------------------------------------------------------------------------------------------


class MessagesAreLong(Service):
    """Messages are pages long, in two languages, with line breaks and marks (N15)."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        text = f"{error.message}\n\n<b>\u8bf7\u6c42\u65e0\u6548\u3002</b> \u201c{{}}\u201d\t" * 300
        document = super().error_document(ApiError(error.status, error.kind, text, error.param), request)
        inner: dict[str, Any] = {**document["error"], "code": 4_000, "details": [{"reason": None}]}  # type: ignore[dict-item]  # an object
        return {"documentation_url": "https://docs.example/errors", **document, "error": inner}


class ParamIsAPointer(Service):
    """A parameter is named by a JSON pointer, for whatever has no name it is empty (N9)."""

    def error_document(self, error: ApiError, request: Request) -> Document:
        document = super().error_document(error, request)
        pointer = "/" + error.param.replace(".", "/") if error.param else ""
        inner: dict[str, Any] = {**document["error"], "param": pointer}  # type: ignore[dict-item]  # an object
        return document | {"error": inner}


class EventsAreCompleted(Service):
    """Events read back with an id of their own and the defaults of what they left out (N47)."""

    def render_deployment(self, record: Deployment) -> Document:
        document = super().render_deployment(record)
        document["initial_events"] = [
            {"id": f"evt_{record.sequence}_{number}", "session_thread_id": None, **event}
            for number, event in enumerate(record.initial_events)
            if isinstance(event, dict)
        ]
        return document


class ResourcesAreCompleted(Service):
    """Resources read back with an id and a place, and without the secrets that were sent."""

    def render_deployment(self, record: Deployment) -> Document:
        document = super().render_deployment(record)
        document["resources"] = [
            {"id": f"res_{number}", "mount_path": f"/workspace/{number}"}
            | {key: value for key, value in resource.items() if "token" not in key}
            for number, resource in enumerate(record.resources)
            if isinstance(resource, dict)
        ]
        return document


@twin(revisions=("2026-06",))
class StatsMove(Service):
    """The counters in cas_config are others at each look, and more than the samples show."""

    def render_stats(self, record: Deployment) -> Document:
        moving = {"consecutive_failures": self.store.next_sequence(), "next_trigger_at": None}
        return super().render_stats(record) | moving | {"last_evaluated_at": self.now().isoformat()}


class ParamsAreSorted(Service):
    """Objects within objects read back with their keys sorted, and a budget that nobody has set."""

    def render_deployment(self, record: Deployment) -> Document:
        document = super().render_deployment(record)
        sorted_again: Document = json.loads(json.dumps(document, sort_keys=True))
        return sorted_again | {"budget": None, "workspace_id": "ws_1"}


class CreatedHasALocation(Service):
    """A creation is a 201 with Location and without the body's own length told; all else is as it was."""

    def success_status(self, operation: str) -> int:
        return 201 if operation == "create" else super().success_status(operation)

    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        headers = super().response_headers(request, response, body)
        document = response.document
        if response.status != 201 or not isinstance(document, Mapping):
            return headers
        del headers["content-length"]
        return headers | {"location": f"{request.path}/{document['id']}"}
