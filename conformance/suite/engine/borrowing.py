"""What comes before and after all stories on a lent deployment: it is told of, and given back."""

from __future__ import annotations

from conformance.client.api import Api
from conformance.client.ownership import restoring
from conformance.client.ownership.borrowed import Lending, Loan
from conformance.client.ownership.restoring import GivenBack
from conformance.client.target import Target
from conformance.redaction.logs import PROGRESS
from conformance.suite.engine.preflight import Preflight
from conformance.suite.engine.registry import Story

GIVING_BACK = 24
"""Requests kept back of `--max-requests` to give the deployment back: five changes, and reads around them."""


def lend(target: Target, preflight: Preflight) -> Lending | None:
    """Return the loan of the deployment that the run may change, if there is one; say what will be done."""
    lent = preflight.lent
    if preflight.blocked or lent is None or not isinstance(lent.json, dict):
        return None
    target.manners.budget.lend(GIVING_BACK)
    loan = Loan(str(target.settings.deployment_id), lent.json)
    kind = "scheduled" if loan.scheduled else "manual-only"
    schedule = ", schedule (so that it does not fire meanwhile)" if loan.scheduled else ""
    PROGRESS.info(
        "%s (%s, %s) is updated, paused and unpaused: name, description, metadata%s and status change; it is "
        "never archived or run, and put back at the end. What it was stands in %s/ledger.jsonl.",
        loan.id, lent.json.get("status"), kind, schedule, target.settings.report_dir,
    )  # fmt: skip
    if loan.before.get("status") == "paused" and loan.fields.get("paused_reason") != {"type": "manual"}:
        PROGRESS.info(
            "Its paused_reason cannot be put back: no request sets it, and a pause makes it manual."
        )
    return Lending(loan, target.ledger)


def unfit(lending: Lending, story: Story) -> str:
    """Return why a story cannot be told on the lent deployment, or an empty text."""
    if story.lent == "scheduled" and not lending.loan.scheduled:
        return "the lent deployment has no schedule"
    return (
        "the lent deployment has a schedule" if story.lent == "manual-only" and lending.loan.scheduled else ""
    )


def give_back(api: Api, lending: Lending) -> GivenBack:
    """Put the lent deployment back as it was; say what was put back.

    The ledger is told only when a read showed that the loan is over: otherwise a sweep tries again.
    """
    if not lending.loan.changed:
        return GivenBack()
    given = restoring.give_back(api, lending.loan)
    if not given.left:
        lending.returned(given.kept)
    PROGRESS.info("%s %s", lending.loan.id, described(given))
    return given


def described(given: GivenBack) -> str:
    """Return what was put back and what was not, in a line that goes on behind the deployment's id."""
    state = "is NOT given back, conformance sweep tries again" if given.left else "is given back"
    restored = f"put back {', '.join(given.restored)}" if given.restored else "nothing had to be put back"
    otherwise = "; ".join((*given.left, *given.kept))
    return f"{state}: {restored}; {otherwise or 'it is as it was but for updated_at'}"
