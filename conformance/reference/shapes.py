"""The JSON types that fields ask for."""

from __future__ import annotations

from conformance.reference.errors import invalid
from conformance.reference.messages import Document


def text(value: object, field: str) -> str:
    """Return a value that is a string; raises ApiError for any other."""
    if not isinstance(value, str):
        raise invalid(f"{field} must be a string", field)
    return value


def array(value: object, field: str) -> list[object]:
    """Return a value that is an array; raises ApiError for any other."""
    if not isinstance(value, list):
        raise invalid(f"{field} must be an array", field)
    return value


def mapping(value: object, field: str) -> Document:
    """Return a value that is an object; raises ApiError for any other."""
    if not isinstance(value, dict):
        raise invalid(f"{field} must be an object", field)
    return value


def typed(value: object, field: str) -> Document:
    """Return a value that is an object with a string `type`; raises ApiError for any other."""
    item = mapping(value, field)
    text(item.get("type"), f"{field}.type")
    return item


def whole_number(value: object, field: str) -> None:
    """Raise ApiError for a value that is no whole number of at least 0."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise invalid(f"{field} must be a whole number of at least 0", field)
