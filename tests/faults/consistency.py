"""Faults of reads that are stale by turns, and of answers about something else."""

from __future__ import annotations

from conformance.reference import Call, Deployment, Document, Service
from tests.faults.catalogue import fault
from tests.faults.histories import Counting, Remembering

CURRENT = "get.follows-changes"
ASKED = "object.answers-are-about-what-was-asked"


class _StaleByTurns(Remembering, Counting):
    """Shows the state before the last change in some of the reads that follow it."""

    def get(self, call: Call) -> Document:
        record = self.find(call)
        states = self.states(record)
        turn = self.times(call, f"reads of state {len(states)}")
        if len(states) > 1 and self.is_stale(turn, states[-2], record):
            return self.render_deployment(states[-2])
        return super().get(call)

    def is_stale(self, turn: int, before: Deployment, record: Deployment) -> bool:
        """Return whether this read of a state, the first being 1, shows the one before."""
        return turn == 1


@fault(breaks=CURRENT, hides="sequence", shown_by=("archive_twice",))
class TheFirstReadIsStale(_StaleByTurns):
    """The first read after any change shows what was there before."""


@fault(breaks=CURRENT, hides="sequence", shown_by=("unpause_twice", "pause_cycle", "lifecycle"))
class TheFirstReadAfterAPauseIsStale(_StaleByTurns):
    """The first read after a pause shows the deployment active."""

    def is_stale(self, turn: int, before: Deployment, record: Deployment) -> bool:
        return turn == 1 and [before.status, record.status] == ["active", "paused"]


@fault(breaks=CURRENT, hides="sequence", shown_by=("pause_cycle", "unpause_twice", "lifecycle"))
class TheFirstReadAfterAnUnpauseIsStale(_StaleByTurns):
    """The first read after an unpause shows the deployment paused."""

    def is_stale(self, turn: int, before: Deployment, record: Deployment) -> bool:
        return turn == 1 and [before.status, record.status] == ["paused", "active"]


@fault(breaks=CURRENT, hides="sequence", shown_by=("archive_paused", "archive_twice", "lifecycle"))
class TheFirstReadAfterAnArchiveIsStale(_StaleByTurns):
    """The first read after an archive shows the deployment as it was."""

    def is_stale(self, turn: int, before: Deployment, record: Deployment) -> bool:
        return turn == 1 and before.archived_at is None and record.archived_at is not None


@fault(breaks=CURRENT, hides="sequence", shown_by=("archive_twice",))
class EverySecondReadIsStale(_StaleByTurns):
    """Of the reads after a change every second one shows what was there before."""

    def is_stale(self, turn: int, before: Deployment, record: Deployment) -> bool:
        return turn % 2 == 0


@fault(breaks=CURRENT, hides="sequence", shown_by=("archive_twice",))
class TheThirdReadIsStale(_StaleByTurns):
    """The third read after a change shows what was there before, once."""

    def is_stale(self, turn: int, before: Deployment, record: Deployment) -> bool:
        return turn == 3


# --- answers about something else ------------------------------------------------------------------------


@fault(breaks=ASKED, hides="race", shown_by=("neighbour",))
class APauseIsAnsweredWithItsNamesake(Service):
    """A pause is answered with another deployment, whose name is the beginning of its name."""

    def pause(self, call: Call) -> Document:
        document = super().pause(call)
        name = self.find(call).name
        for record in call.tenant.deployments.values():
            if name.startswith(f"{record.name}-"):
                return self.render_deployment(record)
        return document


@fault(breaks=ASKED, hides="race", shown_by=("neighbour",))
class AnUpdateIsAnsweredWithItsNamesake(Service):
    """An update is answered with another deployment, whose name goes on where its name ends."""

    def update(self, call: Call) -> Document:
        document = super().update(call)
        name = self.find(call).name
        for record in call.tenant.deployments.values():
            if record.name.startswith(f"{name}-"):
                return self.render_deployment(record)
        return document


@fault(
    breaks=ASKED, also=("runs.is-found",), hides="race", tiers=("core", "billable"), shown_by=("manual_runs",)
)
class ARunReadsAsThatOfAnother(Service):
    """A run that is read under its deployment says that it is of another one."""

    def get_run(self, call: Call) -> Document:
        document = super().get_run(call)
        return document | {"deployment_id": self.new_id("dep")}
