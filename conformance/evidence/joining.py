"""Joining the saved shards of one run: what one process would have saved, or why that cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from conformance.contract.verdict import Verdict
from conformance.evidence.model import Evidence, EvidenceError

SAME_SETTINGS = {
    "base_url": "target", "profile": "profile", "profile_digest": "content of the profile", "seed": "seed",
    "run_label": "run label", "tier": "tiers",
    "only": "selection (--only)", "strict": "strictness", "examples": "examples", "footprint": "footprint",
    "read_only": "mode (--read-only)",
}  # fmt: skip


def joined(shards: Sequence[tuple[Path, Evidence]]) -> Evidence:
    """Return one run of its shards, each with the path that it was read from; some may be missing.

    Raises EvidenceError for a run that was not sharded, a shard that is there twice, and shards of
    different runs.
    """
    _check_shards(shards)
    _check_same(shards)
    ordered = sorted((shard for _, shard in shards), key=_shard_of)
    return replace(
        ordered[0],
        settings=replace(ordered[0].settings, shard=None),
        started_at=min(shard.started_at for shard in ordered),
        seconds=max(shard.seconds for shard in ordered),
        interrupted=any(shard.interrupted for shard in ordered),
        internal_error="\n".join(filter(None, (shard.internal_error for shard in ordered))),
        missing=_missing(ordered),
        parts=tuple(part for shard in ordered for part in shard.parts),
        verdicts=_single(ordered),
    )


def _shard_of(evidence: Evidence) -> tuple[int, int]:
    return evidence.settings.shard or (1, 1)


def _missing(shards: Sequence[Evidence]) -> tuple[str, ...]:
    there, count = {_shard_of(shard)[0] for shard in shards}, _shard_of(shards[0])[1]
    return tuple(f"{index}/{count}" for index in range(1, count + 1) if index not in there)


def _check_shards(shards: Sequence[tuple[Path, Evidence]]) -> None:
    seen: dict[tuple[int, int], Path] = {}
    for path, evidence in shards:
        shard = evidence.settings.shard
        if shard is None:
            raise EvidenceError(
                f"{path} is no shard of a run. Hint: only what ran with --shard I/N is joined."
            )
        if shard in seen:
            raise EvidenceError(f"shard {shard[0]}/{shard[1]} is there twice: {seen[shard]} and {path}.")
        seen[shard] = path


def _check_same(shards: Sequence[tuple[Path, Evidence]]) -> None:
    known: dict[str, tuple[object, Path]] = {}
    for path, evidence in shards:
        for what, value in _identity(evidence):
            other, where = known.setdefault(what, (value, path))
            if value != other:
                raise EvidenceError(
                    f"{where} and {path} are shards of different runs: the {what} is {other!r} and {value!r}."
                )


def _identity(evidence: Evidence) -> Iterator[tuple[str, object]]:
    """Yield what the shards of one run have in common; one that asked nothing found no revision."""
    yield "number of shards", _shard_of(evidence)[1]
    yield "suite version", evidence.suite_version
    yield "selection (-k)", evidence.keyword
    yield "selection (-m)", evidence.marks
    for name, what in SAME_SETTINGS.items():
        yield what, getattr(evidence.settings, name)
    for part in evidence.parts:
        if not part.preflight.blocked:
            yield "revision", part.preflight.revision


def _single(shards: Sequence[Evidence]) -> Mapping[str, Verdict]:
    """Return the verdicts that one shard alone gave: of the others each saw only its part."""
    times = Counter(name for shard in shards for name in shard.verdicts)
    return {name: verdict for each in shards for name, verdict in each.verdicts.items() if times[name] == 1}
