"""Long answers made to fit into a report: what fills them is cut, so that no field is."""

from __future__ import annotations

import json
from itertools import islice
from typing import NamedTuple

LARGEST = 256 * 1024
"""Characters of an answer that is read for it; a larger one is cut at its end."""
CUT = "…"
SMALL = 8
"""Members up to which an object of texts is no map like metadata."""


class Cut(NamedTuple):
    """How much is left: characters of a text (ids are shorter), items of a list or of a map of texts."""

    text: int
    items: int


CUTS = (Cut(200, 1_000), *(Cut(40, items) for items in (1_000, 12, 8, 6, 4, 3, 2, 1)))
"""What is tried one after the other until an answer fits."""


def fitted(body: str, most: int) -> str:
    """Return about `most` characters of a body: JSON with less in it if that will do, else its beginning."""
    if len(body) <= most:
        return body
    shorter = body
    if len(body) <= LARGEST:
        try:
            document = json.loads(body)
            for cut in CUTS:
                shorter = json.dumps(_less(document, cut), ensure_ascii=False, separators=(",", ":"))
                if len(shorter) <= most:
                    return shorter
        except (ValueError, RecursionError):  # it is no JSON that can be read
            pass
    return f"{shorter[:most]}{CUT}"


def _less(value: object, cut: Cut) -> object:
    if isinstance(value, str):
        return value if len(value) <= cut.text else f"{value[: cut.text]}{CUT}"
    if isinstance(value, list):
        shown = [_less(item, cut) for item in value[: cut.items]]
        return [*shown, f"{CUT} {left} more"] if (left := len(value) - len(shown)) else shown
    if isinstance(value, dict):
        filled = len(value) > SMALL and all(isinstance(part, str) for part in value.values())
        kept = {name: _less(part, cut) for name, part in islice(value.items(), cut.items if filled else None)}
        return kept | {CUT: f"{left} more"} if (left := len(value) - len(kept)) else kept
    return value
