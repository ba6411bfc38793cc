"""What every deployment in an answer has in common."""

from __future__ import annotations

import re
from collections import Counter

from conformance.client.exchange import Exchange
from conformance.contract.comparing import field, shorten
from conformance.contract.judgement import broken
from conformance.contract.schemas import drift, violations
from conformance.suite.judging.answers import Deployments, shapes
from conformance.suite.judging.requirement import requirement
from conformance.suite.judging.rows import observations, observed

SHOWN = 3
TIMES = (
    "created_at",
    "updated_at",
    "archived_at",
    "schedule.upcoming_runs_at",
    "schedule.last_run_at",
)
OTHER_ZONE = re.compile(r"[+-](?!00:?00$)[0-9]{2}:?[0-9]{2}$")
"""The end of a timestamp with an offset other than none, which may be written in two ways."""


def expect_schema(kind: str, revision: str, found: Deployments) -> None:
    """Expect every deployment to satisfy a schema; say which fields do not, most frequent first."""
    wrong: Counter[str] = Counter()
    culprits: dict[str, Exchange] = {}
    for exchange, document in found:
        for violation in violations(kind, revision, document):
            line = f"{violation.path}: {violation.message}"
            culprits.setdefault(line, exchange)
            wrong[line] += 1
    if wrong:
        lines = [line for line, _ in wrong.most_common(SHOWN)]
        got = "; ".join(lines) + (f" (and {len(wrong) - SHOWN} more)" if len(wrong) > SHOWN else "")
        raise broken("every deployment as documented", got, *(culprits[line] for line in lines))


@requirement("object.matches-schema")
def test_every_deployment_matches_the_schema(every_deployment: Deployments, revision: str) -> None:
    expect_schema("deployment", revision, every_deployment)


@requirement("object.has-sample-fields")
def test_every_deployment_has_the_fields_of_the_samples(every_deployment: Deployments, revision: str) -> None:
    expect_schema("deployment-sample", revision, every_deployment)


@requirement("object.times-are-in-utc")
def test_every_timestamp_is_in_utc(every_deployment: Deployments) -> None:
    for exchange, document in every_deployment:
        for path in TIMES:
            shown = field(document, path)
            for text in shown if isinstance(shown, list) else [shown]:
                if isinstance(text, str) and OTHER_ZONE.search(text):
                    raise broken(f"{path} in UTC in answer to {exchange.label}", text, exchange)


@requirement("object.no-undocumented-fields")
def test_no_deployment_has_undocumented_fields(every_deployment: Deployments, revision: str) -> None:
    found = {
        path: e
        for e, document in shapes(every_deployment)
        for path in drift("deployment", revision, document)
    }
    if found:
        raise broken("documented fields only", ", ".join(sorted(found)), *list(found.values())[:SHOWN])


def odd_reasons(deployments: Deployments) -> str:
    """Return which states have a reason though not paused, or none though paused, for an observation."""
    odd = Counter(
        f"{shorten(document.get('status'))} with paused_reason {shorten(document.get('paused_reason'))}"
        for _, document in deployments
        if (document.get("status") == "paused") != (document.get("paused_reason") is not None)
    )
    return ", ".join(f"{state} ({count})" for state, count in odd.items()) or "set exactly while paused"


globals().update(observations(observed("object.paused-reason-invariant", odd_reasons, "every_deployment")))
