"""How much a run may do to an account, and what can be judged with that."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Mode(StrEnum):
    """What a run may do: make deployments of its own, only read, or change one that it is lent."""

    FULL = "full"
    READ_ONLY = "read-only"
    LENT = "lent"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a mode judges, by requirement id; `reason` says why it leaves out the rest.

    `scheduled` are those of them that need the lent deployment to have a schedule.
    """

    judged: frozenset[str]
    reason: str
    scheduled: frozenset[str] = frozenset()

    def left_out(self, requirement_id: str, *, lent_schedule: bool = True) -> str:
        """Return why a requirement is not judged, or an empty text."""
        if requirement_id in self.scheduled and not lent_schedule:
            return "the lent deployment has no schedule"
        return "" if requirement_id in self.judged else self.reason


@cache
def scope_of(mode: Mode) -> Scope | None:
    """Return what a mode of little judges; None for the full one, which leaves out nothing."""
    rows = _rows()
    reading = frozenset(rows["read-only"]["judged"])
    if mode is Mode.READ_ONLY:
        return Scope(reading, "needs to create or change deployments; run without --read-only")
    if mode is Mode.LENT:
        lent = {key: frozenset(names) for key, names in rows["lent"].items()}
        reason = (
            "needs a deployment of its own, to create, archive or run it or to change what cannot be put "
            "back; run without --deployment-id"
        )
        return Scope(reading | lent["judged"], reason, lent["scheduled"])
    return None


@cache
def _rows() -> Mapping[str, Mapping[str, list[str]]]:
    text = files("conformance.contract").joinpath("modes.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
