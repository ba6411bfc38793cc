"""A saved run in the place of a target: its stories are told by what was recorded, and nothing is sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

import pytest

from conformance.client.exchange import Exchange
from conformance.client.ownership.ledger import EMBEDDED
from conformance.client.target import Target
from conformance.config.settings import Settings
from conformance.contract.comparing import field
from conformance.contract.shapes import Shapes
from conformance.contract.verdict import Blame, NotApplicableError, NotJudgedError, Outcome, Verdict
from conformance.evidence import Evidence, Part
from conformance.redaction.redactor import FINGERPRINT, Redactor
from conformance.report.result import RunResult, Traffic
from conformance.run.given import SETTINGS
from conformance.run.session import RunFacts, Session
from conformance.suite.engine.preflight import Preflight
from conformance.suite.engine.runner import AFTERWARDS, ALONE, Runner, poorer
from conformance.vendors import load_profile

BROKEN = (Outcome.FAIL, Outcome.WARN)
MASKED_EVIDENCE = "the saved evidence is masked where it would show a broken promise; the run saw it kept"


class RecordedTarget(Target):
    """A target of which only the exchanges are left."""

    def __init__(self, evidence: Evidence) -> None:
        settings = evidence.settings
        self.settings = settings
        self.profile = load_profile(settings.profile)
        self.shapes = Shapes(self.profile)
        self.base_url = settings.base_url or EMBEDDED
        self.run_id = evidence.parts[0].run_id
        self.redactor = Redactor()
        self._recorded = tuple(exchange for part in evidence.parts for exchange in part.exchanges)

    def exchanges(self, story: str | None = None) -> tuple[Exchange, ...]:
        """Return the exchanges of one story or of all."""
        return tuple(exchange for exchange in self._recorded if story in (None, exchange.story))

    def stop(self, signal: str) -> None:
        """Do nothing: nothing is sent."""


class RecordedRunner(Runner):
    """Yields what the stories of a saved run yielded."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self.culprits = set()
        flown = [part.preflight for part in evidence.parts]
        self._found = next((preflight for preflight in flown if not preflight.blocked), flown[0])

    @property
    def preflight(self) -> Preflight:
        """What the first requests found: in the first part of the run that could be judged."""
        return self._found

    @property
    def lent_schedule(self) -> bool:
        """Whether a lent deployment has a schedule; true where none is lent."""
        lent = self._found.lent
        return lent is None or isinstance(field(lent.json, "schedule"), dict)

    def start(self, names: Iterable[str]) -> None:
        """Do nothing: all is told."""

    def evidence(self, name: str) -> object:
        """Return what the story `name` yielded; raises what it raised, NotApplicableError if untold."""
        parts = [part.stories[name] for part in self._evidence.parts if name in part.stories]
        if not parts:
            raise self._not_collected(name)
        yielded = next((part for part in parts if not isinstance(part, Exception)), parts[0])
        if isinstance(yielded, Exception):
            raise yielded
        return yielded

    def is_rich(self, name: str) -> bool:
        """Tell whether the run told a story with plain values as well."""
        return any(poorer(name) in part.stories for part in self._evidence.parts)

    def collected_with(self, name: str, *fields: str) -> object:
        """Return what a story yielded when only some fields were rich; raises as `evidence` does."""
        return self.evidence(poorer(name, *fields))

    def _not_collected(self, name: str) -> Exception:
        if self._evidence.missing:
            return NotJudgedError(Blame.HARNESS, _missing(self._evidence))
        if self._evidence.interrupted:
            return NotJudgedError(Blame.HARNESS, f"the run was interrupted before the story {name} was told")
        return NotApplicableError(f"the saved run did not tell the story {name}")

    def everything(self) -> tuple[Exchange, ...]:
        """Return every exchange by which promises about every answer were judged."""
        return tuple(exchange for part in self._evidence.parts for exchange in _undisturbed(part))

    def newest(self) -> tuple[Exchange, ...]:
        """Return every list of the newest deployments that the run made.

        Raises NotJudgedError when it made none.
        """
        listed = [e for part in self._evidence.parts for e in part.exchanges if e.story == AFTERWARDS]
        if not listed:
            raise NotJudgedError(Blame.HARNESS, "the saved run did not list the newest deployments")
        return tuple(listed)


