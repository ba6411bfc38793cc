"""Twins that write JSON in rare forms: numbers with a point, huge ones, deep nesting in fields of their own."""

from __future__ import annotations

import json

from conformance.reference import Request, Response, Service
from tests.twins.catalogue import twin

REFUSALS = 400


def _with_points(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, dict):
        return {key: _with_points(part) for key, part in value.items()}
    return [_with_points(part) for part in value] if isinstance(value, list) else value


@twin()
class NumbersHaveAPoint(Service):
    """Whole numbers are written as 2.0: JSON has one kind of number."""

    def serialize(self, request: Request, response: Response) -> bytes:
        return json.dumps(_with_points(json.loads(super().serialize(request, response)))).encode()


class _PutsFirst(Service):
    """A member that no page names stands first in every object that is a success."""

    first = b""

    def serialize(self, request: Request, response: Response) -> bytes:
        content = super().serialize(request, response)
        plain = response.status < REFUSALS and content.startswith(b"{")
        return b'{"x_first":' + self.first + b"," + content[1:] if plain else content


@twin()
class ANumberOf5000Digits(_PutsFirst):
    """A field of its own is a whole number of 5,000 digits."""

    first = b"9" * 5000
