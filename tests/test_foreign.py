"""A pytest run of somebody else's tests is what it was before the suite was installed beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.door import Door, Opened

TESTS = """
import sys

def test_that_nothing_of_the_suite_is_loaded(pytestconfig):
    loaded = {name for name in sys.modules if name.startswith("conformance.")}
    assert loaded <= {
        "conformance.contract", "conformance.contract.areas",
        "conformance.plugin", "conformance.config", "conformance.config.footprint", "conformance.config.options",
        "conformance.errors", "conformance.version",
    }

def test_that_passes():
    pass
"""


@pytest.fixture
def foreign(door: Door) -> Door:
    """A project with a `conformance.toml` and a folder of that name that mean something else."""
    (door.cwd / "conformance.toml").write_text('suite = ["of another tool"]\n[reports]\nx = 1\n')
    (door.cwd / "conformance" / "suite").mkdir(parents=True)
    for folder in (door.cwd, door.cwd / "conformance" / "suite"):
        (folder / f"test_{folder.name.replace('-', '_')}.py").write_text(TESTS)
    door.environment |= {
        "CONFORMANCE_BASE_URL": "no URL",
        "CONFORMANCE_PROFILE": "nobody's",
        "CONFORMANCE_SEED": "x",
    }
    return door


def call(door: Door, *words: str) -> Opened:
    return door.open("pytest", "-q", "-p", "no:schemathesis", "-p", "no:cacheprovider", *words)


@pytest.mark.parametrize(
    "words",
    [[], ["-n", "2"], ["-n", "2", "conformance/suite"], ["--strict-markers"], ["-p", "no:xdist"]],
    ids=" ".join,
)
def test_a_run_of_others_is_left_alone(foreign: Door, words: list[str]) -> None:
    opened = call(foreign, *words)
    assert opened.code == 0, opened.output
    assert "passed" in opened.output.splitlines()[-1]
    assert "conformance:" not in opened.output + opened.errors
    assert opened.reports() == []


def test_a_marker_that_nobody_registered_stays_unknown(foreign: Door) -> None:
    Path(foreign.cwd / "test_marked.py").write_text(
        "import pytest\n\n@pytest.mark.pause\ndef test_a(): pass\n"
    )
    opened = call(foreign, "--strict-markers", "test_marked.py")
    assert opened.code == 2
    assert "'pause' not found in `markers`" in opened.output


UNTOUCHED = """
import ast, logging, sys
import hypothesis.core
import uvicorn
import pytest

def state():
    ours = lambda name: name.startswith("conformance")
    known = {name: logging.getLogger(name) for name in logging.root.manager.loggerDict if not ours(name)}
    loggers = {name: (one.level, one.propagate, [*one.handlers], [*one.filters]) for name, one in known.items()}
    switches = sys.getswitchinterval(), sys.getrecursionlimit()
    return ast.parse, hypothesis.core.RepresentationPrinter, switches, loggers

names = "uvicorn.error", "uvicorn.access", "httpcore.http11"
for name in names:
    logging.getLogger(name).addHandler(logging.NullHandler())
before = state()
print(pytest.main(["-q", "-p", "no:schemathesis", "--pyargs", "conformance.suite", *sys.argv[1:]]))
print([one == other for one, other in zip(before, state(), strict=True)][:3])
print([before[3][name] == state()[3][name] for name in names])
"""


def test_a_process_is_left_as_it_was(tmp_path: Path) -> None:
    judged = "--conformance-only=property.openapi,property.valid-creations,transport.routes-under-base"
    words = [
        "--conformance-reference",
        judged,
        "--conformance-tier=core,property",
        f"--conformance-report-dir={tmp_path}",
    ]
    done = subprocess.run(
        [sys.executable, "-c", UNTOUCHED, *words], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.splitlines()[-3:] == ["0", str([True] * 3), str([True] * 3)], done.stdout
