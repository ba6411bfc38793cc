"""One run, from settings to result: what both doors share."""

from __future__ import annotations

import shlex
import time
import zoneinfo
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.catalogue import SEARCH_AREA, Requirement, load_catalogue
from conformance.contract.failure import FOLDER, case_of, file_name
from conformance.contract.mode import Mode, scope_of
from conformance.contract.profile import load_profile
from conformance.contract.verdict import Blame, Finding, Level, NotApplicableError, Outcome, Verdict
from conformance.exploration.registry import load_searches
from conformance.report.result import Judged, RunResult, Traffic
from conformance.stories.preflight import Preflight
from conformance.stories.runner import ALONE, Runner
from conformance.target._memory import give_back_large_blocks
from conformance.target.exchange import timeline
from conformance.target.ledger import EMBEDDED
from conformance.target.settings import TOKEN_VARIABLES, Settings
from conformance.target.target import Target

OBSERVATION = pytest.StashKey[str]()
FINDINGS = pytest.StashKey[tuple[Finding, ...]]()
INSECURE = (
    "TLS CERTIFICATES WERE NOT VERIFIED (--insecure): anybody in between could have answered in the target's "
    "place and has seen the token"
)
EVIDENCE_EXCHANGES = 24
SEEDED = 60
"""Deployments that the embedded server holds where the run may not make any."""
SUITE_FAILED = "the suite itself failed"


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What one process knows of the run when it is over; plain values that travel between processes."""

    revision: str
    revision_reason: str
    run_id: str
    traffic: Traffic
    notices: tuple[str, ...]
    ended_by: str = ""


NOTHING_ASKED = RunFacts("unknown", "nothing was asked", "", Traffic(), ())


class Session:
    """The run of one process: its target, its stories, and how judgements of them become verdicts.

    Nothing is sent before `runner` is told to start, or asked for evidence.
    """

    def __init__(self, settings: Settings, share: Collection[str] | None = None) -> None:
        give_back_large_blocks()
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

    def _embed(self, settings: Settings) -> tuple[Settings, str]:
        """Start the reference server and let its accounts stand for everything the user did not name."""
        from conformance.reference import NEW, ReferenceServer
        from conformance.reference import Settings as ReferenceSettings

        revision = NEW if settings.revision == "auto" else settings.revision
        server = self._exit.enter_context(ReferenceServer(settings=ReferenceSettings(revision=revision)))
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
        scope = scope_of(self.settings.mode)
        if scope and (reason := scope.left_out(requirement.id, lent_schedule=self.runner.lent_schedule)):
            raise NotApplicableError(reason)
        if requirement.tier not in self.settings.tier:
            raise NotApplicableError(f"judged with --tier {requirement.tier}")
        if self.settings.profile not in requirement.profiles:
            raise NotApplicableError(f"the profile {self.settings.profile} does not promise it")
        preflight = self.runner.preflight
        if not preflight.blocked and preflight.revision not in requirement.revisions:
            raise NotApplicableError(f"revision {preflight.revision} does not promise it")
        for need in requirement.needs:
            if not self._found(need, preflight):
                raise NotApplicableError(f"judged with --{need}")

    def _found(self, need: str, preflight: Preflight) -> bool:
        return self.settings.provides(need) or bool(getattr(preflight.known, need.replace("-", "_"), None))

    def reviewed(self, verdict: Verdict, *, about_all: bool) -> Verdict:
        """Return a verdict as it stands; `about_all`: it is about every answer of the run."""
        _ = about_all
        return verdict

    def evidence(self, stories: Sequence[str], culprits: Sequence[int]) -> str:
        """Return the timeline behind a verdict: the exchanges of its stories, or those near the culprits."""
        told = {*stories, *(name + ALONE for name in stories)}
        exchanges = [e for e in self.target.exchanges() if e.story in told or e.number in culprits]
        if len(exchanges) > EVIDENCE_EXCHANGES:
            places = [index for index, exchange in enumerate(exchanges) if exchange.number in culprits]
            near = {near for place in places for near in range(place - 3, place + 2)}
            exchanges = [e for index, e in enumerate(exchanges) if index in near][:EVIDENCE_EXCHANGES]
        return timeline(exchanges, culprits)

    def reproduce(self, requirement: Requirement, findings: Sequence[Finding] = ()) -> str:
        """Return the command that judges one requirement alone; of a search, what it found is tried first."""
        mine, default = self.settings, Settings()
        names = ["base_url", "profile", "revision", "rate", "agent_id", "environment_id", "deployment_id"]
        names += ["seed", "examples"] if requirement.area == SEARCH_AREA else []
        options = {
            name: getattr(mine, name) for name in names if getattr(mine, name) != getattr(default, name)
        }
        if mine.token_variable not in TOKEN_VARIABLES:
            options["token_env"] = mine.token_variable
        if mine.second_token_variable and ("second-token-env" in requirement.needs or findings):
            options["second_token_env"] = mine.second_token_variable
        words = [f"--{name.replace('_', '-')} {shlex.quote(str(value))}" for name, value in options.items()]
        words += ["--read-only"] if mine.read_only else []
        words += [f"--tier {requirement.tier}"] if requirement.tier not in default.tier else []
        saved = [
            f"{FOLDER}/{file_name(requirement.id, f.requirement)}" for f in findings if case_of(f) is not None
        ]
        words += ["--insecure"] if mine.insecure else []
        words += [f"--replay {shlex.quote(str(Path(mine.report_dir) / name))}" for name in saved]
        return " ".join(["conformance run", *words, f"--only {requirement.id}"])

    def finish(self) -> RunFacts:
        """Clean up on the target and return what this process knows of the run."""
        left = self.runner.finish()
        creations = self.runner.creations
        traffic = Traffic(self.target.requests, creations.created, creations.removed, left)
        self.target.close()
        self._exit.close()
        preflight = self.runner.flown
        if preflight is None:
            return NOTHING_ASKED
        notices = [str(error) for error in (preflight.blocked or preflight.no_creation,) if error]
        notices += self.runner.told_of_loan()
        manners = self.target.manners
        if manners.ended_by and not manners.signal:
            notices.append(f"{manners.ended_by} was reached: what was not sent by then is not judged")
        notices += [manners.breaker.cause] * bool(manners.breaker.cause)
        return RunFacts(
            preflight.revision,
            preflight.revision_reason,
            self.target.run_id,
            traffic,
            (*notices, *left),
            manners.ended_by,
        )


SESSION = pytest.StashKey[Session]()


def running(config: pytest.Config) -> Session:
    """Return the session of this process."""
    return config.stash[SESSION]


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

    def result(self) -> RunResult:
        """Return the frozen result; a selected requirement without a verdict was not judged."""
        catalogue = load_catalogue()
        selected = dict.fromkeys([*self.selected, *self.verdicts])
        ended_by = self.stopped_by or next((facts.ended_by for facts in self.facts if facts.ended_by), "")
        rows = [
            Judged(catalogue[name], self.verdicts.get(name) or _unreached(name, self.stopped_by))
            for name in selected
        ]
        searches = [row for row in rows if row.requirement.id in catalogue.searches]
        judged = _with_findings(
            [row for row in rows if row.requirement.id in catalogue.requirements], searches
        )
        known = next((facts for facts in self.facts if facts.run_id), NOTHING_ASKED)
        told = (notice for facts in self.facts for notice in facts.notices)
        insecure = [INSECURE] if self.settings.insecure and self.settings.base_url else []
        notices = dict.fromkeys([*insecure, *self.reminders, *told])
        if not self.selected and not self.internal_errors:
            notices["no requirement was selected"] = None
        if self.settings.shard:
            notices["shard {} of {}: the others judge the rest".format(*self.settings.shard)] = None
        if self.stopped_by:
            notices[f"the run was stopped by {self.stopped_by}: the rest is not judged"] = None
        return RunResult(
            target=self.settings.base_url or EMBEDDED,
            profile=self.settings.profile,
            revision=known.revision,
            revision_reason=known.revision_reason,
            tiers=self.settings.tier,
            mode=self.settings.mode,
            deployment_id=self.settings.deployment_id,
            strict=self.settings.strict,
            seed=self.settings.seed,
            run_id=known.run_id,
            started_at=self.started_at.isoformat(timespec="seconds"),
            seconds=time.monotonic() - self.started,
            traffic=sum((facts.traffic for facts in self.facts), Traffic()),
            judged=judged,
            searches=searches,
            notices=tuple(notices),
            certificates_verified=not insecure,
            ended_by=ended_by,
            internal_error="\n".join([*self.internal_errors, *_own_failures([*judged, *searches])]),
            versions=_versions(),
        )


def _unreached(name: str, stopped_by: str) -> Verdict:
    how = "was stopped" if stopped_by else "ended"
    return Verdict(name, Outcome.NOT_JUDGED, Blame.HARNESS, message=f"the run {how} before it was reached")


SEVERITY = (Outcome.FAIL, Outcome.WARN)


def _with_findings(judged: Sequence[Judged], searches: Sequence[Judged]) -> list[Judged]:
    """Return the requirements with the worst verdict that either their own judgement or a search found."""
    catalogue = load_catalogue()
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
        message=f"expected {finding.expected}; got {finding.got}; found by {search.requirement}",
        expected=finding.expected,
        got=finding.got,
        evidence=finding.steps,
        reproduce=search.reproduce,
    )


def _own_failures(judged: Iterable[Judged]) -> list[str]:
    failures = [row.verdict for row in judged if row.verdict.message.startswith(SUITE_FAILED)]
    return [f"{verdict.requirement}: {verdict.message}" for verdict in failures]


def _versions() -> Mapping[str, str]:
    # zoneinfo prefers the system's database to the package's, so the package's version alone says little.
    zones = {"zoneinfo": ":".join(zoneinfo.TZPATH)}
    return {name: version(name) for name in ("pytest", "httpx", "jsonschema", "tzdata")} | zones
