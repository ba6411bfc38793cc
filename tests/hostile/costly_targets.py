"""Targets whose answers are dear to read, compare, show or keep: a run of them has an end all the same."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from conformance.reference import Request, Response
from tests.client.rawserver import answering, http
from tests.hostile.catalogue import EITHER, INCOMPLETE, KEPT, always
from tests.hostile.served import Malicious, document_of, served, with_document

SECONDS = 20
LIMITED = ("--max-seconds", str(SECONDS))
MEGABYTE = 1024 * 1024
QUOTES = '\\"' * 250_000


def _with(name: str, change: Callable[[Malicious, Request, Response], Response]) -> None:
    """Register a reference server whose answers are changed in a costly way."""

    def twist(self: Malicious, request: Request, response: Response) -> Response:
        return change(self, request, response)

    served(*LIMITED, codes=EITHER)(type(name, (Malicious,), {"twist": twist}))


def _member(name: str, members: Mapping[str, object]) -> None:
    _with(name, lambda _, __, response: with_document(response, **members))


def _error(name: str, **parts: str) -> None:
    """Register a server whose errors are long."""

    def change(_: Malicious, __: Request, response: Response) -> Response:
        if response.status < 400:
            return response
        error = document_of(response).get("error")
        return with_document(response, error={**(error if isinstance(error, dict) else {}), **parts})

    _with(name, change)


_error("ErrorTypesOf7Megabytes", type="x" * 7 * MEGABYTE)
_error("ErrorMessagesOf7Megabytes", message="no " * (7 * MEGABYTE // 3))
_error("ErrorMessagesOfQuotes", message=QUOTES)
_member("MetadataOf20000Names", {"metadata": {f"name {number}": "v" * 30 for number in range(20_000)}})
_member("EventsBy100000", {"initial_events": [{"type": "user.message", "content": "x"}] * 25_000})
_member("BrokenMomentsBy100000", {"schedule": {"type": "cron", "upcoming_runs_at": ["never"] * 100_000}})
_member("NamesOfOneMegabyte", {"n" * MEGABYTE: 1, "name": "n" * MEGABYTE})
_member("DescriptionsOfQuotes", {"description": QUOTES})
_member("DescriptionsOfControls", {"description": "\x1b\u202e\U0010ffff" * 300_000})
_member("NumbersOf4000Digits", {"metadata": {f"n{number}": 10**4000 + number for number in range(250)}})
_member("TokensOfOtherTypes", {"api_key": [{"token": "\\" * 1000}] * 500})


def _nested(depth: int, width: int) -> object:
    value: object = "x"
    for _ in range(depth):
        value = {"a": value, **{f"b{number}": [] for number in range(width)}}
    return value


_member("DeepAndWide", {"metadata": _nested(90, 1_000)})


@served(*LIMITED)
class ChangesAllTheTime(Malicious):
    """Twenty thousand values are others at every read."""

    def twist(self, request: Request, response: Response) -> Response:
        moved = {f"name {number}": f"{next(self.numbers)}" for number in range(20_000)}
        return with_document(response, metadata=moved, vault_ids=[*moved.values()])


@served(*LIMITED)
class ListsOf8Megabytes(Malicious):
    """A list shows a hundred deployments of 75 KB."""

    def twist(self, request: Request, response: Response) -> Response:
        rows = document_of(response).get("data")
        if not isinstance(rows, list) or not rows:
            return response
        row = {**rows[0], "description": "d" * 75_000}
        return with_document(
            response, data=[*rows, *({**row, "id": f"dep_{n:032x}"} for n in range(99))][:99]
        )


@served(*LIMITED)
class IdsOfHalfAMegabyte(Malicious):
    """Ids of all kinds are half a megabyte long, and work."""

    def handle(self, request: Request) -> Response:
        ids = {name: one.partition("-long")[0] for name, one in request.route.ids.items()}
        request = replace(request, route=replace(request.route, ids=ids))
        return super().handle(request)

    def twist(self, request: Request, response: Response) -> Response:
        document = document_of(response)
        if isinstance(document.get("id"), str):
            return with_document(response, id=f"{document['id']}-long{'l' * MEGABYTE}"[: MEGABYTE // 2])
        return response


@served(*LIMITED, codes=(KEPT, INCOMPLETE))  # whether the time is enough is for the machine to say
class HeadersOf90Kilobytes(Malicious):
    """Each answer has headers that reports show, of 90 KB together."""

    def twist(self, request: Request, response: Response) -> Response:
        long = dict.fromkeys(("x-request-id", "request-id", "location", "x-else"), "h" * 22000)
        return replace(response, headers={**response.headers, **long})


class _PackedBursts(Malicious):
    """Requests that arrive together are answered with a compressed body that is dear to undo."""

    content = b""

    def is_packed(self, request: Request) -> bool:
        return request.headers.get("connection") == "close"

    def twist(self, request: Request, response: Response) -> Response:
        coding = {"content-encoding": "gzip"} if self.is_packed(request) else {}
        return replace(response, headers={**response.headers, **coding})

    def serialize(self, request: Request, response: Response) -> bytes:
        return self.content if self.is_packed(request) else super().serialize(request, response)


PLAIN = gzip.compress(b" " * 1000, mtime=0)


@served(*LIMITED)
class BurstsOf20000GzipMembers(_PackedBursts):
    """818 KB of tiny members."""

    content = PLAIN * (818 * 1024 // len(PLAIN))


@served(*LIMITED)
class BurstsOfGzipBombs(_PackedBursts):
    """818 KB of members that are seven megabytes each."""

    content = gzip.compress(b"0" * 7 * MEGABYTE, 9) * 118


FLAT = json.dumps({"id": "dep_1", "data": [[]] * 400_000, "has_more": False}).encode()
always("ValuesBy400000", answering(http("200 OK", FLAT)), *LIMITED)
always("BlanksOf8Megabytes", answering(http("200 OK", b" " * (8 * MEGABYTE - 2) + b"{}")), *LIMITED)
