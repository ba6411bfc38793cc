"""What others may use of the package: its public names, its exceptions, and a run from Python."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import conformance
from conformance import ConformanceError, SettingsError, load_settings
from tests.door import HANGS, environment

PUBLIC = {
    "Blame", "BrokenPromiseError", "CatalogueError", "ConformanceError", "EvidenceError", "Finding", "Judged",
    "LedgerError", "Level", "Mode", "NotApplicableError", "NotJudgedError", "Outcome", "ReportError", "Requirement",
    "RunResult", "Settings", "SettingsError", "Traffic", "Verdict", "__version__", "load_settings", "run_suite",
}  # fmt: skip
"""Others rely on these: CONTRIBUTING says how one may change."""
OUTSIDE = {
    "StoppedError",  # no Exception, so that Hypothesis lets it pass
    "ApiError",  # the embedded server answers with it and shares nothing with the other rooms
}
"""Exceptions that are no ConformanceError."""
LEAN = "import sys, conformance; print(*sorted(name for name in sys.modules if name.split('.')[0] in {}))"
TWICE = """
import json, os, sys
from conformance import ConformanceError, RunResult, load_settings, run_suite
before = dict(os.environ)
settings = load_settings(reference=True, only="pause.second-is-conflict", seed=1, report_dir=sys.argv[1])
results = [run_suite(settings) for _ in range(2)]
assert all(isinstance(result, RunResult) for result in results)
verdicts = [[str(row.verdict.outcome) for row in result.judged] for result in results]
try:
    run_suite(settings, keyword="a b (")
except ConformanceError as error:
    wrong = [type(error).__name__, str(error)]
print(json.dumps({"verdicts": verdicts, "wrong": wrong, "kept": before == dict(os.environ)}))
"""


def test_the_public_names_are_these() -> None:
    assert set(conformance.__all__) == PUBLIC
    assert sorted(conformance.__all__) == conformance.__all__ == dir(conformance)


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_name_is_there(name: str) -> None:
    assert getattr(conformance, name)


def test_any_other_name_is_not_there() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Session'"):
        _ = conformance.Session


def modules() -> Iterator[ModuleType]:
    for module in pkgutil.walk_packages(conformance.__path__, "conformance."):
        if not module.name.endswith(("__main__", "conftest")):
            yield importlib.import_module(module.name)


def test_every_exception_is_a_conformance_error() -> None:
    found = {
        thing
        for module in modules()
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, BaseException)
        and thing.__module__ == module.__name__
    }
    assert {kind.__name__ for kind in found if not issubclass(kind, ConformanceError)} == OUTSIDE


def test_importing_the_package_loads_nothing_else() -> None:
    heavy = ("pytest", "httpcore", "hypothesis", "jsonschema", "conformance")
    done = subprocess.run(
        [sys.executable, "-c", LEAN.format(heavy)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["conformance", "conformance.version"]


def test_an_option_that_is_none_is_named() -> None:
    with pytest.raises(
        SettingsError, match=r"there is no option 'onyl'. Did you mean only\? Allowed: base_url, "
    ):
        load_settings(onyl="pause.*")


def test_the_suite_runs_from_python_and_leaves_the_process_as_it_was(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TWICE, str(tmp_path / "reports")],
        capture_output=True, text=True, check=False, cwd=tmp_path, env=environment(), timeout=HANGS,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["verdicts"] == [["pass"], ["pass"]]
    assert told["wrong"][0] == "SettingsError"
    assert "Wrong expression passed to '-k'" in told["wrong"][1]
    assert told["kept"]
    assert (tmp_path / "reports" / "result.json").is_file()
