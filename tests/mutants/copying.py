"""Makes the copy of the project in which mutmut works."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

import libcst as cst

MUTATED = ("conformance/contract/*", "conformance/suite/judging/*", "conformance/suite/*/test_*")
COPIED = ("conformance", "schemas", "tests", "docs", "README.md", "CONTRIBUTING.md", "CHANGELOG.md")
TESTS = ("tests/contract", "tests/suite")
ELSEWHERE = (
    "tests/contract/test_catalogue.py::test_every_row_has_exactly_one_judgement_and_every_judgement_a_row"
)
"""It opens a door in another process."""
CONFIGURATION = """
[tool.pytest]
minversion = "9.0"
strict = true
addopts = ["-p", "no:schemathesis", "-p", "no:cacheprovider"]
markers = ["conformance_requirement: which requirement a judgement upholds"]

[tool.mutmut]
source_paths = ["conformance"]
only_mutate = [{mutated}]
also_copy = ["schemas", "docs", "conftest.py"]
pytest_add_cli_args_test_selection = [{tests}]
pytest_add_cli_args = ["--deselect", "{elsewhere}"]
use_git_change_detection = false
track_dependencies = false
"""
CONFTEST = '''
"""Caches must not hide a mutant: a process that tries one has run the tests before, without it.

Which test calls a function is found out in a first run, where each test begins with empty caches.
"""

import functools
import os
import sys


def empty_caches() -> None:
    contract = [vars(module) for name, module in sys.modules.items() if name.startswith("conformance.contract")]
    for thing in (value for names in contract for value in names.values()):
        if isinstance(thing, functools._lru_cache_wrapper):
            thing.cache_clear()


def pytest_collection_finish() -> None:
    empty_caches()


def pytest_runtest_setup() -> None:
    if os.environ.get("MUTANT_UNDER_TEST") == "stats":
        empty_caches()
'''


def copy_project(checkout: Path, folder: Path) -> None:
    """Copy what mutmut needs into an empty folder, with decorated functions written so that it mutates them."""
    for name in COPIED:
        source = checkout / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    for file in sorted(folder.rglob("*.py")):
        if any(fnmatch(str(file.relative_to(folder)), pattern) for pattern in MUTATED):
            file.write_text(undecorated(file.read_text("utf-8")), "utf-8")
    (folder / "conftest.py").write_text(CONFTEST, "utf-8")
    words = {"mutated": MUTATED, "tests": TESTS}
    text = CONFIGURATION.format(
        elsewhere=ELSEWHERE,
        **{name: ", ".join(f'"{word}"' for word in these) for name, these in words.items()},
    )
    (folder / "pyproject.toml").write_text(text, "utf-8")


def undecorated(source: str) -> str:
    """Return a module that does the same, each function decorated by a call after its definition.

    mutmut leaves a function with a decorator alone, and each judgement has one.
    """
    return cst.parse_module(source).visit(_Undecorating()).code


class _Undecorating(cst.CSTTransformer):
    def leave_FunctionDef(  # noqa: N802 (the name that libcst calls)
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef | cst.FlattenSentinel[cst.BaseStatement]:
        if not original_node.decorators:
            return updated_node
        name = original_node.name.value
        decorators = [decorator.decorator for decorator in original_node.decorators]
        plain = updated_node.with_changes(decorators=[])
        return cst.FlattenSentinel([plain, _applied(name, decorators)])


def _applied(name: str, decorators: Iterable[cst.BaseExpression]) -> cst.BaseStatement:
    value: cst.BaseExpression = cst.Name(name)
    for decorator in reversed(list(decorators)):
        value = cst.Call(decorator, [cst.Arg(value)])
    return cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(name))], value)])
