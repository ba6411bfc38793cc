"""One request and its answer with timings: the unit of evidence, judged as it came and shown redacted."""

from __future__ import annotations

import json
import re
import shlex
import zlib
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property, lru_cache
from threading import Lock, RLock
from typing import Any, Final

from conformance.client.fitting import fitted
from conformance.contract import clock
from conformance.contract.comparing import shorten
from conformance.contract.timeline import ShownExchange, Timeline, within
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.redaction.redactor import Redactor

NOT_JSON: Final = type("NotJson", (), {"__repr__": lambda _: "<no JSON>", "__bool__": lambda _: False})()
"""What `Exchange.json` holds when the answer is not a JSON document."""

DEEPEST = 100
"""Levels of nesting in an answer that are read; a deployment has six."""
MOST_DIGITS = 4_000
"""Digits of an integer that is read as one; Python itself takes few more."""
EXACT = 2**53
"""Below it a float tells each integer from the next."""
USUAL = 256 * 1024
"""Bytes of a list page with a hundred deployments; several stories at a time are judged by some."""
HUGE = 1024 * 1024
MOST_ITEMS = 101
"""Of a huge list so many items are read: one more than are ever asked for shows that it is too long."""
TIMELINE_BODY = 2_000
TIMELINE_REQUEST = 16 * 1024
"""Characters of a request's body in a curl line, which can be run as long as they are all."""
LONGEST_TIMELINE = 64 * 1024
"""Bytes of a report after which a timeline takes up no more exchanges."""
TOKEN_VARIABLES = ("$CONFORMANCE_TOKEN", "$CONFORMANCE_SECOND_TOKEN")
"""Shell variables that stand in records where a secret was sent."""
LONGEST_KIND = 2_000
"""Bytes of an error's type that are looked at, for the hundred that a message shows."""
_DECODE_LOCK: Final = Lock()
_LARGE_LOCK: Final = RLock()
# What a shell would act on between double quotes; a variable is braced when a letter follows it.
_ACTIVE = re.compile(rf"({'|'.join(map(re.escape, TOKEN_VARIABLES))})(\w?)|[\\\"$`]")
HEADERS_SHOWN = ("content-type", "date", "location", "retry-after", "x-request-id", "request-id")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request got no whole answer: `blame` says on whose account, `text` is one line.

    One that was not `sent` never reached the target.
    """

    blame: Blame
    text: str
    sent: bool = True


def parse_json(content: bytes) -> object:
    """Return the JSON document in `content`, or `NOT_JSON`; NaN and Infinity are not JSON.

    Nor is what is nested deeper than `DEEPEST`: everything that walks a document may recurse. A number
    without a fraction is an integer, however it is written.
    """
    try:
        document = _read(content)
    except (ValueError, RecursionError):
        return NOT_JSON
    return NOT_JSON if _may_go_deeper(content) and _goes_deeper(document) else document


def is_too_deep(content: bytes) -> bool:
    """Tell whether a body is nested deeper than is read: it may be JSON all the same."""
    if not _may_go_deeper(content):
        return False
    try:
        return _goes_deeper(_read(content))
    except RecursionError:
        return True
    except ValueError:
        return False


def _read(content: bytes) -> object:
    text = content.decode("utf-8")
    return json.loads(text, parse_constant=_refuse_constant, parse_int=_integer, parse_float=_number)


def _integer(text: str) -> int | float:
    """Return an integer; one of more digits than Python takes for one is as infinite as 1e400."""
    return int(text) if len(text) <= MOST_DIGITS else float(text)


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < EXACT else number


def _may_go_deeper(content: bytes) -> bool:
    """Tell whether a body opens enough brackets to be nested deeper than is read: few do."""
    return content.count(b"[") + content.count(b"{") > DEEPEST


def _goes_deeper(document: object) -> bool:
    layer: list[Any] = [document] if isinstance(document, dict | list) else []
    for _ in range(DEEPEST):
        if not layer:
            return False
        # Every long list passes here: only what can hold more is looked at again.
        layer = [
            inner
            for value in layer
            for inner in (value.values() if isinstance(value, dict) else value)
            if isinstance(inner, dict | list)
        ]
    return bool(layer)


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


class Packed:
    """A large JSON document, kept compressed: hundreds of full list pages are read once and judged later."""

    def __init__(self, content: bytes) -> None:
        self._content = zlib.compress(content, 1)
        self._unpack = _unpacked if len(content) <= USUAL else _unpacked_once
        self.size = len(self._content)

    def unpacked(self) -> object:
        """Return the document, or `NOT_JSON`; raises NotJudgedError when the run may compute no longer."""
        clock.check()
        return self._unpack(self._content)


def _read_packed(content: bytes) -> object:
    with _DECODE_LOCK:
        return parse_json(zlib.decompress(content))


_unpacked = lru_cache(maxsize=12)(_read_packed)
_unpacked_once = lru_cache(maxsize=2)(_read_packed)
"""Of what is larger than usual hardly more than the document at hand is kept: it takes ten times its text."""


def shortened(content: bytes) -> bytes:
    """Return a huge list answer without what follows its first `MOST_ITEMS` items; anything else as it is."""
    if len(content) < HUGE:
        return content
    with _DECODE_LOCK:  # for a moment a document takes ten times the size of its text
        document = parse_json(content)
        data = document.get("data") if isinstance(document, dict) else None
        if not (isinstance(document, dict) and isinstance(data, list) and len(data) > MOST_ITEMS):
            return content
        return json.dumps({**document, "data": data[:MOST_ITEMS]}).encode()


class PackedText(Packed):
    """A long text, kept compressed."""

    def __init__(self, text: str) -> None:
        super().__init__(text.encode("utf-8", "surrogatepass"))

    def unpacked(self) -> str:
        """Return the text."""
        return zlib.decompress(self._content).decode("utf-8", "surrogatepass")


class _Packable:
    """A field of an exchange that unpacks what was given packed."""

    def __init__(self, default: object) -> None:
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, exchange: Exchange | None, owner: type | None = None) -> Any:  # noqa: ANN401 (JSON, or a text)
        if exchange is None:
            return self
        held = exchange.__dict__[self._name]
        return held.unpacked() if isinstance(held, Packed) else held

    def __set__(self, exchange: Exchange, value: object) -> None:
        exchange.__dict__[self._name] = self._default if value is self else value


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown of an exchange: no secret is left in it."""

    label: str
    url: str
    request_headers: Mapping[str, str]
    headers: Mapping[str, str]
    failure: str
    retries: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, repr=False)
