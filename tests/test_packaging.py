"""What is shipped: the wheel holds all that a run needs, and CI runs what the README tells people to run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling import build

from conformance.reference import ReferenceServer
from tests.door import HANGS, environment
from tests.faults.catalogue import mistakes

ROOT = Path(__file__).parents[1]
FEW = "pause.second-is-conflict,errors.envelope,object.matches-schema"
SHIPPED = {".py", ".toml", ".json", ".yaml", ".xsd", ".typed", ".html", ".css", ".js"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder, here = tmp_path_factory.mktemp("wheel"), Path.cwd()
    os.chdir(ROOT)  # a build hook builds the project it stands in
    try:
        return zipfile.ZipFile(folder / build.build_wheel(str(folder)))
    finally:
        os.chdir(here)


def _files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.suffix in SHIPPED)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@pytest.mark.parametrize(
    ("folder", "inside"), [("conformance", "conformance/"), ("schemas", "conformance/_schemas/")]
)
def test_the_wheel_holds_every_file_of_a_room(wheel: zipfile.ZipFile, folder: str, inside: str) -> None:
    files = _files(ROOT / folder)
    assert files
    held = {name: wheel.read(inside + name) for name in files if inside + name in wheel.namelist()}
    assert held == files


def test_the_wheel_holds_how_servers_get_it_wrong(wheel: zipfile.ZipFile) -> None:
    assert json.loads(wheel.read("conformance/_mistakes.json")) == mistakes()


def test_the_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"conformance"}


def test_the_wheel_alone_judges_by_both_doors_with_equal_verdicts(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    wheel.extractall(site)
    with ReferenceServer() as server:
        given = environment(
            PYTHONPATH=str(site), CONFORMANCE_TOKEN=server.tokens[0],
            CONFORMANCE_BASE_URL=server.base_url, CONFORMANCE_ONLY=FEW,
        )  # fmt: skip
        verdicts = [
            _verdicts([*door, report], tmp_path / report, given)
            for door, report in (
                (["conformance", "run", "--report-dir"], "by-command"),
                (["pytest", "-q", "--pyargs", "conformance.suite", "--conformance-report-dir"], "by-pytest"),
            )
        ]
    assert verdicts[0] == verdicts[1]
    assert set(verdicts[0].values()) == {"pass"}
    assert set(verdicts[0]) == set(FEW.split(","))


def _verdicts(words: list[str], folder: Path, given: dict[str, str]) -> dict[str, str]:
    where = "import conformance; print(conformance.__file__)"
    asked = [sys.executable, "-c", where]
    found = subprocess.run(asked, cwd=folder.parent, env=given, capture_output=True, text=True, check=True)
    assert given["PYTHONPATH"] in found.stdout
    subprocess.run([sys.executable, "-m", *words], cwd=folder.parent, env=given, check=True, timeout=HANGS)
    rows = json.loads((folder / "result.json").read_text())["requirements"]
    return {row["id"]: row["verdict"] for row in rows}


def test_ci_runs_the_test_command_of_the_readme_word_for_word() -> None:
    section = (ROOT / "README.md").read_text().partition("## Test the project itself")[2]
    command = re.search(r"```sh\n(.+)\n```", section)
    assert command
    commands = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if not line.startswith("#")]
    assert commands == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', ".ci/chromium", command[1]]
