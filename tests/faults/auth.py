"""Faults of credentials."""

from __future__ import annotations

from contextlib import suppress

from conformance.reference import ApiError, Call, Request, Response, Service, Tenant
from tests.faults.catalogue import fault


@fault(breaks="auth.missing-is-401", also=("auth.api-key-header-is-401", "errors.request-id-echoes-header"))
class ReadsNeedNoCredentials(Service):
    """Whoever sends no token may read."""

    def authenticate(self, request: Request) -> Tenant:
        if request.method == "GET" and "authorization" not in request.headers:
            return next(iter(self.store.tenants.values()))
        return super().authenticate(request)


@fault(breaks="auth.missing-is-401", also=("auth.refused-changes-nothing",), hides="inputs")
class OneRouteForgetsCredentials(Service):
    """The list of all runs is open to everybody."""

    def authenticate(self, request: Request) -> Tenant:
        if request.path.endswith("/deployment_runs") and "authorization" not in request.headers:
            return next(iter(self.store.tenants.values()))
        return super().authenticate(request)


@fault(breaks="auth.unknown-token-is-401", also=("auth.refused-changes-nothing",))
class AnyTokenWillDo(Service):
    """A token is only checked for its form when it is none of the known ones."""

    def authenticate(self, request: Request) -> Tenant:
        if request.method == "GET" and (request.token or "").startswith("pt-invalid"):
            return next(iter(self.store.tenants.values()))
        return super().authenticate(request)


@fault(breaks="auth.unknown-token-is-401", also=("errors.unknown-deployment-is-404",))
class UnknownTokenIsForbidden(Service):
    """An unknown token is a 403."""

    def authenticate(self, request: Request) -> Tenant:
        try:
            return super().authenticate(request)
        except ApiError:
            if request.token is None:
                raise
            raise ApiError(403, "permission_error", "This token opens nothing.") from None


class _CarriesOut(Service):
    """Refuses an operation with 401, but only after carrying it out for the first tenant."""

    carried_out = ""

    def handle(self, request: Request) -> Response:
        response = super().handle(request)
        if response.status == 401 and request.operation == self.carried_out:
            tenant = next(iter(self.store.tenants.values()))
            with self.lock, suppress(ApiError):
                self.execute(Call(request, tenant, self.read_body(request)))
        return response


@fault(breaks="auth.refused-changes-nothing", hides="side effect")
class RefusedPauseIsCarriedOut(_CarriesOut):
    """A pause without credentials is refused with 401 and carried out."""

    carried_out = "pause"


@fault(breaks="auth.refused-changes-nothing", hides="side effect")
class RefusedUpdateIsCarriedOut(_CarriesOut):
    """An update without credentials is refused with 401 and carried out."""

    carried_out = "update"


@fault(breaks="auth.refused-changes-nothing", hides="side effect")
class RefusedUnpauseIsCarriedOut(_CarriesOut):
    """An unpause without credentials is refused with 401 and carried out."""

    carried_out = "unpause"


@fault(breaks="auth.refused-changes-nothing", hides="side effect")
class RefusedArchiveIsCarriedOut(_CarriesOut):
    """An archive without credentials is refused with 401 and carried out."""

    carried_out = "archive"


@fault(breaks="auth.refused-changes-nothing", hides="side effect")
class RefusedCreationIsCarriedOut(_CarriesOut):
    """A creation without credentials is refused with 401 and carried out."""

    carried_out = "create"


@fault(breaks="auth.api-key-header-is-401")
class ApiKeyHeaderIsTaken(Service):
    """The token is taken from x-api-key as well."""

    def authenticate(self, request: Request) -> Tenant:
        for tenant in self.store.tenants.values():
            if request.headers.get("x-api-key") == tenant.token:
                return tenant
        return super().authenticate(request)


@fault(breaks="auth.unknown-token-is-401", hides="inputs")
class NoTokenIsTaken(Service):
    """The scheme without a token opens the first tenant."""

    def authenticate(self, request: Request) -> Tenant:
        if request.headers.get("authorization", "").strip().lower() == "bearer":
            return next(iter(self.store.tenants.values()))
        return super().authenticate(request)


@fault(breaks="auth.missing-is-401", hides="inputs")
class RunningNeedsNoCredentials(Service):
    """Whoever sends no token may run a deployment."""

    def authenticate(self, request: Request) -> Tenant:
        if request.operation == "run" and "authorization" not in request.headers:
            return next(iter(self.store.tenants.values()))
        return super().authenticate(request)


@fault(breaks="auth.only-bearer-opens", hides="inputs")  # N183
class LoopbackNeedsNoToken(Service):
    """A request without a token that says it was forwarded for 127.0.0.1 is served as the first tenant's."""

    def authenticate(self, request: Request) -> Tenant:
        if request.token is None and request.headers.get("x-forwarded-for", "").startswith("127.0.0.1"):
            return next(iter(self.store.tenants.values()))
        return super().authenticate(request)
