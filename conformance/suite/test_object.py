"""What every deployment in an answer has in common."""

from __future__ import annotations

from collections import Counter

from conformance.contract.judgement import broken
from conformance.contract.schemas import drift, violations
from conformance.contract.verdict import Blame, NotJudgedError
from conformance.suite.answers import Found, deployments
from conformance.suite.requirement import Observe, requirement
from conformance.target.exchange import Exchange

Exchanges = tuple[Exchange, ...]
SHOWN = 3


def some(exchanges: Exchanges) -> list[Found]:
    """Return every deployment of the run; raises NotJudgedError when there was none."""
    found = list(deployments(exchanges))
    if not found:
        raise NotJudgedError(Blame.PRECONDITION, "no answer of the run held a deployment")
    return found


def expect_schema(kind: str, revision: str, exchanges: Exchanges) -> None:
    """Expect every deployment to satisfy a schema; say which fields do not, most frequent first."""
    wrong: Counter[str] = Counter()
    culprits: dict[str, Exchange] = {}
    for exchange, document in some(exchanges):
        for violation in violations(kind, revision, document):
            line = f"{violation.path}: {violation.message}"
            culprits.setdefault(line, exchange)
            wrong[line] += 1
    if wrong:
        lines = [line for line, _ in wrong.most_common(SHOWN)]
        got = "; ".join(lines) + (f" (and {len(wrong) - SHOWN} more)" if len(wrong) > SHOWN else "")
        raise broken("every deployment as documented", got, *(culprits[line] for line in lines))


@requirement("object.matches-schema")
def test_every_deployment_matches_the_schema(every_exchange: Exchanges, revision: str) -> None:
    expect_schema("deployment", revision, every_exchange)


@requirement("object.has-sample-fields")
def test_every_deployment_has_the_fields_of_the_samples(every_exchange: Exchanges, revision: str) -> None:
    expect_schema("deployment-sample", revision, every_exchange)


@requirement("object.no-undocumented-fields")
def test_no_deployment_has_undocumented_fields(every_exchange: Exchanges, revision: str) -> None:
    found = {
        path: e for e, document in some(every_exchange) for path in drift("deployment", revision, document)
    }
    if found:
        raise broken("documented fields only", ", ".join(sorted(found)), *list(found.values())[:SHOWN])


@requirement("object.paused-reason-invariant")
def test_paused_reason_goes_with_paused(every_exchange: Exchanges, observe: Observe) -> None:
    odd = Counter(
        f"{document.get('status')} with paused_reason {document.get('paused_reason')}"
        for _, document in some(every_exchange)
        if (document.get("status") == "paused") != (document.get("paused_reason") is not None)
    )
    observe(", ".join(f"{state} ({count})" for state, count in odd.items()) or "set exactly while paused")
