"""Which servers show what a profile promises: the faults and twins that are some as it is spoken, and why others are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from conformance.contract.catalogue import REVISIONS, Requirement, load_catalogue
from conformance.contract.verdict import Level
from conformance.reference import NEW, Clock, ProfileData, ReferenceServer, Service, shaped_as
from conformance.vendors import Profile, load_profile
from conformance.vendors.loading import profile_document
from tests.faults.catalogue import Fault, load_faults
from tests.proof.unfit import unfit
from tests.twins.catalogue import Twin, load_twins

SITUATIONS: Final[Mapping[str, str]] = {
    "archive.second-is-conflict": "archive-when-archived",
    "runs.paused-is-conflict": "run-when-paused",
}
"""Requirements whose title says the opposite where a profile allows the situation: so do their faults."""


def speaks_plainly(profile: str) -> bool:
    """Tell whether the reference server speaks the editions of a profile without being shaped by it."""
    return set(load_profile(profile).editions.names) <= set(REVISIONS)


def server_of(service: type[Service], profile: str, revision: str, clock: Clock) -> ReferenceServer:
    """Return a server, not yet started, that behaves as `service` and speaks as a profile."""
    data = ProfileData.of(profile_document(profile))
    if speaks_plainly(profile):
        _, settings = shaped_as(data, clock)
        return ReferenceServer(service, replace(settings, revision=revision))
    return ReferenceServer(*shaped_as(data, clock, service))


def promised(profile: str) -> list[Requirement]:
    """Return the requirements of a profile that can be broken, those judged on demand alone included."""
    return [row for row in load_catalogue(profile) if not row.unbound and row.level is not Level.OBSERVE]


def revisions_of(subject: Fault | Twin, profile: str) -> tuple[str, ...]:
    """Return the editions of a profile in which a server is judged that is some as it is spoken."""
    return subject.revisions if speaks_plainly(profile) else load_profile(profile).editions.names[-1:]


def chosen_of(profile: str) -> tuple[dict[str, Fault], dict[str, Twin]]:
    """Return the faults and twins that are some under a profile, by id."""
    out = left_out(profile)
    return (
        {name: fault for name, fault in load_faults().items() if name not in out},
        {name: twin for name, twin in load_twins().items() if name not in out},
    )


def left_out(profile: str) -> dict[str, str]:
    """Return the ids of faults and twins that are none under a profile, each with the reason."""
    names = frozenset(row.id for row in promised(profile))
    faults = ((fault.id, _no_fault(fault, profile, names)) for fault in load_faults().values())
    twins = ((twin.id, _no_twin(twin, profile)) for twin in load_twins().values())
    return {name: reason for name, reason in (*faults, *twins) if reason}


def _no_fault(fault: Fault, profile: str, names: frozenset[str]) -> str:
    """Return why a fault is none under a profile, empty for one that is."""
    row = load_catalogue(profile)[fault.breaks]
    if fault.breaks not in names:
        return f"{fault.breaks}: {row.unbound or 'the documents are silent'}"
    if speaks_plainly(profile):
        return "" if fault.revisions else "it shows in the servers of other vendors alone"
    if fault.revisions and NEW not in fault.revisions:
        return "it is one of an older edition alone"
    if fault.found_by and (unbound := load_catalogue(profile)[fault.found_by].unbound):
        return f"{fault.found_by}: {unbound}"
    allowed = _allows(load_profile(profile), SITUATIONS.get(fault.breaks, ""))
    if fault.breaks in SITUATIONS and allowed is bool(fault.revisions):
        return f"{fault.breaks}: the profile {'allows' if allowed else 'refuses'} it"
    return unfit(fault.id, load_profile(profile))


def _allows(profile: Profile, situation: str) -> bool:
    return profile.answers.get(situation, ("",))[0].startswith("2")


def _no_twin(twin: Twin, profile: str) -> str:
    if not speaks_plainly(profile) and NEW not in twin.revisions:
        return "it is odd in an older edition alone"
    return unfit(twin.id, load_profile(profile))
