"""Counts the mutants that the tests notice: `python -m tests.mutants [MODULE …]`, best as `tox -e mutants`.

Each MODULE is a pattern such as `conformance.contract.schedule*`; without one, all are tried. Writes
`reports/mutants.md`: the score of each module, and what each mutant that lived has changed. Exits 1 below the aim.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code

from tests.mutants.copying import copy_project
from tests.mutants.survivors import Survivor, survivor, told

AIM = 90.0
"""Per cent of the mutants that must be noticed."""
ALONE = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": ""}
"""The environment of mutmut: pytest's plugins would import the installed suite before the mutated one."""
NOTICED = ("killed", "timeout")
"""What mutmut calls a mutant whose tests failed, or never ended."""


def main(patterns: list[str]) -> int:
    """Try the mutants and write what became of them; return the exit code."""
    report = Path("reports", "mutants.md").absolute()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_project(Path.cwd(), folder)
        log = folder / "mutmut.txt"  # it redraws one line for each mutant
        with log.open("w") as output:
            command = [sys.executable, "-P", "-m", "mutmut", "run", *patterns]
            ran = subprocess.run(command, cwd=folder, env=ALONE, stdout=output, check=False)
        if ran.returncode:
            sys.stdout.write(log.read_text("utf-8")[-5000:])
            return ran.returncode
        with contextlib.chdir(folder):
            tried = dict(_tried(Path("mutants")))
            survivors = [_survivor(mutant) for mutant, code in tried.items() if not noticed(code)]
    scores, score = list(_scores(tried)), _score(tried.values())
    headline = f"{score:.1f} % of {len(tried)} mutants were noticed; the aim is {AIM:g} %"
    page = [
        "# Mutants",
        f"\n{headline}. Those that lived stand below, by the reason why they may.",
        *told(survivors),
    ]
    page += ["\n## The score of each module\n", *(f"- {line}" for line in scores)]
    report.write_text("\n".join(page) + "\n", "utf-8")
    sys.stdout.write("\n".join([*scores, headline, str(report)]) + "\n")
    return 0 if score >= AIM else 1


def noticed(code: int) -> bool:
    """Return whether tests noticed a mutant, by the exit code of its process."""
    return status_by_exit_code[code] in NOTICED


def _tried(folder: Path) -> Iterator[tuple[str, int]]:
    for file in sorted(folder.rglob("*.meta")):
        for name, code in json.loads(file.read_text("utf-8"))["exit_code_by_key"].items():
            if code is not None:
                yield name, code


def _survivor(mutant: str) -> Survivor:
    module = mutant.rpartition(".")[0]
    return survivor(mutant, get_diff_for_mutant(mutant, path=f"{module.replace('.', '/')}.py").splitlines())


def _scores(tried: Mapping[str, int]) -> Iterator[str]:
    by_module: dict[str, list[int]] = {}
    for name, code in tried.items():
        by_module.setdefault(name.rpartition(".")[0], []).append(code)
    for module, codes in by_module.items():
        yield f"{_score(codes):5.1f} % of {len(codes):4}  {module}"


def _score(codes: Collection[int]) -> float:
    return 100 * sum(map(noticed, codes)) / max(1, len(codes))


sys.exit(main(sys.argv[1:]))