class Exchange:
    """One request and its answer.

    `number` orders exchanges within a run; `label` says in a few words what the story was doing.
    URL, headers, failure and `json`, the answer's document (given as it is or packed, a huge list
    `shortened`), are what was received and judged; `shown` is what may be written of them. The two bodies are
    redacted and capped. Of the request's own credentials only the name of their variable is kept.
    `status` is None when no whole answer came, then `failure` says why.
    `seconds` covers the last attempt; `retries` tells what the earlier attempts got. A `probe` asks something
    that the documents leave open. `precondition` says why the answer tells nothing of what was asked: it has
    a reason that lies before it, such as a quota of the account. `echo` says where the answer repeats the
    credential that was sent.
    """

    number: int
    story: str
    label: str
    method: str
    url: str
    sent_at: datetime
    seconds: float
    request_headers: Mapping[str, str]
    request_body: str | None
    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = field(default=_Packable(""))  # type: ignore[assignment] # (a text, or given packed)
    size: int = 0
    json: object = field(default=_Packable(NOT_JSON), repr=False)
    failure: Failure | None = None
    retries: tuple[str, ...] = ()
    probe: bool = False
    precondition: str = ""
    echo: str = ""
    redactor: Redactor = field(default_factory=Redactor, compare=False)

    def __repr__(self) -> str:
        """Return no word of the target's: a traceback may show it."""
        return f"<exchange {self.number}: {self.method}, {self.status}>"

    @property
    def path(self) -> str:
        """The URL without its query, some of which goes with every request of a vendor."""
        return self.url.partition("?")[0]

    @property
    def shown(self) -> Shown:
        """What may be written of it."""
        redact = self.redactor.text
        return Shown(
            label=redact(self.label),
            url=redact(self.url),
            request_headers={name: redact(value) for name, value in self.request_headers.items()},
            headers=self.redactor.headers(self.headers),
            failure=redact(self.failure.text) if self.failure else "",
            retries=tuple(map(redact, self.retries)),
        )

    @cached_property
    def date(self) -> datetime | None:
        """The server's clock as its `Date` header tells it (whole seconds, UTC), or None."""
        try:
            moment = parsedate_to_datetime(self.headers["date"])
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (KeyError, ValueError, OverflowError):
            return None

    @property
    def ambiguous(self) -> bool:
        """Whether an earlier attempt of this write may have been carried out: its answer proves little."""
        return self.method != "GET" and any(not earlier.startswith("429") for earlier in self.retries)

    @property
    def succeeded(self) -> bool:
        """Whether the answer is 2xx."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 (HTTP)

    def summary(self) -> str:
        """Return the answer in a few words, for messages: `409 conflict_error`, or why there is none."""
        if self.failure:
            return f"no answer ({self.failure.text})"
        error = self.json.get("error") if isinstance(self.json, dict) else None
        kind = error.get("type") if isinstance(error, dict) else None
        if not isinstance(kind, str):
            return f"{self.status}"
        # Redacted before the cut, as a part of a secret may be too short to be known.
        shown = self.redactor.beginning(kind.encode("utf-8", "surrogatepass"), LONGEST_KIND)
        return f"{self.status} {shorten(shown, 100)}"

    def _summary_in_time(self) -> str:
        """Return the summary; the status alone of a large answer that the run has no time left to read."""
        try:
            return self.summary()
        except NotJudgedError:
            return f"{self.status}"

    def reported(self) -> ShownExchange:
        """Return what a report shows of it."""
        shown = self.shown
        return ShownExchange(
            number=self.number,
            label=shown.label,
            command=self.curl(),
            sent_at=self.sent_at.astimezone(UTC).isoformat(timespec="microseconds"),
            seconds=round(self.seconds, 6),
            status=self.status,
            summary=self.redactor.text(self._summary_in_time()),
            headers={name: shown.headers[name] for name in HEADERS_SHOWN if name in shown.headers},
            body=fitted(self.body, TIMELINE_BODY),
            size=self.size,
            failure=shown.failure,
            retries=shown.retries,
        )

    def alone(self) -> AbstractContextManager[object]:
        """Return what lets one thread at a time look at large answers: read, they take much memory."""
        return _LARGE_LOCK if isinstance(self.__dict__["json"], Packed) else nullcontext()

    def curl(self) -> str:
        """Return a command that a POSIX shell can run, with `$CONFORMANCE_TOKEN` in place of the secret."""
        words = ["curl", "-sS", "-i", "--globoff", "-X", self.method]
        if self.method == "HEAD":
            words[-2:] = ["--head"]
        shown = self.shown
        if "/." in shown.url:
            words.append("--path-as-is")  # or curl resolves dot segments
        quoted = [shlex.quote(word) for word in words]
        for name, value in shown.request_headers.items():
            quoted += ["-H", _curl_header(name, value)]
        if self.request_body is not None:
            # Only --data-raw takes a leading @ as it is; without a content type curl would call it a form.
            body = self.request_body
            body_shown = body if len(body) <= TIMELINE_REQUEST else f"{body[:TIMELINE_REQUEST]}… (cut)"
            quoted += ["--data-raw", shlex.quote(body_shown)]
            if not any(name.lower() == "content-type" for name in self.request_headers):
                quoted += ["-H", "content-type:"]
        return " ".join([*quoted, shlex.quote(shown.url)])


NOT_ASKED: Final = Exchange(
    number=0, story="", label="a request that nothing selected needs", method="GET", url="",
    sent_at=datetime.min.replace(tzinfo=UTC), seconds=0.0, request_headers={}, request_body=None, status=None,
    failure=Failure(Blame.HARNESS, "it was not sent: select this requirement as well", sent=False),
)  # fmt: skip
"""Stands for a step that a story left out, since no selected requirement reads it."""


def _curl_header(name: str, value: str) -> str:
    """Return a header as one shell word, in which nothing but the variables of tokens is expanded."""
    header = f"{name}: {value}"
    if not any(variable in value for variable in TOKEN_VARIABLES):
        return shlex.quote(header)
    return f'"{_ACTIVE.sub(_in_double_quotes, header)}"'


def _in_double_quotes(match: re.Match[str]) -> str:
    variable, letter = match[1], match[2]
    if not variable:
        return f"\\{match[0]}"
    return f"${{{variable[1:]}}}{letter}" if letter else variable


def timeline(exchanges: Iterable[Exchange], culprits: Iterable[int] = ()) -> Timeline:
    """Return exchanges as reports show them; the numbers in `culprits` are marked.

    What is too long for a report is left out, and counted.
    """
    marked = set(culprits)
    shown = (replace(exchange.reported(), culprit=exchange.number in marked) for exchange in exchanges)
    return within(shown, LONGEST_TIMELINE)
