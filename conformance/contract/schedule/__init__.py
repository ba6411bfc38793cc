"""The schedule oracle: the instants that a server may list as the upcoming runs of a cron expression.

Cron and the time zone database leave much open, and the documents settle none of it; each legal reading is an
explicit `Policy`, and a listing is right as soon as one policy explains all of it.
"""

from __future__ import annotations

from conformance.contract.schedule.cron import Cron, CronError, Field, parse, readings
from conformance.contract.schedule.listing import Unexplained, explain, foreseeable
from conformance.contract.schedule.occurrences import occurrences
from conformance.contract.schedule.policy import ALL_POLICIES, DayRule, Gap, Overlap, Policy
from conformance.contract.schedule.zone import ZoneError, find_zone

__all__ = [
    "ALL_POLICIES",
    "Cron",
    "CronError",
    "DayRule",
    "Field",
    "Gap",
    "Overlap",
    "Policy",
    "Unexplained",
    "ZoneError",
    "explain",
    "find_zone",
    "foreseeable",
    "occurrences",
    "parse",
    "readings",
]
