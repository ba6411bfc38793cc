"""Which edition of the documents a target follows, found from its answers."""

from __future__ import annotations

from dataclasses import dataclass

OLD, NEW = "2026-06", "2026-07"


@dataclass(frozen=True, slots=True)
class Marks:
    """What a target's answers show. None: not seen, because no such answer came.

    `environment_variables`: the field is in a Deployment object (only NEW shows it);
    `request_id`: the field is in an error body (NEW promises it; Qoder CN added it to OLD);
    `cas_config`: the reserved metadata key is in a Deployment object (only OLD shows it);
    `refuses_limit_101`: a list with limit=101 is a 400 (NEW; OLD allows 1000).
    """

    environment_variables: bool | None = None
    request_id: bool | None = None
    cas_config: bool | None = None
    refuses_limit_101: bool | None = None


def detect(marks: Marks) -> tuple[str, str]:
    """Return the revision and the reason, in words for the report.

    `environment_variables` alone decides for NEW. `request_id` alone does not: an OLD server may carry it
    as an extra field, and judging it by NEW would accuse it of promises it never made; a second mark of NEW
    must stand beside it (fact sheet, 9.5 and section 2).
    """
    if marks.environment_variables:
        return NEW, "deployments have environment_variables"
    if marks.request_id and not marks.cas_config and marks.refuses_limit_101:
        return NEW, "errors have a request_id and limit=101 is refused"
    if marks.request_id:
        return OLD, "errors have a request_id, but deployments have no environment_variables"
    return OLD, "deployments have no environment_variables and errors no request_id"
