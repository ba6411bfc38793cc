"""Ids that look right and name nothing, and ids of requests."""

from __future__ import annotations

import math
import re
import secrets
import uuid
from dataclasses import dataclass

from conformance.client.api import Api
from conformance.suite.shared.list_pages import ids
from conformance.vendors.ids import uuid7_hex

HEX = re.compile(r"[0-9a-f]{32}")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
WORDS = re.compile(r"(?:[A-Za-z]+[^0-9A-Za-z])*")
"""What stands before the part of an id that differs from one to the next."""
ROOM = 10**9
"""A suffix whose form allows for fewer others may well be one that exists: of a counter, say."""
DIGITS = 18
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@dataclass(frozen=True)
class Unknown:
    """An id of nothing; `well_formed` if it looks like those that exist, so that 404 alone is right (N78).

    How a malformed one is refused is open (N79).
    """

    id: str
    well_formed: bool


def unknown_id(api: Api) -> Unknown:
    """Return an id of no deployment in the form that they have on this target, which finds nothing to refuse.

    The documents call the suffix opaque. The run's first deployment shows its form.
    """
    return unknown_like(api.target.profile.deployment_ids.prefix, api.known.bystander or "")


def extreme_id(api: Api) -> str:
    """Return an id of the form that ids have on this target, with the highest digit everywhere.

    Where ids are counted it is longer than any: another one of that length may well exist.
    """
    prefix = api.target.profile.deployment_ids.prefix
    shown = (api.known.bystander or "").removeprefix(prefix)
    digit = "9" if shown.isdecimal() else "f"
    form = shown.rjust(DIGITS, "0") if shown.isdecimal() else shown if UUID.fullmatch(shown) else "0" * 32
    return prefix + re.sub(r"[0-9a-f]", digit, form)


def unknown_run(api: Api) -> Unknown:
    """Return an id of no run in the form that they have on this target.

    Where there is no run to show it, they are taken to have that of the samples if deployments have theirs;
    else that of deployments, and nobody knows.
    """
    profile = api.target.profile
    prefix = profile.run_ids.prefix
    shown = api.shared(
        "ids of runs", lambda: ids(api.all_runs({"limit": 1}, label="look what ids of runs are like"))
    )
    if shown:
        return unknown_like(prefix, shown[0])
    unknown = unknown_id(api)
    if profile.deployment_ids.fits(unknown.id):
        return Unknown(profile.run_ids.unknown(), unknown.well_formed)
    suffix = unknown.id.removeprefix(profile.deployment_ids.prefix)
    return Unknown(prefix + suffix, unknown.well_formed and HEX.fullmatch(suffix) is not None)


def unknown_like(documented: str, shown: str) -> Unknown:
    """Return an id like one that is shown, if any; that ids begin as documented is a promise of its own."""
    prefix = _prefix(documented, shown)
    made = prefix + unlike(shown.removeprefix(prefix))
    return Unknown(made, bool(shown) and len(made) == len(shown))


def _prefix(documented: str, shown: str) -> str:
    if not shown or shown.startswith(documented):
        return documented
    words = WORDS.match(shown)
    return words[0] if words and not UUID.fullmatch(shown) else ""


def unlike(suffix: str) -> str:
    """Return a suffix of the same form as one that exists; it is far too random to exist as well."""
    if suffix.isdecimal():
        return "8" + "".join(secrets.choice("0123456789") for _ in range(max(len(suffix), DIGITS) - 1))
    if UUID.fullmatch(suffix):
        made = str(uuid.uuid4())
        return made[:14] + suffix[14] + made[15:]
    if HEX.fullmatch(suffix):
        made = uuid7_hex()
        return made[:12] + suffix[12] + made[13:16] + suffix[16] + made[17:]
    kept = len(suffix) // 3
    choices = [_alike(one, suffix) for one in suffix[kept:]]
    if math.prod(map(len, choices)) < ROOM:
        return uuid7_hex()
    return suffix[:kept] + "".join(map(secrets.choice, choices))


def _alike(character: str, suffix: str) -> list[str]:
    """Return the characters of the same kind among those that are known to be allowed.

    Where capital and small letters stand side by side, those of base 58 are: no usual alphabet lacks them.
    """
    kinds = (str.isdecimal, str.islower, str.isupper)
    kind = next((kind for kind in kinds if kind(character)), None)
    mixed = any(map(str.islower, suffix)) and any(map(str.isupper, suffix))
    return sorted({one for one in suffix + BASE58 * mixed if kind(one)}) if kind else [character]


def unknown_deployment_id(prefix: str) -> str:
    """Return a well-formed id of nothing: the prefix and 32 hexadecimal digits, as samples show (1.6)."""
    return prefix + uuid7_hex()


def tracing(*, by_time: bool = False) -> dict[str, str]:
    """Return headers with an id of the request, by which its error can be recognised (N11).

    It is a random UUID, or one `by_time`: a header with either is to be echoed.
    """
    return {"x-request-id": str(uuid.UUID(uuid7_hex()) if by_time else uuid.uuid4())}
