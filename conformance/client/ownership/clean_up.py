"""The end of a run: all that it made is archived, what no answer named is looked for, leftovers are named."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from conformance.client.answers import is_archived, is_gone
from conformance.client.exchange import Exchange
from conformance.client.ownership.creations import Creations
from conformance.client.traffic.retry import lost
from conformance.contract import clock
from conformance.contract.comparing import shorten
from conformance.contract.verdict import NotJudgedError

GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
"""What archiving answers for a deployment that is not there, or archived already: a read tells."""
PATIENCE = 5.0
"""Seconds by which a list may lag behind a creation (N107)."""
UNFOUND = "was made, as its creation was answered, but no list shows it: conformance sweep looks for it"
UNSEEN = "may be on the target: neither its creation nor a list was answered; conformance sweep looks for it"


@clock.unheeded()
def clean_up(
    creations: Creations,
    archive: Callable[[str], Exchange],
    read: Callable[[str], Exchange],
    confirm: Callable[[str], None],
    list_newest: Callable[[], Iterable[Exchange]],
    *,
    workers: int,
) -> tuple[str, ...]:
    """Archive all that is still live and ours; return a line for each deployment that may stay, and why.

    `read` shows whether an archive was carried out. `confirm` reads one that nothing has shown yet, and
    raises NotJudgedError when it is not ours.
    `list_newest` is only called when a creation was not answered with what it made: a refusal may be one
    in words alone. When not every page of it is answered, there is a line for each creation not found.
    """
    creations.break_off()
    with ThreadPoolExecutor(max_workers=workers) as pool:
        unconfirmed = creations.unconfirmed()
        why = dict(pool.map(lambda made: (made, _why_unconfirmed(made, confirm)), unconfirmed))
        looked = _look(creations, list_newest) if creations.is_sought() else True
        if looked and creations.unfound() and _wait_for_lists(creations):
            looked = _look(creations, list_newest)
        left = [*pool.map(lambda made: _remove(creations, made, archive, read), creations.owned())]
    left += [why.get(made, "") for made in creations.unconfirmed()]
    for marks, accepted in creations.unfound():
        if not looked or accepted:
            left.append(f"{marks.name or 'a deployment without a name'} {UNFOUND if looked else UNSEEN}")
    return tuple(line for line in left if line)


def _wait_for_lists(creations: Creations) -> bool:
    """Wait until lists have to show the last creation without an answer; return whether that helps."""
    newest = max(marks.since for marks, _ in creations.unfound())
    left = newest + PATIENCE - time.monotonic()
    return left > 0 and creations.wait(left)


def _look(creations: Creations, list_newest: Callable[[], Iterable[Exchange]]) -> bool:
    """Take charge of what lists show of unsettled creations; return whether all pages were answered."""
    answered = []
    for page in list_newest():
        creations.adopt(page)
        answered.append(page.succeeded)
    return bool(answered) and all(answered)


def _remove(
    creations: Creations,
    deployment_id: str,
    archive: Callable[[str], Exchange],
    read: Callable[[str], Exchange],
) -> str:
    """Archive a deployment; return why it may still be alive, or an empty text."""
    try:
        exchange = archive(deployment_id)
        if exchange.failure and lost(exchange.failure.text):  # archiving twice does no harm
            exchange = archive(deployment_id)
    except NotJudgedError as error:
        return f"{shorten(deployment_id, 100)} stays on the target: {error.reason}"
    if is_archived(exchange) or (
        (exchange.succeeded or exchange.status in GONE) and is_gone(read(deployment_id))
    ):
        creations.archived(deployment_id)
        return ""
    creations.left(deployment_id, exchange.summary())
    return f"{deployment_id} stays on the target: archiving it answered {exchange.summary()}"


def _why_unconfirmed(deployment_id: str, confirm: Callable[[str], None]) -> str:
    """Return why nothing shows whose a deployment is, or an empty text."""
    try:
        confirm(deployment_id)
    except NotJudgedError as error:
        return error.reason
    return ""
