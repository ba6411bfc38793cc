"""Measures what stories and searches ask of the reference server, for `conformance run --plan`.

`python -m tests.bench.costs` records those that the record lacks; with names it measures those anew, with
`all` every one (about ten minutes: the slowest stories watch a schedule fire).
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import reduce
from unittest.mock import patch

from conformance.client.answers import created_id
from conformance.client.api import Api
from conformance.client.exchange import Exchange
from conformance.client.target import Target
from conformance.config.footprint import FOOTPRINTS
from conformance.config.settings import Settings
from conformance.contract.areas import TIERS
from conformance.contract.catalogue import load_catalogue
from conformance.planning.costs import COSTS, TOGETHER, USUAL, Cost, part_of, recorded
from conformance.planning.plan import PREFLIGHT, Selected, needed_by_musts
from conformance.reference import (
    NEW,
    OLD,
    ProfileData,
    ReferenceServer,
    ReferenceSettings,
    Service,
    shaped_as,
)
from conformance.run.selection import optional_of
from conformance.suite.engine.registry import Story, load_stories
from conformance.suite.engine.runner import Runner
from conformance.suite.exploration.registry import load_searches
from conformance.vendors import load_profile, shipped
from conformance.vendors.loading import profile_document
from tests.proof.engine import collect

QUICK = tuple(tier for tier in TIERS if tier != "time")
SEEDS = (1, 2, 3)
USUAL_PROFILE = "qoder"
SMALLEST = next(word for word, reach in FOOTPRINTS.items() if reach.musts)


class _Waits(threading.Event):
    """Adds up, for each story, how long its thread was told to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.story = threading.local()
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds[getattr(self.story, "name", "")] += timeout or 0.0
        return super().wait(timeout)


def measure(revision: str, names: Iterable[str], *, tiers: tuple[str, ...] = QUICK, footprint: str = USUAL,
            seed: int = 1, profile: str = USUAL_PROFILE) -> dict[str, Cost]:  # fmt: skip
    """Tell stories and searches to a reference server that offers all they need; return the cost of each."""
    own = ReferenceSettings(revision=revision)
    served = (
        (Service, own) if profile == USUAL_PROFILE else shaped_as(ProfileData.of(profile_document(profile)))
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        ReferenceServer(*served) as server,
    ):
        settings = Settings(
            profile=profile, token=server.tokens[0], second_token=server.tokens[1], report_dir=folder, tier=tiers, footprint=footprint, seed=seed, oversize_body=True,
            archived_agent_id=server.archived_agent_id, archived_environment_id=server.archived_environment_id,
        )  # fmt: skip
        target = Target(settings, load_profile(profile), base_url=server.base_url, embedded=True)
        waits = target.manners.stopped = target.stopped = _Waits()
        runner = Runner(target, load_searches())
        runner.stories = {name: _timed(story, waits) for name, story in runner.stories.items()}
        names = [*names]
        runner.start(names)
        for name in names:
            with suppress(Exception):
                runner.evidence(name)
        runner.finish()
        target.close()
        by_story: defaultdict[str, list[Exchange]] = defaultdict(list)
        for exchange in target.exchanges():
            by_story[exchange.story].append(exchange)
        return {
            name: _cost(by_story[name], waits.seconds[name]) for name in (PREFLIGHT, *names) if by_story[name]
        }


def _timed(story: Story, waits: _Waits) -> Story:
    def collect(api: object) -> object:
        waits.story.name = story.name
        return story.collect(api)  # type: ignore[arg-type]  # an Api, passed on

    return replace(story, collect=collect)


def _cost(exchanges: list[Exchange], waits: float) -> Cost:
    methods = Counter(exchange.method for exchange in exchanges)
    made = {
        created_id(one) for one in exchanges if one.method == "POST" and one.path.endswith("/deployments")
    } - {None}
    gone = {one.path.split("/")[-2] for one in exchanges if one.path.endswith("/archive") and one.succeeded}
    return Cost(
        get=methods["GET"], post=methods["POST"], other=methods.total() - methods["GET"] - methods["POST"],
        created=len(made), left=len(made - gone), waits=round(waits, 1),
    )  # fmt: skip


