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
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from conformance import __version__
from conformance.contract.mode import Mode
from conformance.contract.profile import Profile
from conformance.contract.verdict import Blame, NotApplicableError
from conformance.target._http import Answer, Http, Limits
from conformance.target._sockets import Sockets
from conformance.target._volley import Hit, Shot, Way, fire
from conformance.target.exchange import (
    TOKEN_VARIABLES,
    Exchange,
    Failure,
    Packed,
    PackedText,
    parse_json,
    shortened,
)
from conformance.target.ledger import EMBEDDED, LEDGER, Ledger
from conformance.target.manners import GRACE_SECONDS, Manners
from conformance.target.pace import Permit
from conformance.target.permit import check_permitted
from conformance.target.privacy import without_content
from conformance.target.redaction import RUN, Redactor, fingerprint
from conformance.target.settings import Settings
from conformance.target.stillness import Stillness

PACKED_FROM = 16 * 1024
MOST_KEPT = 96 * 1024 * 1024
"""Bytes of answers, compressed, that one run keeps."""
RECORDED_BODY = 64 * 1024
CLIENT_HEADERS = {
    "accept": "application/json",
    "accept-encoding": "identity",
    "user-agent": f"deployments-conformance/{__version__}",
}


CLEAN_UP = "clean-up"
"""The story whose requests are sent even after a stop."""


class Auth(Enum):
    """Whose credentials a request carries."""

    OWN = "own"
    SECOND = "second"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Forged:
    """Credentials that `edit` makes of the run's own token; records show the words `shown` in their place."""

    edit: Callable[[str], str]
    shown: str


Authorization = Auth | Forged | str
"""Whose credentials, credentials made of ours, or a literal header value that is no secret."""


@dataclass(frozen=True, kw_only=True)
class Request:
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
    """What came of sending a request once, and how many seconds later it may be sent again, if it may."""

    answer: Answer | Failure
    sent_at: datetime
    seconds: float
    wait: float | None = None


