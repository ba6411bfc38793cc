"""What a few answers say of whose API they are: for each profile, the marks that fit and those that do not.

A mark speaks for a profile, against it, or not at all, where the profile or the answers say nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from conformance.vendors.profile import Profile

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What was seen of a target.

    `listed` is the first page of deployments, None when nobody was let in. `let_in` says by the name of each
    profile whether its credentials were. `nested_runs` is the status of the runs below a deployment, None
    when there was none to ask for. `refusals` are statuses and bodies of errors, `headers` the names of all
    headers of answers, in small letters.
    """

    host: str
    let_in: Mapping[str, bool] = field(default_factory=dict)
    listed: Document | None = None
    refusals: Sequence[tuple[int, Document]] = ()
    nested_runs: int | None = None
    headers: frozenset[str] = frozenset()

    @property
    def deployments(self) -> Sequence[Document]:
        """The deployments that were listed."""
        data = (self.listed or {}).get("data")
        return [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []


@dataclass(frozen=True, slots=True)
class IdentityMark:
    """One mark of a profile that spoke: for it or against it, and what was seen."""

    name: str
    fits: bool
    seen: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """The marks of one profile that spoke."""

    profile: Profile
    marks: Sequence[IdentityMark]

    @property
    def against(self) -> int:
        """How many marks speak against it."""
        return sum(not mark.fits for mark in self.marks)

    @property
    def rank(self) -> tuple[int, int]:
        """What orders likenesses: the fewest marks against, then the most for."""
        return self.against, self.against - len(self.marks)


def likenesses(profiles: Sequence[Profile], sight: Sight) -> list[Likeness]:
    """Return how each profile fits what was seen, the nearest first."""
    others = frozenset(name for profile in profiles for name in profile.lists.envelope)
    found = [Likeness(profile, tuple(_marks(profile, sight, others))) for profile in profiles]
    return sorted(found, key=lambda candidate: candidate.rank)


def nearest(found: Sequence[Likeness]) -> list[Likeness]:
    """Return those that nothing tells apart from the nearest; none where no mark speaks for any."""
    spoke = [candidate for candidate in found if len(candidate.marks) > candidate.against]
    return [candidate for candidate in spoke if candidate.rank == spoke[0].rank]


def _marks(profile: Profile, sight: Sight, envelopes: frozenset[str]) -> Iterator[IdentityMark]:
    yield from _address(profile, sight)
    yield from _credentials(profile, sight)
    if sight.listed is not None:
        yield from _envelope(profile, sight.listed, envelopes)
    yield from _ids(profile, sight)
    yield from _fields(profile, sight)
    yield from _nesting(profile, sight)
    yield from _errors(profile, sight)
    if name := profile.request_id_header:
        there = name in sight.headers
        yield IdentityMark("request id", there, f"answers have {'' if there else 'no '}header {name}")


def _address(profile: Profile, sight: Sight) -> Iterator[IdentityMark]:
    """Yield that the host is the documented one; another may be a gateway, and says nothing."""
    documented = profile.base_url.partition("://")[2].partition("/")[0]
    pattern = "[^.]+".join(map(re.escape, re.split(r"\{\w+\}", documented)))
    if re.fullmatch(pattern, sight.host):
        yield IdentityMark("address", fits=True, seen=f"the host is {sight.host}")


def _credentials(profile: Profile, sight: Sight) -> Iterator[IdentityMark]:
    if any(sight.let_in.values()):
        taken = sight.let_in[profile.name]
        form = ", ".join((profile.credentials.header, *profile.credentials.headers))
        yield IdentityMark("credentials", taken, f"{form}: {'taken' if taken else 'refused'}")


def _envelope(profile: Profile, listed: Document, envelopes: frozenset[str]) -> Iterator[IdentityMark]:
    """Yield whether a list has the documented keys, and none that only another vendor documents."""
    own = frozenset(profile.lists.envelope)
    seen = envelopes & listed.keys()
    yield IdentityMark("list", seen == own, f"beside data: {', '.join(sorted(seen)) or 'nothing'}")


def _ids(profile: Profile, sight: Sight) -> Iterator[IdentityMark]:
    ids = [str(deployment["id"]) for deployment in sight.deployments if "id" in deployment]
    if ids:
        fits = all(map(profile.deployment_ids.fits, ids))
        yield IdentityMark("ids", fits, f"such as {ids[0]:.60}")


def _fields(profile: Profile, sight: Sight) -> Iterator[IdentityMark]:
    """Yield whether deployments have fields that are not documented; one that is missing may be optional."""
    if not sight.deployments:
        return
    known = profile.deployments.fields
    unknown = {name for deployment in sight.deployments for name in deployment if name not in known}
    for deployment in sight.deployments:
        if isinstance(deployment.get("schedule"), dict) and known.get("schedule"):
            unknown |= {
                f"schedule.{name}" for name in deployment["schedule"] if name not in known["schedule"]
            }
    said = f"not documented: {', '.join(sorted(unknown)):.200}" if unknown else "all are documented"
    yield IdentityMark("fields", not unknown, said)


def _nesting(profile: Profile, sight: Sight) -> Iterator[IdentityMark]:
    """Yield whether runs lie below their deployment as they do at Qoder, or are a filter on those of all."""
    if sight.nested_runs is not None:
        there = sight.nested_runs < HTTPStatus.NOT_FOUND
        wanted = profile.routes.get("runs-of-deployment", "") == "/deployments/{deployment}/runs"
        said = f"GET /deployments/ID/runs answers {sight.nested_runs}"
        yield IdentityMark("runs", there == wanted, said)


def _errors(profile: Profile, sight: Sight) -> Iterator[IdentityMark]:
    """Yield whether errors have the documented form, and the documented kind for their status."""
    for name, judge in (("error form", _has_form), ("error kind", _has_kind)):
        said = [spoken for refusal in sight.refusals if (spoken := judge(profile, *refusal)) is not None]
        if said:
            wrong = next((seen for fits, seen in said if not fits), "")
            yield IdentityMark(name, not wrong, wrong or said[0][1])


Spoken = tuple[bool, str] | None


def _has_form(profile: Profile, status: int, body: Document) -> Spoken:
    inner = body.get("error")
    if not profile.error_key:
        return None
    keys = ", ".join(sorted(map(str, inner))) if isinstance(inner, dict) else "none"
    return isinstance(inner, dict) and profile.error_key in inner, f"{status}: keys of error: {keys:.100}"


def _has_kind(profile: Profile, status: int, body: Document) -> Spoken:
    inner, wanted = body.get("error"), profile.error_types.get(status)
    kind = inner.get(profile.error_key) if isinstance(inner, dict) else None
    return None if wanted is None or kind is None else (kind == wanted, f"{status}: {kind!s:.60}")
