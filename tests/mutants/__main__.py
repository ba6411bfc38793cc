"""Counts the mutants that the tests notice: `python -m tests.mutants [MODULE …]`, best as `tox -e mutants`.

Each MODULE is a pattern such as `conformance.contract.schedule*`; without one, all are tried. Prints each mutant
that lived, as a diff, and the score of each module; exits 1 below the aim.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from mutmut.stats import status_by_exit_code

from tests.mutants.copying import copy_project

AIM = 90.0
"""Per cent of the mutants that must be noticed."""
ALONE = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": ""}
"""The environment of mutmut: pytest's plugins would import the installed suite before the mutated one."""
NOTICED = ("killed", "timeout")
"""What mutmut calls a mutant whose tests failed, or never ended."""


def main(patterns: list[str]) -> int:
    """Try the mutants and print what became of them; return the exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_project(Path.cwd(), folder)
        command = [sys.executable, "-P", "-m", "mutmut"]
        log = folder / "mutmut.txt"  # it redraws one line for each mutant
        with log.open("w") as output:
            ran = subprocess.run(
                [*command, "run", *patterns], cwd=folder, env=ALONE, stdout=output, check=False
            )
        if ran.returncode:
            say(log.read_text("utf-8")[-5000:])
            return ran.returncode
        tried = dict(_tried(folder / "mutants"))
        for mutant in (name for name, code in tried.items() if not noticed(code)):
            say("")
            subprocess.run([*command, "show", mutant], cwd=folder, env=ALONE, check=True)
    return _told(tried)


def say(line: str) -> None:
    """Print a line at once: mutmut prints between ours."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def noticed(code: int) -> bool:
    """Return whether tests noticed a mutant, by the exit code of its process."""
    return status_by_exit_code[code] in NOTICED


def _tried(folder: Path) -> Iterator[tuple[str, int]]:
    for file in sorted(folder.rglob("*.meta")):
        for name, code in json.loads(file.read_text("utf-8"))["exit_code_by_key"].items():
            if code is not None:
                yield name, code


def _told(tried: Mapping[str, int]) -> int:
    """Print the score of each module and of all; return the exit code."""
    made, caught = Counter[str](), Counter[str]()
    for name, code in tried.items():
        module = name.rpartition(".")[0]
        made[module] += 1
        caught[module] += noticed(code)
    for module, count in made.items():
        say(f"{100 * caught[module] / count:5.1f} % of {count:4}  {module}")
    score = 100 * caught.total() / max(1, made.total())
    say(f"{score:5.1f} % of {made.total():4}  all; the aim is {AIM:g} %")
    return 0 if score >= AIM else 1


sys.exit(main(sys.argv[1:]))
