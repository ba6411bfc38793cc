"""Faults of upcoming runs: steps that count from elsewhere, and what other changes make of the list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from conformance.reference import Deployment, Service
from conformance.reference.store import Schedule
from tests.faults.almanacs import MATCH, Rewritten
from tests.faults.catalogue import fault

listing = partial(fault, breaks=MATCH, hides="inputs")
STEP = re.compile(r"\*/([0-9]+)")


@listing()
class AStepOfHoursGoesOnAcrossMidnight(Service):
    """A step of hours that does not divide the day is counted on across midnight."""

    # N70
    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        found, words = super().occurrences(schedule, after), schedule.expression.split()
        step = STEP.fullmatch(words[1])
        if not found or step is None or 24 % int(step[1]) == 0:
            return found
        return [found[0] + timedelta(hours=int(step[1]) * turn) for turn in range(len(found))]


@listing()
class AStepOfMonthsCountsFromZero(Rewritten):
    """A step of months counts from 0: */3 is March, June, September and December."""

    # N70
    def rewritten(self, fields: list[str]) -> list[str]:
        fields[3] = STEP.sub(r"\1-12/\1", fields[3])
        return fields


@listing()
class AStepOfWeekdaysBeginsOnMonday(Rewritten):
    """A step of weekdays counts from Monday: */2 is Monday, Wednesday, Friday and Sunday."""

    # N70
    def rewritten(self, fields: list[str]) -> list[str]:
        fields[4] = STEP.sub(r"1-7/\1", fields[4])
        return fields


@fault(breaks=MATCH, also=("update.new-schedule-lists-new-runs",), hides="sequence")
class AnUnpauseForgetsTheZone(Service):
    """After an unpause the upcoming runs are those of the expression in UTC, until an update sends a schedule."""

    def __init__(self, *given: Any) -> None:  # noqa: ANN401 (as the base says)
        super().__init__(*given)
        self._resumed: set[str] = set()

    # N114, N70
    def apply_unpause(self, record: Deployment) -> Deployment:
        self._resumed.add(record.id)
        return super().apply_unpause(record)

    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "schedule" in fields:
            self._resumed.discard(record.id)
        return super().apply_update(record, fields)

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        schedule = record.schedule
        if schedule is None or record.id not in self._resumed:
            return super().upcoming(record)
        return self.occurrences(Schedule(schedule.expression, "UTC"), self.now())


@fault(breaks="update.keeps-what-was-not-sent", hides="side effect")
class ANewAgentEmptiesTheList(Service):
    """After an update of the agent or environment no upcoming runs are listed until the next update."""

    def __init__(self, *given: Any) -> None:  # noqa: ANN401 (as the base says)
        super().__init__(*given)
        self._moved: set[str] = set()

    # N82, N69
    def apply_update(self, record: Deployment, fields: Mapping[str, Any]) -> Deployment:
        if "agent" in fields or "environment_id" in fields:
            self._moved.add(record.id)
        else:
            self._moved.discard(record.id)
        return super().apply_update(record, fields)

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        return () if record.id in self._moved else super().upcoming(record)
