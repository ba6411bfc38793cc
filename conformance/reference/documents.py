"""Strict JSON: what cannot be stored and sent back unchanged is refused at the door."""

from __future__ import annotations

import json
import math
from typing import Final

DEPTH_LIMIT: Final = 64


def parse_document(content: bytes) -> object:
    """Return the JSON document in `content`.

    Raises ValueError for anything else: bytes that are no UTF-8, NaN and Infinity, numbers beyond what can
    be represented, lone surrogates, and documents nested deeper than `DEPTH_LIMIT`.
    """
    text = content.decode("utf-8")
    try:
        document = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if text.count("[") + text.count("{") > DEPTH_LIMIT:
        _check_depth(document)
    if "\\u" in text:
        render_document(document)
    return document


def render_document(document: object) -> bytes:
    """Return a document as compact UTF-8 JSON.

    Raises ValueError when it holds a lone surrogate or a number that is not finite.
    """
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is out of range")
    return number


def _check_depth(document: object) -> None:
    layer = [document]
    for _ in range(DEPTH_LIMIT):
        layer = [inner for value in layer for inner in _children(value)]
        if not layer:
            return
    raise ValueError("nested too deeply")


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
