"""One run, from settings to result: what both doors share."""

from __future__ import annotations

import time
import zoneinfo
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from conformance.client.calls.guarded import BILLABLE
from conformance.client.excerpt import excerpt
from conformance.client.ownership.ledger import EMBEDDED
from conformance.client.target import Target
from conformance.config.footprint import LARGER
from conformance.config.settings import Settings
from conformance.contract import clock
from conformance.contract.catalogue import REVISIONS, Catalogue, Requirement, load_catalogue
from conformance.contract.mode import Mode, scope_of
from conformance.contract.timeline import Remark, Timeline, reported_size
from conformance.contract.verdict import (
    Blame,
    Finding,
    Level,
    NotApplicableError,
    NotJudgedError,
    Outcome,
    Verdict,
)
from conformance.redaction.known_secrets import redactor_of
from conformance.report.latency import NO_LATENCY, Latency, latency_of
from conformance.report.result import Judged, RunResult, Traffic
from conformance.run.verdicts.acceptance import standings_of
from conformance.run.verdicts.replayed import replayed
from conformance.run.verdicts.root_causes import Causes
from conformance.suite.engine.preflight import Preflight
from conformance.suite.engine.runner import ALONE, Runner
from conformance.suite.exploration.registry import load_searches
from conformance.vendors import load_profile
from conformance.vendors.loading import profile_document

if TYPE_CHECKING:
    from conformance.reference import ReferenceSettings, Service

INSECURE = (
    "TLS CERTIFICATES WERE NOT VERIFIED (--insecure): anybody in between could have answered in the target's "
    "place and has seen the token"
)
EVIDENCE_EXCHANGES = 24
MOST_EVIDENCE = 5 * 1024 * 1024
"""Bytes that the timelines of one process may take in a report."""
SEEDED = 60
"""Deployments that the embedded server holds where the run may not make any."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What one process knows of the run when it is over; plain values that travel between processes."""

    revision: str
    revision_reason: str
    run_id: str
    traffic: Traffic
    notices: tuple[str, ...]
    ended_by: str = ""
    latency: Latency = NO_LATENCY


NOTHING_ASKED = RunFacts("unknown", "nothing was asked", "", Traffic(), ())


