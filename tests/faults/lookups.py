"""Faults of doors and look-ups: tokens and ids that match too widely."""

from __future__ import annotations

from fnmatch import fnmatchcase

from conformance.reference import ApiError, Call, Deployment, Request, Service
from conformance.reference.errors import not_found, unauthenticated
from conformance.reference.store import Tenant
from tests.faults.catalogue import fault

UNKNOWN_TOKEN = "auth.unknown-token-is-401"
UNKNOWN_ID, MALFORMED_ID = "errors.unknown-deployment-is-404", "errors.malformed-id-is-refused"


@fault(breaks=UNKNOWN_TOKEN, hides="inputs", tiers=("property",), found_by="property.credentials")
class LongerTokensOpen(Service):
    """A token with something behind it opens."""

    def is_token_of(self, tenant: Tenant, token: str) -> bool:
        return token.startswith(tenant.token)


@fault(breaks=UNKNOWN_TOKEN, hides="inputs", tiers=("property",), found_by="property.credentials")
class CutTokensOpen(Service):
    """All but the last character of a token open."""

    def is_token_of(self, tenant: Tenant, token: str) -> bool:
        return len(token) >= len(tenant.token) - 1 and tenant.token.startswith(token[: len(tenant.token)])


@fault(breaks=UNKNOWN_TOKEN, hides="inputs", tiers=("property",), found_by="property.credentials")
class TokensFoldCase(Service):
    """A token opens in capitals as well."""

    def is_token_of(self, tenant: Tenant, token: str) -> bool:
        return token.lower() == tenant.token.lower()


@fault(breaks="auth.only-bearer-opens", hides="inputs")
class BareTokensOpen(Service):
    """A token without a scheme opens."""

    def authenticate(self, request: Request) -> Tenant:
        for tenant in self.store.tenants.values():
            if request.headers.get("authorization") == tenant.token:
                return tenant
        return super().authenticate(request)


@fault(breaks=UNKNOWN_TOKEN, hides="inputs")
class EmptyTokensOpen(Service):
    """An empty bearer token opens the first account."""

    def authenticate(self, request: Request) -> Tenant:
        if request.headers.get("authorization", "-").strip().lower() == "bearer":
            return next(iter(self.store.tenants.values()))
        return super().authenticate(request)


@fault(breaks="auth.ids-stay-hidden", hides="inputs")
class PausesTellWhatExists(Service):
    """Without credentials a pause of an unknown deployment is a 404."""

    def authenticate(self, request: Request) -> Tenant:
        try:
            return super().authenticate(request)
        except ApiError:
            known = any(
                request.route.ids.get("deployment_id") in t.deployments for t in self.store.tenants.values()
            )
            raise (
                not_found("The deployment")
                if request.operation == "pause" and not known
                else unauthenticated()
            ) from None


@fault(breaks="auth.ids-stay-hidden", hides="inputs")
class ReadsOfUnknownIdsNeedNoToken(Service):
    """Without credentials an update of an unknown deployment is a 404."""

    def authenticate(self, request: Request) -> Tenant:
        try:
            return super().authenticate(request)
        except ApiError:
            known = any(
                request.route.ids.get("deployment_id") in t.deployments for t in self.store.tenants.values()
            )
            raise (
                not_found("The deployment")
                if request.operation == "update" and not known
                else unauthenticated()
            ) from None


class _Finds(Service):
    """Finds a deployment whose id `matches` the one in the path."""

    def find(self, call: Call) -> Deployment:
        for record in call.tenant.deployments.values():
            if self.matches(record.id, call.deployment_id):
                return record
        return super().find(call)

    def matches(self, known: str, asked: str) -> bool:
        raise NotImplementedError


@fault(breaks=UNKNOWN_ID, hides="inputs", tiers=("property",), found_by="property.ids")
class TheLastDigitIsNotLookedAt(_Finds):
    """An id finds a deployment whose last digit is another."""

    def matches(self, known: str, asked: str) -> bool:
        return len(known) == len(asked) and known[:-1] == asked[:-1]


@fault(
    breaks="errors.unknown-deployment-is-404", hides="inputs", tiers=("property",), found_by="property.ids"
)
class BeginningsOfIdsFind(_Finds):
    """The beginning of an id finds a deployment."""

    def matches(self, known: str, asked: str) -> bool:
        return len(asked) > len("dep_") and known.startswith(asked)


@fault(
    breaks="errors.unknown-deployment-is-404", hides="inputs", tiers=("property",), found_by="property.ids"
)
class LongerIdsFind(_Finds):
    """An id with something behind it finds the deployment."""

    def matches(self, known: str, asked: str) -> bool:
        return asked.startswith(known)


@fault(
    breaks="errors.unknown-deployment-is-404", hides="inputs", tiers=("property",), found_by="property.ids"
)
class PercentSignsFind(_Finds):
    """A percent sign in an id stands for any text."""

    def matches(self, known: str, asked: str) -> bool:
        return "%" in asked and fnmatchcase(known, asked.replace("[", "").replace("%", "*"))


@fault(
    breaks="errors.unknown-deployment-is-404", hides="inputs", tiers=("property",), found_by="property.ids"
)
class IdsNeedNoPrefix(_Finds):
    """An id finds its deployment without the prefix."""

    def matches(self, known: str, asked: str) -> bool:
        return known.partition("_")[2] == asked


@fault(
    breaks="errors.unknown-deployment-is-404", hides="inputs", tiers=("property",), found_by="property.ids"
)
class AnyPrefixWillDo(_Finds):
    """An id finds its deployment with the prefix of another resource."""

    def matches(self, known: str, asked: str) -> bool:
        return known.partition("_")[2] == asked.partition("_")[2]
