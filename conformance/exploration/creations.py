"""Property searches over creations."""

from __future__ import annotations

from conformance.contract.judgement import answered, broken, expect_error, expect_success
from conformance.exploration._cases import reader
from conformance.exploration._parts import BOUNDARIES, Part, expect_read_back, refused_legally
from conformance.exploration._violations import CREATION_LIMITS, Violation
from conformance.exploration.registry import Searched, search
from conformance.target.api import Api
from conformance.target.creations import created_id, items
from conformance.target.exchange import Exchange

STORED = "create.stores-what-was-sent"
ACCEPTED = {
    "name": "create.name-of-256-is-stored",
    "description": STORED,
    "metadata": "create.metadata-at-its-limits-is-stored",
    "initial_events": "create.50-events-are-stored",
}
"""The promise that a valid value of each field is accepted and kept."""


@search("property.valid-creations", reads=reader(Part))
def valid_creations(api: Api) -> Searched:
    """Bodies with one unusual but valid part are accepted, stored and read back."""
    from conformance.exploration._explore import explore
    from conformance.exploration._strategies import parts

    return explore(api, parts(), lambda part: _create_with(api, part), first=BOUNDARIES)


def _create_with(api: Api, part: Part) -> None:
    from conformance.exploration._explore import upholding

    sent = part.sent(api)
    exchange = api.create(api.body(**sent), label=f"create with {part}")
    if refused_legally(answered(exchange), part, bytes_may_count=False):
        return
    made = created_id(exchange)
    try:
        with upholding(ACCEPTED[part.field]):
            expect_success(exchange, 200, 201)
        # A name too long in bytes may have been cut by a server that counts them; any other is to be kept.
        kept = STORED if part.field == "name" and not part.long_in_bytes else ACCEPTED[part.field]
        with upholding(kept):
            if made:
                expect_read_back(api.get(made, label=f"read it ({part})"), sent)
    finally:
        if made:
            api.archive(made, label="archive it")


@search("property.invalid-creations", reads=reader(Violation))
def invalid_creations(api: Api) -> Searched:
    """Bodies one step outside a documented limit are refused and make nothing."""
    from conformance.exploration._explore import explore
    from conformance.exploration._strategies import invalid_creations as strategy

    return explore(api, strategy(), lambda violation: _create_against(api, violation), first=CREATION_LIMITS)


def _create_against(api: Api, violation: Violation) -> None:
    from conformance.exploration._explore import upholding

    body = violation.applied(api, api.body())
    exchange = api.create(body, label=f"create with {violation}")
    made = created_id(exchange)
    if made:
        api.archive(made, label="archive it")
    with upholding(violation.requirement):
        expect_error(exchange, *violation.statuses, kind=None if len(violation.statuses) > 1 else INVALID)
    with upholding("errors.refused-creates-nothing"):
        _expect_nothing_made(api.list_refused(), exchange, body["description"])


INVALID = "invalid_request_error"


def _expect_nothing_made(listed: Exchange, refused: Exchange, description: object) -> None:
    for item in items(answered(listed)):
        if item.get("description") == description:
            raise broken(f"no deployment, since {refused.label} was refused", item.get("id"), refused, listed)
