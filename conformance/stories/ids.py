"""Ids that look right and name nothing, and ids of requests."""

from __future__ import annotations

import math
import re
import secrets
import time
import uuid
from dataclasses import dataclass

from conformance.stories.pages import ids
from conformance.target.api import Api

HEX = re.compile(r"[0-9a-f]{32}")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
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
    prefix = api.target.profile.deployment_prefix
    return _unknown(prefix, (api.known.bystander or "").removeprefix(prefix))


def unknown_run(api: Api) -> Unknown:
    """Return an id of no run in the form that they have on this target.

    Where there is no run to show it, they are taken to have that of deployments; unless it is the one of the
    samples, nobody knows.
    """
    prefix = api.target.profile.run_prefix
    shown = ids(api.all_runs({"limit": 1}, label="look what ids of runs are like"))
    if shown:
        return _unknown(prefix, shown[0].removeprefix(prefix))
    unknown = unknown_id(api)
    suffix = unknown.id.removeprefix(api.target.profile.deployment_prefix)
    return Unknown(prefix + suffix, unknown.well_formed and HEX.fullmatch(suffix) is not None)


def _unknown(prefix: str, shown: str) -> Unknown:
    made = _unlike(shown)
    return Unknown(prefix + made, not shown or len(made) == len(shown))


def _unlike(suffix: str) -> str:
    """Return a suffix of the same form as one that exists; it is far too random to exist as well."""
    if suffix.isdecimal():
        return "8" + "".join(secrets.choice("0123456789") for _ in range(max(len(suffix), DIGITS) - 1))
    if UUID.fullmatch(suffix):
        made = str(uuid.uuid4())
        return made[:14] + suffix[14] + made[15:]
    if HEX.fullmatch(suffix):
        made = unknown_deployment_id("")
        return made[:12] + suffix[12] + made[13:16] + suffix[16] + made[17:]
    kept = len(suffix) // 3
    choices = [_alike(one, suffix) for one in suffix[kept:]]
    if math.prod(map(len, choices)) < ROOM:
        return unknown_deployment_id("")
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
    """Return a well-formed id of no deployment: the prefix and 32 hexadecimal digits, a version 7 UUID.

    Samples look like this (fact sheet, 1.6).
    """
    head = f"{int(time.time() * 1000):012x}7{secrets.token_hex(2)[:3]}"
    return f"{prefix}{head}{secrets.choice('89ab')}{secrets.token_hex(8)[:15]}"


def tracing() -> dict[str, str]:
    """Return headers with an id of the request, by which its error can be recognised (N11)."""
    return {"x-request-id": str(uuid.uuid4())}
