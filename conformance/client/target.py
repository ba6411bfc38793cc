"""The target of one run: sends requests within its limits, records every exchange, keeps the ledger."""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.client.credential_echo import echoed
from conformance.client.credentials import Auth, Authorization, Credentials, Forged
from conformance.client.exchange import (
    DEEPEST,
    Exchange,
    Failure,
    Packed,
    PackedText,
    is_too_deep,
    parse_json,
    shortened,
)
from conformance.client.ownership.ledger import EMBEDDED, LEDGER, Ledger
from conformance.client.routes import Routes, subject_of
from conformance.client.traffic.limits import GRACE_SECONDS, Manners, is_loopback
from conformance.client.traffic.permission import check_permitted
from conformance.client.traffic.quiescence import Stillness
from conformance.client.traffic.rate_limiter import Permit
from conformance.client.wire.answer import Answer, Limits
from conformance.client.wire.burst import Hit
from conformance.client.wire.connection import Shot
from conformance.client.wire.open_sockets import Sockets
from conformance.client.wire.transport import Http
from conformance.config.settings import Settings
from conformance.contract.mode import Mode
from conformance.contract.shapes import Shapes
from conformance.contract.verdict import Blame, NotApplicableError
from conformance.redaction.known_secrets import redactor_of
from conformance.redaction.logs import masked_logs
from conformance.redaction.privacy import without_content
from conformance.redaction.redactor import RUN, Redactor, fingerprint
from conformance.vendors import Profile
from conformance.version import __version__

PACKED_FROM = 16 * 1024
TOO_DEEP = f"the answer is nested deeper than the {DEEPEST} levels that this suite reads"
MOST_KEPT = 96 * 1024 * 1024
"""Bytes of answers, compressed, that one run keeps."""
RECORDED_BODY = 64 * 1024
RECORDED_URL, RECORDED_HEADER, RECORDED_HEADERS = 8_000, 2_000, 100
"""Characters of a URL and of a header's value, and headers of an answer, that a record keeps."""
CLIENT_HEADERS = {
    "accept": "application/json",
    "accept-encoding": "identity",
    "user-agent": f"deployments-conformance/{__version__}",
}


CLEAN_UP = "clean-up"
"""The story whose requests are sent even after a stop."""


