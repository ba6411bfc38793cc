"""A story about reading by ids that name nothing because of their form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.suite.engine.registry import EVERY_MODE, story
from conformance.suite.shared.ids import extreme_id

VERY_LONG = 10_000
STOPPED_ON_THE_WAY = frozenset(
    {
        "overlong", "very long", "a null byte", "a control character", "a line break", "a lone surrogate",
        "a quotation mark", "a percent sign", "a wildcard",
    }
)  # fmt: skip
"""What a proxy or a firewall before the target may refuse in its own way: it never reaches the API."""


@dataclass(frozen=True)
class MalformedIds:
    """Answers by what the id was: of a deployment, of one whose runs are asked for, of a run."""

    answers: Mapping[str, Exchange]
    lists: Mapping[str, Exchange]
    runs: Mapping[str, Exchange]


@story(modes=EVERY_MODE)
def malformed_ids(api: Api) -> MalformedIds:
    """Deployments, their runs and single runs are read by ids that none can have."""
    prefix = api.target.profile.deployment_ids.prefix
    malformed = {
        "not-an-id": "not-an-id",
        "only the prefix": prefix,
        "overlong": prefix + "0" * 300,
        "very long": prefix + "0" * VERY_LONG,
        "a null byte": f"{prefix}\0",
        "a control character": f"{prefix}\x1f",
        "a line break": f"{prefix}\r\nx: y",
        "beyond ASCII": f"{prefix}🚀",
        "a lone surrogate": f"{prefix}\ud800",
        "a quotation mark": f"{prefix}'\"",
        "a percent sign": f"{prefix}%s%n",
        "all bits set": extreme_id(api),
        "underscores": "_" * len(extreme_id(api)),
        "a wildcard": "%",
    }
    malformed_run = {"not-an-id": "not-an-id", "a null byte": f"{api.target.profile.run_ids.prefix}\0"}
    return MalformedIds(
        {what: api.get(text, label=f"read by an id: {what}", probe=True) for what, text in malformed.items()},
        {
            what: api.runs(malformed[what], label=f"list runs by an id: {what}", probe=True)
            for what in ("not-an-id", "a null byte")
        },
        {
            what: api.get_any_run(text, label=f"read a run by an id: {what}", probe=True)
            for what, text in malformed_run.items()
        },
    )
