"""Exchanges and targets as the tests of this folder need them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conformance.client.api import Api
from conformance.client.exchange import Exchange, parse_json
from conformance.client.ownership.creations import Creations
from conformance.client.prerequisites import Prerequisites
from conformance.client.target import Target
from conformance.config.settings import Settings
from conformance.vendors import load_profile

TOKEN = "pt-Own+token/with=signs~0001"
SECOND = "pt-second-token-0002"


def exchange(**facts: Any) -> Exchange:  # noqa: ANN401 (fields of Exchange)
    """Return a written exchange; `facts` are fields of it, `json` alone sets the body, too."""
    if "json" in facts and "body" not in facts:
        facts["body"] = json.dumps(facts["json"])
    if "json" not in facts:
        facts["json"] = parse_json(facts.get("body", "").encode())
    usual: dict[str, Any] = {
        "number": 1, "story": "written", "label": "read", "method": "GET",
        "url": "https://deployments.example/api/deployments", "sent_at": datetime(2026, 7, 1, tzinfo=UTC),
        "seconds": 0.01, "request_headers": {}, "request_body": None, "status": 200,
    }  # fmt: skip
    return Exchange(**{**usual, **facts})


@contextmanager
def target_at(base_url: str, folder: Path, **chosen: Any) -> Iterator[Target]:  # noqa: ANN401 (fields of Settings)
    """Yield a target at `base_url` with tiny limits and its ledger in `folder`."""
    usual: dict[str, Any] = {
        "report_dir": str(folder), "token": TOKEN, "second_token": SECOND, "timeout": 5.0, "connect_timeout": 2.0,
    }  # fmt: skip
    settings = Settings(**{**usual, **chosen})
    target = Target(settings, load_profile(settings.profile), base_url=base_url, embedded=True)
    try:
        yield target
    finally:
        target.close()


def api_of(target: Target, creations: Creations | None = None, **known: Any) -> Api:  # noqa: ANN401 (as above)
    """Return the client of a story called `story`."""
    prerequisites = Prerequisites(**{"agent_id": "agent_1", "environment_id": "env_1", **known})
    return Api(target, "story", prerequisites, creations or Creations(target.ledger))


def ledger_lines(folder: Path) -> list[dict[str, Any]]:
    """Return the events of the ledger in `folder`; each line must be whole, and one may be empty."""
    path = folder / "ledger.jsonl"
    text = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in text.splitlines() if line]
