"""Faults of what answers give away, and of tokens where nobody should read them."""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import replace

from conformance.reference import ApiError, Call, Deployment, Document, Request, Response, Service, Tenant
from conformance.reference.errors import invalid, not_found
from tests.faults.catalogue import fault
from tests.faults.property import found_by

PLACES, QUERY, HIDDEN = "auth.only-bearer-opens", "auth.token-in-query-opens-nothing", "auth.ids-stay-hidden"
ECHO, INTERNALS = "security.credentials-are-not-repeated", "security.messages-keep-internals"
TENANCY = "tenancy.other-tenant-is-refused"


# --- a token in the wrong place --------------------------------------------------------------------------


class _Opens(Service):
    """Lets those in whose token stands in another place, when Authorization does not."""

    def tokens(self, request: Request) -> list[str]:
        """Return what may be a token."""
        raise NotImplementedError

    def authenticate(self, request: Request) -> Tenant:
        with suppress(ApiError):
            return super().authenticate(request)
        for tenant in self.store.tenants.values():
            if tenant.token in self.tokens(request):
                return tenant
        return super().authenticate(request)


@fault(breaks=PLACES, hides="inputs")
class ACookieOpens(_Opens):
    """A token is taken from a cookie."""

    def tokens(self, request: Request) -> list[str]:
        return [part.partition("=")[2].strip() for part in request.headers.get("cookie", "").split(";")]


@fault(breaks=PLACES, hides="sequence")
class ACookieOutweighsAnUnknownToken(ACookieOpens):
    """A cookie opens what the token in Authorization does not, but nothing where there is none."""

    def tokens(self, request: Request) -> list[str]:
        return super().tokens(request) if "authorization" in request.headers else []


@fault(breaks=PLACES, hides="inputs")
class BasicOpens(_Opens):
    """A token is taken from the password of Basic credentials."""

    def tokens(self, request: Request) -> list[str]:
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return []
        return [base64.b64decode(encoded).decode("utf-8", "replace").partition(":")[2]]


@fault(breaks=PLACES, hides="inputs")
class AnotherHeaderOpens(_Opens):
    """A token is taken from X-Auth-Token."""

    def tokens(self, request: Request) -> list[str]:
        return [request.headers.get("x-auth-token", "")]


@fault(breaks=PLACES, hides="inputs")
class AnySchemeOpens(_Opens):
    """A token is taken from Authorization whatever the scheme, or without one."""

    def tokens(self, request: Request) -> list[str]:
        return [request.headers.get("authorization", "").rpartition(" ")[2]]


@fault(breaks=PLACES, hides="inputs")
class TheFirstOfTwoOpens(_Opens):
    """Of two tokens in one header the first is taken."""

    def tokens(self, request: Request) -> list[str]:
        return [(request.token or "").partition(",")[0]]


@fault(breaks=QUERY, hides="inputs")
class AQueryOpens(_Opens):
    """A token is taken from access_token in the query."""

    def tokens(self, request: Request) -> list[str]:
        return [request.query.get("access_token", "")]


@fault(breaks=QUERY, hides="inputs")
class AQueryOpensOneDeployment(_Opens):
    """A token is taken from the query where one deployment is read, as for links in mails."""

    def tokens(self, request: Request) -> list[str]:
        return [request.query.get("key", "")] if request.operation == "get" else []


# --- what strangers learn --------------------------------------------------------------------------------


class _Strangers(Service):
    """Looks for the deployment before it looks who asks."""

    def authenticate(self, request: Request) -> Tenant:
        named = request.route.ids.get("deployment_id")
        known = any(named in tenant.deployments for tenant in self.store.tenants.values())
        if named and not known and self.tells(request):
            raise self.unknown()
        return super().authenticate(request)

    def tells(self, request: Request) -> bool:
        """Return whether a request is told that there is no such deployment."""
        return "authorization" not in request.headers

    def unknown(self) -> ApiError:
        """Return what it is told."""
        return not_found("The deployment")


@fault(breaks=HIDDEN, hides="inputs")
class StrangersLearnOfIds(_Strangers):
    """Without credentials an unknown deployment is a 404, and one that exists a 401."""


@fault(breaks=HIDDEN, hides="inputs")
class StrangersLearnOfIdsByPausing(_Strangers):
    """Without credentials a pause of an unknown deployment is a 404, and of one that exists a 401."""

    def tells(self, request: Request) -> bool:
        return super().tells(request) and request.operation == "pause"


@fault(breaks=HIDDEN, hides="inputs")
class UnknownTokensLearnOfRuns(_Strangers):
    """With an unknown token the runs of an unknown deployment are a 404, those of another a 401."""

    def tells(self, request: Request) -> bool:
        return request.operation == "list_runs" and (request.token or "").startswith("pt-invalid")


@fault(breaks=HIDDEN, hides="inputs")
class MessagesTellStrangersOfIds(_Strangers):
    """Without credentials the message of a 401 says whether there is such a deployment."""

    def unknown(self) -> ApiError:
        return ApiError(401, "authentication_error", "Log in to see whether there is such a deployment.")


# --- credentials in answers ------------------------------------------------------------------------------


@fault(breaks=ECHO, hides="side effect", shown_by=("misplaced_credentials",))
class RefusalsRepeatTheToken(Service):
    """The message of a 401 repeats the token."""

    def render_error(self, error: ApiError, request: Request) -> Response:
        if error.status == 401 and request.token:
            error = ApiError(401, error.kind, f"The token {request.token} opens nothing.")
        return super().render_error(error, request)


