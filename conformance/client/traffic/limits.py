"""Whether, when and how often a request may be sent: pace, limits and patience, over all threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from conformance.client.exchange import Failure
from conformance.client.traffic.budget import Budget
from conformance.client.traffic.circuit_breaker import Breaker
from conformance.client.traffic.rate_limiter import LOOK_AGAIN, Pace, Permit
from conformance.client.traffic.retry import (
    MOST_STATED,
    REFUSED,
    Patience,
    back_off,
    repeatable_by_gateway,
    repeatable_when_lost,
    stated_wait,
)
from conformance.client.wire.answer import Answer
from conformance.config.settings import Settings
from conformance.contract.clock import TimeLimit
from conformance.contract.verdict import Blame, NotJudgedError

DEFAULT_RATE = 20.0
"""Requests per second to a target that is not on this machine, unless `--rate` says otherwise."""
LONGEST_REST = 0.5
"""Seconds after which whoever waits looks again whether the target was given up."""
LONGEST_WAIT_FOR_ROOM = 10.0
"""Seconds that a creation beyond a limit waits for others to be refused."""


def rate_of(settings: Settings, base_url: str) -> float | None:
    """Return the requests per second that a run may send to a target, None for as many as it takes."""
    if settings.rate is not None:
        return settings.rate
    return None if is_loopback(urlsplit(base_url).hostname or "") else DEFAULT_RATE / settings.processes


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, by its name or address alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


GRACE_SECONDS = 2.0
"""How long after a stop requests in flight may still be answered."""
LAST_SECONDS = 15.0
"""How long after a stop, or after the time of the run, the clean-up may go on."""
JUDGING_SECONDS = 8.0
"""How long after the time of the run what was collected may still be judged."""


class Manners:
    """What one run, with all its threads, may still ask of its target."""

    def __init__(self, settings: Settings, base_url: str) -> None:
        self.stopped = threading.Event()
        self.pace = Pace(rate_of(settings, base_url))
        self.budget = Budget(requests=settings.max_requests, created=settings.max_created)
        self.breaker = Breaker(settings.timeout)
        self.ended_by = ""
        self.signal = ""
        self.clock = TimeLimit()
        self._until = self._last = float("inf")
        self._in_flight, self._quiet = 0, threading.Condition()
        self._cleaning = False
        self._patience = Patience()
        self._timer: threading.Timer | None = None
        if settings.max_seconds is not None:
            limit = f"--max-seconds {settings.max_seconds:g}"
            self._until = time.monotonic() + settings.max_seconds
            self._last = self._until + GRACE_SECONDS
            self.clock.end_in(settings.max_seconds + JUDGING_SECONDS, limit)
            self._timer = threading.Timer(settings.max_seconds, self.end, [limit])
            self._timer.daemon = True
            self._timer.start()

    def end(self, limit: str) -> None:
        """Stop sending because a limit was reached; `limit` names the option. A clean-up goes on."""
        with self._quiet:
            if not self._cleaning:
                self.ended_by = self.ended_by or limit
                self.stopped.set()

    def stop(self, signal: str) -> None:
        """Send nothing more because of a signal; return when nothing is in flight, or may be any longer."""
        self.signal = self.ended_by = signal
        self.clock.end_in(0, signal)
        self._last = time.monotonic() + LAST_SECONDS
        with self._quiet:
            if not self._cleaning:
                self.stopped.set()
            patience = LAST_SECONDS if self._cleaning else GRACE_SECONDS
            self._quiet.wait_for(lambda: not (self._in_flight or self._cleaning), patience)

    @property
    def seconds_left(self) -> float:
        """How many seconds requests may still take; infinite unless the time of the run has an end."""
        return self._last - time.monotonic()

    def wait(self, seconds: float) -> bool:
        """Wait, and tell whether the run ended meanwhile."""
        short = min(seconds, max(0.0, self.seconds_left))
        return self.stopped.wait(short) or short < seconds

    def begin_clean_up(self) -> None:
        """Let what cleans up be sent, whatever ended the run before."""
        self.close()
        self.budget.begin_clean_up()
        self.breaker.half_open()
        with self._quiet:  # or a limit that is reached just now would close the clean-up
            self._cleaning = True
            self.stopped.clear()
            if not self.signal:
                self._last = max(self._until, time.monotonic()) + LAST_SECONDS

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Send nothing in the block that would take longer than so many seconds in all."""
        before, limit = self._last, time.monotonic() + seconds
        self._last = min(before, limit)
        try:
            yield
        finally:
            if self._last == limit:  # a stop may have set it meanwhile
                self._last = before

    def close(self) -> None:
        """End the timer of the run."""
        if self._timer:
            self._timer.cancel()

    def ask(
        self, count: int = 1, *, archives: str = "", reads: str = "", cleans_up: bool = False
    ) -> Permit | Failure:
        """Wait until requests may be sent, together; return leave for them, or why they are not sent.

        Whoever got leave says `answered` afterwards. `archives` and `reads` name the deployment that a lone
        request archives or reads; `cleans_up` marks what may be sent after a stop.
        """
        refusal = self._refusal(cleans_up=cleans_up)
        if refusal:
            return refusal
        permit = self.pace.acquire(count, self._rest)
        with self._quiet:
            refusal = self._refusal(cleans_up=cleans_up)
            if permit is None or refusal:
                return refusal or self._not_sent()
            if limit := self.budget.acquire(count, archives=archives, reads=reads):
                return self._spent(limit)
            self._in_flight += 1
        return permit

    def announce(self) -> None:
        """Take leave for a creation; raises NotJudgedError (harness) when a limit forbids it.

        Others that are under way may be refused by the target and make room: they are waited for.
        """
        patient_until = time.monotonic() + LONGEST_WAIT_FOR_ROOM
        while limit := self.budget.announce():
            patient = self.budget.may_make_room() and time.monotonic() < patient_until
            if not patient or self.stopped.wait(LOOK_AGAIN):
                raise NotJudgedError(Blame.HARNESS, self._spent(limit).text)

    def answered(self, permit: Permit, answers: Sequence[Answer | Failure]) -> None:
        """Note that what was asked for is over; what the gateway refused may slow down all threads."""
        with self._quiet:
            self._in_flight -= 1
            self._quiet.notify_all()
        refused = [answer for answer in answers if isinstance(answer, Answer) and answer.status in REFUSED]
        self.pace.answered(permit, accepted=not refused)
        if len(answers) > 1:
            for answer in refused:
                self._heed(answer, 0, permit)

    def wait_before_repeat(
        self, request: tuple[str, str], answer: Answer | Failure, tries: int, permit: Permit
    ) -> float | None:
        """Return the seconds until a request may be sent again, or None when its answer stands.

        The request is given by its method and path.
        """
        method, path = request
        if isinstance(answer, Failure):
            again = repeatable_when_lost(method, text=answer.text, tries=tries)
            return 0.0 if again else None
        if repeatable_by_gateway(path, answer.status, tries):
            return back_off(tries)
        if answer.status not in REFUSED:
            return None
        stated = self._heed(answer, tries, permit)
        if stated:
            return 0.0 if tries < MOST_STATED and not self.breaker.opened else None  # all threads wait
        return 0.0 if stated == 0 and tries == 0 else back_off(tries)

    def _heed(self, answer: Answer, tries: int, permit: Permit) -> float | None:
        """Do what a refusal of the gateway asks of all threads; return the seconds that it stated, if any."""
        stated = stated_wait(answer.headers)
        throttled = answer.status == HTTPStatus.TOO_MANY_REQUESTS
        if throttled and (stated or tries):  # a lone refusal may be chance
            self.pace.slow_down(permit)
        if stated and not self._patience.spend(self.pace.hold(stated)):
            failure = Failure(Blame.TARGET, f"{answer.status} with Retry-After")
            self.breaker.open("it asks for more patience than a run has", failure)
        return stated

    def explained(self, answer: Answer | Failure) -> Answer | Failure:
        """Return what came of a request; that the time of the run was over is no fault of the target."""
        cut = isinstance(answer, Failure) and self.seconds_left <= 0 and not (self._cleaning or self.signal)
        return Failure(Blame.HARNESS, f"no answer until {self.ended_by} was reached") if cut else answer

    def record(self, method: str, path: str, answers: Sequence[tuple[Answer | Failure, float]]) -> None:
        """Note the last answers to a request, or to several sent together, each with its seconds.

        What was refused on the way to them does not count: a burst of 429 is no reason to give up.
        """
        for answer, _ in answers:
            if isinstance(answer, Answer) and answer.status not in REFUSED:
                self._patience.regain()
                self.breaker.usable(answer.status, method, path)
                return
        answer, seconds = answers[-1]
        if isinstance(answer, Answer):
            answer, seconds = Failure(Blame.TARGET, f"the gateway answered {answer.status}"), 0.0
        if answer.sent:
            self.breaker.unusable(answer, seconds, method, path)

    def _rest(self, seconds: float) -> bool:
        """Wait; return whether there is nothing to wait for any more."""
        return self.wait(min(seconds, LONGEST_REST)) or self.breaker.opened is not None

    def _refusal(self, *, cleans_up: bool) -> Failure | None:
        if self.stopped.is_set() or self.seconds_left <= 0 or (self.signal and not cleans_up):
            return self._not_sent()
        return self.breaker.opened

    def _spent(self, limit: str) -> Failure:
        """End the run by a limit; the clean-up goes on with what was kept back for it."""
        with self._quiet:
            if not self.stopped.is_set():
                self.ended_by = self.ended_by or limit
            if not self._cleaning:
                self.stopped.set()
        return self._not_sent()

    def _not_sent(self) -> Failure:
        limit = self.ended_by if not self.signal else ""
        why = f"{limit} was reached" if limit else "the run was stopped"
        return Failure(Blame.HARNESS, f"not sent: {why}", sent=False)
