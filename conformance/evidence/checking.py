"""Whether a document can be a saved run, told before anything is made of it: its cost and its shape."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from conformance.contract.schemas import report_schema

MOST_VALUES = 800_000
"""How many values a file may hold, about eight times those of a default run: each takes up to 60 bytes."""
VALUE = re.compile(rb'(?:"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[^"\[{,:])*+(?:[\[{,:]|\Z)', re.DOTALL)
"""What there is up to a sign that begins or divides values, or to the end; signs within texts are none."""
LONGEST_REASON = 200


def parsed(content: bytes) -> Any:  # noqa: ANN401 (JSON)
    """Return a JSON document; raises ValueError for what is none, or holds too many values to be kept."""
    if holds_more(content, MOST_VALUES):
        raise ValueError(f"it holds more than {MOST_VALUES} values")
    return json.loads(content, parse_constant=_refuse_constant, parse_float=_finite)


def holds_more(content: bytes, most: int) -> bool:
    """Tell whether a JSON document holds more than about so many values, without making them."""
    return next(islice(VALUE.finditer(content), most, None), None) is not None


def check_shape(document: Mapping[str, Any]) -> None:
    """Raise ValueError unless a document is valid by the schema of evidence; the message says where not."""
    from jsonschema import Draft202012Validator

    error = next(Draft202012Validator(report_schema("evidence")).iter_errors(document), None)
    if error:
        said = error.message if len(error.message) <= LONGEST_REASON else f"{error.validator} does not hold"
        raise ValueError(f"{error.json_path:.{LONGEST_REASON}}: {said}")


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON value")


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text[:20]} is too large a number")
    return number
