"""Targets with whose help one could harm others, loop for ever, or steer a terminal."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.reference import Call, Document, Request, Response
from tests.hostile.catalogue import BROKEN, KEPT
from tests.hostile.served import Malicious, document_of, served, with_document

LISTS = ("list_deployments", "list_runs", "list_all_runs", "list_agents", "list_environments")
ODD_TEXT = (
    "\x00\x1b[31m\x1b]0;owned\x07]]>\ud800<script>alert(1)</script>\u202e\r\n::error::x\n##[error]\x9b2J"
)


# --- creations that name what others own ----------------------------------------------------------------------


@served()
class CreatesNothingButNamesTheNewest(Malicious):
    """A creation answers with the newest deployment of somebody else."""

    place = 0

    def create(self, call: Call) -> Document:
        self.read_creation(call)
        return self.render_deployment(call.tenant.deployments[self.foreign[self.place]])


@served()
class CreatesNothingButNamesTheOldest(CreatesNothingButNamesTheNewest):
    """A creation answers with the oldest deployment of somebody else, which no first page lists."""

    place = -1


@served()
class CreatesUnderForeignIds(Malicious):
    """A creation answers as it should, but for the id, which is somebody else's."""

    def create(self, call: Call) -> Document:
        return super().create(call) | {"id": self.foreign[next(self.numbers) % len(self.foreign)]}


@served()
class SometimesCreatesUnderForeignIds(Malicious):
    """Every fifth creation answers with the id of another's deployment."""

    def create(self, call: Call) -> Document:
        number = next(self.numbers)
        document = super().create(call)
        return document if number % 5 else document | {"id": self.foreign[number % len(self.foreign)]}


@served()
class ListsForeignOnesAsOurs(Malicious):
    """Creations get no answer worth the name, and lists show the names sent with them at other people's ids."""

    sent: Document = {}  # noqa: RUF012 (replaced, never changed)

    def create(self, call: Call) -> Document:
        self.sent = {name: call.body[name] for name in ("name", "description") if name in call.body}
        super().create(call)
        return {"made": True}

    def twist(self, request: Request, response: Response) -> Response:
        if request.operation != "list_deployments" or response.status >= 400:
            return response
        rows: Any = document_of(response)["data"]
        return with_document(response, data=[row | self.sent for row in rows])


# --- odd ids --------------------------------------------------------------------------------------------------


@served()
class OneIdForAll(Malicious):
    """Every creation answers with the first id."""

    first: object = None

    def create(self, call: Call) -> Document:
        document = super().create(call)
        self.first = self.first or document["id"]
        return document | {"id": self.first}


def _naming(name: str, make: Callable[[Malicious, str], object]) -> None:
    """Register a target whose ids are spelled otherwise, in creations and lists."""

    class Naming(Malicious):
        def twist(self, request: Request, response: Response) -> Response:
            document = document_of(response)
            if request.operation == "create" and "id" in document:
                return with_document(response, id=make(self, str(document["id"])))
            data = document.get("data")
            if isinstance(data, list):
                rows = [row | {"id": make(self, str(row["id"]))} for row in data]
                return with_document(response, data=rows)
            return response

    Naming.__name__ = name
    served()(Naming)


_naming("IdsWithSlashes", lambda self, _: f"dep_x/../{self.foreign[0]}")
_naming("IdsThatLeadElsewhere", lambda self, _: f"x/../{self.foreign[1]}/archive?")
_naming("IdsWithNewlines", lambda _, one: f"{one}\r\nX-Injected: 1\r\n\r\nPOST / HTTP/1.1")
_naming("IdsOfDots", lambda *_: "..")
_naming("IdsOfSurrogates", lambda *_: "dep_\ud800\udfff\x00")
_naming("IdsOfOneMegabyte", lambda _, one: one + "a" * 1_000_000)
_naming("IdsOfOtherTypes", lambda *_: {"a": [1, None]})
_naming("IdsThatEscape", lambda _, one: f"{one}'; curl evil; `x` $(y) \"")
_naming("IdsEncoded", lambda self, _: f"x%2f..%2f{self.foreign[2]}")


# --- lists without end ----------------------------------------------------------------------------------------


class _Listing(Malicious):
    def twist(self, request: Request, response: Response) -> Response:
        if request.operation not in LISTS or response.status >= 400:
            return response
        return self.paged(response)

    def paged(self, response: Response) -> Response:
        return response


@served()
class PagesWithoutEnd(_Listing):
    """Every page is followed by another one, full of deployments that never were."""

    def paged(self, response: Response) -> Response:
        rows: Any = document_of(response)["data"]
        made = [{**row, "id": f"dep_{secrets.token_hex(16)}"} for row in rows]
        token = secrets.token_hex(8)
        last = made[-1]["id"] if made else token
        return with_document(response, data=rows + made, has_more=True, next_page=token, last_id=last)


