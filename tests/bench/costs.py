"""Measures what each story and search asks of the reference server; `python -m tests.bench.costs` records it."""

from __future__ import annotations

import sys
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from conformance.contract.catalogue import TIERS
from conformance.contract.profile import load_profile
from conformance.exploration.registry import load_searches
from conformance.planning.costs import COSTS, DEFAULT, FEW, Cost
from conformance.planning.plan import PREFLIGHT
from conformance.reference import NEW, OLD, ReferenceServer
from conformance.reference import Settings as ReferenceSettings
from conformance.stories.registry import Story, load_stories
from conformance.stories.runner import Runner
from conformance.target.creations import created_id
from conformance.target.exchange import Exchange
from conformance.target.settings import Settings
from conformance.target.target import Target

QUICK = tuple(tier for tier in TIERS if tier != "time")
SEEDS = (1, 2, 3)


class _Waits(threading.Event):
    """Adds up, for each story, how long its thread was told to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.story = threading.local()
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds[getattr(self.story, "name", "")] += timeout or 0.0
        return super().wait(timeout)


def measure(revision: str, names: Iterable[str], *, tiers: tuple[str, ...] = QUICK, examples: int = DEFAULT,
            seed: int = 1) -> dict[str, Cost]:  # fmt: skip
    """Tell stories and searches to a reference server that offers all they need; return the cost of each."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ReferenceServer(settings=ReferenceSettings(revision=revision)) as server,
    ):
        settings = Settings(
            token=server.tokens[0], second_token=server.tokens[1], report_dir=folder, tier=tiers, examples=examples, seed=seed, oversize_body=True,
            archived_agent_id=server.archived_agent_id, archived_environment_id=server.archived_environment_id,
        )  # fmt: skip
        target = Target(settings, load_profile("qoder"), base_url=server.base_url, embedded=True)
        waits = target.manners.stopped = target.stopped = _Waits()
        runner = Runner(target, load_searches())
        runner.stories = {name: _timed(story, waits) for name, story in runner.stories.items()}
        told = [name for name in names if not runner._inapplicable(runner.stories[name])]
        runner.start(told)
        for name in told:
            with suppress(Exception):
                runner.evidence(name)
        runner.finish()
        target.close()
        by_story: defaultdict[str, list[Exchange]] = defaultdict(list)
        for exchange in target.exchanges():
            by_story[exchange.story].append(exchange)
        return {
            name: _cost(by_story[name], waits.seconds[name]) for name in (PREFLIGHT, *told) if by_story[name]
        }


def _timed(story: Story, waits: _Waits) -> Story:
    def tell(api: object) -> object:
        waits.story.name = story.name
        return story.tell(api)  # type: ignore[arg-type]  # an Api, passed on

    return replace(story, tell=tell)


def _cost(exchanges: list[Exchange], waits: float) -> Cost:
    methods = Counter(exchange.method for exchange in exchanges)
    made = {
        created_id(one) for one in exchanges if one.method == "POST" and one.url.endswith("/deployments")
    } - {None}
    gone = {one.url.split("/")[-2] for one in exchanges if one.url.endswith("/archive") and one.succeeded}
    return Cost(
        get=methods["GET"], post=methods["POST"], other=methods.total() - methods["GET"] - methods["POST"],
        created=len(made), left=len(made - gone), waits=round(waits, 1),
    )  # fmt: skip


def measured() -> dict[str, dict[str, Cost]]:
    """Return for each story its cost, and for each search those of few and of the default examples."""
    stories: dict[str, Cost] = {}
    slow = [name for name, story in load_stories().items() if story.tier == "time"]
    for revision, names in ((OLD, load_stories()), (NEW, load_stories()), (NEW, slow)):
        tiers = TIERS if names is slow else QUICK
        for name, cost in measure(revision, names, tiers=tiers).items():
            stories[name] = cost.at_least(stories.get(name, cost))
    found: dict[str, dict[str, Cost]] = {name: {"cost": cost} for name, cost in sorted(stories.items())}
    for examples, key in ((FEW, "few"), (DEFAULT, "default")):
        runs = [measure(NEW, load_searches(), examples=examples, seed=seed) for seed in SEEDS]
        for name in sorted(load_searches()):
            most = runs[0][name]
            for run in runs[1:]:
                most = most.at_least(run[name])
            found.setdefault(name, {})[key] = most
            print(name, examples, [run[name].requests for run in runs], file=sys.stderr, flush=True)  # noqa: T201
    return found


if __name__ == "__main__":
    lines = [
        "# What each story and search asks of a conforming target: written by `python -m tests.bench.costs`."
    ]
    for name, costs in measured().items():
        lines += [f'["{name}"]', *(f"{key} = {cost.as_toml()}" for key, cost in costs.items())]
    Path(COSTS).write_text("\n".join(lines) + "\n", encoding="utf-8")
