"""`conformance.toml`: keys for every run, named targets with keys of their own; no secret stands in it."""

from __future__ import annotations

import codecs
import os
import re
import stat
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from conformance.config.options import OPTIONS, SettingsError, did_you_mean

CONFIG_FILE = "conformance.toml"
TARGETS = "targets"
LARGEST_FILE = 1024 * 1024
"""Bytes."""
_SECRET = re.compile(r"token$|password|secret|api[-_]?key|authorization|credential", re.IGNORECASE)

Keys = Mapping[str, object]


class Configuration:
    """What a configuration file says: `value` finds a key for one named target, or for none."""

    def __init__(self, content: Keys) -> None:
        self._content = content
        self._targets: Mapping[str, Keys] = _tables(content.get(TARGETS, {}))
        _check_keys(key for key in content if key != TARGETS)
        for name, keys in self._targets.items():
            _check_keys(keys, f"[{TARGETS}.{name}]")

    def value(self, key: str, target: str | None) -> tuple[object, str] | None:
        """Return the value of a key and where it stands: the named target's own beats that of the top."""
        if target is not None and key in self._targets[target]:
            return self._targets[target][key], f"{key} in [{TARGETS}.{target}] of {CONFIG_FILE}"
        return (self._content[key], f"{key} in {CONFIG_FILE}") if key in self._content else None

    def said(self, key: str) -> set[str]:
        """Return what the top of the file and its targets say for a key."""
        return {str(keys[key]) for keys in (self._content, *self._targets.values()) if key in keys}

    def check_target(self, name: str, origin: str) -> str:
        """Return the name of a target that the file has; raises SettingsError for any other."""
        if name in self._targets:
            return name
        if not self._targets:
            raise SettingsError(
                f"{origin} names {name!r}, but {CONFIG_FILE} in this directory has no targets. "
                f'Hint: it names one with [{TARGETS}.{_bare(name)}] and base-url = "https://…" below.'
            )
        raise SettingsError(
            f"{origin} does not know {name!r}{did_you_mean(name, self._targets)} "
            f"{CONFIG_FILE} has: {', '.join(self._targets)}."
        )


def read_configuration(path: Path) -> Configuration:
    """Read a file; one that is not there says nothing. Raises SettingsError when it is wrong."""
    try:
        return Configuration(tomllib.loads(_text(path)))
    except FileNotFoundError:
        return Configuration({})
    except (OSError, ValueError, RecursionError) as error:
        why = (isinstance(error, OSError) and error.strerror) or str(error)
        raise SettingsError(f"{path.name} cannot be read: {why}. Hint: it must be TOML in UTF-8.") from error


def _text(path: Path) -> str:
    """Return what a file of a sensible size holds, without the byte order mark that some editors write."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe would wait for its writer
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("it is no regular file")
        content = os.read(descriptor, LARGEST_FILE + 1)
    finally:
        os.close(descriptor)
    if len(content) > LARGEST_FILE:
        raise ValueError(f"it is larger than {LARGEST_FILE} bytes")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ValueError("it is in UTF-16 or UTF-32")
    return content.decode("utf-8-sig")


def _tables(targets: object) -> Mapping[str, Keys]:
    named = targets if isinstance(targets, dict) else {TARGETS: targets}
    tables = {str(name): keys for name, keys in named.items() if isinstance(keys, dict)}
    for name in named:
        if name not in tables:
            raise SettingsError(
                f"{CONFIG_FILE}: {name} must be a table. "
                f"Hint: a target is written [{TARGETS}.staging] with its keys below."
            )
    return tables


def _check_keys(keys: Iterable[str], table: str = "") -> None:
    allowed = [option.name for option in OPTIONS if not (table and option.name == "target")]
    where = f"{table} of {CONFIG_FILE}" if table else CONFIG_FILE
    for key in keys:
        if key in allowed:
            continue
        if _SECRET.search(key):
            raise SettingsError(
                f"{where} has the key {key!r}: no secret may stand in a file. "
                'Hint: export it in a variable and name that one, token-env = "STAGING_TOKEN".'
            )
        near = did_you_mean(key, allowed if table else [*allowed, TARGETS])
        raise SettingsError(f"{where} has the unknown key {key!r}{near} Allowed: {', '.join(allowed)}.")


def _bare(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else "staging"
