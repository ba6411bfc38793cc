"""Every story that a judgement here reads, as a conforming target lets it be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from conformance.stories.archive import ArchivePaused, ArchiveTwice
from conformance.stories.neighbour import Bystander, Neighbours
from conformance.stories.pause import PauseBodies, PauseCycle, PauseManualOnly, PauseTwice
from conformance.stories.unpause import UnpauseTwice
from conformance.target.api import Created
from tests.suite.written import ARCHIVED, DEPLOYMENT, ID, NAME, PAUSED, deployment, error, page

ACTIONS = ("pause", "unpause", "update", "archive")


def created() -> Created:
    """Return a deployment that was made."""
    return Created(ID, NAME, deployment())


def pause_twice() -> PauseTwice:
    return PauseTwice(
        created=created(),
        before=deployment(),
        first=deployment(**PAUSED),
        after_first=deployment(**PAUSED),
        listed_paused=page({**DEPLOYMENT, **PAUSED}),
        listed_active=page(),
        second=error(),
        after_second=deployment(**PAUSED),
    )


def pause_manual_only() -> PauseManualOnly:
    paused, active = deployment(schedule=None, **PAUSED), deployment(schedule=None)
    return PauseManualOnly(paused, paused, active, active)


def pause_bodies() -> PauseBodies:
    return PauseBodies(*[deployment(**PAUSED)] * 4)


def pause_cycle() -> PauseCycle:
    turn = deployment(**PAUSED), deployment()
    return PauseCycle(deployment(), (turn,) * 3, *turn)


def unpause_twice() -> UnpauseTwice:
    return UnpauseTwice(
        created(), deployment(**PAUSED), deployment(), deployment(), error(), after_second=deployment()
    )


def neighbour() -> Neighbours:
    active, paused = deployment(), deployment(**PAUSED)
    return Neighbours(
        Bystander(active, dict.fromkeys(ACTIONS, active)), Bystander(paused, dict.fromkeys(ACTIONS, paused))
    )


def archive_twice() -> ArchiveTwice:
    archived = deployment(**ARCHIVED)
    return ArchiveTwice(
        created=created(),
        first=archived,
        after_first=archived,
        hiding={"": page(), "status=active": page()},
        listed=page({**DEPLOYMENT, **ARCHIVED}),
        second=error(),
        after_second=archived,
        runs=page(),
        same_name=deployment(id="dep_another"),
        probes={},
        after_probes=archived,
    )


def archive_paused() -> ArchivePaused:
    archived = deployment(**ARCHIVED, **PAUSED)
    return ArchivePaused(created(), page(), archived, archived)


CONFORMING: Final[Mapping[str, Callable[[], object]]] = {
    story.__name__: story
    for story in (
        pause_twice, pause_manual_only, pause_bodies, pause_cycle, unpause_twice, neighbour, archive_twice,
        archive_paused,
    )
}  # fmt: skip
"""Stories by the name of their fixture."""
