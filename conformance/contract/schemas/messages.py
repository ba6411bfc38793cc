"""What a violated schema keyword says to the reader of a report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

WIDTH = 80
FORMATS = {"date-time": "an RFC 3339 timestamp with a zone"}
_LIMITS = {
    "minimum": "a number of at least {}",
    "minItems": "at least {} elements",
    "maxItems": "at most {} elements",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "maxProperties": "at most {} keys",
}


@dataclass(frozen=True, slots=True)
class SchemaViolation:
    """One way in which a value breaks a schema.

    `path` is the JSONPath of the offending value (`$` is the root); `message` says what was expected and what
    was found, the value cut to 80 characters; `keyword` is the schema keyword that refused it.
    """

    path: str
    message: str
    keyword: str


def explain(error: ValidationError) -> Iterator[SchemaViolation]:
    """Yield an error of the schema library in our words; one violation for each missing key of an object."""
    path = printable(error.json_path)
    keyword = str(error.validator)
    value: Any = error.validator_value
    instance: Any = error.instance
    expectations = [_expected(keyword, value)]
    if keyword == "required":
        expectations = [f"the key {json.dumps(name)}" for name in value if name not in instance]
    for expected in expectations:
        yield SchemaViolation(path, f"expected {expected}; found {shown(instance)}", keyword)


def shown(value: object) -> str:
    """Return a value as JSON in one line of at most 80 characters; a container by its keys or its length."""
    if isinstance(value, dict):
        keys = ", ".join(islice(value, WIDTH))
        text = f"an object with the keys {keys}" if value else "an empty object"
    elif isinstance(value, list):
        text = f"an array of {len(value)}"
    elif isinstance(value, str):
        text = json.dumps(value[:WIDTH], ensure_ascii=False)
        text = text if len(value) <= WIDTH else text.removesuffix('"') + "…"
    else:
        text = json.dumps(value, default=repr)
    return _cut(printable(text))


def printable(text: str) -> str:
    """Return text that any UTF-8 file can hold: lone surrogates become escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def _expected(keyword: str, value: Any) -> str:  # noqa: ANN401 (a keyword's value has the type of its keyword)
    match keyword:
        case "type":
            return " or ".join([value] if isinstance(value, str) else value)
        case "const":
            return json.dumps(value)
        case "enum":
            return "one of " + ", ".join(map(json.dumps, value))
        case "format":
            return FORMATS[value]
        case _:
            return _LIMITS.get(keyword, f"{keyword} {{}}").format(value)
