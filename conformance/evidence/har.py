"""The exchanges of a run as an HTTP Archive (HAR 1.2), which browsers and proxies open; a page is a story."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from conformance.client.exchange import Exchange
from conformance.evidence.model import Part
from conformance.report.files import unwritable, writing
from conformance.version import __version__

HTTP = "HTTP/1.1"
UNKNOWN_SIZE = -1
HAR_HINT = "name a file that can be written with --har"


def write_har(parts: Sequence[Part], path: Path) -> Path:
    """Write the exchanges to `path`, redacted and cut as in the reports; return it. Raises ReportError."""
    try:
        with writing(path) as stream, TextIOWrapper(stream, encoding="ascii") as file:
            file.writelines(_pieces(parts))
    except OSError as error:
        raise unwritable(path, error, HAR_HINT) from error
    return path


def _pieces(parts: Sequence[Part]) -> Iterator[str]:
    creator = {"name": "deployments-conformance", "version": __version__}
    pages = [page for part in parts for page in _pages(part)]
    head = json.dumps({"version": "1.2", "creator": creator, "pages": pages}, indent=1).removesuffix("\n}")
    yield f'{{"log": {head},\n "entries": ['
    entries = (_entry(part, exchange) for part in parts for exchange in part.exchanges)
    for place, entry in enumerate(entries):
        yield (",\n" if place else "\n") + json.dumps(entry)
    yield "\n ]\n}}\n"


def _pages(part: Part) -> Iterator[Mapping[str, object]]:
    """Yield a page for each story, which begins with its first exchange."""
    first: dict[str, Exchange] = {}
    for exchange in part.exchanges:
        first.setdefault(exchange.story, exchange)
    for story, exchange in first.items():
        moment = _moment(exchange.sent_at)
        yield {"startedDateTime": moment, "id": _page(part, story), "title": story, "pageTimings": {}}


def _page(part: Part, story: str) -> str:
    return f"{part.run_id} {story}"


def _entry(part: Part, exchange: Exchange) -> Mapping[str, object]:
    milliseconds = round(exchange.seconds * 1000, 3)
    shown = exchange.shown
    tried = "".join(f", tried again after: {earlier}" for earlier in shown.retries)
    failure = {"_error": shown.failure} if exchange.failure else {}
    return {
        "pageref": _page(part, exchange.story),
        "startedDateTime": _moment(exchange.sent_at),
        "time": milliseconds,
        "request": _request(exchange),
        "response": {**_response(exchange), **failure},
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": f"#{exchange.number} {shown.label}{tried}",
    }


def _request(exchange: Exchange) -> Mapping[str, object]:
    shown = exchange.shown
    query = parse_qsl(urlsplit(shown.url).query, keep_blank_values=True)
    request = {
        "method": exchange.method,
        "url": shown.url,
        "httpVersion": HTTP,
        "cookies": [],
        "headers": _pairs(shown.request_headers.items()),
        "queryString": _pairs(query),
        "headersSize": UNKNOWN_SIZE,
        "bodySize": UNKNOWN_SIZE if exchange.request_body else 0,
    }
    if exchange.request_body is None:
        return request
    kind = shown.request_headers.get("content-type", "")
    return {**request, "postData": {"mimeType": kind, "params": [], "text": exchange.request_body}}


def _response(exchange: Exchange) -> Mapping[str, object]:
    """Return the answer; without one the status is 0, as browsers write it."""
    headers = exchange.shown.headers
    kind = headers.get("content-type", "x-unknown")
    return {
        "status": exchange.status or 0,
        "statusText": "",
        "httpVersion": HTTP,
        "cookies": [],
        "headers": _pairs(headers.items()),
        "content": {"size": exchange.size, "mimeType": kind, "text": exchange.body},
        "redirectURL": headers.get("location", ""),
        "headersSize": UNKNOWN_SIZE,
        "bodySize": exchange.size,
    }


def _pairs(items: Iterable[tuple[str, str]]) -> list[Mapping[str, str]]:
    return [{"name": name, "value": value} for name, value in items]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
