"""The file of accepted deviations, read and checked; `conformance accept` writes it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date
from pathlib import Path
from typing import Any, Final

from conformance.config.options import SettingsError, did_you_mean
from conformance.config.regular_files import read_regular
from conformance.contract.acceptance import Deviation

ACCEPTED_FILE: Final = "conformance-accepted.toml"
TABLE: Final = "accepted"
LARGEST_FILE: Final = 4 * 1024 * 1024
"""Bytes."""
DATES: Final = frozenset({"expires", "first_seen", "last_seen"})
KEYS: Final = tuple(field.name for field in fields(Deviation))
REQUIRED: Final = tuple(field.name for field in fields(Deviation) if field.default is MISSING)


def read_accepted(path: Path, *, needed: bool = False) -> tuple[Deviation, ...]:
    """Return the deviations of a file, none when it is not there and not `needed`. Raises SettingsError."""
    try:
        document = tomllib.loads(read_regular(path, LARGEST_FILE).decode())
    except FileNotFoundError:
        if needed:
            raise SettingsError(
                f"--accepted: there is no file {path}. Hint: `conformance accept` writes it."
            ) from None
        return ()
    except (OSError, ValueError, RecursionError) as error:
        why = (isinstance(error, OSError) and error.strerror) or str(error)
        raise SettingsError(f"{path} cannot be read: {why}. Hint: it must be TOML in UTF-8.") from None
    rows = document.get(TABLE, [])
    if document.keys() - {TABLE, "schema_version"} or not isinstance(rows, list):
        raise SettingsError(f"{path} may hold [[{TABLE}]] tables and nothing else.")
    return tuple(_deviation(f"{path}, entry {number}", row) for number, row in enumerate(rows, 1))


def deviations_of(profile: str, target: object, folder: Path, given: object = None) -> tuple[Deviation, ...]:
    """Return what a file says of runs with a profile on a target: the `given` file or the usual one.

    That lies in `folder`, if there is one. Raises SettingsError.
    """
    path = Path(str(given)) if given else folder / ACCEPTED_FILE
    found = read_accepted(path, needed=bool(given))
    return tuple(
        deviation for deviation in found if deviation.concerns(profile, str(target) if target else None)
    )


def _deviation(place: str, row: object) -> Deviation:
    if not isinstance(row, dict):
        raise SettingsError(f"{place} is no table. Hint: each begins with [[{TABLE}]].")
    for key in row.keys() - KEYS:
        raise SettingsError(f"{place} has the unknown key {key!r}{did_you_mean(key, KEYS)}")
    if missing := [key for key in REQUIRED if key not in row]:
        raise SettingsError(
            f"{place} lacks {', '.join(missing)}. Hint: `conformance accept` writes whole entries."
        )
    _check_values(place, row)
    return Deviation(**row)


def _check_values(place: str, row: Mapping[str, Any]) -> None:
    for key, value in row.items():
        if key in DATES and type(value) is not date:
            raise SettingsError(f"{place}: {key} must be a date such as 2027-01-31, not {value!r}.")
        if key not in DATES and not isinstance(value, str):
            raise SettingsError(f"{place}: {key} must be a text, not {value!r}.")
    if not row["reason"].strip():
        raise SettingsError(f"{place}: reason is empty. Hint: say why the deviation is accepted.")
