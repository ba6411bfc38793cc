"""What is judged to prove the suite: faulty and odd servers, and what one run said of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from conformance.contract.areas import DEFAULT_TIERS
from conformance.contract.catalogue import DEFAULT_PROFILE
from conformance.reference import ReferenceServer, ScaledClock
from tests.faults.catalogue import Fault, load_faults
from tests.proof.profiles import server_of
from tests.twins.catalogue import Twin, twin_named

Kind = Literal["fault", "twin"]


@dataclass(frozen=True)
class Case:
    """One server to judge: plain values, since it travels to a worker.

    `tiers` and `only` as for `--tier` and `--only`; without tiers those that the fault says, for a twin those
    that judge by default. `stories`, if any, are all that are told. It speaks as `profile`, in an edition of it
    that `revision` names.
    """

    kind: Kind
    id: str
    revision: str
    seed: int = 0
    tiers: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()
    profile: str = DEFAULT_PROFILE

    def __post_init__(self) -> None:
        if not self.tiers:
            subject = self.subject
            tiers = subject.tiers if isinstance(subject, Fault) else DEFAULT_TIERS
            object.__setattr__(self, "tiers", tiers)

    @property
    def subject(self) -> Fault | Twin:
        return load_faults()[self.id] if self.kind == "fault" else twin_named(self.id)

    def server(self) -> ReferenceServer:
        """Return the server, not yet started."""
        subject = self.subject
        clock = subject.clock() if isinstance(subject, Twin) else ScaledClock(subject.time_scale)
        server = server_of(subject.service, self.profile, self.revision, clock)
        if isinstance(subject, Twin) and subject.foreign:
            server.seed(count=subject.foreign)
        return server


@dataclass(frozen=True)
class Outcome:
    """What one run said: verdicts by requirement, a line for each that was broken or not judged."""

    case: Case
    exit_code: int
    verdicts: Mapping[str, str]
    messages: Mapping[str, str]
    requests: int
    seconds: float
    internal_error: str = ""

    def broken(self) -> set[str]:
        """The ids of requirements that failed or were warned of."""
        return self.with_verdict("fail", "warn")

    def with_verdict(self, *wanted: str) -> set[str]:
        return {name for name, verdict in self.verdicts.items() if verdict in wanted}