def measured(names: Collection[str]) -> dict[str, dict[str, Cost]]:
    """Return the costs of some stories, and those of some searches by footprint, each run alone."""
    known = load_stories()
    stories: dict[str, Cost] = {}
    for revision in (OLD, NEW):
        quick = [name for name in names if name in known and known[name].tier != "time"]
        for name, cost in measure(revision, quick).items():
            stories[name] = cost.at_least(stories.get(name, cost))
    slow = [name for name in names if name in known and name not in stories]
    stories |= measure(NEW, slow, tiers=TIERS) if slow else {}
    for profile in shipped():  # what only other vendors promise
        left = [name for name in slow if name not in stories]
        if left and profile != USUAL_PROFILE:
            stories = measure(NEW, left, profile=profile) | stories
    found: dict[str, dict[str, Cost]] = {name: {"cost": cost} for name, cost in stories.items()}
    for name, cost in _handed_on().items():
        if name in found and cost != found[name]["cost"]:
            found[name][SMALLEST] = cost
    reaches = [word for word, reach in FOOTPRINTS.items() if reach.searches]
    for name in names:
        if name in load_searches():
            found[name] = {word: _alone(name, word) for word in reaches}
        elif name == TOGETHER:
            found[name] = {word: _together(word) for word in reaches}
    return found | _parts(names)


def _parts(names: Collection[str]) -> dict[str, dict[str, Cost]]:
    """Return by how much less stories cost without each of their parts."""
    found = {}
    for name, story in load_stories().items():
        for part, readers in story.parts.items():
            if (row := part_of(name, part)) in names:
                whole, less = (_without(name, left_out) for left_out in (frozenset(), frozenset(readers)))
                found[row] = {"cost": replace(whole.less(less), waits=0.0)}
    return found


def _without(story: str, left_out: frozenset[str]) -> Cost:
    with patch.object(Api, "wants", lambda _, *asked: frozenset(asked) != left_out):
        return measure(NEW, [story])[story]


def _handed_on() -> dict[str, Cost]:
    """Return what stories cost by the smallest footprint, where one goes on with what another leaves."""
    catalogue = load_catalogue(USUAL_PROFILE)
    rows = ((catalogue[one.requirement.id], one) for one in collect())
    core = [
        Selected(row, one.stories, optional=optional_of(one.needs))
        for row, one in rows
        if not row.unbound and row.tier == "core"
    ]
    return measure(NEW, sorted(needed_by_musts(core)), footprint=SMALLEST)


def _alone(search: str, footprint: str) -> Cost:
    """Return the most that a search costs; those of larger footprints differ less with the seed."""
    seeds = SEEDS if footprint == USUAL else SEEDS[:1]
    runs = [measure(NEW, [search], footprint=footprint, seed=seed)[search] for seed in seeds]
    return reduce(Cost.at_least, runs)


def _together(footprint: str) -> Cost:
    """Return what all searches create where one goes on with what another created."""
    costs = measure(NEW, load_searches(), footprint=footprint)
    return Cost(created=sum(cost.created for cost in costs.values()))


def record(names: Collection[str]) -> None:
    """Measure some stories and searches and put them into the record; what is no more is dropped from it."""
    costs = {**recorded(), **measured(names)}
    lines = [
        "# What each story and search asks of a conforming target; `python -m tests.bench.costs` adds to it."
    ]
    for name in sorted(costs.keys() & everything()):
        parts = ", ".join(f"{key} = {cost.as_toml()}" for key, cost in costs[name].items())
        lines.append(f'"{name}" = {{ {parts} }}')
    COSTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def everything() -> frozenset[str]:
    """Return the names of all that a run can tell."""
    parts = (part_of(name, part) for name, story in load_stories().items() for part in story.parts)
    return frozenset((PREFLIGHT, TOGETHER, *load_stories(), *parts, *load_searches()))


if __name__ == "__main__":
    chosen = sys.argv[1:] or sorted(everything() - recorded().keys())
    record(sorted(everything()) if chosen == ["all"] else chosen)
