"""Twins that take the freedoms which the documents leave."""

from __future__ import annotations

import re
import secrets
import string
import time
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from conformance.reference import ApiError, Call, Deployment, Document, Request, Response, Run, Service
from conformance.reference.store import AgentPin, Schedule
from tests.twins.catalogue import twin


@twin()
class MalformedIdIs400(Service):
    """An id without the documented form is a 400."""

    def find(self, call: Call) -> Deployment:
        if not re.fullmatch(rf"{self.id_prefix('dep')}[0-9a-f]{{32}}", call.deployment_id):
            raise ApiError(400, "invalid_request_error", "This is no deployment id.")
        return super().find(call)


@twin()
class ArchivedIsForbidden(Service):
    """Changing an archived deployment is a 403, as the errors page hints."""

    def check_not_archived(self, record: Deployment) -> None:
        if record.archived_at is not None:
            raise ApiError(403, "permission_error", "The deployment is archived and locked.")


@twin()
class ArchivedIsABadRequest(Service):
    """Changing an archived deployment is a 400."""

    def check_not_archived(self, record: Deployment) -> None:
        if record.archived_at is not None:
            raise ApiError(400, "invalid_request_error", "The deployment is archived.")


@twin()
class ArchivedTakesChanges(Service):
    """Changes of an archived deployment are answered 200 and stored; it stays archived."""

    def check_not_archived(self, record: Deployment) -> None:
        """Whatever it is."""

    def check_not_paused(self, record: Deployment) -> None:
        if record.archived_at is None:
            super().check_not_paused(record)

    def check_paused(self, record: Deployment) -> None:
        if record.archived_at is None:
            super().check_paused(record)


@twin()
class ArchivedCanBeRestored(Service):
    """There is a route that no page knows: it brings an archived deployment back."""

    def answer(self, request: Request) -> Response:
        named, _, action = request.path.rpartition("/")
        record = self.authenticate(request).deployments.get(named.rpartition("/")[2])
        if not (action == "unarchive" and record and record.archived_at):
            return super().answer(request)
        self.keep(restored := self.touch(replace(record, archived_at=None)))
        return Response(200, self.render_deployment(restored))


@twin()
class DeletesOnRequest(Service):
    """A DELETE, which no page knows, is granted."""

    def answer(self, request: Request) -> Response:
        deployments = self.authenticate(request).deployments
        record = deployments.get(request.path.rpartition("/")[2])
        if request.method != "DELETE" or record is None:
            return super().answer(request)
        del deployments[record.id]
        return Response(200, self.render_deployment(record))


@twin()
class ArchivedKeepsPaused(Service):
    """A paused deployment stays paused when it is archived."""

    def archived_state(self, record: Deployment) -> dict[str, Any]:
        return {"status": record.status, "paused_reason": record.paused_reason}


@twin()
class NamesMayRepeat(Service):
    """Two deployments may have one name."""

    def check_name_free(self, call: Call, name: str, besides: str | None = None) -> None:
        """Every name is free."""


@twin()
class UnknownFieldsAreIgnored(Service):
    """Unknown fields of a body are ignored."""

    def check_known_fields(self, body: Document) -> None:
        """Whatever is there."""


@twin()
class EveryUpdateMovesUpdatedAt(Service):
    """An update that changes nothing moves updated_at as well."""

    def update(self, call: Call) -> Document:
        document = super().update(call)
        self.keep(self.touch(self.find(call)))
        return document | {"updated_at": self.render_time(self.find(call).updated_at)}


@twin()
class OtherTenantIsForbidden(Service):
    """A deployment of another tenant is a 403."""

    def find(self, call: Call) -> Deployment:
        tenants = self.store.tenants.values()
        foreign = any(call.deployment_id in t.deployments for t in tenants if t is not call.tenant)
        if foreign:
            raise ApiError(403, "permission_error", "This deployment is not yours.")
        return super().find(call)


@twin()
class UnknownAgentIs400(Service):
    """An unknown agent or environment is a 400."""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if response.status == 404 and request.operation == "create":
            error = ApiError(400, "invalid_request_error", "The agent or environment does not exist.")
            return self.render_error(error, request)
        return response


