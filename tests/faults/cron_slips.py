"""Faults of reading cron expressions, and of creations that meet."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from conformance.reference import Call, Document, Service
from conformance.reference.store import Schedule
from tests.faults.almanacs import Rewritten
from tests.faults.catalogue import fault
from tests.faults.races import Unlocked

MATCH = "schedule.upcoming-runs-match"
inputs = partial(fault, hides="inputs")
race = partial(fault, hides="race", tiers=("core", "race"))


@inputs(breaks=MATCH, found_by="property.schedules", tiers=("property",))
class HoursOfRangesExcludeTheirEnd(Rewritten):
    """A range of hours leaves its last hour out."""

    # N70
    def rewritten(self, fields: list[str]) -> list[str]:
        match = re.fullmatch("([0-9]+)-([0-9]+)", fields[1])
        if match and int(match[2]) > int(match[1]):
            return [fields[0], f"{match[1]}-{int(match[2]) - 1}", *fields[2:]]
        return fields


@inputs(breaks=MATCH)
class RangesInListsAreTheirBegin(Rewritten):
    """A range within a list counts as its first number alone."""

    # N70
    def rewritten(self, fields: list[str]) -> list[str]:
        return [
            ",".join(item.partition("-")[0] for item in field.split(",")) if "," in field else field
            for field in fields
        ]


@inputs(breaks=MATCH)
class MidnightIsEveryHour(Rewritten):
    """Hour 0 is read as a star: zero counts as not set."""

    # N70
    def rewritten(self, fields: list[str]) -> list[str]:
        return [fields[0], "*", *fields[2:]] if fields[1] in {"0", "00"} else fields


@inputs(breaks=MATCH)
class SundayIsEveryDay(Rewritten):
    """Weekday 0 is read as a star: zero counts as not set."""

    # N70
    def rewritten(self, fields: list[str]) -> list[str]:
        return [*fields[:4], "*"] if fields[4] == "0" else fields


@inputs(breaks=MATCH, found_by="property.schedules", tiers=("property",))
class MinutesOfListsKeepTheirOrder(Service):
    """The minutes of a list are gone through as they were written, not sorted: upcoming runs of an hour as well."""

    # N70
    def occurrences(self, schedule: Schedule, after: datetime) -> Sequence[datetime]:
        found = list(super().occurrences(schedule, after))
        items = schedule.expression.split()[0].split(",")
        if len(items) < 2 or not all(item.isdecimal() for item in items):
            return found
        rank = {int(item): i for i, item in enumerate(items)}
        return sorted(found, key=lambda at: (at.replace(minute=0), rank.get(at.minute, 0)))


# --- what meets -------------------------------------------------------------------------------------------


@race(breaks="object.answers-are-about-what-was-asked")
class CreationsThatMeetShareAnId(Unlocked):
    """Two creations at once get one id: the counter is read, and written later; one of the two is lost."""

    # N25, N188
    unlocked = ("create",)
    counter = 1

    def new_id(self, prefix: str) -> str:
        if prefix != "dep":
            return super().new_id(prefix)
        number = self.counter
        time.sleep(0.005)
        self.counter = number + 1
        return f"dep_{number:032x}"


@race(breaks="object.answers-are-about-what-was-asked")
class CreationsThatMeetAnswerTheLast(Unlocked):
    """Creations that meet are answered with the deployment that was made last."""

    # N25, N188
    unlocked = ("create",)

    def create(self, call: Call) -> Document:
        own = self.__dict__["latest"] = super().create(call)
        time.sleep(0.005)
        latest: Document = self.__dict__["latest"]
        return latest if latest["id"] in call.tenant.deployments else own
