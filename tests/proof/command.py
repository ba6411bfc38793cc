"""What `conformance prove` does in a checkout."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from conformance.config.options import SettingsError, did_you_mean
from conformance.contract.catalogue import DEFAULT_PROFILE
from tests.faults.catalogue import Fault, load_faults
from tests.proof.cases import Case, Outcome
from tests.proof.markdown import markdown
from tests.proof.profiles import chosen_of, left_out, revisions_of, speaks_plainly
from tests.proof.table import Effort, accusations, caught, proof_of, unexpected
from tests.proof.workers import default_jobs, judge_all
from tests.twins.catalogue import Twin

Say = Callable[[str], None]


def prove(
    names: Sequence[str],
    *,
    profile: str,
    revisions: Sequence[str],
    seed: int,
    runs: int,
    jobs: int | None,
    report_dir: Path,
    say: Say,
) -> int:
    """Judge what `names` choose, tell of each run, write `proof.json` and `proof.md`; return the exit code.

    The servers speak as a `profile`. Raises SettingsError for unknown names and for a folder that cannot be
    written.
    """
    cases = chosen(names, revisions, range(seed, seed + runs), profile)
    jobs = jobs or default_jobs()
    began = time.monotonic()
    outcomes: list[Outcome] = []
    for outcome in judge_all(cases, jobs):
        outcomes.append(outcome)
        say(f"[{len(outcomes)}/{len(cases)}] {line_of(outcome)}")
    order = {case: place for place, case in enumerate(cases)}
    outcomes.sort(key=lambda outcome: order[outcome.case])
    effort = Effort(seed, jobs, time.monotonic() - began, whole=not names, profile=profile)
    proof = proof_of(outcomes, effort)
    page = markdown(proof)
    _write(report_dir, {"proof.json": json.dumps(proof, indent=1, ensure_ascii=False), "proof.md": page})
    say(page.partition("\n## ")[0])
    return int(str(proof["exit_code"]))


def chosen(
    names: Sequence[str], revisions: Sequence[str], seeds: Sequence[int], profile: str = DEFAULT_PROFILE
) -> list[Case]:
    """Return the cases that names of faults, of areas, of twins, `faults` and `twins` choose; none: all.

    Of a profile that has other editions, `revisions` say nothing. Raises SettingsError for an unknown name, and
    for one that is no fault or twin under the profile.
    """
    faults, twins = chosen_of(profile)
    out = left_out(profile)
    areas = {fault.area for fault in faults.values()}
    known = ["faults", "twins", *sorted(areas), *faults, *twins]
    for name in names:
        if name in out:
            raise SettingsError(f"{name} shows nothing under the profile {profile}: {out[name]}.")
        if name not in known:
            raise SettingsError(
                f"neither a fault nor an area nor a twin is called {name!r}{did_you_mean(name, known)} "
                f"Hint: areas are {', '.join(sorted(areas))}; `faults` and `twins` choose all of them."
            )
    wanted_faults = [f for f in faults.values() if not names or {"faults", f.id, f.area} & {*names}]
    wanted_twins = [t for t in twins.values() if not names or {"twins", t.id} & {*names}]
    subjects: list[Fault | Twin] = [*wanted_twins, *wanted_faults]
    return [
        Case("fault" if isinstance(subject, Fault) else "twin", subject.id, revision, seed, profile=profile)
        for seed in seeds
        for subject in subjects
        for revision in revisions_of(subject, profile)
        if revision in revisions or not speaks_plainly(profile)
    ]


def line_of(outcome: Outcome) -> str:
    """Return one line that says what a run proved."""
    case = outcome.case
    where = f"{case.id} ({case.revision}, seed {case.seed}, {outcome.seconds:.1f} s)"
    if case.kind == "twin":
        found = accusations(outcome)
        return f"{'ACCUSED' if found else 'fine':<7} {where} {', '.join(sorted(found))}".rstrip()
    fault = load_faults()[case.id]
    odd = unexpected(fault, outcome)
    word = "MISSED" if not caught(fault, outcome) else "CAUGHT" if odd else "SHARP"
    return f"{word:<7} {where} {', '.join(sorted(odd))}".rstrip()


def _write(folder: Path, contents: dict[str, str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / name).write_text(content, encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            f"the proof cannot be written to {folder}: {error.strerror}. Hint: name another --report-dir."
        ) from error
