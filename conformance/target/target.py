"""The target of one run: sends requests within its limits, records every exchange, keeps the ledger."""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.contract.profile import Profile
from conformance.contract.verdict import Blame
from conformance.target._http import Answer, Http, Limits
from conformance.target._volley import Shot, Way, fire
from conformance.target.exchange import TOKEN_VARIABLES, Exchange, Failure, Packed, parse_json
from conformance.target.ledger import EMBEDDED, LEDGER, Ledger
from conformance.target.redaction import Redactor, fingerprint
from conformance.target.settings import Settings

BACK_OFF = (1.0, 2.0, 4.0)
"""Seconds between tries after a 429 or 503, as the vendor's overview page advises."""
LONGEST_RETRY_AFTER = 30.0
LONG_WAIT, PATIENCE = 5.0, 90.0
"""Waits longer than this many seconds, and how many seconds all of them may take, over all threads."""
PACKED_FROM = 16 * 1024
MOST_KEPT = 96 * 1024 * 1024
"""Bytes of answers, compressed, that one run keeps."""
RECORDED_BODY = 64 * 1024
CLIENT_HEADERS = {
    "accept": "application/json",
    "accept-encoding": "identity",
    "user-agent": f"deployments-conformance/{__version__}",
}
GIVE_UP_AFTER = 6
"""This many requests in a row without a usable answer: the target counts as gone."""


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
        self.stopped = threading.Event()
        self._limits = Limits(
            connect=settings.connect_timeout, silence=min(30.0, settings.timeout), total=settings.timeout
        )
        self._http = Http(
            self._limits,
            connections=settings.concurrency,
            trust_environment=not embedded,
            insecure=settings.insecure,
        )
        self._gate = threading.BoundedSemaphore(settings.concurrency)
        self._volleys = threading.Lock()
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._journal: list[Exchange] = []
        self._requests = 0
        self._useless_in_a_row = 0
        self._patience = PATIENCE
        self._kept = 0

    @property
    def requests(self) -> int:
        """How many requests went out, repeated ones included."""
        return self._requests

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
        while True:
            sent_at, started = datetime.now(UTC), time.monotonic()
            answer = self._attempt(request)
            seconds = time.monotonic() - started
            pause = self._pause_before_retry(request, answer, len(retries))
            if pause is None or self.stopped.wait(pause):
                break
            retries.append(answer.text if isinstance(answer, Failure) else f"{answer.status}")
        self._note_use(answer)
        return self._record(
            request,
            answer,
            number=number,
            story=story,
            sent_at=sent_at,
            seconds=seconds,
            retries=tuple(retries),
        )

    def volley(self, story: str, requests: Sequence[Request]) -> list[Exchange]:
        """Send requests so that they arrive at the target together; none is repeated. Record each exchange.

        A volley is sent whole, whatever `--concurrency` says, but then nothing else is in flight beside it
        that would exceed it.
        """
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
        with self._volleys, ExitStack() as gate:
            for _ in requests[: self.settings.concurrency]:
                gate.enter_context(self._gate)
            hits = fire(shots, Way(self._limits, self._http.tls, self._http.proxy_for(self.base_url)))
        sent_at = datetime.now(UTC)
        self._requests_sent(len(hits))
        self._note_use(*(hit.answer for hit in hits))
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

    def close(self) -> None:
        """Close connections and the ledger."""
        self._http.close()
        self.ledger.close()

    def _attempt(self, request: Request) -> Answer | Failure:
        if self.stopped.is_set():
            return Failure(Blame.HARNESS, "not sent: the run was stopped")
        if self._useless_in_a_row >= GIVE_UP_AFTER:
            return Failure(Blame.NETWORK, f"not sent: {GIVE_UP_AFTER} requests in a row got no usable answer")
        with self._gate:
            answer = self._http.send(
                request.method,
                self.base_url + request.path,
                {**CLIENT_HEADERS, **self._headers(request)},
                request.content,
            )
        self._requests_sent(1)
        return answer

    def _requests_sent(self, count: int) -> None:
        with self._lock:
            self._requests += count

    def _note_use(self, *answers: Answer | Failure) -> None:
        """Note whether the target gave a usable answer at last: a burst of 429 on the way does not count."""
        if self.stopped.is_set():
            return  # what was not sent says nothing, and the clean-up is still to come
        useless = all(isinstance(answer, Failure) or answer.status in (429, 503) for answer in answers)
        with self._lock:
            self._useless_in_a_row = self._useless_in_a_row + 1 if useless else 0

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

    def _pause_before_retry(self, request: Request, answer: Answer | Failure, tries: int) -> float | None:
        """Return the seconds to wait before the next try, or None when the answer stands."""
        if isinstance(answer, Failure):
            lost = "disconnected" in answer.text
            return 0.0 if lost and tries == 0 and not request.probe else None
        if answer.status not in (429, 503) or tries >= len(BACK_OFF):
            return None
        told = answer.headers.get("retry-after", "")
        asked = float(told) if told.isascii() and told.isdecimal() else BACK_OFF[tries]
        return self._patient(min(asked, LONGEST_RETRY_AFTER))

    def _patient(self, wait: float) -> float | None:
        """Return the wait, None when a long one exceeds what long ones may take in all."""
        with self._lock:
            if wait > LONG_WAIT:
                self._patience -= wait
            return wait if wait <= LONG_WAIT or self._patience >= 0 else None

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
            failure = Failure(answer.blame, redact.text(answer.text))
            exchange = Exchange(status=None, failure=failure, **sent, **facts)
        else:
            exchange = Exchange(
                status=answer.status,
                headers=redact.headers(answer.headers),
                body=redact.body(answer.content, RECORDED_BODY),
                size=len(answer.content),
                json=_document(answer.content),
                **sent,
                **facts,
            )
        with self._lock:
            self._journal.append(exchange)
        return exchange

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
        """Return what redacts one exchange: a forged token gives away most of ours, and may be echoed."""
        if not isinstance(authorization, Forged):
            return self.redactor
        own = self.settings.token
        return Redactor([own, self.settings.second_token, authorization.edit(own)])

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


def _document(content: bytes) -> object:
    return parse_json(content) if len(content) < PACKED_FROM else Packed(content)
