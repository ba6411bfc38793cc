"""Which saved shards are one run, and what is joined of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance.contract.verdict import Outcome, Verdict
from conformance.evidence import Evidence, EvidenceError, joined
from tests.client.factory import exchange
from tests.evidence.test_evidence_file import evidence, part


def shard(index: int, count: int = 3, **facts: Any) -> Evidence:  # noqa: ANN401 (fields of Evidence)
    return _of(evidence(part(exchange(number=index))), shard=(index, count), **facts)


def _of(run: Evidence, **changes: Any) -> Evidence:  # noqa: ANN401 (fields of Evidence or Settings)
    chosen = {name: changes.pop(name) for name in [*changes] if hasattr(run.settings, name)}
    return replace(run, settings=replace(run.settings, **chosen), **changes)


def named(*shards: Evidence) -> list[tuple[Path, Evidence]]:
    return [(Path(f"folder-{number}"), one) for number, one in enumerate(shards)]


def test_parts_come_in_the_order_of_the_shards() -> None:
    run = joined(named(shard(3), shard(1), shard(2)))
    assert [one.exchanges[0].number for one in run.parts] == [1, 2, 3]
    assert (run.missing, run.settings.shard) == ((), None)


def test_the_run_began_with_the_first_and_took_as_long_as_the_longest() -> None:
    times = {1: ("2026-07-01T00:00:09+00:00", 4.0), 2: ("2026-07-01T00:00:01+00:00", 9.0)}
    run = joined(named(*(shard(n, 2, started_at=at, seconds=s) for n, (at, s) in times.items())))
    assert (run.started_at, run.seconds) == ("2026-07-01T00:00:01+00:00", 9.0)


def test_what_ended_one_shard_early_is_said_of_the_run() -> None:
    run = joined(named(shard(1, 2, interrupted=True), shard(2, 2, internal_error="boom")))
    assert (run.interrupted, run.internal_error) == (True, "boom")


def test_missing_shards_are_named() -> None:
    assert joined(named(shard(2, 4))).missing == ("1/4", "3/4", "4/4")


def test_verdicts_of_one_shard_alone_are_kept() -> None:
    all_of, one_of = (Verdict(name, Outcome.PASS) for name in ("errors.envelope", "pause.makes-it-paused"))
    first = shard(1, 2, verdicts={"errors.envelope": all_of, "pause.makes-it-paused": one_of})
    assert joined(named(first, shard(2, 2, verdicts={"errors.envelope": all_of}))).verdicts == {
        "pause.makes-it-paused": one_of
    }


def test_a_shard_that_asked_nothing_is_part_of_the_run() -> None:
    run = joined(named(replace(shard(1, 2), parts=()), shard(2, 2)))
    assert (len(run.parts), run.missing) == (1, ())


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"seed": 5}, "the seed is 0 and 5"),
        ({"run_label": "other"}, "the run label is '' and 'other'"),
        ({"base_url": "https://other.example"}, "the target is"),
        ({"profile": "qoder-cn"}, "the profile is 'qoder' and 'qoder-cn'"),
        ({"profile_digest": "0"}, "the content of the profile is '' and '0'"),
        ({"tier": ("race",)}, "the tiers is"),
        ({"only": ("pause.makes-it-paused",)}, "the selection (--only) is"),
        ({"strict": True}, "the strictness is False and True"),
        ({"examples": 3}, "the examples is None and 3"),
        ({"suite_version": "9.9"}, "the suite version is '0.1.0' and '9.9'"),
        ({"keyword": "pause"}, "the selection (-k) is '' and 'pause'"),
        ({"marks": "must"}, "the selection (-m) is '' and 'must'"),
        ({"shard": (2, 4)}, "the number of shards is 3 and 4"),
    ],
)
def test_shards_of_different_runs_are_refused(changes: dict[str, Any], what: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        joined(named(shard(1), _of(shard(2), **changes)))
    assert f"folder-0 and folder-1 are shards of different runs: {what}" in str(caught.value)


def test_shards_that_found_different_revisions_are_refused() -> None:
    other = shard(2)
    flown = replace(other.parts[0].preflight, revision="2026-06")
    with pytest.raises(EvidenceError, match="the revision is '2026-07' and '2026-06'"):
        joined(named(shard(1), replace(other, parts=(replace(other.parts[0], preflight=flown),))))


def test_a_shard_that_is_there_twice_is_refused() -> None:
    with pytest.raises(EvidenceError, match="shard 2/3 is there twice: folder-0 and folder-2"):
        joined(named(shard(2), shard(1), shard(2)))


def test_a_whole_run_is_no_shard() -> None:
    with pytest.raises(EvidenceError, match=r"folder-1 is no shard of a run\. Hint"):
        joined(named(shard(1), evidence(part())))
