"""The plan of a run: what it would ask of its target, what it would judge and what not, how long it takes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.client.traffic.limits import rate_of
from conformance.config.footprint import (
    COMPARED_CREATED,
    COMPARED_REQUESTS,
    LARGER,
    REPEATED_CREATED,
    REPEATED_REQUESTS,
    SEARCHED_TIERS,
)
from conformance.config.settings import Settings
from conformance.contract.areas import FOLLOW_UP, SEARCH_AREA
from conformance.contract.catalogue import Requirement, load_catalogue
from conformance.contract.verdict import Level
from conformance.planning.costs import Cost, cost_of, lacking, part_of, recorded, reused, usual
from conformance.suite.engine.registry import Story, load_stories
from conformance.suite.exploration.registry import load_searches
from conformance.vendors import load_profile

SLOW_ANSWER = 1.0
"""Seconds that an answer takes in the worst case that a plan tells of."""
PREFLIGHT = "preflight"
MARGIN = 1.1
"""What the most that a run asks is to the requests that are expected: searches differ with the seed."""
SEARCHES_APART = 2
"""How many searches may use up what each may ask to take apart what it found."""
SPARE = 10
"""Requests that even a short run may need more than is expected."""


@dataclass(frozen=True)
class Selected:
    """A selected test: its requirement or search, the stories that it reads, and whether it reads all.

    It does without the `optional` ones where they are not told. A `refusal` has
    requests of its own.
    """

    requirement: Requirement
    stories: tuple[str, ...]
    everything: bool = False
    newest: bool = False
    optional: tuple[str, ...] = ()
    refusal: bool = False

    @property
    def is_left_to_others(self) -> bool:
        """Whether it is not judged where every MUST is to be, and nothing is to be sent beside."""
        level = self.requirement.level
        return level is Level.OBSERVE or (self.refusal and level is not Level.MUST)

    @property
    def needed(self) -> frozenset[str]:
        """The stories without which it judges nothing."""
        return frozenset(self.stories).difference(self.optional)


def needed_by_musts(selected: Iterable[Selected]) -> frozenset[str]:
    """Return the stories without which some MUST could not be judged."""
    musts = (choice for choice in selected if choice.requirement.level is Level.MUST)
    return frozenset[str]().union(*(choice.needed for choice in musts))


@dataclass(frozen=True)
class Plan:
    """What a run would do: requests by kind (the clean-up is in it, `clean_up` of them), and what it judges.

    `wait` is the longest time that the story `waiting` waits, `seconds` what the run takes if each answer
    takes `SLOW_ANSWER`. `left_out` has the ids that are not judged, by reason. `spare` are the requests and
    deployments that are left for finding out what exactly is wrong, where something is.
    """

    revision: str
    tiers: tuple[str, ...]
    rate: float | None
    spare: tuple[int, int]
    get: int
    post: int
    other: int
    clean_up: int
    created: int
    wait: float
    waiting: str
    seconds: float
    judged: tuple[str, ...]
    searches: tuple[str, ...]
    left_out: Mapping[str, Sequence[str]]

    @property
    def requests(self) -> int:
        """How many requests are expected."""
        return self.get + self.post + self.other

    @property
    def ceiling(self) -> tuple[int, int]:
        """The requests and deployments that a run never exceeds, whatever the target does.

        Reads of one that lags behind what it was told are repeated: hence twice what is expected.
        """
        return 2 * self.most + self.spare[0], math.ceil(self.created * MARGIN) + self.spare[1]

    @property
    def most(self) -> int:
        """The `--max-requests` that such a run does not exceed on a conforming target."""
        return math.ceil(self.requests * MARGIN) + SPARE if self.requests else 0


def make_plan(settings: Settings, selected: Sequence[Selected]) -> Plan:
    """Return the plan of a run with these settings and tests; nothing is asked of the target."""
    newest = load_profile(settings.profile).editions.names[-1]
    revision = newest if settings.revision == "auto" else settings.revision
    judged: list[str] = []
    left_out: defaultdict[str, list[str]] = defaultdict(list)
    musts = needed_by_musts(selected)
    for choice in selected:
        why = _left_out(settings, revision, choice.requirement)
        if not why and settings.reach.musts and (choice.is_left_to_others or not choice.needed <= musts):
            why = LARGER
        (left_out[why] if why else judged).append(choice.requirement.id)
    by_story = _costs_by_story(settings, revision, selected) if judged else {}
    searches = {choice.requirement.id for choice in selected if choice.requirement.area == SEARCH_AREA}
    alone = {name: usual(name, cost) for name, cost in by_story.items()}
    looks_at_all = {choice.requirement.id for choice in selected if choice.everything} | searches
    if looks_at_all.isdisjoint(judged):
        by_story, alone = (
            {name: _shortened(name, cost, judged) for name, cost in costs_of.items()}
            for costs_of in (by_story, alone)
        )
    costs = sum(by_story.values(), Cost()).plus(-1, reused(by_story, settings))
    costs += lacking(by_story, alone) if settings.reach.musts else Cost()
    total, clean_up = _with_clean_up(costs, settings, newest=any(choice.newest for choice in selected))
    waiting = max(by_story, key=lambda name: by_story[name].waits, default="")
    rate = rate_of(settings, settings.base_url) if settings.base_url else settings.rate
    return Plan(
        revision=revision, tiers=settings.tier, rate=rate, spare=_spare(settings, by_story),
        get=math.ceil(total.get), post=math.ceil(total.post), other=math.ceil(total.other),
        clean_up=clean_up, created=math.ceil(total.created),
        wait=by_story[waiting].waits if by_story else 0.0, waiting=waiting,
        seconds=_seconds(settings, rate, by_story.values(), total.requests),
        judged=tuple(name for name in judged if name not in searches),
        searches=tuple(name for name in judged if name in searches), left_out=dict(left_out),
    )  # fmt: skip


def _spare(settings: Settings, stories: Iterable[str]) -> tuple[int, int]:
    """Return what may be asked and created beyond the plan to find out what exactly is wrong."""
    searched = SEARCHES_APART * (not load_searches().keys().isdisjoint(stories))
    return (
        REPEATED_REQUESTS + COMPARED_REQUESTS + searched * settings.reach.spare_requests,
        REPEATED_CREATED + COMPARED_CREATED + searched * settings.reach.spare_created,
    )


def _left_out(settings: Settings, revision: str, requirement: Requirement) -> str:
    if requirement.unbound:
        return requirement.unbound
    if requirement.tier not in settings.tier:
        return f"judged with --tier {requirement.tier}"
    if revision not in requirement.revisions:
        return f"revision {revision} does not promise it"
    if requirement.tier in SEARCHED_TIERS and not settings.reach.searches:
        return LARGER
    missing = [need for need in requirement.needs if not _provided(settings, need)]
    return f"judged with --{missing[0]}" if missing else ""


def _provided(settings: Settings, need: str) -> bool:
    """Tell whether a need is met, or may be: the embedded server has all, an account may."""
    may_be_there = need.startswith("archived-") or (settings.base_url is None and need == "second-token-env")
    return settings.provides(need) or may_be_there


def _costs_by_story(settings: Settings, revision: str, selected: Iterable[Selected]) -> dict[str, Cost]:
    """Return the costs of the stories and searches that are told, and of what comes before them."""
    known = {**load_stories(), **load_searches()}
    chosen = [
        choice
        for choice in selected
        if choice.requirement.tier in settings.tier and not choice.requirement.unbound
    ]
    names = dict.fromkeys(name for choice in chosen for name in choice.stories)
    if settings.reach.musts:
        names = dict.fromkeys(sorted(needed_by_musts(chosen)))
    alone = any(choice.everything for choice in chosen) and names.keys() <= load_searches().keys()
    if alone or names.keys() == {FOLLOW_UP}:
        names |= dict.fromkeys(load_stories())
    collected = [name for name in names if _is_collected(settings, revision, known[name])]
    return {name: cost_of(name, settings) for name in (PREFLIGHT, *collected)}


def _shortened(name: str, cost: Cost, judged: Collection[str]) -> Cost:
    """Return what a story costs without the parts that no judged requirement reads."""
    known = load_stories().get(name)
    for part, readers in known.parts.items() if known else ():
        if not set(readers) & set(judged):
            cost = cost.less(recorded().get(part_of(name, part), {}).get("cost", Cost()))
    return cost


def _is_collected(settings: Settings, revision: str, story: Story) -> bool:
    in_tier = story.tier == "core" or story.tier in settings.tier
    in_tier &= settings.reach.searches or story.tier not in SEARCHED_TIERS
    catalogue = load_catalogue(settings.profile)
    fits = not story.promises or any(catalogue.speaks_of(promise, revision) for promise in story.promises)
    return in_tier and fits and all(_provided(settings, need) for need in story.needs)


def _with_clean_up(total: Cost, settings: Settings, *, newest: bool) -> tuple[Cost, int]:
    """Return all costs with the lists and archives at the end, and how many those are."""
    if not total.requests:
        return total, 0
    largest = load_profile(settings.profile).lists.largest_page
    pages, left = 1 + int(total.created // largest), math.ceil(total.left)
    clean_up = Cost(get=pages, post=left)
    return total + clean_up + (Cost(get=pages) if newest else Cost()), pages + left


def _seconds(settings: Settings, rate: float | None, costs: Iterable[Cost], requests: float) -> float:
    """Return what a run takes if each answer takes `SLOW_ANSWER`; never less than its longest story."""
    each = max(SLOW_ANSWER / settings.concurrency, 1 / rate if rate else 0.0)
    longest = max((cost.requests * max(SLOW_ANSWER, each) + cost.waits for cost in costs), default=0.0)
    return max(requests * each, longest)
