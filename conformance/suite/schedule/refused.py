"""The story of schedules that the documents promise to refuse."""

from __future__ import annotations

from conformance.client.api import Api
from conformance.suite.engine.registry import story
from conformance.suite.schedule.refusals import SCHEDULES
from conformance.suite.shared.creating import Refusals, try_creations


@story()
def invalid_schedules(api: Api) -> Refusals:
    """Creations are tried with schedules that are incomplete, of another type, invalid, in no known zone."""
    return try_creations(api, SCHEDULES["invalid_schedules"])
