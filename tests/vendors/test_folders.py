"""Profiles and schemas are found in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.vendors import folders


def test_the_schemas_of_an_installed_wheel_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout, installed = tmp_path / "checkout", tmp_path / "site" / "conformance"
    (checkout / "schemas").mkdir(parents=True)
    monkeypatch.setattr(folders, "files", lambda _package: installed)
    monkeypatch.setattr(folders, "__file__", str(checkout / "conformance" / "vendors" / "folders.py"))
    assert folders.schema_folder() == checkout / "schemas"
    (installed / "_schemas").mkdir(parents=True)
    assert folders.schema_folder() == installed / "_schemas"


def test_missing_schema_files_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "files", lambda _package: tmp_path)
    monkeypatch.setattr(folders, "__file__", str(tmp_path / "a" / "b" / "c" / "d.py"))
    with pytest.raises(FileNotFoundError, match=r"JSON Schemas are neither in .* hint: "):
        folders.schema_folder()


def test_an_edition_belongs_to_one_vendor_alone() -> None:
    folder = Path(str(folders.schema_folder()))
    names = [
        edition.name
        for vendor in folder.iterdir()
        if vendor.name not in folders.OTHERS
        for edition in vendor.iterdir()
    ]
    assert sorted(names) == sorted(folders.editions())