def _undisturbed(part: Part) -> tuple[Exchange, ...]:
    """Return what promises about every answer were judged by; of what was told again, the last alone."""
    if part.undisturbed is not None:
        return part.undisturbed
    again = {e.story.removesuffix(ALONE) for e in part.exchanges if e.story.endswith(ALONE)}
    return tuple(exchange for exchange in part.exchanges if exchange.story not in again)


def _missing(evidence: Evidence) -> str:
    names = ", ".join(evidence.missing)
    return (
        f"shard {names} of the run is missing"
        if len(evidence.missing) == 1
        else f"shards {names} are missing"
    )


class RecordedSession(Session):
    """The session of a saved run: judgements read what was recorded, and its end changes nothing."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self.settings = evidence.settings
        self.target = RecordedTarget(evidence)
        self.runner = RecordedRunner(evidence)

    def reviewed(self, verdict: Verdict, *, about_all: bool, culprits: Collection[int] = ()) -> Verdict:
        """Return a verdict; what is about every answer is not known to hold while a shard is missing.

        Nor is a promise broken that the run saw kept, if what shows it broken is no more what was received.
        """
        if verdict.outcome in BROKEN and self._was_kept(verdict.requirement) and self._masked(culprits):
            return Verdict(verdict.requirement, Outcome.NOT_JUDGED, Blame.HARNESS, MASKED_EVIDENCE)
        kept = verdict.outcome in (Outcome.PASS, Outcome.OBSERVED)
        if about_all and kept and self._evidence.missing:
            reason = _missing(self._evidence)
            return Verdict(verdict.requirement, Outcome.NOT_JUDGED, Blame.HARNESS, reason)
        return verdict

    def _was_kept(self, requirement: str) -> bool:
        then = self._evidence.verdicts.get(requirement)
        return then is not None and then.outcome not in BROKEN

    def _masked(self, numbers: Collection[int]) -> bool:
        """Tell whether a secret was masked in what judgements read of some exchanges."""
        read = ((e.url, e.json) for e in self.target.exchanges() if e.number in numbers)
        return any(FINGERPRINT.search(f"{url} {document}") for url, document in read)

    def finish(self) -> RunFacts:
        """Return what was known of the run when it was saved."""
        first = self.runner.preflight
        notices = dict.fromkeys(notice for part in self._evidence.parts for notice in part.notices)
        return RunFacts(
            first.revision,
            first.revision_reason,
            self._evidence.parts[0].run_id,
            sum((part.traffic for part in self._evidence.parts), Traffic()),
            tuple(notices),
            next((part.ended_by for part in self._evidence.parts if part.ended_by), ""),
            self._latency(),
        )


class Saved:
    """A plugin object for one `pytest.main`: judges saved evidence instead of a target.

    `settings` are those of the saved run but for what is selected and where reports go.
    """

    def __init__(self, evidence: Evidence, settings: Settings, notices: tuple[str, ...] = ()) -> None:
        self.evidence = evidence
        self.settings = settings
        self._notices = notices

    def pytest_configure(self, config: pytest.Config) -> None:
        """Show the hooks that judge where evidence comes from."""
        config.stash[SAVED] = self
        config.stash[SETTINGS] = self.settings

    def session(self) -> RecordedSession:
        """Return a session that judges the evidence under today's settings."""
        return RecordedSession(replace(self.evidence, settings=self.settings))

    def with_changes(self, result: RunResult) -> RunResult:
        """Return a result with the times of the saved run and what has changed since."""
        saved = self.evidence
        return replace(
            result,
            started_at=saved.started_at,
            seconds=saved.seconds,
            notices=(*self._notices, *self._changes(result), *result.notices),
            internal_error="\n".join(filter(None, (saved.internal_error, result.internal_error))),
        )

    def _changes(self, result: RunResult) -> list[str]:
        then = self.evidence.verdicts
        rows = [row for row in (*result.judged, *result.searches) if row.requirement.id in then]
        changed = [change for row in rows if (change := _change(then[row.requirement.id], row.verdict))]
        return changed or [f"none of {len(rows)} verdicts changed"]


def _change(was: Verdict, now: Verdict) -> str:
    if was.outcome is now.outcome or now.because:  # a search found it, then as now: nothing is tried again
        return ""
    return f"{now.requirement}: {was.outcome} → {now.outcome}"


SAVED = pytest.StashKey[Saved]()
