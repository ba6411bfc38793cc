"""The file of accepted deviations, changed: what a user wrote into it, comments included, stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from conformance.config.accepted import TABLE, read_accepted
from conformance.config.options import SettingsError
from conformance.contract.acceptance import Deviation

Entry = dict[str, Any]


class AcceptedFile:
    """One file; nothing is written before `save`. Raises SettingsError when it cannot be read."""

    def __init__(self, path: Path) -> None:
        import tomlkit
        import tomlkit.items

        self._path = path
        self.deviations = list(read_accepted(path))
        text = path.read_text(encoding="utf-8") if self.deviations or path.exists() else HEADER
        self._document = tomlkit.parse(text)
        if not self.deviations:
            self._document.pop(TABLE, None)  # an empty array is no array of tables
        entries = self._document.setdefault(TABLE, tomlkit.aot())
        self._entries: tomlkit.items.AoT = entries

    def put(self, deviation: Deviation) -> None:
        """Add a deviation, or change the entry for the same requirement, profile and target."""
        place = next((n for n, known in enumerate(self.deviations) if _key(known) == _key(deviation)), None)
        if place is None:
            self.deviations.append(deviation)
            self._entries.append(_table(deviation))
            return
        self.deviations[place] = deviation
        entry = self._entries[place]
        for name, value in _values(deviation).items():
            if entry.get(name) != value:
                entry[name] = value

    def remove(self, deviation: Deviation) -> None:
        """Remove an entry."""
        place = self.deviations.index(deviation)
        del self.deviations[place]
        del self._entries[place]

    def save(self) -> None:
        """Write the file as a whole. Raises SettingsError."""
        import tomlkit

        if not self.deviations:
            self._document.pop(TABLE, None)
        draft = self._path.with_name(f".{self._path.name}.draft")
        try:
            draft.write_text(tomlkit.dumps(self._document), encoding="utf-8")
            draft.replace(self._path)
        except OSError as error:
            raise SettingsError(f"cannot write {self._path}: {error.strerror or error}.") from None


HEADER = "# Deviations that are accepted until they expire; `conformance accept --help` says more.\n"


def _key(deviation: Deviation) -> tuple[str, str, str | None]:
    return deviation.requirement, deviation.profile, deviation.target


def _values(deviation: Deviation) -> Mapping[str, str | date]:
    values = {column.name: getattr(deviation, column.name) for column in fields(deviation)}
    return {name: value for name, value in values.items() if value}


def _table(deviation: Deviation) -> Any:  # noqa: ANN401 (an item of tomlkit)
    import tomlkit

    table = tomlkit.table()
    for name, value in _values(deviation).items():
        table.add(name, value)
    return table
