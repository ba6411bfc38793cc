"""Faults of the bounds and filters of lists, and of expressions and zones that are taken all the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from conformance.reference import NEW, Call, Document, Run, Service
from conformance.reference.errors import invalid
from conformance.reference.listing import Query
from tests.faults.catalogue import fault

inputs = partial(fault, hides="inputs")
listed = partial(fault, hides="sequence")
billed = partial(fault, hides="sequence", tiers=("core", "billable"))


@listed(breaks="archive.is-listed-on-request")
class ArchivedOnesAreNoCursors(Service):
    """The id of an archived deployment is refused as a cursor, also with include_archived=true."""

    # N163, N125
    def list_deployments(self, call: Call) -> Document:
        for name in ("after_id", "before_id"):
            record = call.tenant.deployments.get(call.request.query.get(name, ""))
            if record is not None and record.archived_at is not None:
                raise invalid(f"{name} names no deployment", name)
        return super().list_deployments(call)


@listed(breaks="list.created-at-range", revisions=(NEW,))
class OffsetsToTheWestAreToTheEast(Service):
    """A negative offset of a bound of created_at is read as a positive one."""

    # N173
    def read_span(self, query: Query, bounds: Iterable[str]) -> dict[str, datetime]:
        turned = {
            name: value[:-6] + "+" + value[-5:]
            if value[-6:-5] == "-" and value[-3:-2] == ":" and "T" in value
            else value
            for name, value in query.items()
        }
        return super().read_span(turned, bounds)


@billed(breaks="runs.filters")
class FiltersOfRunsAreAlternatives(Service):
    """A list of all runs with deployment_id and trigger_type has the runs that match either of them."""

    # N148
    def global_run_filter(self, query: Query) -> Callable[[Run], bool]:
        wanted = super().global_run_filter(query)
        if "deployment_id" not in query or "trigger_type" not in query:
            return wanted
        return lambda run: (
            self.matches_deployment(run, query["deployment_id"])
            or self.matches_trigger(run, query["trigger_type"])
        )


@inputs(breaks="schedule.six-fields-are-400")
class WhatFollowsTheFifthFieldIsACommand(Service):
    """What follows the fifth field of an expression is taken for a command, as in a crontab, and dropped."""

    # N64
    def read_expression(self, value: object) -> str:
        return super().read_expression(" ".join(value.split()[:5]) if isinstance(value, str) else value)


@inputs(breaks="schedule.invalid-cron-is-400")
class WordsInFieldsMeanAny(Service):
    """A field of an expression that is a word nobody knows is read as a star."""

    # N63
    def read_expression(self, value: object) -> str:
        if not isinstance(value, str):
            return super().read_expression(value)
        known = re.compile("jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat")
        words = value.split()
        if len(words) == 5:
            words = ["*" if w.isalpha() and not known.fullmatch(w.lower()) else w for w in words]
        return super().read_expression(" ".join(words) if words != value.split() else value)


@inputs(breaks="schedule.invalid-cron-is-400")
class DaysReach32(Service):
    """Day 32 of a month is taken: the range of the field ends one too late."""

    # N63
    def read_expression(self, value: object) -> str:
        words = value.split() if isinstance(value, str) else []
        if len(words) == 5 and words[2] == "32":
            value = " ".join([*words[:2], "31", *words[3:]])
        return super().read_expression(value)


@inputs(breaks="schedule.invalid-cron-is-400")
class MonthsBeginAtZero(Service):
    """Month 0 is taken, as January."""

    # N63
    def read_expression(self, value: object) -> str:
        words = value.split() if isinstance(value, str) else []
        if len(words) == 5 and words[3] == "0":
            value = " ".join([*words[:3], "1", words[4]])
        return super().read_expression(value)


@inputs(breaks="update.unknown-zone-is-400")
class TheLocalZoneIsTaken(Service):
    """The zone Local is taken, as by the library of Go, and read as UTC."""

    # N66
    def read_timezone(self, value: object) -> str:
        return "UTC" if value == "Local" else super().read_timezone(value)
