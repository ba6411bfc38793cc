"""What a target does otherwise wherever it is asked for: cron expressions, metadata, unknown ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.client.answers import body_of
from conformance.client.exchange import Exchange
from conformance.contract.comparing import field
from conformance.contract.judgement import refused
from conformance.contract.schedule import CronError, parse
from conformance.run.verdicts.cause import Cause, Trouble
from conformance.run.verdicts.missing_routes import OWNERS, RUNS, UNKNOWN, route_of

CRON, MERGED, NOT_FOUND = (
    "schedule.invalid-cron-is-400", "update.metadata-is-merged", "errors.unknown-deployment-is-404",
)  # fmt: skip
CRONS = frozenset({
    CRON, "schedule.six-fields-are-400", "schedule.extended-cron-is-400", "schedule.shortcuts-are-400",
    "update.invalid-cron-is-400", "update.six-fields-are-400",
})  # fmt: skip
"""What is asked of expressions that are no cron."""
ONE_KEY_MORE = "update.17th-metadata-key-is-400"
LONGEST = 256
"""So many characters an expression may have."""
ASKED = "unknown_deployment"
OF_ONE = frozenset(route for route in OWNERS if "/deployments/{id}" in route) - RUNS
"""The story of unknown ids, and the routes by which it asks for one."""
ENOUGH = 2
"""So many answers at least must show what a target does everywhere."""


def otherwise_done(trouble: Trouble) -> Iterator[Cause]:
    """Yield what the target does otherwise with all requests of a kind that show a promise broken."""
    shown = trouble.shown
    if not shown:
        return
    if trouble.requirement in CRONS and all(map(_is_no_cron, shown)) and _takes_any_cron(trouble):
        yield Cause("no cron expression is refused", (CRON,))
    if trouble.requirement == ONE_KEY_MORE and _replaces_metadata(trouble):
        yield Cause("metadata are replaced by an update, not merged", (MERGED,))
    if trouble.requirement.startswith("tenancy.") and UNKNOWN.intersection(trouble.error.statuses):
        yield from _unknown_ids(trouble, shown)


def _takes_any_cron(trouble: Trouble) -> bool:
    tried = [one for one in trouble.everything if _is_no_cron(one) and (one.succeeded or refused(one))]
    return len(tried) >= ENOUGH and all(one.succeeded for one in tried)


def _unknown_ids(trouble: Trouble, shown: Sequence[Exchange]) -> Iterator[Cause]:
    """Yield the refusal of every unknown id, if what another tenant asked for was answered just that."""
    statuses = {one.status for one in shown if refused(one)}
    asked = [one for one in trouble.everything if one.story == ASKED and route_of(one, trouble) in OF_ONE]
    told = {one.status for one in asked}
    if len(statuses) == 1 and told == statuses and all(map(refused, shown)):
        yield Cause(f"an unknown id is answered {statuses.pop()}", (NOT_FOUND,))


def _is_no_cron(exchange: Exchange) -> bool:
    """Tell whether a request sent an expression that is none, and is neither empty nor too long."""
    expression = field(body_of(exchange), "schedule.expression")
    if not isinstance(expression, str) or not 0 < len(expression) <= LONGEST:
        return False
    try:
        parse(expression)
    except CronError:
        return True
    return False


def _replaces_metadata(trouble: Trouble) -> bool:
    """Tell whether every answer to an update of metadata shows those that were sent alone."""
    updates = (one for one in trouble.everything if route_of(one, trouble) == "POST /deployments/{id}")
    told = [one for one in updates if one.succeeded and (body_of(one) or {}).get("metadata")]
    return len(told) >= ENOUGH and all(map(_is_replaced, (*trouble.shown, *told)))


def _is_replaced(exchange: Exchange) -> bool:
    """Tell whether an answer shows the metadata that were sent, and no others."""
    sent, shown = (body_of(exchange) or {}).get("metadata"), field(exchange.json, "metadata")
    if not (exchange.succeeded and isinstance(sent, dict)):
        return False
    return bool(shown == {key: value for key, value in sent.items() if value is not None})
