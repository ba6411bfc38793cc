"""Secrets that no name and no value of a JSON document tells alone, but several in a row do.

Such as a list of bytes or of characters, or a text that was split.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate, count

from conformance.redaction.forms import MASK, Span

Find = Callable[[bytes], list[Span]]
"""Tells where a text holds secrets."""
_BETWEEN = b","


def masked_together(document: object, find: Find, plain: Callable[[str], bytes]) -> object:
    """Return a document with a mask in the place of all names and scalars that tell a secret with others.

    They are looked at as they stand, and as `plain` says each. It costs two searches of the document's text,
    however its parts are nested.
    """
    pieces: list[str] = []
    _append(document, pieces)
    if len(pieces) == 1:
        return document
    readings = (partial(str.encode, encoding="utf-8", errors="surrogatepass"), plain)
    hidden = frozenset[int]().union(*(_hidden(list(map(read, pieces)), find) for read in readings))
    return _rebuilt(document, hidden, count()) if hidden else document


def _append(document: object, pieces: list[str]) -> None:
    """Append names and scalars in their order; what is neither text nor number tells nothing."""
    if isinstance(document, str):
        pieces.append(document)
    elif isinstance(document, dict):
        for name, part in document.items():
            pieces.append(name)
            _append(part, pieces)
    elif isinstance(document, list):
        for part in document:
            _append(part, pieces)
    else:
        is_number = isinstance(document, int | float) and not isinstance(document, bool)
        pieces.append(str(document) if is_number else "")


def _hidden(pieces: list[bytes], find: Find) -> frozenset[int]:
    """Return the numbers of the pieces that tell a secret in a row."""
    spans = find(_BETWEEN.join(pieces))
    return _in_several(pieces, spans) if spans else frozenset()


def _in_several(pieces: list[bytes], spans: list[Span]) -> frozenset[int]:
    """Return the numbers of the pieces that lie in spans of more than one."""
    ends = list(accumulate(len(piece) + len(_BETWEEN) for piece in pieces))
    ranges = [(bisect_right(ends, span.start), bisect_left(ends, span.end)) for span in spans]
    return frozenset(number for first, last in ranges if first < last for number in range(first, last + 1))


def _rebuilt(document: object, hidden: frozenset[int], numbers: Iterator[int]) -> object:
    """Return a document with masks; the numbers of names keep them apart."""
    if isinstance(document, dict):
        return {
            f"{MASK}{number}" if number in hidden else name: _rebuilt(part, hidden, numbers)
            for name, part, number in _numbered(document, numbers)
        }
    if isinstance(document, list):
        return [_rebuilt(part, hidden, numbers) for part in document]
    return MASK if next(numbers) in hidden else document


def _numbered(document: dict[str, object], numbers: Iterator[int]) -> Iterator[tuple[str, object, int]]:
    for name, part in document.items():
        yield name, part, next(numbers)
