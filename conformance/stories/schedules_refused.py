"""A story about schedules that the documents promise to refuse."""

from __future__ import annotations

from conformance.stories.creating import Refusals, try_creations
from conformance.stories.registry import story
from conformance.stories.values import cron, far_month, yearly
from conformance.target.api import Api

PARTS = ("type", "expression", "timezone")
INVALID = ("not a cron", "* * * *", "99 * * * *", "* 24 * * *", "0 0 32 * *", "0 0 * 13 *", "* * * * 8", "")


@story()
def invalid_schedules(api: Api) -> Refusals:
    """Creations are tried with schedules that are incomplete, of another type, invalid, in no known zone."""
    wrong = {
        "a schedule of type interval": {**yearly(), "type": "interval"},
        **{f"a schedule without {part}": _without(part) for part in PARTS},
        **{f"the expression {text!r}": cron(text) for text in INVALID},
        "six fields": cron(f"0 0 9 1 {far_month()} *"),
        "the zone Mars/Olympus": yearly(timezone="Mars/Olympus"),
    }
    return try_creations(api, {what: api.body(schedule=schedule) for what, schedule in wrong.items()})


def _without(part: str) -> dict[str, str]:
    return {name: value for name, value in yearly().items() if name != part}
