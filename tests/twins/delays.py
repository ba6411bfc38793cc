"""Twins that show things late, by another clock, or in extras of their own."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count

from conformance.reference import Call, Deployment, Document, Request, Response, Service
from conformance.reference.store import Schedule
from tests.twins.catalogue import twin

LAG = 0.4


class _Remembers(Service):
    """Knows for a while what a deployment was before its last change."""

    def keep(self, record: Deployment) -> None:
        earlier = self.store.tenants[record.tenant].deployments.get(record.id)
        if earlier is not None:
            known = self.__dict__.setdefault("earlier", {})
            known[record.id] = (time.monotonic() + LAG, earlier)
        super().keep(record)

    def as_it_was(self, record: Deployment) -> Deployment:
        until, earlier = self.__dict__.get("earlier", {}).get(record.id, (0.0, record))
        return earlier if time.monotonic() < until else record


@twin()
class ReadsLagBehindChanges(_Remembers):
    """For a third of a second after a change, reads show what was there before."""

    def get(self, call: Call) -> Document:
        return self.render_deployment(self.as_it_was(self.find(call)))


@twin()
class ReplicasLag(_Remembers):
    """For a third of a second after a change every second read is answered by a replica that lags behind."""

    turns = count()

    def get(self, call: Call) -> Document:
        record = self.find(call)
        return self.render_deployment(self.as_it_was(record) if next(self.turns) % 2 else record)


@twin()
class StatusIndexLags(_Remembers):
    """Lists choose by a status that is a third of a second old, and show the one of now."""

    def matches_status(self, record: Deployment, status: str | None) -> bool:
        return super().matches_status(self.as_it_was(record), status)


@twin()
class StatusIndexLagsBehindCreations(Service):
    """Lists by status show a deployment half a second after it was made."""

    def matches_status(self, record: Deployment, status: str | None) -> bool:
        new = self.now() - record.created_at < timedelta(seconds=LAG)
        return super().matches_status(record, status) and not (status and new)

    def instant(self) -> datetime:
        return self.now()


@twin()
class AgentIndexLags(_Remembers):
    """Lists choose by an agent that is a third of a second old, and show the one of now."""

    def matches_agent(self, record: Deployment, agent_id: str | None) -> bool:
        return super().matches_agent(self.as_it_was(record), agent_id)


@twin()
class DateOfAnotherClock(Service):
    """The gateway that writes the Date header is three minutes behind the service."""

    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        headers = super().response_headers(request, response, body)
        return headers | {"date": format_datetime(request.received_at - timedelta(minutes=3), usegmt=True)}


@twin()
class ClockOffWithoutADate(Service):
    """The clock is 25 minutes ahead, and no answer has a Date header that says so."""

    def now(self) -> datetime:
        return super().now() + timedelta(minutes=25)

    def response_headers(self, request: Request, response: Response, body: bytes) -> dict[str, str]:
        headers = super().response_headers(request, response, body)
        del headers["date"]
        return headers


@twin()
class RoundsTimes(Service):
    """Times are kept with fractions and shown rounded to whole seconds, up or down."""

    def instant(self) -> datetime:
        return self.now()

    def render_time(self, at: datetime) -> str:
        return super().render_time((at.astimezone(UTC) + timedelta(seconds=0.5)).replace(microsecond=0))


@twin()
class MovingExtras(Service):
    """Undocumented fields within objects have another value each time, and updates answer without them."""

    serial = count()

    def render_deployment(self, record: Deployment) -> Document:
        document = super().render_deployment(record)
        for name in ("agent", "schedule", "paused_reason"):
            part = document[name]
            if isinstance(part, dict):
                document[name] = {**part, "serial": next(self.serial)}
        return document | {"queue": {"place": next(self.serial)}}

    def update(self, call: Call) -> Document:
        return {name: value for name, value in super().update(call).items() if name != "queue"}


@twin()
class NextRunsAreRefreshedLate(Service):
    """For a while after an update reads show the runs of the former schedule; the answer has the new ones."""

    def update(self, call: Call) -> Document:
        before = self.find(call).schedule
        document = super().update(call)
        if before is not None and before != self.find(call).schedule:
            self.__dict__.setdefault("former", {})[call.deployment_id] = time.monotonic() + LAG, before
        return document

    def get(self, call: Call) -> Document:
        record, document = self.find(call), super().get(call)
        nothing: tuple[float, Schedule | None] = 0.0, None
        until, schedule = self.__dict__.get("former", {}).get(record.id, nothing)
        part = document["schedule"]
        if time.monotonic() < until and schedule and isinstance(part, dict) and record.archived_at is None:
            runs = [self.render_time(at) for at in self.occurrences(schedule, self.now())]
            document["schedule"] = {**part, "upcoming_runs_at": runs}
        return document
