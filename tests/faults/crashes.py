"""Faults of robustness: one value somewhere that nobody thought of is a 500."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from conformance.reference import ApiError, Call, Document, Request, Service
from conformance.reference.errors import crashed, invalid
from tests.faults.catalogue import fault

NEW_ONLY = ("2026-07",)
CRASH = "errors.no-server-error"
BIGGEST = 2**63 - 1


class _Crashes(Service):
    """Crashes on what `chokes_on` names, when it is looked at in a query or body."""

    def execute(self, call: Call) -> Any:  # noqa: ANN401 (as the base)
        if self.chokes_on(call):
            raise crashed()
        return super().execute(call)

    def chokes_on(self, call: Call) -> bool:
        raise NotImplementedError


@fault(breaks=CRASH, hides="inputs", shown_by=("odd_transport",))
class NulsInKeysCrash(_Crashes):
    """A NUL in a metadata key is a 500."""

    def chokes_on(self, call: Call) -> bool:
        bag = call.body.get("metadata")
        return isinstance(bag, dict) and any("\0" in key for key in bag)


@fault(breaks=CRASH, hides="inputs", shown_by=("odd_transport",))
class NulsInEventsCrash(_Crashes):
    """A NUL in an event is a 500."""

    def chokes_on(self, call: Call) -> bool:
        return "\\x00" in repr(call.body.get("initial_events"))


@fault(breaks=CRASH, hides="inputs", shown_by=("odd_transport",))
class BigVersionsCrash(_Crashes):
    """A version of an agent beyond 63 bits is a 500."""

    def chokes_on(self, call: Call) -> bool:
        agent = call.body.get("agent")
        version = agent.get("version") if isinstance(agent, dict) else None
        return isinstance(version, int) and abs(version) > BIGGEST


@fault(breaks=CRASH, hides="inputs", shown_by=("odd_listings",))
class BigLimitsCrash(_Crashes):
    """A limit beyond 63 bits is a 500."""

    def chokes_on(self, call: Call) -> bool:
        limit = call.request.query.get("limit", "")
        return limit.lstrip("-").isdecimal() and abs(int(limit)) > BIGGEST


@fault(breaks=CRASH, hides="inputs", shown_by=("odd_listings",))
class EmptyLimitsCrash(_Crashes):
    """An empty limit is a 500."""

    def chokes_on(self, call: Call) -> bool:
        return call.request.query.get("limit") == ""


@fault(breaks=CRASH, hides="inputs", revisions=NEW_ONLY, shown_by=("odd_listings",))
class BadInstantsCrash(_Crashes):
    """A bound of created_at that is no instant is a 500."""

    def chokes_on(self, call: Call) -> bool:
        bounds = [v for k, v in call.request.query.items() if k.startswith("created_at[")]
        return any(not bound[:4].isdecimal() for bound in bounds)


@fault(breaks=CRASH, hides="inputs", shown_by=("odd_listings",))
class UnknownCursorsCrash(Service):
    """A cursor that names nothing is a 500."""

    def unknown_cursor(self) -> ApiError:
        return crashed()


@fault(breaks=CRASH, hides="inputs", revisions=NEW_ONLY, shown_by=("odd_listings",))
class BrokenPagesCrash(_Crashes):
    """A page that is no token is a 500."""

    def chokes_on(self, call: Call) -> bool:
        page = call.request.query.get("page", "a")
        return not page.replace("-", "").replace("_", "").isalnum() or not page.isascii()


@fault(breaks=CRASH, hides="inputs", shown_by=("odd_listings",))
class UnknownStatusesCrash(_Crashes):
    """A status that there is not is a 500."""

    def chokes_on(self, call: Call) -> bool:
        return call.request.query.get("status", "active") not in {"active", "paused"}


@fault(breaks=CRASH, hides="inputs", shown_by=("odd_listings",))
class OddFlagsCrash(_Crashes):
    """A flag that is neither true nor false is a 500."""

    def chokes_on(self, call: Call) -> bool:
        return call.request.query.get("include_archived", "true") not in {"true", "false"}


@fault(breaks=CRASH, hides="inputs", shown_by=("odd_transport",))
class NullAgentsCrash(_Crashes):
    """An agent that is null is a 500."""

    def chokes_on(self, call: Call) -> bool:
        return "agent" in call.body and call.body["agent"] is None


@fault(breaks=CRASH, hides="inputs", shown_by=("odd_transport",))
class NullEventsCrash(_Crashes):
    """An event that is null is a 500."""

    def chokes_on(self, call: Call) -> bool:
        events = call.body.get("initial_events")
        return isinstance(events, list) and None in events


@fault(breaks=CRASH, hides="inputs", shown_by=("odd_transport",))
class NullVaultsCrash(_Crashes):
    """A vault id that is null is a 500."""

    def chokes_on(self, call: Call) -> bool:
        vaults = call.body.get("vault_ids")
        return isinstance(vaults, list) and None in vaults


@fault(breaks=CRASH, hides="inputs", shown_by=("refused_schedule_updates",))
class NullExpressionsCrash(_Crashes):
    """An expression or zone that is null is a 500."""

    def chokes_on(self, call: Call) -> bool:
        schedule = call.body.get("schedule")
        parts = ("expression", "timezone")
        return isinstance(schedule, dict) and any(p in schedule and schedule[p] is None for p in parts)


@fault(breaks=CRASH, hides="inputs", shown_by=("invalid_schedules",))
class EmptyExpressionsCrash(_Crashes):
    """An empty expression is a 500."""

    def chokes_on(self, call: Call) -> bool:
        schedule = call.body.get("schedule")
        return isinstance(schedule, dict) and schedule.get("expression") == ""


@fault(breaks=CRASH, hides="inputs", shown_by=("open_zones",))
class EmptyZonesCrash(_Crashes):
    """An empty zone is a 500."""

    def chokes_on(self, call: Call) -> bool:
        schedule = call.body.get("schedule")
        return isinstance(schedule, dict) and schedule.get("timezone") == ""


@fault(breaks=CRASH, hides="inputs", shown_by=("odd_transport",))
class FoldersOfZonesCrash(_Crashes):
    """A zone that is a folder of the zone database, such as Europe, is a 500."""

    def chokes_on(self, call: Call) -> bool:
        schedule = call.body.get("schedule")
        return isinstance(schedule, dict) and schedule.get("timezone") in ("Europe", "America")


@fault(breaks=CRASH, hides="inputs", shown_by=("odd_transport",))
class PathsAsZonesCrash(_Crashes):
    """A zone that is a path out of the zone database is a 500."""

    def chokes_on(self, call: Call) -> bool:
        schedule = call.body.get("schedule")
        return isinstance(schedule, dict) and str(schedule.get("timezone")).startswith(("/", ".."))


@fault(
    breaks="update.invalid-cron-is-400",
    also=(CRASH,),
    hides="inputs",
    tiers=("property",),
    found_by="property.invalid-updates",
)
class StepsOfZeroCrash(_Crashes):
    """A step of 0 is a 500."""

    def chokes_on(self, call: Call) -> bool:
        schedule = call.body.get("schedule")
        return isinstance(schedule, dict) and "/0" in str(schedule.get("expression"))


@fault(breaks=CRASH, hides="inputs", shown_by=("odd_transport",))
class NullNamesCrash(_Crashes):
    """A name that an update sets to null is a 500."""

    def chokes_on(self, call: Call) -> bool:
        return "name" in call.body and call.body["name"] is None


@fault(breaks=CRASH, hides="inputs", shown_by=("odd_transport",))
class TextsAsMetadataCrash(_Crashes):
    """Metadata that is a text is a 500."""

    def chokes_on(self, call: Call) -> bool:
        return isinstance(call.body.get("metadata"), str)


@fault(breaks=CRASH, hides="inputs", shown_by=("odd_transport",))
class UnhashableTypesCrash(_Crashes):
    """An event whose type is a list is a 500."""

    def chokes_on(self, call: Call) -> bool:
        events = call.body.get("initial_events")
        items = events if isinstance(events, list) else []
        return any(isinstance(one, dict) and isinstance(one.get("type"), (list, dict)) for one in items)


@fault(breaks=CRASH, hides="inputs", shown_by=("odd_transport",))
class BodiesThatAreListsCrash(Service):
    """A body that is a JSON array is a 500."""

    def read_body(self, request: Request) -> Document:
        if request.content.lstrip()[:1] == b"[":
            raise crashed()
        return super().read_body(request)


@fault(breaks=CRASH, hides="inputs", shown_by=("odd_transport",))
class InvalidUtf8Crashes(Service):
    """A body that is no UTF-8 is a 500."""

    def read_body(self, request: Request) -> Document:
        try:
            request.content.decode()
        except UnicodeDecodeError:
            raise crashed() from None
        return super().read_body(request)


# --- JSON that is none -------------------------------------------------------------------------------------


class _Lenient(Service):
    """Mends the body of a request before it is parsed."""

    def read_body(self, request: Request) -> Document:
        return super().read_body(replace(request, content=self.mended(request.content)))

    def mended(self, content: bytes) -> bytes:
        raise NotImplementedError


MALFORMED = "errors.malformed-json-is-400"


@fault(breaks=MALFORMED, hides="inputs")
class WhatFollowsTheBodyIsIgnored(_Lenient):
    """What follows the JSON document in a body is ignored."""

    def mended(self, content: bytes) -> bytes:
        try:
            text = content.decode().lstrip()
            return text[: json.JSONDecoder().raw_decode(text)[1]].encode()
        except ValueError:
            return content


@fault(breaks=MALFORMED, hides="inputs")
class UnclosedBodiesAreClosed(_Lenient):
    """A body that lacks its last brace is taken."""

    def mended(self, content: bytes) -> bytes:
        return content + b"}" if content.count(b"{") == content.count(b"}") + 1 else content


@fault(breaks=MALFORMED, hides="inputs")
class FormsAreTaken(_Lenient):
    """A malformed body is read as an empty object."""

    def mended(self, content: bytes) -> bytes:
        try:
            json.loads(content)
        except ValueError:
            return b"{}"
        return content


# --- the wire ----------------------------------------------------------------------------------------------


@fault(breaks="update.events-are-replaced", hides="inputs")
class BodiesOf100KAreTooLarge(Service):
    """A body above 100 kilobytes is refused."""

    def read_body(self, request: Request) -> Document:
        if len(request.content) > 100 * 2**10:
            raise invalid("Request body is too large.")
        return super().read_body(request)


@fault(breaks="errors.same-for-every-client", hides="inputs")
class MediaTypesAreCaseSensitive(Service):
    """A Content-Type that is not exactly application/json is a 415."""

    def read_body(self, request: Request) -> Document:
        kind = request.headers.get("content-type", "application/json")
        if request.method == "POST" and request.content and kind.partition(";")[0] != "application/json":
            raise ApiError(415, "invalid_request_error", "Unsupported Media Type")
        if request.method == "POST" and "; " in kind:
            raise ApiError(415, "invalid_request_error", "Unsupported Media Type")
        return super().read_body(request)


@fault(breaks="pause.needs-no-body", hides="inputs")
class TypeWithoutBodyIs400(Service):
    """A Content-Type of JSON with no body is a 400 on actions."""

    def read_body(self, request: Request) -> Document:
        action = request.operation in {"pause", "unpause", "archive"}
        if action and not request.content and "content-type" in request.headers:
            raise invalid("Request body must be valid JSON.")
        return super().read_body(request)
