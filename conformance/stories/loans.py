"""What comes before and after all stories on a lent deployment: it is told of, and given back."""

from __future__ import annotations

import logging

from conformance.stories.preflight import Preflight
from conformance.stories.registry import Story
from conformance.target import giving_back
from conformance.target.api import Api
from conformance.target.giving_back import GivenBack
from conformance.target.ledger import LedgerError
from conformance.target.lending import Lending, Loan
from conformance.target.target import Target

PROGRESS = logging.getLogger("conformance.progress")
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
    return Lending(loan, target.ledger, target.redactor)


def unfit(lending: Lending, story: Story) -> str:
    """Return why a story cannot be told on the lent deployment, or an empty text."""
    if story.lent == "scheduled" and not lending.loan.scheduled:
        return "the lent deployment has no schedule"
    return (
        "the lent deployment has a schedule" if story.lent == "manual-only" and lending.loan.scheduled else ""
    )


def give_back(api: Api, lending: Lending) -> GivenBack:
    """Put the lent deployment back as it was and write so to the ledger; say what was put back."""
    if not lending.loan.changed:
        return GivenBack()
    given = giving_back.give_back(api, lending.loan)
    try:
        lending.returned(given.left)
    except LedgerError as error:
        PROGRESS.info("%s", error)
    PROGRESS.info("%s is given back: %s", lending.loan.id, told(given))
    return given


def told(given: GivenBack) -> str:
    """Return what was put back and what was not, in a line."""
    restored = f"put back {', '.join(given.restored)}" if given.restored else "nothing had to be put back"
    return f"{restored}; {'; '.join(given.left) or 'it is as it was but for updated_at'}"
