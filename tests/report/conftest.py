"""One small hand-made run with every outcome, and the schemas the reports promise to keep."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.catalogue import Requirement
from conformance.contract.timeline import ShownExchange, Timeline
from conformance.contract.verdict import Blame, Level, Outcome, Verdict
from conformance.report import Judged, RunResult, Traffic

SCHEMAS = Path(__file__).parents[2] / "schemas" / "report"
PAGE = "https://docs.example.com/api/deployments"


def shown(number: int, label: str, **facts: Any) -> ShownExchange:  # noqa: ANN401 (fields)
    """An exchange as reports show it; `facts` replace fields."""
    fields: dict[str, Any] = {
        "command": f"curl -sS -i -X POST {TOKEN} https://api.example.com/v1/deployments",
        "sent_at": "2026-07-14T08:30:00.000000+00:00",
        "seconds": 0.012,
        "status": 200,
        "summary": "200",
        "headers": {"content-type": "application/json"},
        "body": '{"id": "depl_1", "status": "active"}',
        "size": 310,
    }
    return ShownExchange(number=number, label=label, **(fields | facts))


TOKEN = '-H "Authorization: Bearer $CONFORMANCE_TOKEN"'
TIMELINE: Timeline = (
    shown(1, "create a deployment"),
    shown(
        2,
        "pause it again",
        command=f"curl -sS -i -X POST {TOKEN} https://api.example.com/v1/deployments/depl_1/pause",
        sent_at="2026-07-14T08:30:00.100000+00:00",
        seconds=0.009,
        body='{"id": "depl_1", "status": "paused", "name": "\x1b[2J<nasty> ]]> \ud800"}',
        culprit=True,
    ),
)


def requirement(requirement_id: str, level: Level, title: str, **facts: Any) -> Requirement:  # noqa: ANN401 (fields)
    area = requirement_id.partition(".")[0]
    return Requirement(
        id=requirement_id,
        title=title,
        level=level,
        area=area,
        source=f"{PAGE}/{area}",
        **{"statements": ("N105",), **facts},
    )


PASSED = Judged(
    requirement("get.returns-it", Level.MUST, "A deployment can be read by its id.", statements=("N80",)),
    Verdict("get.returns-it", Outcome.PASS, seconds=0.0124),
)
FAILED = Judged(
    requirement(
        "pause.second-is-conflict",
        Level.MUST,
        "A second pause is refused as a conflict.",
        statements=("N105", "N106"),
    ),
    Verdict(
        "pause.second-is-conflict",
        Outcome.FAIL,
        message="expected 409 conflict_error; got 200",
        expected="409 conflict_error",
        got="200",
        evidence=TIMELINE,
        reproduce="conformance run --only pause.second-is-conflict --seed 7",
        seconds=0.021,
    ),
)
WARNED = Judged(
    requirement("list.newest-first", Level.SHOULD, "A list begins with the newest deployment."),
    Verdict(
        "list.newest-first",
        Outcome.WARN,
        message="expected depl_2 before depl_1; got depl_1 first",
        expected="depl_2 before depl_1",
        got="depl_1 first",
        evidence=TIMELINE,
        reproduce="conformance run --only list.newest-first --seed 7",
        seconds=0.5,
    ),
)
ADVISED = Judged(
    requirement(
        "object.no-surprise", Level.SHOULD, "A deployment has documented fields only.", advisory=True
    ),
    Verdict("object.no-surprise", Outcome.WARN, expected="documented fields only", got="also cas_config"),
)
OBSERVED = Judged(
    requirement(
        "create.twin-names", Level.OBSERVE, "Whether two deployments may share a name.", statements=()
    ),
    Verdict("create.twin-names", Outcome.OBSERVED, message="the second create answered 200", seconds=0.03),
)
NOT_APPLICABLE = Judged(
    requirement("tenancy.foreign-is-404", Level.MUST, "Another tenant's deployment does not exist."),
    Verdict("tenancy.foreign-is-404", Outcome.NOT_APPLICABLE, message="needs --second-token-env"),
)
NOT_JUDGED = Judged(
    requirement("runs.list-newest-first", Level.MUST, "Runs are listed newest first."),
    Verdict(
        "runs.list-newest-first",
        Outcome.NOT_JUDGED,
        blame=Blame.NETWORK,
        message="connection reset while listing runs",
        evidence=(
            shown(
                9,
                "list runs",
                command="curl -sS -i https://api.example.com/v1/deployments/depl_1/runs",
                status=None,
                failure="connection reset",
            ),
        ),
        reproduce="conformance run --only runs.list-newest-first --seed 7",
    ),
)
ROWS = {
    "pass": PASSED,
    "fail": FAILED,
    "warn": WARNED,
    "advisory": ADVISED,
    "observed": OBSERVED,
    "not-applicable": NOT_APPLICABLE,
    "not-judged": NOT_JUDGED,
}


def make_run(*names: str, **facts: Any) -> RunResult:  # noqa: ANN401 (any field of a run)
    """A run with the named outcomes (see `ROWS`); `facts` replace fields."""
    fields: dict[str, Any] = {
        "target": "https://api.example.com/v1",
        "profile": "qoder",
        "revision": "2026-07",
        "revision_reason": "found from the shape of a created deployment",
        "tiers": ("core",),
        "strict": False,
        "seed": 7,
        "run_id": "c0ffee",
        "started_at": "2026-07-14T08:30:00Z",
        "seconds": 2.4,
        "traffic": Traffic(requests=41, created=5, removed=4, left=("depl_5",)),
        "judged": tuple(ROWS[name] for name in names),
        "notices": ("depl_5 could not be archived: 500 api_error",),
        "versions": {"python": "3.11.7"},
    }
    return RunResult(**(fields | facts))


@pytest.fixture
def run() -> Any:  # noqa: ANN401 (a factory: outcome names and fields in, a run out)
    return make_run


@pytest.fixture(params=[False, True], ids=["lenient", "strict"])
def every_outcome(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> RunResult:
    for module in ("junit", "result_json"):  # the package's attributes of these names are its functions
        monkeypatch.setattr(sys.modules[f"conformance.report.{module}"], "__version__", "0.0.0")
    return make_run(*ROWS, strict=request.param)


@pytest.fixture(scope="session")
def result_schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SCHEMAS / "result.schema.json").read_text(encoding="utf-8"))
    return schema


@pytest.fixture(scope="session")
def junit_schema() -> str:
    return (SCHEMAS / "junit.xsd").read_text(encoding="utf-8")