@dataclass(frozen=True, kw_only=True)
class OutgoingRequest:
    """One request to send."""

    method: str
    path: str
    label: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    authorization: Authorization = Auth.OWN
    probe: bool = False


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What came of sending a request once, and how many seconds later it may be sent again, if it may.

    `number` is that of the first try, `exchange` what was recorded of an answer that stands.
    """

    answer: Answer | Failure
    number: int
    sent_at: datetime
    seconds: float
    wait: float | None = None
    exchange: Exchange | None = None


class Target:
    """The base URL under test with credentials, limits, counters and ledger; shared by all threads."""

    def __init__(
        self, settings: Settings, profile: Profile, *, base_url: str, embedded: bool = False
    ) -> None:
        self.settings = settings
        self.profile = profile
        self.base_url = base_url
        self.routes = Routes(profile)
        self.shapes = Shapes(profile)
        self._credentials = Credentials(profile.credentials, *settings.tokens)
        self.run_id = secrets.token_hex(4)
        self.redactor = redactor_of(settings.tokens)
        self.ledger = Ledger(
            Path(settings.report_dir) / LEDGER,
            run_id=self.run_id,
            target=EMBEDDED if embedded else self.redactor.text(base_url),
            account=fingerprint(settings.token) if settings.token else "",
            shown=self.redactor.strings,
        )
        self._logs = masked_logs(self.redactor)
        self.manners = Manners(settings, base_url)
        self.stillness = Stillness()
        self.stopped = self.manners.stopped
        limits = Limits(
            connect=settings.connect_timeout, silence=min(30.0, settings.timeout), total=settings.timeout
        )
        self._sockets = Sockets()
        self._stopped = threading.Event()
        self._http = Http(
            limits,
            trust_environment=not embedded,
            insecure=settings.insecure,
            sockets=self._sockets,
        )
        self._gate = threading.BoundedSemaphore(settings.concurrency)
        self._volleys = threading.Lock()
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._journal: list[Exchange] = []
        self._kept = 0

    @property
    def requests(self) -> int:
        """How many requests went out, repeated ones included."""
        return self.manners.budget.sent

    @property
    def stays_here(self) -> bool:
        """Whether what is sent stays on this machine: no proxy and no log of others sees it."""
        host = urlsplit(self.base_url).hostname or ""
        return is_loopback(host) and self._http.way_to(self.base_url).proxy is None

    def next_number(self) -> int:
        """Return a number that every later exchange exceeds."""
        return next(self._numbers)

    def exchanges(self, story: str | None = None) -> tuple[Exchange, ...]:
        """Return the recorded exchanges, of one story or of all, in the order in which they were sent."""
        with self._lock:
            found = [exchange for exchange in self._journal if story in (None, exchange.story)]
        return tuple(sorted(found, key=lambda exchange: exchange.number))

    def explain(self, exchange: Exchange, precondition: str) -> Exchange:
        """Record why an answer tells nothing of what was asked; return the exchange that says so."""
        explained = replace(exchange, precondition=precondition)
        with self._lock:
            place = next(i for i, entry in enumerate(self._journal) if entry.number == exchange.number)
            self._journal[place] = explained
        return explained

    def send(self, story: str, request: OutgoingRequest) -> Exchange:
        """Send a request, repeat it where that is documented and safe, and record the exchange."""
        retries: list[str] = []

        def record(attempt: _Attempt) -> Exchange:
            self.manners.record(request.method, request.path, [(attempt.answer, attempt.seconds)])
            return self._record(
                request,
                attempt.answer,
                number=attempt.number,
                story=story,
                sent_at=attempt.sent_at,
                seconds=attempt.seconds,
                retries=tuple(retries),
            )

        attempt = self._attempt(story, request, 0, record)
        while attempt.wait is not None and not self.manners.wait(attempt.wait):
            earlier = attempt.answer
            retries.append(earlier.text if isinstance(earlier, Failure) else f"{earlier.status}")
            again = self._attempt(story, request, len(retries), record, attempt.number)
            if isinstance(again.answer, Failure) and not again.answer.sent:
                retries.pop()
                break
            attempt = again
        return attempt.exchange or record(attempt)

    def volley(self, story: str, requests: Sequence[OutgoingRequest]) -> list[Exchange]:
        """Send requests so that they arrive at the target together; none is repeated. Record each exchange.

        A volley is sent whole, whatever `--concurrency` says, but then nothing else is in flight beside it
        that would exceed it. Raises NotApplicableError when the rate never allows so many at once.
        """
        self.check_allowed(len(requests))
        shots = [
            Shot(
                request.method,
                self._url(request),
                self._headers(request),
                request.content,
            )
            for request in requests
        ]
        for request in requests:
            check_permitted(self.settings.mode, request.method, request.path)
        with self._changing(requests), self._volleys, ExitStack() as gate:
            for _ in requests[: self.settings.concurrency]:
                gate.enter_context(self._gate)
            permit = self.manners.ask(len(requests))
            numbers = [next(self._numbers) for _ in requests]
            hits = self._fire(shots) if isinstance(permit, Permit) else [Hit(permit, 0.0)] * len(requests)
            sent_at = datetime.now(UTC)
            if isinstance(permit, Permit):
                self.manners.answered(permit, [hit.answer for hit in hits])
        first = requests[0]
        self.manners.record(first.method, first.path, [(hit.answer, hit.seconds) for hit in hits])
        return [
            self._record(
                request,
                hit.answer,
                number=number,
                story=story,
                sent_at=sent_at - timedelta(seconds=max(hit.seconds for hit in hits)),
                seconds=hit.seconds,
                retries=(),
            )
            for request, hit, number in zip(requests, hits, numbers, strict=True)
        ]

    def check_allowed(self, count: int) -> None:
        """Raise NotApplicableError when the rate never allows so many requests at once."""
        if not self.manners.pace.allows(count):
            raise NotApplicableError(f"judged with a --rate of at least {count} for each process")

    def _fire(self, shots: Sequence[Shot]) -> list[Hit]:
        hits = self._http.volley(shots, within=self.manners.seconds_left)
        return [Hit(self.manners.explained(hit.answer), hit.seconds) for hit in hits]

    def stop(self, signal: str) -> None:
        """Send nothing more because of a signal; what is in flight is cut off after a moment of grace.

        Call it in a thread of its own: it returns when that is done.
        """
        self.manners.stop(signal)
        self._sockets.cut_off()
        self._stopped.set()

    def begin_clean_up(self) -> None:
        """Let what cleans up be sent, whatever ended the run before; after a stop, when that is done."""
        if self.manners.signal:
            self._stopped.wait(GRACE_SECONDS + 1)
        self._sockets.allow()
        self.manners.begin_clean_up()

    def close(self) -> None:
        """Close connections and the ledger."""
        self.manners.close()
        self._http.close()
        self._logs.close()
        self.ledger.close()

    def _attempt(
        self,
        story: str,
        request: OutgoingRequest,
        tries: int,
        record: Callable[[_Attempt], Exchange],
        number: int = 0,
    ) -> _Attempt:
        """Send a request once; an answer that stands is recorded at once.

        The next request waits for that: all stories together hold no more answers than may be in flight.
        """
        check_permitted(self.settings.mode, request.method, request.path)
        with self._changing([request]), self._gate:
            archives, reads = subject_of(request.method, request.path)
            permit = self.manners.ask(archives=archives, reads=reads, cleans_up=story == CLEAN_UP)
            number = number or next(self._numbers)  # not before: it tells in which order requests went out
            sent_at, started = datetime.now(UTC), time.monotonic()
            if isinstance(permit, Failure):
                return _Attempt(permit, number, sent_at, 0.0)
            answer = self._http.send(
                request.method,
                self._url(request),
                self._headers(request),
                request.content,
                within=self.manners.seconds_left,
            )
            answer = self.manners.explained(answer)
            seconds = time.monotonic() - started
            self.manners.answered(permit, [answer])
            asked = request.method, request.path
            wait = self.manners.wait_before_repeat(asked, answer, tries, permit)
            attempt = _Attempt(answer, number, sent_at, seconds, wait)
            if wait is not None or isinstance(answer, Failure):
                return attempt
            return replace(attempt, exchange=record(attempt))

    def _changing(self, requests: Iterable[OutgoingRequest]) -> AbstractContextManager[None]:
        """Return what holds requests back that change something while a story watches."""
        changes = any(request.method not in {"GET", "HEAD"} for request in requests)
        return self.stillness.changing() if changes else nullcontext()

    def _url(self, request: OutgoingRequest) -> str:
        return self.base_url + self.routes.sent(request.path)

    def _headers(self, request: OutgoingRequest) -> dict[str, str]:
        return {**CLIENT_HEADERS, **self._credentials.headers(request.authorization, request.headers)}

    def _record(self, request: OutgoingRequest, answer: Answer | Failure, **facts: Any) -> Exchange:  # noqa: ANN401
        # (the facts are fields of Exchange, passed on as they are)
        redact, content = self._redactor_of(request.authorization), request.content
        sent: dict[str, Any] = {
            "label": request.label,
            "method": request.method,
            "url": _abridged(self._url(request)),
            "request_headers": self._credentials.shown(request.authorization, request.headers),
            "request_body": content if content is None else redact.beginning(content, RECORDED_BODY),
            "probe": request.probe,
            "redactor": redact,
        }
        answer = self._kept_or_not(answer)
        if isinstance(answer, Failure):
            exchange = Exchange(status=None, failure=answer, **sent, **facts)
        else:
            exchange = Exchange(
                status=answer.status,
                headers=_recorded(answer.headers),
                body=_text(redact.body(self._recordable(answer.content), RECORDED_BODY)),
                size=len(answer.content),
                json=_document(answer.content),
                echo=redact.text(echoed(self._credentials.carried(request.authorization), answer)),
                **sent,
                **facts,
            )
        with self._lock:
            self._journal.append(exchange)
        return exchange

    def _recordable(self, content: bytes) -> bytes:
        """Return a body without what others' deployments hold, where all deployments are others'."""
        if self.settings.mode is Mode.FULL:
            return content
        return without_content(parse_json(content), content, lent=self.settings.deployment_id)

    def _kept_or_not(self, answer: Answer | Failure) -> Answer | Failure:
        """Return an answer, or a failure when it is too deep to read, or the run cannot keep more of them."""
        if isinstance(answer, Failure):
            return answer
        if len(answer.content) < PACKED_FROM:
            return Failure(Blame.HARNESS, TOO_DEEP) if is_too_deep(answer.content) else answer
        size = Packed(answer.content).size
        with self._lock:
            self._kept += size
            full = self._kept > MOST_KEPT
        return Failure(Blame.TARGET, f"all answers together exceed {MOST_KEPT} bytes") if full else answer

    def _redactor_of(self, authorization: Authorization) -> Redactor:
        """Return what redacts one exchange: a forged token gives away most of ours, and may be echoed.

        One that was cut down to a few characters gives nothing away, and would mask them everywhere.
        """
        own = self.settings.token
        forged = authorization.edit(own) if isinstance(authorization, Forged) else ""
        return Redactor([own, self.settings.second_token, forged]) if len(forged) >= RUN else self.redactor


def _abridged(url: str) -> str:
    """Return a URL, without the middle of one that holds a huge id: its ends tell the route."""
    half = RECORDED_URL // 2
    return url if len(url) <= RECORDED_URL else f"{url[:half]}…{url[-half:]}"


def _recorded(headers: Mapping[str, str]) -> dict[str, str]:
    kept = itertools.islice(headers.items(), RECORDED_HEADERS)
    return {name[:RECORDED_HEADER]: value[:RECORDED_HEADER] for name, value in kept}


def _text(body: str) -> Any:  # noqa: ANN401 (what a body may be given as)
    return body if len(body) < PACKED_FROM else PackedText(body)


def _document(content: bytes) -> object:
    return parse_json(content) if len(content) < PACKED_FROM else Packed(shortened(content))
