"""The exchanges of a run as an HTTP Archive (HAR 1.2), which browsers and proxies open; a page is a story."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from conformance import __version__
from conformance.evidence._model import Part
from conformance.report.write import ReportError, replacing
from conformance.target.exchange import Exchange
from conformance.target.redaction import Redactor

HTTP = "HTTP/1.1"
UNKNOWN_SIZE = -1


def write_har(parts: Sequence[Part], redactor: Redactor, path: Path) -> Path:
    """Write the exchanges to `path`, redacted and cut as in the reports; return it. Raises ReportError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as draft, draft.open("w", encoding="ascii") as file:
            file.writelines(_pieces(parts, redactor))
    except OSError as error:
        raise ReportError(
            f"cannot write {path}: {error.strerror or error}", "name a file that can be written with --har"
        ) from error
    return path


def _pieces(parts: Sequence[Part], redactor: Redactor) -> Iterator[str]:
    creator = {"name": "deployments-conformance", "version": __version__}
    pages = [page for part in parts for page in _pages(part)]
    head = json.dumps({"version": "1.2", "creator": creator, "pages": pages}, indent=1).removesuffix("\n}")
    yield f'{{"log": {head},\n "entries": ['
    entries = (_entry(part, exchange, redactor) for part in parts for exchange in part.exchanges)
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


def _entry(part: Part, exchange: Exchange, redactor: Redactor) -> Mapping[str, object]:
    milliseconds = round(exchange.seconds * 1000, 3)
    tried = "".join(f", tried again after: {earlier}" for earlier in exchange.retries)
    failure = {"_error": exchange.failure.text} if exchange.failure else {}
    return {
        "pageref": _page(part, exchange.story),
        "startedDateTime": _moment(exchange.sent_at),
        "time": milliseconds,
        "request": _request(exchange),
        "response": {**_response(exchange), **failure},
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": redactor.text(f"#{exchange.number} {exchange.label}{tried}"),
    }


def _request(exchange: Exchange) -> Mapping[str, object]:
    query = parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)
    request = {
        "method": exchange.method,
        "url": exchange.url,
        "httpVersion": HTTP,
        "cookies": [],
        "headers": _pairs(exchange.request_headers.items()),
        "queryString": _pairs(query),
        "headersSize": UNKNOWN_SIZE,
        "bodySize": UNKNOWN_SIZE if exchange.request_body else 0,
    }
    if exchange.request_body is None:
        return request
    kind = exchange.request_headers.get("content-type", "")
    return {**request, "postData": {"mimeType": kind, "params": [], "text": exchange.request_body}}


def _response(exchange: Exchange) -> Mapping[str, object]:
    """Return the answer; without one the status is 0, as browsers write it."""
    kind = exchange.headers.get("content-type", "x-unknown")
    return {
        "status": exchange.status or 0,
        "statusText": "",
        "httpVersion": HTTP,
        "cookies": [],
        "headers": _pairs(exchange.headers.items()),
        "content": {"size": exchange.size, "mimeType": kind, "text": exchange.body},
        "redirectURL": exchange.headers.get("location", ""),
        "headersSize": UNKNOWN_SIZE,
        "bodySize": exchange.size,
    }


def _pairs(items: Iterable[tuple[str, str]]) -> list[Mapping[str, str]]:
    return [{"name": name, "value": value} for name, value in items]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
