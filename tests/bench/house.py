"""The figures of the house: `python -m tests.bench.house [TAG]` prints those of the checkout, or of a git tag."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
MOST_MODULES = 15
"""Modules in one folder from which on a newcomer no longer sees what is there."""
ID = re.compile(r"[a-z0-9]+\.[a-z0-9-]+")
REFUSAL = re.compile(r"-(?:is|are)-(?:400|refused)$")
"""How the ids of refusals end."""


def figures(root: Path) -> Mapping[str, object]:
    """Return the figures of a checkout by what they count."""
    modules = [*(root / "conformance").rglob("*.py")]
    files = spread(root)
    return {
        "lines of the package": sum(len(module.read_text("utf-8").splitlines()) for module in modules),
        "modules of the package": len(modules),
        "files in which a requirement stands, median": median(files.values()),
        "the same of refusals": median(count for name, count in files.items() if REFUSAL.search(name)),
        f"folders with more than {MOST_MODULES} modules": crowded(root),
        "private names that tests import": sum(1 for _ in private_imports(root)),
    }


def spread(root: Path) -> Counter[str]:
    """Return in how many files of the package and of the tests each requirement stands by its id."""
    known = requirements(root)
    files = (file for room in ("conformance", "tests") for file in (root / room).rglob("*"))
    texts = (file.read_text("utf-8") for file in files if file.suffix in {".py", ".toml", ".json"})
    return Counter(name for text in texts for name in known & {*ID.findall(text)})


def requirements(root: Path) -> frozenset[str]:
    """Return the ids of all requirements, wherever their rows stand."""
    tables = (tomllib.loads(file.read_text("utf-8")) for file in (root / "conformance").rglob("*.toml"))
    rows = ((name, row) for table in tables for name, row in table.items())
    return frozenset(name for name, row in rows if isinstance(row, dict) and "statements" in row)


def crowded(root: Path) -> str:
    """Return the folders of the package with too many modules, and how many each has."""
    counts = Counter(module.parent for module in (root / "conformance").rglob("*.py"))
    many = (
        (str(folder.relative_to(root)), count) for folder, count in counts.items() if count > MOST_MODULES
    )
    return ", ".join(f"{name} ({count})" for name, count in sorted(many)) or "none"


def private_imports(root: Path) -> Iterator[str]:
    """Yield each private module or name of the package that a test imports."""
    for file in (root / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("conformance"):
                named = [*(node.module or "").split("."), *(one.name for one in node.names)]
                yield from (name for name in named if name.startswith("_") and not name.endswith("__"))


def main(tag: str | None) -> None:
    """Print the figures of the checkout, or of a tag of its history."""
    with tempfile.TemporaryDirectory() as folder:
        for what, figure in figures(tree_of(tag, Path(folder)) if tag else ROOT).items():
            print(f"{what}: {figure}")  # noqa: T201 (a tool's output)


def tree_of(tag: str, folder: Path) -> Path:
    """Unpack the package and the tests of a git tag in a folder; return it."""
    archive = folder / "tree.tar"
    subprocess.run(["git", "archive", "-o", archive, tag, "conformance", "tests"], cwd=ROOT, check=True)  # noqa: S607 (the developer's own git)
    with tarfile.open(archive) as tree:
        tree.extractall(folder, filter="data")
    return folder


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
