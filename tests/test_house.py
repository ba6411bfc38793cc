"""What every room keeps: imports from rooms below alone, as `[tool.importlinter]` says, and names of one meaning."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UPWARD = {
    "client/exchange.py": "from conformance.suite.shared import values",
    "suite/pause/stories.py": "from conformance.run.session import Session",
    "suite/engine/runner.py": "from conformance.suite.judging import states",
    "client/wire/stream.py": "from conformance.client.traffic import budget",
    "contract/verdict.py": "import conformance.reference",
    "reference/core.py": "from conformance.contract import verdict",
}


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package beside the rules."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(
        ROOT / "conformance", folder / "conformance", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_no_room_imports_from_one_above_it(house: Path) -> None:
    done = linted(house)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", UPWARD)
def test_an_upward_import_is_found(house: Path, module: str) -> None:
    file = house / "conformance" / module
    before = file.read_text("utf-8")
    file.write_text(f"{before}\n{UPWARD[module]}\n", "utf-8")
    try:
        done = linted(house)
    finally:
        file.write_text(before, "utf-8")
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"conformance.{module.removesuffix('.py').replace('/', '.')}" in done.stdout


def test_no_two_classes_have_one_name() -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for file in (ROOT / "conformance").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(str(file.relative_to(ROOT)))
    assert {name: files for name, files in homes.items() if len(files) > 1} == {}


def test_tests_import_nothing_private_of_the_package() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {node.module}.{alias.name}"
        for file in (ROOT / "tests").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("conformance")
        for alias in node.names
        if any(
            part.startswith("_") and not part.startswith("__")
            for part in f"{node.module}.{alias.name}".split(".")
        )
    ]
    assert found == []
