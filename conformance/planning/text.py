"""A plan as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from conformance.config.settings import Settings
from conformance.planning.plan import SLOW_ANSWER, Plan

WIDTH = 100
MINUTE = 60.0


def plan_text(plan: Plan, settings: Settings) -> str:
    """Return a plan as lines for a terminal."""
    return "\n".join(_lines(plan, settings))


def _lines(plan: Plan, settings: Settings) -> Iterator[str]:
    left_out = sum(map(len, plan.left_out.values()))
    total = len(plan.judged) + len(plan.searches) + left_out
    yield (
        f"plan: {len(plan.judged)} requirements and {len(plan.searches)} searches of {total} are judged "
        f"({', '.join(plan.tiers)}; revision {plan.revision}); nothing was sent"
    )
    requests, created = plan.ceiling
    yield (
        f"  requests     about {plan.requests}, at most {plan.most} on a conforming target "
        f"and {requests} on any target"
    )
    yield f"  by kind      {plan.get} GET, {plan.post} POST, {plan.other} others; {plan.clean_up} clean up"
    yield (
        f"  deployments  about {plan.created} created and archived, at most {created} on any target; "
        "they stay in the account"
    )
    yield f"  longest wait {_time(plan.wait)}" + (f" ({plan.waiting})" if plan.wait else "")
    pace = f"{plan.rate:g} requests per second" if plan.rate else "no limit of the rate"
    yield f"  worst case   {_time(plan.seconds)} with {pace}, if each answer takes {SLOW_ANSWER:g} s"
    yield from _ended_early(plan, settings)
    yield from _ids(f"judged {len(plan.judged)}", plan.judged)
    for why, names in plan.left_out.items():
        yield from _ids(f"not judged {len(names)}: {why}", names)


def _ended_early(plan: Plan, settings: Settings) -> Iterator[str]:
    limits = {
        "--max-requests": (settings.max_requests, plan.requests),
        "--max-created": (settings.max_created, plan.created),
        "--max-seconds": (settings.max_seconds, plan.seconds),
    }
    for option, (limit, needed) in limits.items():
        if limit is not None and limit < needed:
            yield f"  too little   {option} {limit:g} may end the run before all is judged"


def _ids(head: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield head
        yield from textwrap.wrap(
            ", ".join(names), WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
        )


def _time(seconds: float) -> str:
    return f"{seconds / MINUTE:.0f} min" if seconds > 2 * MINUTE else f"{seconds:.0f} s"
