"""Whether a profile is one: its shape by the JSON Schema, and that its parts fit each other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from conformance.vendors.folders import editions, schema_folder
from conformance.vendors.profile import ProfileError
from conformance.vendors.source import Source, nearest

if TYPE_CHECKING:
    from jsonschema import ValidationError

SCHEMA = "profile.schema.json"
FEW = 30
"""So many allowed words a message names; more are not read."""


@cache
def profile_schema() -> Mapping[str, Any]:
    """Return the JSON Schema of a whole profile."""
    schema: Mapping[str, Any] = json.loads((schema_folder() / "profile" / SCHEMA).read_bytes())
    return schema


def check(source: Source, *, whole: bool) -> None:
    """Raise ProfileError for the first thing that is wrong in a document.

    One that is not `whole` extends another, and may lack what that has.
    """
    from jsonschema import Draft202012Validator

    # What a part says must be right, whatever it leaves out; a whole one is checked for that as well.
    errors = Draft202012Validator(profile_schema()).iter_errors(source.document)
    wrong = [error for error in errors if whole or error.validator != "required"]
    for error in sorted(wrong, key=lambda error: [str(part) for part in error.absolute_path]):
        raise ProfileError(_described(source, error))
    if whole:
        _check_editions(source)


def _check_editions(source: Source) -> None:
    """Raise ProfileError for an edition without schemas, or a rule about an edition or mark that is none."""
    table = source.document["editions"]
    for name in table["names"]:
        if name not in editions():
            raise ProfileError(
                f"{source.place(['editions', 'names'])} names {name!r}, which has no schemas"
                f"{nearest(name, editions())} Allowed: {', '.join(editions())}."
            )
    rules = table.get("rules", [])
    known = {"edition": table["names"], "when": table.get("marks", {})}
    for key, allowed in known.items():
        for name in (each for rule in rules for each in _named(rule[key])):
            if name not in allowed:
                place = source.place(["editions", "rules", key])
                raise ProfileError(f"{place} names {name!r}{nearest(name, allowed)} {_list(allowed)}")


def _named(value: str | Mapping[str, object]) -> Iterator[str]:
    yield from [value] if isinstance(value, str) else value


def _described(source: Source, error: ValidationError) -> str:
    """Return what is wrong, where, and what is allowed, in one line."""
    path, schema = [str(part) for part in error.absolute_path], cast("Mapping[str, Any]", error.schema)
    if error.validator == "additionalProperties":
        allowed = [*schema["properties"]]
        name = next(key for key in cast("Mapping[str, object]", error.instance) if key not in allowed)
        return f"{source.place([*path, name])} is unknown{nearest(name, allowed)} {_list(allowed)}"
    if error.validator == "required":
        return f"{source.place(path)}: {error.message}. Hint: extends takes it from a shipped profile."
    given = json.dumps(error.instance, default=str, ensure_ascii=False)
    allowed_text = schema.get("description") or _rule(error)
    return f"{source.place(path)} is {given:.80}. Allowed: {allowed_text}"


def _rule(error: ValidationError) -> str:
    """Return what a rule of the schema allows."""
    rule = error.validator_value
    words = rule if isinstance(rule, list) else [rule]
    return f"{' or '.join(map(str, words))} ({error.validator})."


def _list(allowed: Iterable[str]) -> str:
    words = sorted(allowed)
    return f"Allowed: {', '.join(words[:FEW])}{', …' if len(words) > FEW else ''}."