@fault(breaks=ECHO, hides="side effect", shown_by=("misplaced_credentials",))
class MostOfATokenIsRepeated(Service):
    """The message of a 401 repeats the token but for its last four characters."""

    def render_error(self, error: ApiError, request: Request) -> Response:
        if error.status == 401 and request.token:
            error = ApiError(401, error.kind, f"The token {request.token[:-4]}… opens nothing.")
        return super().render_error(error, request)


@fault(breaks=ECHO, hides="side effect", shown_by=("odd_listings",))
class AHeaderRepeatsTheToken(Service):
    """A header of every list holds Authorization in base64."""

    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        headers = super().response_headers(request, response, body)
        if request.operation == "list_deployments" and request.token:
            headers["x-debug"] = base64.b64encode(f"auth={request.token}".encode()).decode()
        return headers


@fault(breaks=ECHO, hides="side effect", shown_by=("archive_twice",))
class ASessionIsMadeOfTheToken(Service):
    """A creation sets a cookie that holds the token."""

    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        headers = super().response_headers(request, response, body)
        if request.operation == "create" and response.status == 200:
            headers["set-cookie"] = f"session={request.token}; HttpOnly"
        return headers


@fault(breaks=ECHO, hides="side effect", shown_by=("unknown_runs",))
class ListsTellWhoAsked(Service):
    """A list of runs holds the token of whoever asked."""

    def list_all_runs(self, call: Call) -> Document:
        return super().list_all_runs(call) | {"asked_by": {"token": call.tenant.token}}


@found_by("credentials", ECHO)
class NearlyRightTokensAreRepeated(Service):
    """A token of the right length that is unknown is repeated in hex."""

    def render_error(self, error: ApiError, request: Request) -> Response:
        token = request.token or ""
        if error.status == 401 and any(len(token) == len(t.token) for t in self.store.tenants.values()):
            error = ApiError(401, error.kind, f"unknown: {token.encode().hex()}")
        return super().render_error(error, request)


# --- the inside of the server ----------------------------------------------------------------------------


class _Tells(Service):
    """Says more than it should in the message of one kind of error."""

    status, told = 400, ""

    def error_document(self, error: ApiError, request: Request) -> Document:
        if error.status == self.status:
            error = ApiError(error.status, error.kind, self.told, error.param)
        return super().error_document(error, request)


@fault(breaks=INTERNALS, hides="side effect", shown_by=("wrong_shapes",))
class BadRequestsShowATrace(_Tells):
    """A 400 shows where it was raised."""

    told = (
        "Traceback (most recent call last):\n  File \"/srv/api/app.py\", line 88, in read\nKeyError: 'name'"
    )


@fault(breaks=INTERNALS, hides="side effect", shown_by=("same_name_twice",))
class ConflictsShowAStatement(_Tells):
    """A 409 shows the statement that failed."""

    status, told = 409, 'duplicate key value violates unique constraint "deployments_name_key"'


@fault(breaks=INTERNALS, hides="side effect", shown_by=("lifecycle",))
class NotFoundShowsAFile(_Tells):
    """A 404 names the file in which it looked."""

    status, told = 404, "cannot open /var/lib/deployments/index.json"


@fault(breaks=INTERNALS, hides="side effect", shown_by=("strangers",))
class RefusalsNameAHost(_Tells):
    """A 401 names the host that keeps the tokens."""

    status, told = 401, "tokens.auth.svc.cluster.local:6379 knows no such token"


@fault(breaks=INTERNALS, hides="inputs", shown_by=("malformed_ids",))
class OddIdsShowTheDatabase(Service):
    """A NUL in an id shows what the database says of it."""

    def find(self, call: Call) -> Deployment:
        if "\0" in call.deployment_id:
            raise invalid('invalid byte sequence for encoding "UTF8": 0x00')
        return super().find(call)


# --- other tenants ---------------------------------------------------------------------------------------


class _Leaves(Service):
    """Refuses what another tenant asks for, and leaves something behind."""

    operation = "update"

    def find(self, call: Call) -> Deployment:
        try:
            return super().find(call)
        except ApiError:
            if call.request.operation == self.operation:
                for owner in self.store.tenants.values():
                    if call.deployment_id in owner.deployments:
                        self.leave(call, owner, owner.deployments[call.deployment_id])
            raise

    def leave(self, call: Call, owner: Tenant, record: Deployment) -> None:
        """Leave something behind."""
        raise NotImplementedError


@fault(breaks=TENANCY, hides="side effect")
class RefusedUpdatesMakeACopy(_Leaves):
    """Another tenant's update is refused, and makes a copy in that tenant's account."""

    def leave(self, call: Call, owner: Tenant, record: Deployment) -> None:
        self.keep(replace(record, id=self.new_id("dep"), tenant=call.tenant.name, created_at=self.instant()))


@fault(breaks=TENANCY, hides="side effect")
class RefusedArchivesMakeACopy(_Leaves):
    """Another tenant's archive is refused, and leaves a paused copy in the owner's account."""

    operation = "archive"

    def leave(self, call: Call, owner: Tenant, record: Deployment) -> None:
        name = f"{record.name} (kept)"
        self.keep(
            replace(record, id=self.new_id("dep"), name=name, status="paused", created_at=self.instant())
        )


@fault(breaks=TENANCY, hides="side effect")
class RefusedPausesShowInLists(_Leaves):
    """Another tenant's pause is refused, and lists alone show it all the same."""

    operation = "pause"

    def leave(self, call: Call, owner: Tenant, record: Deployment) -> None:
        self.__dict__.setdefault("_shown_paused", set()).add(record.id)

    def list_deployments(self, call: Call) -> Document:
        document = super().list_deployments(call)
        wrong, data = self.__dict__.get("_shown_paused", set()), document["data"]
        for item in data if isinstance(data, list) else ():
            if item["id"] in wrong:
                item |= {"status": "paused", "paused_reason": {"type": "manual"}}
        return document