@served()
class PagesThatPointToThemselves(_Listing):
    """The next page is always this one."""

    def twist(self, request: Request, response: Response) -> Response:
        if request.operation in LISTS:
            request = replace(request, query={})
            response = self.answer(request)
        return super().twist(request, response)

    def paged(self, response: Response) -> Response:
        return with_document(response, has_more=True, next_page="again", last_id=self.foreign[0])


@served()
class EmptyPagesForEver(_Listing):
    """Nothing is listed, and more of it follows."""

    def paged(self, response: Response) -> Response:
        return with_document(
            response, data=[], has_more=True, next_page="more", first_id=None, last_id="dep_x"
        )


@served()
class HugePages(_Listing):
    """Lists show thousands of deployments, whatever limit is asked for."""

    def paged(self, response: Response) -> Response:
        rows: Any = document_of(response)["data"]
        more = [{**row, "id": f"dep_{number:032x}"} for row in rows[:1] for number in range(4000)]
        return with_document(response, data=[*rows, *more])


# --- texts ----------------------------------------------------------------------------------------------------


def _mapped(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(member, change) if key != "id" else member for key, member in value.items()}
    return [_mapped(member, change) for member in value] if isinstance(value, list | tuple) else value


@served(codes=(BROKEN,))
class OddTextEverywhere(Malicious):
    """Every text but ids ends in control characters, markup and commands."""

    def twist(self, request: Request, response: Response) -> Response:
        return replace(response, document=_mapped(response.document, lambda text: text + ODD_TEXT))


@served(codes=(BROKEN,))
class LongTextEverywhere(Malicious):
    """Every answer holds half a megabyte of text."""

    def twist(self, request: Request, response: Response) -> Response:
        return with_document(response, description="x" * 500_000)


@served()
class DeepMetadata(Malicious):
    """Every answer holds a value that is nested a hundred thousand levels deep."""

    def serialize(self, request: Request, response: Response) -> bytes:
        content = super().serialize(request, response)
        return content[:-1] + b',"deep":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@served()
class ManyNodes(Malicious):
    """Every answer holds a million tiny values: three megabytes on the wire, twenty times that in memory."""

    def serialize(self, request: Request, response: Response) -> bytes:
        return super().serialize(request, response)[:-1] + b',"many":[' + b"[]," * 1_000_000 + b"0]}"


@served(codes=(KEPT,))
class DuplicateKeys(Malicious):
    """Every object says its id and status twice: RFC 8259 advises against it, and readers take the last."""

    def serialize(self, request: Request, response: Response) -> bytes:
        return b'{"id": "dep_0", "status": "archived", "data": 1, ' + super().serialize(request, response)[1:]


@served()
class NotANumber(Malicious):
    """Every answer holds NaN."""

    def serialize(self, request: Request, response: Response) -> bytes:
        return b'{"odd": NaN, "more": -Infinity, ' + super().serialize(request, response)[1:]


# --- whatever comes -------------------------------------------------------------------------------------------

VALUES: tuple[object, ...] = (
    None, True, 0, -1, 1.5e300, "", "dep_", [], {}, [None], {"id": 1}, "9999-12-31T23:59:59Z", "2026-02-30T99:99:99Z",
    "\ud800", 10**40, [[[]]], {"type": "error", "error": None}, "0001-01-01T00:00:00+23:59", ["a", 1, {}],
)  # fmt: skip


class _Scrambled(Malicious):
    """One value in most answers is replaced by one of another kind."""

    seed = 0

    def __init__(self, *arguments: Any) -> None:  # noqa: ANN401 (passed on)
        super().__init__(*arguments)
        self._random = random.Random(self.seed)  # noqa: S311 (no secret)

    def twist(self, request: Request, response: Response) -> Response:
        status = (
            response.status
            if self._random.random() < 0.95
            else self._random.choice((200, 201, 204, 302, 400, 409, 418, 500))
        )
        return Response(status, self._scrambled(response.document), response.headers)

    def _scrambled(self, value: object) -> object:
        if self._random.random() < 0.03:
            return self._random.choice(VALUES)
        if isinstance(value, dict):
            return {
                key: self._scrambled(member) for key, member in value.items() if self._random.random() > 0.01
            }
        return [self._scrambled(member) for member in value] if isinstance(value, list | tuple) else value


for _seed in range(6):
    served()(type(f"Scrambled{_seed}", (_Scrambled,), {"seed": _seed}))
