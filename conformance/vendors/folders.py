"""Where the data of vendors lies: their profiles inside the package, their schemas beside it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

OTHERS = ("common", "profile", "report")
"""The folders of schemas that are no vendor's."""


def shipped() -> tuple[str, ...]:
    """Return the names of the profiles that the package holds, sorted."""
    return tuple(sorted(entry.name for entry in _package().iterdir() if (entry / "vendor.toml").is_file()))


def shipped_folder(name: str) -> Traversable:
    """Return the folder of a profile that the package holds."""
    return _package() / name


@cache
def editions() -> Mapping[str, str]:
    """Return the editions that have schemas, each with its folder below the schema folder: `qoder/2026-07`.

    The name of an edition belongs to one vendor alone: it is what evidence and reports call the edition.
    """
    vendors = (entry for entry in schema_folder().iterdir() if entry.is_dir() and entry.name not in OTHERS)
    folders = ((vendor.name, edition.name) for vendor in vendors for edition in vendor.iterdir())
    return {edition: f"{vendor}/{edition}" for vendor, edition in sorted(folders)}


def schema_folder() -> Traversable:
    """Return the folder inside an installed wheel or, in a checkout, the one beside the package."""
    installed = files("conformance") / "_schemas"
    folder: Traversable = installed if installed.is_dir() else Path(__file__).parents[2] / "schemas"
    if not folder.is_dir():
        raise FileNotFoundError(
            f"the JSON Schemas are neither in {installed} nor in {folder}; hint: install the suite again"
        )
    return folder


def _package() -> Traversable:
    return files("conformance") / "vendors"
