"""Measures the core tier beside plain requests: `python -m tests.bench [RUNS]`.

Every figure stands beside something run on the same machine in the same minute, because seconds alone say
little. Prints one JSON document with the median of RUNS (default 3) of each.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from conformance.client.target import Target
from conformance.config.resolution import resolve
from conformance.contract.catalogue import load_catalogue
from conformance.reference import ReferenceServer, ReferenceSettings, Request, Response, Service
from conformance.suite.engine.runner import Runner
from conformance.vendors import load_profile
from tests.judge import run_conformance

LATENCY = 0.1


class Late(Service):
    """Answers everything 100 ms late, without keeping others waiting."""

    async def respond(self, request: Request) -> Response:
        await asyncio.sleep(LATENCY)
        return await super().respond(request)


def seconds(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def core(server: ReferenceServer) -> dict[str, Any]:
    """Judge a server in a process of its own; return the wall of the whole process and its requests."""
    given = server.prerequisites()
    arguments = (
        "--base-url", server.base_url, "--tier", "core", "--second-token-env", "SECOND",
        "--archived-agent-id", given.archived_agent_id,
        "--archived-environment-id", given.archived_environment_id,
    )  # fmt: skip
    environment = {"CONFORMANCE_TOKEN": server.tokens[0], "SECOND": server.tokens[1]}
    started = time.monotonic()
    run = run_conformance(*arguments, environment=environment)
    return {"exit": run.exit_code, "wall": time.monotonic() - started, **run.result["totals"]}


def bare_requests(server: ReferenceServer, count: int) -> float:
    """Return the seconds that as many plain requests of one client take."""
    with httpx.Client(headers={"authorization": f"Bearer {server.tokens[0]}"}) as client:
        return seconds(lambda: [client.get(f"{server.base_url}/deployments?limit=1") for _ in range(count)])


def longest_story(server: ReferenceServer) -> tuple[str, float]:
    """Tell every story alone; return the longest with its seconds."""
    given = server.prerequisites()
    with tempfile.TemporaryDirectory() as folder:
        options = {
            "base_url": server.base_url, "report_dir": folder, "second_token_env": "SECOND",
            "archived_agent_id": given.archived_agent_id,
            "archived_environment_id": given.archived_environment_id,
        }  # fmt: skip
        environment = {"CONFORMANCE_TOKEN": server.tokens[0], "SECOND": server.tokens[1]}
        settings = resolve(options, environment, load_catalogue(), Path(folder))
        target = Target(settings, load_profile("qoder"), base_url=server.base_url)
        runner = Runner(target)
        _ = runner.preflight
        told = {
            name: seconds(partial(runner.evidence, name))
            for name, story in runner.stories.items()
            if story.tier == "core" and name != "oversize_body"
        }
        runner.finish()
        target.close()
    return max(told.items(), key=lambda pair: pair[1])


def measure() -> dict[str, Any]:
    with ReferenceServer(settings=ReferenceSettings()) as server:
        plain = core(server)
        bare = bare_requests(server, plain["requests"])
    with ReferenceServer(Late, ReferenceSettings()) as server:
        late = core(server)
        name, longest = longest_story(server)
    start_up = seconds(
        lambda: subprocess.run(
            [sys.executable, "-m", "conformance", "list"], stdout=subprocess.DEVNULL, check=True
        )
    )
    return {
        "requests": plain["requests"],
        "core wall, s": plain["wall"],
        "as many bare requests, s": bare,
        "core / bare": plain["wall"] / bare,
        "core wall at 100 ms latency, s": late["wall"],
        "longest story alone at 100 ms latency, s": longest,
        "core / longest story": late["wall"] / longest,
        "conformance list, s": start_up,
        "longest story": name,
    }


def main(words: list[str]) -> None:
    rows = [measure() for _ in range(int(words[0]) if words else 3)]
    medians = {
        key: round(statistics.median(row[key] for row in rows), 3)
        if isinstance(value, (int, float))
        else value
        for key, value in rows[0].items()
    }
    print(json.dumps(medians, indent=2))  # noqa: T201 (the figures are what it is for)


if __name__ == "__main__":
    main(sys.argv[1:])
