"""One cause is one accusation: what merely follows from a missing route or field is not judged.

A target without GET /deployments/{id} breaks one promise, though dozens of judgements read deployments; one
that never shows `archived_at` breaks the promise of the schema. The requirement that names the cause keeps
the accusation, and all others say which cause kept them from being judged.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain

from conformance.client.exchange import Exchange
from conformance.contract.areas import FOLLOW_UP, SEARCH_AREA
from conformance.contract.catalogue import Catalogue, Requirement
from conformance.contract.shapes import Shapes
from conformance.contract.verdict import (
    Blame,
    BrokenPromiseError,
    Finding,
    Level,
    NotApplicableError,
    NotJudgedError,
)
from conformance.run.verdicts.cause import Cause, Finder, Trouble
from conformance.run.verdicts.ignored_requests import ignored
from conformance.run.verdicts.missing_fields import never_shown
from conformance.run.verdicts.missing_routes import missing, otherwise_successful
from conformance.run.verdicts.other_errors import mistyped, replaced
from conformance.run.verdicts.other_shapes import never_as_documented, no_objects
from conformance.run.verdicts.other_ways import otherwise_done

FINDERS: tuple[Finder, ...] = (
    missing, never_shown, no_objects, never_as_documented, otherwise_successful, replaced, mistyped, ignored,
    otherwise_done,
)  # fmt: skip


class Causes:
    """Tells, of the broken promises of one run, those that follow from a cause that is told already.

    `exchanges` returns what was sent so far, `told` waits until all stories are collected and returns what
    was sent then, `judges` tells whether the run judges a requirement of the catalogue. `kinds` are the
    documented types of errors by status.
    `accepted` are requirements whose deviation is accepted: what follows from one is not applicable.
    """

    def __init__(
        self,
        base_url: str,
        *,
        exchanges: Callable[[], Sequence[Exchange]],
        judges: Callable[[str], bool],
        catalogue: Catalogue,
        shapes: Shapes,
        kinds: Mapping[int, str],
        told: Callable[[], Sequence[Exchange]],
        accepted: Collection[str] = (),
    ) -> None:
        self._catalogue = catalogue
        self._shapes = shapes
        self._kinds = kinds
        self._told = told
        self._base_url = base_url
        self._exchanges = exchanges
        self._judges = judges
        self._accepted = accepted
        self._owners: dict[Cause, dict[Level, str]] = {}
        self._accuser = ""

    def traced(self, requirement: Requirement, error: BaseException | None) -> BaseException | None:
        """Return what ended a judgement, or an error that names the cause and who tells of it.

        It is a NotJudgedError, or a NotApplicableError where that one is accepted.
        """
        if not isinstance(error, BrokenPromiseError):
            return error
        cause = self._cause(requirement, error)
        owner = self._owner(cause, requirement) if cause else requirement.id
        if cause is None or owner == requirement.id:
            self._record_broken(requirement)
            return error
        if owner in self._accepted:
            return NotApplicableError(f"{cause.text}: the accepted deviation of {owner}", owner)
        return NotJudgedError(Blame.PRECONDITION, f"{cause.text}, which {owner} tells", owner)

    def _record_broken(self, requirement: Requirement) -> None:
        """Note that a promise is seen broken, unless that deviation is accepted or advice."""
        counts = requirement.id not in self._accepted and not requirement.advisory
        if counts and requirement.area != SEARCH_AREA and requirement.level is not Level.OBSERVE:
            self._accuser = self._accuser or requirement.id

    def kept(self, search_id: str, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return the findings of a search but for those that follow from a cause told elsewhere.

        Raises what `traced` returns for the first of those when that leaves none, and NotApplicableError for
        the search that looks for what nothing else saw, where something was seen: most findings follow it.
        """
        if search_id == FOLLOW_UP and self._accuser:
            why = f"judged where no other promise is broken: {self._accuser} is"
            raise NotApplicableError(why, self._accuser)
        kept, traced = list[Finding](), list[BaseException]()
        for finding in findings:
            error = BrokenPromiseError(
                finding.expected, finding.got, tuple(finding.culprits), finding.at, finding.statuses
            )
            ended = self.traced(self._catalogue[finding.requirement], error)
            if isinstance(ended, NotJudgedError | NotApplicableError):
                traced.append(ended)
            else:
                kept.append(finding)
        if traced and not kept:
            raise traced[0]
        return tuple(kept)

    def _owner(self, cause: Cause, requirement: Requirement) -> str:
        owner = next(filter(self._judges, cause.owners), None)
        if owner is None:  # then it is the first that comes upon it, and the first MUST
            owners = self._owners.setdefault(cause, {})
            owner = owners.get(Level.MUST) or owners.setdefault(requirement.level, requirement.id)
        return owner

    def _cause(self, requirement: Requirement, error: BrokenPromiseError) -> Cause | None:
        trouble = Trouble(
            requirement=requirement.id,
            error=error,
            base_url=self._base_url,
            shapes=self._shapes,
            kinds=self._kinds,
            named=self._owners.keys(),
            sent=self._exchanges,
            told=self._told,
        )
        return next(chain.from_iterable(finder(trouble) for finder in FINDERS), None)
