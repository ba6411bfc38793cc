"""What an option was given, read as its kind says; bad input gets a clear error."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from conformance.config.options import Option, SettingsError, did_you_mean
from conformance.config.shard import LARGEST_SEED, parse_shard
from conformance.contract.catalogue import CatalogueError, load_catalogue
from conformance.vendors import ProfileError, shipped
from conformance.vendors.loading import is_path

LARGEST_RATE = 10_000


def parse_value(option: Option, value: object, origin: str) -> object:
    """Return what an option was given as its kind says; `origin` names where. Raises SettingsError."""
    parsers: Mapping[str, Callable[[Option, object, str], object]] = {
        "text": _parse_text, "choice": _parse_choice, "profile": _parse_profile, "flag": _parse_flag,
        "list": _parse_list, "integer": _parse_integer, "seconds": _parse_seconds, "rate": _parse_rate,
        "shard": lambda _, given, place: parse_shard(given, place),
    }  # fmt: skip
    _check_encoding(value, origin)
    try:
        return parsers[option.kind](option, value, origin)
    except ValueError as error:  # a number of thousands of digits cannot even be shown
        raise SettingsError(f"{origin} cannot be read: {error}.") from None


def _check_encoding(value: object, origin: str) -> None:
    """Raise SettingsError for lone surrogates: they stand for bytes that are no UTF-8; no report holds any.

    The rest of the value is not shown: it may be a secret.
    """
    texts = [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
    if wrong := re.search("[\ud800-\udfff]", "".join(texts)):
        raise SettingsError(
            f"{origin} holds {wrong[0]!r}, which is no character: only UTF-8 is allowed. "
            "Hint: was it typed or saved in another encoding?"
        )


def _parse_text(option: Option, value: object, origin: str) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise SettingsError(f"{origin} must be a text ({option.metavar}), not {value!r}.")
    return value.strip()


def _parse_choice(option: Option, value: object, origin: str) -> str:
    if value not in option.choices:
        raise SettingsError(
            f"{origin} does not know {value!r}{did_you_mean(str(value), option.choices)} "
            f"Allowed: {', '.join(option.choices)}."
        )
    return str(value)


def _parse_flag(_: Option, value: object, origin: str) -> bool:
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    parsed = value if isinstance(value, bool) else words.get(str(value).lower())
    if parsed is None:
        raise SettingsError(f"{origin} is a switch: {value!r} is neither true nor false.")
    return parsed


def _parse_profile(option: Option, value: object, origin: str) -> str:
    """Return a shipped name as it is, and a path in full: every process of the run reads the same file."""
    name = str(value)
    if isinstance(value, str) and is_path(name):
        name = str(Path(name).absolute())
        try:
            load_catalogue(name)
        except (ProfileError, CatalogueError) as error:
            raise SettingsError(f"{origin}: {error}") from None
        return name
    try:
        return _parse_choice(replace(option, choices=shipped()), value, origin)
    except SettingsError as error:
        raise SettingsError(f"{error} A path of your own has a slash in it, or ends in .toml.") from None


def words_of(value: object) -> tuple[str, ...]:
    """Return the words of a list, each given on its own or with commas between."""
    parts = value if isinstance(value, (list, tuple)) else [value] if value else []
    return tuple(word.strip() for part in parts for word in str(part).split(",") if word.strip())


def _parse_list(option: Option, value: object, origin: str) -> tuple[str, ...]:
    words = words_of(value)
    for word in words:
        if option.choices:
            _parse_choice(option, word, origin)
    if not words:
        raise SettingsError(f"{origin} is empty: name at least one {option.metavar}.")
    return tuple(dict.fromkeys(words))


def _parse_integer(option: Option, value: object, origin: str) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = -1
    if isinstance(value, bool) or not option.least <= number < LARGEST_SEED:
        raise SettingsError(
            f"{origin} must be a whole number from {option.least:g} to {LARGEST_SEED - 1}, not {value!r}."
        )
    return number


def _parse_seconds(option: Option, value: object, origin: str) -> float:
    return _parse_number(option, value, origin, "seconds", 24 * 3600)


def _parse_rate(option: Option, value: object, origin: str) -> float:
    return _parse_number(option, value, origin, "requests per second", LARGEST_RATE)


def _parse_number(option: Option, value: object, origin: str, unit: str, most: float) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if isinstance(value, bool) or not option.least <= number <= most:
        raise SettingsError(f"{origin} must be {unit} between {option.least:g} and {most:g}, not {value!r}.")
    return number