@twin()
class PlainTextWhereNothingIsPromised(Service):
    """Unsupported methods and paths that lead nowhere get plain text."""

    def serialize(self, request: Request, response: Response) -> bytes:
        return (
            b"no" if request.operation in {"unknown", "unsupported"} else super().serialize(request, response)
        )

    def content_type(self, request: Request, response: Response) -> str:
        nowhere = request.operation in {"unknown", "unsupported"}
        return "text/plain" if nowhere else super().content_type(request, response)


@twin()
class NumericIds(Service):
    """Ids are 64-bit numbers behind the prefix; one that is no such number is a 400."""

    def new_id(self, prefix: str) -> str:
        return f"{self.id_prefix(prefix)}{time.time_ns()}"

    def find(self, call: Call) -> Deployment:
        check_number(call.deployment_id)
        return super().find(call)


def check_number(text: str, end: int = 2**63) -> None:
    """Refuse what is no number below `end` behind a prefix."""
    number = text.rpartition("_")[2]
    if not number.isdecimal() or len(number) > 20 or int(number) >= end:
        raise ApiError(400, "invalid_request_error", "This is no id.")


@twin()
class RunsAreNumbered(Service):
    """Ids of runs are numbers and no other id is, as a run of long ago shows; one that is none is a 400."""

    def new_id(self, prefix: str) -> str:
        return f"{self.id_prefix(prefix)}{time.time_ns()}" if prefix == "drun" else super().new_id(prefix)

    def find_run(self, call: Call) -> Run:
        check_number(call.run_id)
        return super().find_run(call)

    def run_rows(self, call: Call) -> Iterable[Run]:
        at, gone = self.now() - timedelta(days=300), self.new_id("dep")
        agent, trigger = AgentPin(self.new_id("agent"), 1), {"type": "manual"}
        long_ago = Run(
            id=f"drun_{10**18}",
            tenant=call.tenant.name,
            sequence=0,
            deployment_id=gone,
            agent=agent,
            trigger=trigger,
            created_at=at,
            session_id=self.new_id("sess"),
        )
        return [*super().run_rows(call), long_ago]


@twin()
class UlidIds(Service):
    """Ids are 26 letters and digits of Crockford's alphabet; one that is not is a 400."""

    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

    def new_id(self, prefix: str) -> str:
        return f"{self.id_prefix(prefix)}01{''.join(secrets.choice(self.alphabet) for _ in range(24))}"

    def find(self, call: Call) -> Deployment:
        if not re.fullmatch(f"{self.id_prefix('dep')}01[{self.alphabet}]{{24}}", call.deployment_id):
            raise ApiError(400, "invalid_request_error", "This is no deployment id.")
        return super().find(call)


@twin()
class IdsAreCounted(Service):
    """Ids of deployments are 32-bit numbers, one after the other; one that is no such number is a 400."""

    def new_id(self, prefix: str) -> str:
        return (
            f"{self.id_prefix(prefix)}{self.store.next_sequence()}"
            if prefix == "dep"
            else super().new_id(prefix)
        )

    def find(self, call: Call) -> Deployment:
        check_number(call.deployment_id, 2**31)
        return super().find(call)


@twin()
class ShortIds(Service):
    """Ids of deployments and runs are twelve letters and digits; one that is not is a 400."""

    alphabet = string.ascii_letters + string.digits

    def new_id(self, prefix: str) -> str:
        return f"{self.id_prefix(prefix)}{''.join(secrets.choice(self.alphabet) for _ in range(12))}"

    def find(self, call: Call) -> Deployment:
        self.check_short(call.deployment_id)
        return super().find(call)

    def find_run(self, call: Call) -> Run:
        self.check_short(call.run_id)
        return super().find_run(call)

    def check_short(self, text: str) -> None:
        """Refuse what is no such id."""
        if not re.fullmatch(r"[a-z]+_[A-Za-z0-9]{12}", text):
            raise ApiError(400, "invalid_request_error", "This is no id.")


@twin()
class OtherMethodsAreNotImplemented(Service):
    """A method that a path does not offer is a 501."""

    def check_route(self, request: Request) -> None:
        if request.operation == "unsupported":
            raise ApiError(501, "api_error", "This method is not implemented.")
        super().check_route(request)


