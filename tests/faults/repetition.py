"""Faults that show the second or third time: of a refusal, of a cycle, after an update in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from conformance.reference import ApiError, Call, Deployment, Document, Service
from conformance.reference.errors import conflict
from conformance.reference.runs import MANUAL
from tests.faults.catalogue import fault
from tests.faults.histories import Counting, Remembering

# --- the second refusal ----------------------------------------------------------------------------------


@fault(breaks="pause.second-is-conflict", hides="sequence")
class TheThirdPauseIsFine(Counting):
    """A second pause is refused, a third one answers 200."""

    def pause(self, call: Call) -> Document:
        try:
            return super().pause(call)
        except ApiError:
            if self.find(call).status == "paused" and self.times(call) > 1:
                return self.get(call)
            raise


@fault(breaks="pause.second-is-conflict", also=("errors.type-matches-status",), hides="sequence")
class TheThirdPauseIsRefusedOtherwise(Counting):
    """The second refusal of a pause has the type of a bad request."""

    def pause(self, call: Call) -> Document:
        try:
            return super().pause(call)
        except ApiError as error:
            if error.status == 409 and self.times(call) > 1:
                raise ApiError(409, "invalid_request_error", "Not again.") from None
            raise


@fault(breaks="pause.refused-changes-nothing", hides="sequence")
class TheThirdPauseUnpauses(Counting):
    """The second refusal of a pause makes the deployment active."""

    def pause(self, call: Call) -> Document:
        try:
            return super().pause(call)
        except ApiError:
            record = self.find(call)
            if record.status == "paused" and record.archived_at is None and self.times(call) > 1:
                self.keep(self.apply_unpause(record))
            raise


@fault(breaks="pause.refused-changes-nothing", hides="sequence")
class TheThirdPauseTouches(Counting):
    """The second refusal of a pause moves updated_at."""

    def pause(self, call: Call) -> Document:
        try:
            return super().pause(call)
        except ApiError as error:
            if error.status == 409 and self.times(call) > 1:
                self.keep(self.touch(self.find(call)))
            raise


@fault(breaks="unpause.active-is-conflict", hides="sequence")
class TheThirdUnpauseIsFine(Counting):
    """An unpause of what is active is refused once, then it answers 200."""

    def unpause(self, call: Call) -> Document:
        try:
            return super().unpause(call)
        except ApiError:
            record = self.find(call)
            if record.status == "active" and record.archived_at is None and self.times(call) > 1:
                return self.get(call)
            raise


@fault(breaks="unpause.refused-changes-nothing", hides="sequence")
class TheThirdUnpausePauses(Counting):
    """The second refusal of an unpause makes the deployment paused."""

    def unpause(self, call: Call) -> Document:
        try:
            return super().unpause(call)
        except ApiError:
            record = self.find(call)
            if record.status == "active" and record.archived_at is None and self.times(call) > 1:
                self.keep(self.apply_pause(record))
            raise


@fault(breaks="archive.second-is-conflict", hides="sequence")
class TheThirdArchiveIsFine(Counting):
    """A second archive is refused, a third one answers 200."""

    def archive(self, call: Call) -> Document:
        try:
            return super().archive(call)
        except ApiError:
            if self.find(call).archived_at is not None and self.times(call) > 1:
                return self.get(call)
            raise


@fault(breaks="archive.refused-changes-nothing", hides="sequence")
class TheThirdArchiveMovesItsTime(Counting):
    """The second refusal of an archive moves archived_at."""

    def archive(self, call: Call) -> Document:
        try:
            return super().archive(call)
        except ApiError as error:
            if error.status == 409 and self.times(call) > 1:
                record = self.find(call)
                self.keep(replace(record, archived_at=self.instant() + timedelta(minutes=1)))
            raise


# --- after an update in between --------------------------------------------------------------------------


@fault(breaks="pause.second-is-conflict", hides="sequence")
class AnUpdateAllowsAnotherPause(Remembering):
    """A paused deployment that was updated can be paused again."""

    def check_not_paused(self, record: Deployment) -> None:
        if record.status == "paused" and self.states(record)[-2].status == "paused":
            return
        super().check_not_paused(record)


@fault(breaks="unpause.active-is-conflict", hides="sequence")
class AnUpdateAllowsAnotherUnpause(Remembering):
    """An active deployment that was paused before and then updated can be unpaused again."""

    def check_paused(self, record: Deployment) -> None:
        states = self.states(record)
        updated = [one.status for one in states[-2:]] == ["active", "active"]
        if updated and any(one.status == "paused" for one in states):
            return
        super().check_paused(record)


@fault(breaks="pause.refused-changes-nothing", hides="sequence")
class ARefusedPauseUndoesAnUpdate(Remembering):
    """A refused pause takes back the update that came before it."""

    def pause(self, call: Call) -> Document:
        try:
            return super().pause(call)
        except ApiError:
            record = self.find(call)
            paused = [one for one in self.states(record) if one.status == record.status == "paused"]
            others = [one.description for one in paused if one.description != record.description]
            if others:
                self.keep(replace(record, description=others[-1]))
            raise


@fault(breaks="unpause.refused-changes-nothing", hides="sequence")
class ARefusedUnpauseUndoesAnUpdate(Remembering):
    """A refused unpause takes back the new name that came before it."""

    def unpause(self, call: Call) -> Document:
        try:
            return super().unpause(call)
        except ApiError:
            record = self.find(call)
            states = self.states(record)
            if record.archived_at is None and len(states) > 1 and states[-2].status == "active":
                self.keep(replace(record, name=states[-2].name))
            raise


# --- each cycle loses a little ---------------------------------------------------------------------------


@fault(breaks="pause.cycle-repeats", hides="sequence")
class EachUnpauseLosesAnEvent(Service):
    """An unpause drops the last event, as long as there are several."""

    def apply_unpause(self, record: Deployment) -> Deployment:
        events = record.initial_events
        return replace(super().apply_unpause(record), initial_events=events[:-1] or events)


@fault(breaks="pause.cycle-repeats", hides="sequence")
class TheSecondUnpauseLosesAKey(Counting):
    """From its second time on an unpause drops a metadata key."""

    def unpause(self, call: Call) -> Document:
        document = super().unpause(call)
        if self.times(call) == 1:
            return document
        record = self.find(call)
        kept = [key for key in record.metadata if key != "cas_config"][1:]
        self.keep(replace(record, metadata={key: record.metadata[key] for key in kept}))
        return self.get(call)


@fault(breaks="pause.cycle-repeats", hides="sequence")
class TheSecondPauseHasNoReason(Counting):
    """From its second time on a pause gives no reason."""

    def pause(self, call: Call) -> Document:
        document = super().pause(call)
        if self.times(call) > 1:
            self.keep(replace(self.find(call), paused_reason=None))
            document = self.get(call)
        return document


@fault(breaks="pause.cycle-repeats", also=("object.matches-schema",), hides="sequence")
class TheSecondUnpauseKeepsTheReason(Counting):
    """From its second time on an unpause leaves the reason of the pause."""

    def unpause(self, call: Call) -> Document:
        reason = self.find(call).paused_reason
        super().unpause(call)
        if self.times(call) > 1:
            self.keep(replace(self.find(call), paused_reason=reason))
        return self.get(call)


@fault(breaks="pause.cycle-repeats", hides="sequence")
class EachUnpauseListsOneRunFewer(Counting):
    """After each unpause one upcoming run fewer is listed."""

    def unpause(self, call: Call) -> Document:
        super().unpause(call)
        self.times(call)
        return self.get(call)

    def upcoming(self, record: Deployment) -> Sequence[datetime]:
        listed = tuple(super().upcoming(record))
        return listed[: max(1, len(listed) - self._asked["unpause", record.id])]


@fault(breaks="pause.cycle-repeats", hides="sequence")
class APauseAfterAnUnpauseIsRefused(Remembering):
    """A deployment can be paused a second time only when it was updated in between."""

    def check_not_paused(self, record: Deployment) -> None:
        if [one.status for one in self.states(record)[-2:]] == ["paused", "active"]:
            raise conflict("The deployment was paused a moment ago.")
        super().check_not_paused(record)


@fault(breaks="update.empty-name-is-400", also=("errors.refused-changes-nothing",), hides="sequence")
class TheSecondEmptyNameIsTaken(Counting):
    """An empty name is refused once; when an update sends it again, it is stored."""

    def update(self, call: Call) -> Document:
        if call.body.get("name") == "" and self.times(call, "empty name") > 1:
            self.keep(replace(self.find(call), name=""))
            return self.get(call)
        return super().update(call)


@fault(breaks="archive.second-is-conflict", hides="sequence")
class ARefusedUpdateAllowsAnotherArchive(Counting):
    """An archived deployment can be archived again once an update of it was refused."""

    def update(self, call: Call) -> Document:
        if self.find(call).archived_at is not None:
            self.times(call)
        return super().update(call)

    def archive(self, call: Call) -> Document:
        record = self.find(call)
        if record.archived_at is not None and self._asked["update", record.id]:
            return self.get(call)
        return super().archive(call)


@fault(breaks="pause.second-is-conflict", hides="sequence")
class ALaterTurnAllowsASecondPause(Counting):
    """In its third turn a deployment can be paused twice."""

    def pause(self, call: Call) -> Document:
        record = self.find(call)
        if record.status == "paused" and self._asked["unpause", record.id] > 1:
            return self.get(call)
        return super().pause(call)

    def unpause(self, call: Call) -> Document:
        document = super().unpause(call)
        self.times(call)
        return document


@fault(breaks="runs.paused-is-conflict", hides="sequence", tiers=("billable",))
class TheSecondRunOfThePausedIsFine(Counting):
    """A run of a paused deployment is refused once, then it answers 200 with a run that is kept nowhere."""

    def run(self, call: Call) -> Document:
        try:
            return super().run(call)
        except ApiError:
            record = self.find(call)
            if record.status == "paused" and self.times(call) > 1:
                return self.render_run(self.new_run(record, MANUAL, self.now()))
            raise
