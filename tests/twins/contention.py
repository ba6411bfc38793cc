"""Twins that treat requests which meet each other, and keys that come again, in legal ways of their own."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import count

from conformance.reference import ApiError, Call, Deployment, ReferenceSettings, Request, Response, Service
from conformance.reference.errors import conflict, invalid
from conformance.reference.store import StoredAnswer
from tests.twins.catalogue import twin

CHANGES = {"update", "pause", "unpause", "archive", "run"}


class _OneAtATime(Service):
    """Of changes of one deployment that meet, one is carried out and the others are refused."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.under_way: set[str] = set()

    def refusal(self) -> ApiError:
        """Return the refusal of a change that met another."""
        raise NotImplementedError

    async def respond(self, request: Request) -> Response:
        if request.operation not in CHANGES:
            return await super().respond(request)
        name = request.route.ids["deployment_id"]
        if name in self.under_way:
            return self.render_error(self.refusal(), request)
        self.under_way.add(name)
        try:
            await asyncio.sleep(0.03)
            return await super().respond(request)
        finally:
            self.under_way.discard(name)


class ChangesThatMeetConflict(_OneAtATime):
    """A change that meets another of its deployment is a 409: the errors page has it for any conflict of states."""

    def refusal(self) -> ApiError:
        return conflict("The deployment is being changed; try again.")


class KeysUnderWayConflict(Service):
    """A key whose first request is not answered yet is a 409 (section 1.4: concurrent ones are not described)."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.under_way: set[str] = set()

    async def respond(self, request: Request) -> Response:
        key = request.headers.get("idempotency-key")
        if not key or request.method != "POST":
            return await super().respond(request)
        if key in self.under_way:
            return self.render_error(conflict("A request with this key is under way."), request)
        self.under_way.add(key)
        try:
            await asyncio.sleep(0.03)
            return await super().respond(request)
        finally:
            self.under_way.discard(key)


class KeysAreOfTheAccount(Service):
    """A key is good for one path and body in the whole account; with any other it is a 409, section 1.4."""

    def idempotency_key(self, call: Call) -> tuple[str, ...] | None:
        key = super().idempotency_key(call)
        return key and key[1:]

    def fingerprint(self, call: Call) -> str:
        return f"{call.request.path} {super().fingerprint(call)}"


class KeysCompareBytes(Service):
    """Two bodies are the same when their bytes are, and a replay says so in a header."""

    def fingerprint(self, call: Call) -> str:
        return call.request.content.hex()

    def recall(self, call: Call, key: tuple[str, ...]) -> StoredAnswer | None:
        answer = super().recall(call, key)
        if answer is None:
            return None
        headers = {**answer.response.headers, "idempotent-replayed": "true"}
        return replace(answer, response=replace(answer.response, headers=headers))


class RefusalsAreRemembered(Service):
    """A refusal is the answer under a key as well as a success is (N179)."""

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.refusals: dict[tuple[str, ...], tuple[str, ApiError]] = {}

    def replay_or_execute(self, call: Call) -> Response:
        key = self.idempotency_key(call)
        if key is None:
            return super().replay_or_execute(call)
        body, error = self.refusals.get((call.tenant.name, *key), ("", None))
        if error is not None:
            raise error if body == self.fingerprint(call) else conflict("The key is of another body.")
        try:
            return super().replay_or_execute(call)
        except ApiError as refusal:
            if self.recall(call, key) is None:
                self.refusals[call.tenant.name, *key] = self.fingerprint(call), refusal
            raise


class KeysAreUuids(Service):
    """A key that is no UUID of version 4 is a 400, and so is any key on GET (N179, N180)."""

    def idempotency_key(self, call: Call) -> tuple[str, ...] | None:
        sent = call.request.headers.get("idempotency-key")
        if sent is None:
            return None
        try:
            good = uuid.UUID(sent).version == 4 and call.request.method == "POST"
        except ValueError:
            good = False
        if not good:
            raise invalid("Idempotency-Key must be a UUID of version 4, on a POST.")
        return super().idempotency_key(call)


@twin()
class ListReplicasDisagree(Service):
    """Every second list comes from a replica that is 1.2 seconds behind (section 9.2: consistency is not described)."""

    turns = count()

    def __init__(self, settings: ReferenceSettings | None = None) -> None:
        super().__init__(settings)
        self.histories: dict[str, list[tuple[float, Deployment]]] = {}

    def keep(self, record: Deployment) -> None:
        super().keep(record)
        self.histories.setdefault(record.id, []).append((time.monotonic(), record))

    def deployment_rows(self, call: Call) -> Iterable[Deployment]:
        rows = super().deployment_rows(call)
        if next(self.turns) % 2 == 0 or {"after_id", "before_id", "page"} & call.request.query.keys():
            return rows
        horizon = time.monotonic() - 1.2
        known = ([r for at, r in self.histories.get(row.id, []) if at <= horizon] for row in rows)
        return [versions[-1] for versions in known if versions]


@twin()
class RangesLag(Service):
    """Lists by creation time come from an index that is three seconds behind all other lists (section 9.2)."""

    def deployment_rows(self, call: Call) -> Iterable[Deployment]:
        rows = super().deployment_rows(call)
        if not any(name.startswith("created_at") for name in call.request.query):
            return rows
        horizon = self.now() - timedelta(seconds=3)
        return [row for row in rows if row.created_at <= horizon]