class Target:
    """The base URL under test with credentials, limits, counters and ledger; shared by all threads."""

    def __init__(
        self, settings: Settings, profile: Profile, *, base_url: str, embedded: bool = False
    ) -> None:
        self.settings = settings
        self.profile = profile
        self.base_url = base_url
        self.run_id = secrets.token_hex(4)
        self.redactor = Redactor([settings.token, settings.second_token])
        self.ledger = Ledger(
            Path(settings.report_dir) / LEDGER,
            run_id=self.run_id,
            target=EMBEDDED if embedded else self.redactor.text(base_url),
            account=fingerprint(settings.token) if settings.token else "",
        )
        self.manners = Manners(settings, base_url)
        self.stillness = Stillness()
        self.stopped = self.manners.stopped
        self._limits = Limits(
            connect=settings.connect_timeout, silence=min(30.0, settings.timeout), total=settings.timeout
        )
        self._sockets = Sockets()
        self._stopped = threading.Event()
        self._http = Http(
            self._limits,
            connections=settings.concurrency,
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

    def next_number(self) -> int:
        """Return a number that every later exchange exceeds."""
        return next(self._numbers)

    def exchanges(self, story: str | None = None) -> tuple[Exchange, ...]:
        """Return the recorded exchanges, of one story or of all, in the order in which they were sent."""
        with self._lock:
            found = [exchange for exchange in self._journal if story in (None, exchange.story)]
        return tuple(sorted(found, key=lambda exchange: exchange.number))

    def send(self, story: str, request: Request) -> Exchange:
        """Send a request, repeat it where that is documented and safe, and record the exchange."""
        number = next(self._numbers)
        retries: list[str] = []
        attempt = self._attempt(story, request, 0)
        while attempt.wait is not None and not self.manners.wait(attempt.wait):
            again = self._attempt(story, request, len(retries) + 1)
            if isinstance(again.answer, Failure) and not again.answer.sent:
                break
            earlier, attempt = attempt.answer, again
            retries.append(earlier.text if isinstance(earlier, Failure) else f"{earlier.status}")
        self.manners.note(request.method, request.path, [(attempt.answer, attempt.seconds)])
        return self._record(
            request,
            attempt.answer,
            number=number,
            story=story,
            sent_at=attempt.sent_at,
            seconds=attempt.seconds,
            retries=tuple(retries),
        )

    def volley(self, story: str, requests: Sequence[Request]) -> list[Exchange]:
        """Send requests so that they arrive at the target together; none is repeated. Record each exchange.

        A volley is sent whole, whatever `--concurrency` says, but then nothing else is in flight beside it
        that would exceed it. Raises NotApplicableError when the rate never allows so many at once.
        """
        if not self.manners.pace.allows(len(requests)):
            raise NotApplicableError(f"judged with a --rate of at least {len(requests)} for each process")
        shots = [
            Shot(
                request.method,
                self.base_url + request.path,
                {**CLIENT_HEADERS, **self._headers(request)},
                request.content,
            )
            for request in requests
        ]
        numbers = [next(self._numbers) for _ in requests]
        for request in requests:
            check_permitted(self.settings.mode, request.method, request.path)
        with self._changing(requests), self._volleys, ExitStack() as gate:
            for _ in requests[: self.settings.concurrency]:
                gate.enter_context(self._gate)
            permit = self.manners.ask(len(requests))
            hits = self._fire(shots) if isinstance(permit, Permit) else [Hit(permit, 0.0)] * len(requests)
            sent_at = datetime.now(UTC)
            if isinstance(permit, Permit):
                self.manners.answered(permit, [hit.answer for hit in hits])
        first = requests[0]
        self.manners.note(first.method, first.path, [(hit.answer, hit.seconds) for hit in hits])
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

    def _fire(self, shots: Sequence[Shot]) -> list[Hit]:
        proxy = self._http.proxy_for(self.base_url)
        return fire(shots, Way(self._limits, self._http.tls, proxy, self._sockets))

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
        self.ledger.close()

    def _attempt(self, story: str, request: Request, tries: int) -> _Attempt:
        check_permitted(self.settings.mode, request.method, request.path)
        with self._changing([request]), self._gate:
            permit = self.manners.ask(archives=_archived_by(request), cleans_up=story == CLEAN_UP)
            sent_at, started = datetime.now(UTC), time.monotonic()
            if isinstance(permit, Failure):
                return _Attempt(permit, sent_at, 0.0)
            answer = self._http.send(
                request.method,
                self.base_url + request.path,
                {**CLIENT_HEADERS, **self._headers(request)},
                request.content,
                within=self.manners.seconds_left,
            )
            seconds = time.monotonic() - started
            self.manners.answered(permit, [answer])
        wait = self.manners.wait_before_repeat(request.method, answer, tries, permit, probe=request.probe)
        return _Attempt(answer, sent_at, seconds, wait)

    def _changing(self, requests: Iterable[Request]) -> AbstractContextManager[None]:
        """Return what holds requests back that change something while a story watches."""
        changes = any(request.method not in {"GET", "HEAD"} for request in requests)
        return self.stillness.changing() if changes else nullcontext()

    def _headers(self, request: Request) -> dict[str, str]:
        """Return the headers that a request documents: its own and, unless it brings others, credentials."""
        credentials = self._credentials(request.authorization)
        return {**({"authorization": credentials} if credentials else {}), **request.headers}

    def _credentials(self, authorization: Authorization) -> str:
        if isinstance(authorization, str):
            return authorization
        if isinstance(authorization, Forged):
            return f"{self.profile.auth_scheme} {authorization.edit(self.settings.token)}"
        tokens = {Auth.OWN: self.settings.token, Auth.SECOND: self.settings.second_token, Auth.NONE: ""}
        token = tokens[authorization]
        return f"{self.profile.auth_scheme} {token}" if token else ""

    def _record(self, request: Request, answer: Answer | Failure, **facts: Any) -> Exchange:  # noqa: ANN401
        # (the facts are fields of Exchange, passed on as they are)
        redact, content = self._redactor_of(request.authorization), request.content
        sent: dict[str, Any] = {
            "label": request.label,
            "method": request.method,
            "url": redact.text(self.base_url + request.path),
            "request_headers": self._shown_headers(request),
            "request_body": content if content is None else redact.beginning(content, RECORDED_BODY),
            "probe": request.probe,
        }
        answer = self._kept_or_not(answer)
        if isinstance(answer, Failure):
            failure = replace(answer, text=redact.text(answer.text))
            exchange = Exchange(status=None, failure=failure, **sent, **facts)
        else:
            exchange = Exchange(
                status=answer.status,
                headers=redact.headers(answer.headers),
                body=_text(redact.body(self._recordable(answer.content), RECORDED_BODY)),
                size=len(answer.content),
                json=_document(answer.content),
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
        """Return an answer, or a failure when the run cannot keep more of what does not compress."""
        if isinstance(answer, Failure) or len(answer.content) < PACKED_FROM:
            return answer
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

    def _shown_headers(self, request: Request) -> dict[str, str]:
        """Return the request's headers with a shell variable in place of each secret."""
        sent = self._headers(request)
        if isinstance(request.authorization, Forged):
            sent["authorization"] = f"{self.profile.auth_scheme} <{request.authorization.shown}>"
        named = zip((self.settings.token, self.settings.second_token), TOKEN_VARIABLES, strict=True)
        for secret, variable in sorted(named, key=lambda pair: -len(pair[0])):  # one may begin like the other
            if secret:
                sent = {name: value.replace(secret, variable) for name, value in sent.items()}
        return {name: self.redactor.text(value) for name, value in sent.items()}


def _archived_by(request: Request) -> str:
    """Return the id of the deployment that a request archives, or an empty text."""
    path, _, action = request.path.rpartition("/")
    return unquote(path.rpartition("/")[2], errors="surrogatepass") if action == "archive" else ""


def _text(body: str) -> Any:  # noqa: ANN401 (what a body may be given as)
    return body if len(body) < PACKED_FROM else PackedText(body)


def _document(content: bytes) -> object:
    return parse_json(content) if len(content) < PACKED_FROM else Packed(shortened(content))
