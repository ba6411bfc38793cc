"""Which stories and searches each of N processes tells, so that together they are one run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.suite.engine.registry import Story

COST = {"race": 50, "property": 80, "core": 8, "time": 400, "billable": 20}
"""About how many requests a story or search of a tier sends, heaviest tiers of a default run first."""


@dataclass(frozen=True)
class Share:
    """The stories and searches that one shard tells; `first` is the shard that judges what reads none."""

    stories: frozenset[str]
    first: bool

    def judges(self, read: Collection[str], *, about_all: bool) -> bool:
        """Tell whether the shard judges what reads these stories; each judges what is about all answers."""
        return about_all or (self.stories.issuperset(read) if read else self.first)


def share_of(
    shard: tuple[int, int], stories: Mapping[str, Story], read_together: Iterable[Sequence[str]]
) -> Share:
    """Return what shard I of N, counted from 1, tells.

    Stories that one requirement reads, as `read_together` tells of each, are told by one shard. The same
    names give the same shares, in whatever order they come and whatever a run selects; each share costs about
    the same, in a default run and in one of all tiers.
    """
    index, count = shard
    shares: list[set[str]] = [set() for _ in range(count)]
    loads = [0] * count
    groups = _groups(stories, read_together)
    tiers = [*COST]
    for group in sorted(groups, key=lambda names: (_rank(names, stories, tiers), -len(names), min(names))):
        lightest = loads.index(min(loads))
        shares[lightest] |= group
        loads[lightest] += sum(COST[stories[name].tier] for name in group)
    return Share(frozenset(shares[index - 1]), first=index == 1)


def _rank(names: Iterable[str], stories: Mapping[str, Story], tiers: Sequence[str]) -> int:
    return min(tiers.index(stories[name].tier) for name in names)


def _groups(names: Iterable[str], read_together: Iterable[Sequence[str]]) -> Collection[frozenset[str]]:
    """Return the names in groups, so that what is read together is in one."""
    group = {name: frozenset([name]) for name in names}
    for read in read_together:
        joined = frozenset[str]().union(*(group[name] for name in read))
        group |= dict.fromkeys(joined, joined)
    return frozenset(group.values())