class Session:
    """The run of one process: its target, its stories, and how judgements of them become verdicts.

    Nothing is sent before `runner` is told to start, or asked for evidence.
    """

    _evidence_left = MOST_EVIDENCE

    def __init__(self, settings: Settings, share: Collection[str] | None = None) -> None:
        self._exit = ExitStack()
        if settings.base_url is None:
            settings, base_url = self._embed(settings)
        else:
            base_url = settings.base_url
        self.settings = settings
        self.target = Target(
            settings, load_profile(settings.profile), base_url=base_url, embedded=settings.base_url is None
        )
        searches = load_searches() if settings.mode is Mode.FULL else {}
        self.runner = Runner(self.target, searches, share)
        clock.heed(self.target.manners.clock)

    def _embed(self, settings: Settings) -> tuple[Settings, str]:
        """Start the reference server and let its accounts stand for everything the user did not name."""
        from conformance.reference import ReferenceServer

        server = self._exit.enter_context(ReferenceServer(*_embedded(settings)))
        if settings.read_only:
            server.seed(count=SEEDED)
        tokens: dict[str, Any] = {"token": server.tokens[0], "second_token": server.tokens[1]}
        offered: dict[str, Any] = {
            "archived_agent_id": server.archived_agent_id,
            "archived_environment_id": server.archived_environment_id,
        }
        missing = {name: value for name, value in offered.items() if not getattr(settings, name)}
        return replace(settings, **tokens, **missing), server.base_url

    def check_applicable(self, requirement: Requirement) -> None:
        """Raise NotApplicableError when a requirement does not bind this run; the message says what would."""
        if requirement.unbound:
            raise NotApplicableError(requirement.unbound)
        scope = scope_of(self.settings.mode)
        if scope and (reason := scope.left_out(requirement.id, lent_schedule=self.runner.lent_schedule)):
            raise NotApplicableError(reason)
        if requirement.tier not in self.settings.tier:
            raise NotApplicableError(f"judged with --tier {requirement.tier}")
        if self.settings.reach.musts and requirement.level is Level.OBSERVE:
            raise NotApplicableError(LARGER)
        preflight = self.runner.preflight
        if not preflight.blocked and preflight.revision not in requirement.revisions:
            raise NotApplicableError(f"revision {preflight.revision} does not promise it")
        for need in requirement.needs:
            if not self._found(need, preflight):
                raise NotApplicableError(f"judged with --{need}")

    def _found(self, need: str, preflight: Preflight) -> bool:
        return self.settings.provides(need) or bool(getattr(preflight.known, need.replace("-", "_"), None))

    def trace(self, selected: Collection[str]) -> None:
        """Begin to look for what many judgements trip over; `selected` are the ids of all that are judged."""
        catalogue = load_catalogue(self.settings.profile)

        def judges(requirement_id: str) -> bool:
            try:
                self.check_applicable(catalogue[requirement_id])
            except NotApplicableError:
                return False
            return requirement_id in selected

        target = self.target
        self._causes = Causes(
            target.base_url,
            exchanges=target.exchanges,
            judges=judges,
            catalogue=catalogue,
            shapes=target.shapes,
            kinds=target.profile.error_types,
            told=self.runner.told,
            accepted=self.settings.open_promises,
        )

    def traced(self, requirement: Requirement, error: BaseException | None) -> BaseException | None:
        """Return what ended a judgement, or an error that names what it follows from, if another tells that.

        Where the run ends before that is known, the NotJudgedError says so.
        """
        try:
            return self._causes.traced(requirement, error)
        except NotJudgedError as ended:
            return ended

    def kept(self, search_id: str, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return the findings that follow from no other cause; raises as `Causes.kept` does."""
        return self._causes.kept(search_id, findings)

    def reviewed(self, verdict: Verdict, *, about_all: bool, culprits: Collection[int] = ()) -> Verdict:
        """Return a verdict as it stands.

        `about_all`: it is about every answer of the run. `culprits` are the exchanges that show it broken.
        """
        _ = about_all, culprits
        return verdict

    def evidence(self, stories: Sequence[str], culprits: Sequence[int]) -> Timeline:
        """Return the timeline behind a verdict: of the exchanges of its stories those that tell most."""
        names = {*stories, *(name + ALONE for name in stories)}
        marked = frozenset(culprits)
        exchanges = [e for e in self.target.exchanges() if e.story in names or e.number in marked]
        return self._fitting(excerpt(exchanges, marked, EVIDENCE_EXCHANGES))

    def _fitting(self, timeline: Timeline) -> Timeline:
        """Return evidence while all of the run fits into its reports, then what says that it does not."""
        size = reported_size(timeline)
        if size > self._evidence_left:
            return (Remark(f"left out: the evidence of this run takes more than {MOST_EVIDENCE} bytes"),)
        self._evidence_left -= size
        return timeline

    def finish(self) -> RunFacts:
        """Clean up on the target and return what this process knows of the run."""
        redact = self.target.redactor.text
        left = tuple(map(redact, self.runner.finish()))
        creations = self.runner.creations
        traffic = Traffic(self.target.requests, creations.created, creations.removed, left, creations.runs)
        self.target.close()
        self._exit.close()
        preflight = self.runner.flown
        if preflight is None:
            return NOTHING_ASKED
        notices = [str(error) for error in (preflight.blocked or preflight.no_creation,) if error]
        notices += [*self.runner.loan_notices(), *creations.disowned, *self._of_runs(creations.runs)]
        notices += filter(None, [self.runner.riches.notice()])
        manners = self.target.manners
        if manners.ended_by and not manners.signal:
            notices.append(f"{manners.ended_by} was reached: what was not sent by then is not judged")
        notices += [manners.breaker.cause] * bool(manners.breaker.cause)
        return RunFacts(
            preflight.revision,
            preflight.revision_reason,
            self.target.run_id,
            traffic,
            (*map(redact, notices), *left),
            manners.ended_by,
            self._latency(),
        )

    def _latency(self) -> Latency:
        return latency_of(exchange.seconds for exchange in self.target.exchanges() if not exchange.failure)

    def _of_runs(self, count: int) -> list[str]:
        """Return a line about runs that a target accepted although no tier allows to start any."""
        if not count or BILLABLE in self.settings.tier:
            return []
        runs = f"{count} run{'s' * (count > 1)}"
        return [f"the target accepted {runs} of what it should have refused: it may bill that work"]


@dataclass
class Collector:
    """Gathers verdicts and facts from all processes of a run and makes the one result of them."""

    settings: Settings
    reminders: list[str] = field(default_factory=list)
    selected: list[str] = field(default_factory=list)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    facts: list[RunFacts] = field(default_factory=list)
    internal_errors: list[str] = field(default_factory=list)
    stopped_by: str = ""
    started: float = field(default_factory=time.monotonic)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def redact(self, text: str) -> str:
        """Return a text without the secrets of the run."""
        return redactor_of(self.settings.tokens).text(text)

    def result(self) -> RunResult:
        """Return the frozen result; a selected requirement without a verdict was not judged."""
        catalogue, redact = load_catalogue(self.settings.profile), self.redact
        selected = dict.fromkeys([*self.selected, *self.verdicts])
        ended_by = self.stopped_by or next((facts.ended_by for facts in self.facts if facts.ended_by), "")
        rows = [
            Judged(catalogue[name], self.verdicts.get(name) or _unreached(name, self.stopped_by))
            for name in selected
        ]
        searches = [row for row in rows if row.requirement.id in catalogue.searches]
        judged = _with_findings(
            [row for row in rows if row.requirement.id in catalogue.requirements], searches, catalogue
        )
        known = next((facts for facts in self.facts if facts.run_id), NOTHING_ASKED)
        reported = (notice for facts in self.facts for notice in facts.notices)
        insecure = [INSECURE] if self.settings.insecure and self.settings.base_url else []
        notices = dict.fromkeys([*insecure, *self.reminders, *reported])
        if self.settings.replay:
            notices[replayed(self.settings.replay, self.verdicts)] = None
        if not self.selected and not self.internal_errors:
            notices["no requirement was selected"] = None
        if self.settings.shard:
            notices["shard {} of {}: the others judge the rest".format(*self.settings.shard)] = None
        if self.stopped_by:
            notices[f"the run was stopped by {self.stopped_by}: the rest is not judged"] = None
        return RunResult(
            target=redact(self.settings.base_url or EMBEDDED),
            profile=load_profile(self.settings.profile).name,
            revision=known.revision,
            revision_reason=known.revision_reason,
            tiers=self.settings.tier,
            mode=self.settings.mode,
            deployment_id=self.settings.deployment_id and redact(self.settings.deployment_id),
            strict=self.settings.strict,
            seed=self.settings.seed,
            run_id=known.run_id,
            started_at=self.started_at.isoformat(timespec="seconds"),
            seconds=time.monotonic() - self.started,
            traffic=sum((facts.traffic for facts in self.facts), Traffic()),
            judged=judged,
            searches=searches,
            notices=tuple(map(redact, notices)),
            certificates_verified=not insecure,
            ended_by=ended_by,
            standings=standings_of(self.settings, (row.verdict for row in (*judged, *searches))),
            internal_error=redact("\n".join([*self.internal_errors, *_own_failures([*judged, *searches])])),
            versions=_versions(),
            latency=sum((facts.latency for facts in self.facts), NO_LATENCY),
        )


def _unreached(name: str, stopped_by: str) -> Verdict:
    how = "was stopped" if stopped_by else "ended"
    return Verdict(name, Outcome.NOT_JUDGED, Blame.HARNESS, message=f"the run {how} before it was reached")


SEVERITY = (Outcome.FAIL, Outcome.WARN)


def _with_findings(
    judged: Sequence[Judged], searches: Sequence[Judged], catalogue: Catalogue
) -> list[Judged]:
    """Return the requirements with the worst verdict that either their own judgement or a search found."""
    rows = {row.requirement.id: row for row in judged}
    for search in searches:
        for finding in search.verdict.findings:
            requirement = catalogue[finding.requirement]
            known = rows.get(requirement.id)
            shown = known and known.verdict.outcome in SEVERITY and known.verdict.evidence
            if requirement.level is Level.OBSERVE or shown:
                continue
            rows[requirement.id] = Judged(requirement, _verdict_of(finding, requirement, search.verdict))
    return list(rows.values())


def _verdict_of(finding: Finding, requirement: Requirement, search: Verdict) -> Verdict:
    return Verdict(
        requirement.id,
        Outcome.FAIL if requirement.level is Level.MUST else Outcome.WARN,
        message=f"expected {finding.expected}; got {finding.got}",
        because=f"found by {search.requirement}",
        expected=finding.expected,
        got=finding.got,
        evidence=finding.steps,
        reproduce=search.reproduce,
    )


def _own_failures(judged: Iterable[Judged]) -> list[str]:
    failures = [row.verdict for row in judged if row.verdict.suite_failed]
    return [f"{verdict.requirement}: {verdict.message}" for verdict in failures]


def _embedded(settings: Settings) -> tuple[type[Service], ReferenceSettings]:
    """Return the service that speaks the profile: the plain one its own editions, else one shaped by it."""
    from conformance.reference import NEW, ProfileData, ReferenceSettings, Service, shaped_as

    if not set(load_profile(settings.profile).editions.names) <= set(REVISIONS):
        return shaped_as(ProfileData.of(profile_document(settings.profile)))
    revision = NEW if settings.revision == "auto" else settings.revision
    return Service, ReferenceSettings(revision=revision)


def _versions() -> Mapping[str, str]:
    # zoneinfo prefers the system's database to the package's, so the package's version alone says little.
    zones = {"zoneinfo": ":".join(zoneinfo.TZPATH)}
    return {name: version(name) for name in ("pytest", "h11", "httpcore", "jsonschema", "tzdata")} | zones
