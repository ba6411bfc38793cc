"""What every error has in common, and errors that every route has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from http import HTTPStatus

from conformance.client.answers import body_of
from conformance.client.exchange import Exchange
from conformance.client.target import Target
from conformance.contract.comparing import MISSING, field
from conformance.contract.judgement import broken, expect_not_found
from conformance.contract.schemas import violations
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.create.refusals import REQUIRED
from conformance.suite.errors.unknown_ids import ByRoute
from conformance.suite.judging.answers import errors
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import observations, observed

Exchanges = tuple[Exchange, ...]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
SHOWN = 5
UPDATE_PATH = re.compile(r"/deployments/[^/]+$")
FIELD_NAME = re.compile(r"[a-z_]+")
OPTIONAL = (
    "description", "environment_variables", "metadata", "resources", "schedule", "vault_ids",
)  # fmt: skip
BODY_FIELDS = frozenset({*REQUIRED, *OPTIONAL})
"""What requests name of a deployment."""


LONGEST_ID = 64
"""Characters of an id of a request beyond which a server may take it for none."""


def some(exchanges: Iterable[Exchange]) -> list[Exchange]:
    """Return the errors among `exchanges`; raises NotJudgedError when the run saw none."""
    found = list(errors(exchanges))
    if not found:
        raise NotJudgedError(Blame.PRECONDITION, "the run met no error that could be judged")
    return found


@requirement("errors.envelope")
def test_every_error_is_the_envelope(every_exchange: Exchanges, revision: str) -> None:
    wrong = [(e, found) for e in some(every_exchange) if (found := violations("error", revision, e.json))]
    if wrong:
        first, found = wrong[0]
        kinds = Counter(f"{e.status} to {e.label}" for e, _ in wrong)
        got = f"{found[0].path}: {found[0].message} ({', '.join(list(kinds)[:SHOWN])}; {len(wrong)} in all)"
        raise broken('{"type": "error", "error": {"type", "message"}}', got, first)


@requirement("errors.type-matches-status")
def test_the_type_of_every_error_belongs_to_its_status(every_exchange: Exchanges, target: Target) -> None:
    expected = target.profile.error_types
    for exchange in some(every_exchange):
        kind, wanted = field(exchange.json, "error.type"), expected.get(exchange.status or 0)
        if wanted and isinstance(kind, str) and kind != wanted:
            raise broken(f"{wanted} with status {exchange.status}", kind, exchange)


@requirement("errors.param-is-text")
def test_param_is_text(every_exchange: Exchanges) -> None:
    for exchange in some(every_exchange):
        error = field(exchange.json, "error")
        if isinstance(error, dict) and not isinstance(error.get("param"), str | None):
            raise broken("error.param to be a string", error["param"], exchange)
        if (sent := sent_by_update(exchange)) and (other := other_field(exchange, sent)):
            wanted = f"error.param to name what was sent: {' or '.join(sent)}"
            raise broken(wanted, other, exchange, at="error.param")


def sent_by_update(exchange: Exchange) -> list[str]:
    """Return the fields that an update named; empty for other requests, and where no object can be read."""
    if exchange.method != "POST" or exchange.status != HTTPStatus.BAD_REQUEST:
        return []
    body = body_of(exchange) or {}
    return [] if BODY_FIELDS.isdisjoint(body) or not UPDATE_PATH.search(exchange.path) else [*body]


def other_field(exchange: Exchange, sent: Collection[str]) -> str:
    """Return what `error.param` names where that is a field of deployments that was not sent."""
    named = field(exchange.json, "error.param")
    first = FIELD_NAME.match(named) if isinstance(named, str) else None
    return first[0] if first and first[0] in BODY_FIELDS.difference(sent) else ""


@requirement("errors.request-id-present")
def test_every_error_has_a_request_id(every_exchange: Exchanges) -> None:
    for exchange in some(every_exchange):
        found = field(exchange.json, "request_id")
        if isinstance(exchange.json, dict) and (not isinstance(found, str) or not found):
            raise broken(f"a request_id in the {exchange.status} to {exchange.label}", found, exchange)


@requirement("errors.request-id-echoes-header")
def test_a_request_id_is_echoed(every_exchange: Exchanges) -> None:
    asked = some(
        e for e in every_exchange if 0 < len(e.request_headers.get("x-request-id", "")) <= LONGEST_ID
    )
    shown = [exchange for exchange in asked if field(exchange.json, "request_id") is not MISSING]
    if not shown:
        raise NotJudgedError(Blame.PRECONDITION, "no error has a request_id: see errors.request-id-present")
    for exchange in shown:
        sent, found = exchange.request_headers["x-request-id"], field(exchange.json, "request_id")
        if found != sent:
            raise broken(f"request_id {sent} in the {exchange.status} to {exchange.label}", found, exchange)


@requirement("errors.request-id-is-the-header")
def test_a_request_id_is_that_of_the_header(every_exchange: Exchanges) -> None:
    for exchange in some(every_exchange):
        named, found = exchange.headers.get("request-id"), field(exchange.json, "request_id")
        if named and isinstance(found, str) and found != named:
            raise broken(f"request_id {named}, as the header says", found, exchange)


@requirement("errors.answers-name-their-request")
def test_every_answer_names_its_request(every_exchange: Exchanges, target: Target) -> None:
    """An error without the envelope may be a gateway's, which knows no ids."""
    name = target.profile.request_id_header
    documented = [e for e in every_exchange if e.succeeded or isinstance(field(e.json, "error"), dict)]
    for exchange in documented:
        if name not in exchange.headers:
            raise broken(f"a header {name}", "none", exchange)


@requirement("errors.request-id-is-uuid")
def test_an_own_request_id_is_a_uuid(every_exchange: Exchanges) -> None:
    made: list[Exchange] = []
    for exchange in some(every_exchange):
        found = field(exchange.json, "request_id")
        own = "x-request-id" not in exchange.request_headers
        if own and isinstance(found, str):
            made.append(exchange)
            if not UUID.fullmatch(found):
                raise broken("request_id to be a UUID", found, exchange)
    if len(made) > SHOWN and len({field(exchange.json, "request_id") for exchange in made}) == 1:
        raise broken("a request_id for each request", f"the same for {len(made)}", *made[:SHOWN])


@requirement("errors.unknown-deployment-is-404")
def test_an_unknown_deployment_is_404_everywhere(unknown_deployment: ByRoute, target: Target) -> None:
    kind = target.profile.error_types.get(HTTPStatus.NOT_FOUND)
    expect_not_found(unknown_deployment.answers, kind, well_formed=unknown_deployment.well_formed)


def request_id_headers(exchanges: Exchanges) -> str:
    """Return which headers name the request of an error, and how often, for an observation."""
    names = Counter(
        name for e in errors(exchanges) for name in ("x-request-id", "request-id") if name in e.headers
    )
    return ", ".join(f"{name} on {count}" for name, count in names.items()) or "none"


def content_types(exchanges: Exchanges) -> str:
    """Return the content types of errors and how often each came, for an observation."""
    types = Counter(e.headers.get("content-type", "none") for e in errors(exchanges))
    return ", ".join(f"{kind} on {count}" for kind, count in types.most_common(SHOWN))


globals().update(
    observations(
        observed("errors.request-id-header", request_id_headers, "every_exchange"),
        observed("errors.content-type", content_types, "every_exchange"),
        observed("errors.malformed-json-on-actions", "{}", "odd_transport.malformed"),
    )
)
