"""Measures the searches beside plain requests: `python -m tests.bench.searches [RUNS]`.

Prints one JSON document, of each figure the median of RUNS (default 3): of every search, alone against the
reference server, examples and requests for each second beside those of a bare loop of one client in the same
minute; of a default run, its wall and requests, and the share of its wall in which nothing was in flight.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from conformance.config.resolution import resolve
from conformance.config.settings import Settings
from conformance.contract.areas import DEFAULT_TIERS
from conformance.contract.catalogue import load_catalogue
from conformance.reference import ReferenceServer, ReferenceSettings
from conformance.run.session import Session
from conformance.suite.engine.registry import load_stories
from conformance.suite.exploration.registry import Searched, load_searches
from tests.bench.__main__ import bare_requests

BARE = 300


def settings_of(server: ReferenceServer, folder: str) -> Settings:
    """Return the settings of a default run against a server."""
    given = {
        "base_url": server.base_url, "report_dir": folder, "seed": "1", "second_token_env": "SECOND",
        "archived_agent_id": server.archived_agent_id,
        "archived_environment_id": server.archived_environment_id,
    }  # fmt: skip
    environment = {"CONFORMANCE_TOKEN": server.tokens[0], "SECOND": server.tokens[1]}
    return resolve(given, environment, load_catalogue(), Path(folder))


def search_alone(name: str) -> dict[str, float]:
    """Run one search; return its examples and requests for each second, beside those of a bare loop."""
    with ReferenceServer(settings=ReferenceSettings()) as server, tempfile.TemporaryDirectory() as folder:
        session = Session(settings_of(server, folder))
        _ = session.runner.preflight
        before, started = session.target.requests, time.monotonic()
        searched = session.runner.evidence(name)
        seconds = time.monotonic() - started
        requests = session.target.requests - before
        session.finish()
        bare = BARE / bare_requests(server, BARE)
    if not isinstance(searched, Searched) or searched.findings:
        raise RuntimeError(f"{name} accuses the reference: {searched}")
    return {
        "examples": searched.examples, "requests": requests, "seconds": seconds,
        "examples/s": searched.examples / seconds, "requests/s": requests / seconds,
        "bare requests/s": bare, "bare / search": bare / (requests / seconds),
    }  # fmt: skip


def default_run() -> dict[str, float]:
    """Tell all that a default run tells; return its wall, requests, and when something was in flight."""
    with ReferenceServer(settings=ReferenceSettings()) as server, tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        told = {**load_stories(), **load_searches()}
        names = [name for name, one in told.items() if one.tier in DEFAULT_TIERS]
        session = Session(settings_of(server, folder))
        session.runner.start(names)
        session.runner.everything()
        wall = time.monotonic() - started
        exchanges, requests = session.target.exchanges(), session.target.requests
        session.finish()
        bare = bare_requests(server, requests)
    busy = covered((one.sent_at.timestamp(), one.sent_at.timestamp() + one.seconds) for one in exchanges)
    return {
        "wall, s": wall, "requests": requests, "as many bare requests, s": bare, "wall / bare": wall / bare,
        "nothing in flight, s": wall - busy, "share of wall outside HTTP": 1 - busy / wall,
        "requests in flight on average": sum(one.seconds for one in exchanges) / wall,
    }  # fmt: skip


def covered(spans: Iterable[tuple[float, float]]) -> float:
    """Return how long at least one of some spans of time was under way."""
    ordered = sorted(spans)
    ends = list(accumulate((end for _, end in ordered), max))
    gaps = (max(after[0] - end, 0.0) for end, (_, after) in zip(ends, pairwise(ordered), strict=False))
    return (ends[-1] - ordered[0][0] - sum(gaps)) if ordered else 0.0


def medians(rows: list[dict[str, float]]) -> dict[str, float]:
    return {key: round(statistics.median(row[key] for row in rows), 3) for key in rows[0]}


def main(words: list[str]) -> None:
    runs = range(int(words[0]) if words else 3)
    searches = [name for name, search in load_searches().items() if search.tier in DEFAULT_TIERS]
    figures: dict[str, Any] = {name: medians([search_alone(name) for _ in runs]) for name in searches}
    print(json.dumps({"default run": medians([default_run() for _ in runs]), **figures}, indent=1))  # noqa: T201 (what it is for)


if __name__ == "__main__":
    main(sys.argv[1:])
