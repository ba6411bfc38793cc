"""Whether a run wrote what a ledger tells of a lent deployment, as far as lines and deployment show it.

A ledger may have been edited, and a loan names a deployment of the user's own. So each value that a line
says was sent must be one that stories send to lent deployments, and the deployment must bear one that it has
by no chance, or have been changed last when the ledger says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from conformance.client.ownership.borrowed import Loan, fields_of
from conformance.client.ownership.marks import BLUR
from conformance.contract import limits
from conformance.contract.comparing import instant
from conformance.contract.path_ids import misleading

OWN_KEY = "conformance-"
RENAMED = " umbenannt 已改名"
DESCRIBED = re.compile(r"Geändert, 更新, 🚀|changed while (?:active|paused)|beside [a-z0-9 ]{1,60}")
SCHEDULED = re.compile(r"(?:0 )?[0-9]{1,2} [0-9]{1,2} 1 [0-9]{1,2}(?: \*)?|not a cron")
"""The schedules that stories send: at one moment a year, or to be refused."""
LONGEST_LOAN = timedelta(hours=2)
"""The longest time from the first change of a lent deployment to the last: a run has long been over then."""
LATE = timedelta(minutes=15)
"""How long after a line of the ledger the change that it announces may be carried out."""
BY_NO_CHANCE = ("name", "description")
Check = Callable[[object], bool]


def strange(line: Mapping[str, Any]) -> str:
    """Return why no run wrote a line about a lent deployment, or an empty text."""
    deployment_id = line.get("id")
    if not isinstance(deployment_id, str) or misleading(deployment_id):
        return "it names no deployment"
    if line["event"] == "returned":
        return ""
    name, checks = ("before", _WAS) if line["event"] == "lent" else ("sent", _SENT)
    fields = line.get(name)
    if not isinstance(fields, dict):
        return f"it has no {name}"
    wrong = [field for field, value in fields.items() if not checks.get(field, _never)(value)]
    return f"no run records the {name} {', '.join(sorted(wrong))[:100]} like that" if wrong else ""


def vouched(loan: Loan, state: Mapping[str, Any], skew: timedelta) -> bool:
    """Tell whether a deployment shows that the run of a loan changed it.

    `skew` is by how much the target's clock is ahead of ours. A loan that did not come from a ledger needs
    nobody's word.
    """
    if loan.since is None or loan.until is None:
        return True
    if loan.until - loan.since > LONGEST_LOAN:
        return False
    shown, updated = fields_of(state), instant(state.get("updated_at"))
    marked = (name for name in shown if name in BY_NO_CHANCE or name.startswith(f"metadata.{OWN_KEY}"))
    if any(loan.gave(name, shown[name]) for name in marked):
        return True
    return updated is not None and loan.since - BLUR <= updated - skew <= loan.until + LATE


def _never(_: object) -> bool:
    return False


def _text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


def _object_or_none(value: object) -> bool:
    return value is None or isinstance(value, dict)


def _status(value: object) -> bool:
    return value in ("active", "paused")


def _sent_name(value: object) -> bool:
    if not isinstance(value, str):
        return isinstance(value, int)
    return value.endswith(RENAMED) or not value or len(value) > limits.NAME


def _sent_description(value: object) -> bool:
    return isinstance(value, str) and DESCRIBED.fullmatch(value) is not None


def _sent_metadata(value: object) -> bool:
    return isinstance(value, dict) and all(key.startswith(OWN_KEY) for key in value)


def _sent_schedule(value: object) -> bool:
    text = value.get("expression", "not a cron") if isinstance(value, dict) else value
    if isinstance(text, list):  # its five fields, which must be refused
        text = " ".join(map(str, text))
    return isinstance(text, str) and SCHEDULED.fullmatch(text) is not None


_WAS: Mapping[str, Check] = {
    "name": lambda value: isinstance(value, str),
    "description": _text_or_none,
    "metadata": _object_or_none,
    "schedule": _object_or_none,
    "status": _status,
    "paused_reason": _object_or_none,
}
_SENT: Mapping[str, Check] = {
    "name": _sent_name,
    "description": _sent_description,
    "metadata": _sent_metadata,
    "schedule": _sent_schedule,
    "status": _status,
}