@twin()
class RunsOnceADayAtMost(Service):
    """A schedule with more than one run a day is a 400."""

    def read_expression(self, value: object) -> str:
        expression = super().read_expression(value)
        if not all(map(str.isdecimal, expression.split()[:2])):
            raise ApiError(400, "invalid_request_error", "A deployment runs once a day at most.")
        return expression


@twin()
class CronNumbersAreBare(Service):
    """A number in an expression with a zero before it, or a step of one, is a 400."""

    def read_expression(self, value: object) -> str:
        expression = super().read_expression(value)
        if re.search(r"\b0[0-9]|/1\b", expression):
            raise ApiError(400, "invalid_request_error", "This is no number of a cron expression.")
        return expression


@twin()
class ArchivedIsAStatus(Service):
    """A paused deployment has the status archived when it is archived."""

    def archived_state(self, record: Deployment) -> dict[str, Any]:
        state = super().archived_state(record)
        return state | {"status": "archived"} if record.status == "paused" else state


@twin(revisions=("2026-07",))
class BoundsAreUtcAlone(Service):
    """A bound of a list that has another zone than Z is a 400."""

    def list_deployments(self, call: Call) -> Document:
        bounds = (value for name, value in call.request.query.items() if name.startswith("created_at["))
        if any("+" in value and not value.endswith("+00:00") for value in bounds):
            raise ApiError(400, "invalid_request_error", "Times are in UTC.")
        return super().list_deployments(call)


@twin()
class SevenIsNoDay(Service):
    """In the field day-of-week 7 is taken, and no day has that number."""

    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        *fields, weekday = schedule.expression.split()
        numbers = weekday.replace("5-7", "5-6").split(",")
        if kept := ",".join(number for number in numbers if number != "7"):
            return super().occurrences(replace(schedule, expression=" ".join((*fields, kept))), after)
        return ()


@twin()
class NamesAreWords(Service):
    """A name with marks of any syntax is a 400."""

    def read_name(self, value: object) -> str:
        name = super().read_name(value)
        if re.search(r"[^\w .,:!?()/+-]", re.sub(r"[^\x00-\x7f]", "", name)):
            raise ApiError(400, "invalid_request_error", "A name is made of letters, digits and blanks.")
        return name


@twin()
class DescriptionsAreShort(Service):
    """A description of more than 512 characters is a 400."""

    def read_description(self, value: object) -> str:
        description = super().read_description(value)
        if len(description) > 512:
            raise ApiError(400, "invalid_request_error", "description must be at most 512 characters")
        return description


@twin()
class OutcomesAreDescribed(Service):
    """An outcome among the events needs a rubric, and a message of a user beside it."""

    def read_event(self, value: object) -> object:
        event = super().read_event(value)
        if isinstance(event, dict) and event["type"] == "user.define_outcome" and "rubric" not in event:
            raise ApiError(400, "invalid_request_error", "An outcome needs a rubric.")
        return event


@twin()
class VaultsAreASet(Service):
    """Vaults are looked up, and shown in an order of their own."""

    def read_fields(self, call: Call, metadata: Mapping[str, object] | None) -> dict[str, Any]:
        fields = super().read_fields(call, metadata)
        if not call.tenant.vaults.keys() >= {*fields.get("vault_ids", ())}:
            raise ApiError(404, "not_found_error", "There is no such vault.")
        return fields

    def read_vault_ids(self, value: object) -> Sequence[str]:
        return sorted(super().read_vault_ids(value), reverse=True)


@twin()
class OddTextsAreTidied(Service):
    """Blanks around names and descriptions are trimmed, and control characters in them are a 400."""

    def read_name(self, value: object) -> str:
        return super().read_name(self.tidied(value))

    def read_description(self, value: object) -> str:
        return super().read_description(self.tidied(value))

    def tidied(self, value: object) -> object:
        """Return a text without the blanks around it; refuse control characters but for line feeds."""
        if not isinstance(value, str):
            return value
        if any(unicodedata.category(character) == "Cc" and character != "\n" for character in value):
            raise ApiError(400, "invalid_request_error", "Control characters are not allowed.")
        return value.strip()
