"""What a story yields, as JSON and back: dataclasses by name, exchanges by number.

Only the dataclasses of the rooms that make evidence are built again: a file names no other code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from conformance.client.api import Created
from conformance.client.calls.guarded import ABSENT
from conformance.client.exchange import NOT_ASKED, NOT_JSON, Exchange
from conformance.client.ownership.ledger import LedgerError
from conformance.client.prerequisites import Prerequisites
from conformance.contract.comparing import MISSING
from conformance.contract.timeline import Remark, ShownExchange
from conformance.contract.verdict import (
    Blame,
    BrokenPromiseError,
    Finding,
    NotApplicableError,
    NotJudgedError,
)
from conformance.errors import ConformanceError
from conformance.redaction.redactor import MASK, Redactor, is_masked
from conformance.suite.engine.preflight import Preflight
from conformance.suite.engine.registry import story_modules
from conformance.suite.exploration.registry import Searched

SEQUENCES: Mapping[type, str] = {list: "", tuple: "$tuple", frozenset: "$frozenset"}
CONSTANTS: Mapping[str, object] = {
    "MISSING": MISSING,
    "NOT_JSON": NOT_JSON,
    "ABSENT": ABSENT,
    "NOT_ASKED": NOT_ASKED,
}


class RecordedError(ConformanceError):
    """Stands for an exception of the suite's own that a story raised when it was told."""


PLAIN_ERRORS: Mapping[str, type[Exception]] = {
    "not-applicable": NotApplicableError,
    "ledger": LedgerError,
    "suite": RecordedError,
}


@cache
def evidence_classes() -> Mapping[str, type]:
    """Return the dataclasses that evidence is made of, by name: no two have the same."""
    modules = story_modules()
    values = (value for module in modules for value in vars(module).values())
    names = {module.__name__ for module in modules}
    own = [
        kind for kind in values if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ in names
    ]
    shared = (Preflight, Created, Prerequisites, Finding, Searched, ShownExchange, Remark)
    return {kind.__name__: kind for kind in (*own, *shared)}


def encoded(value: object, redactor: Redactor) -> Any:  # noqa: ANN401 (JSON)
    """Return a value as JSON, redacted; raises TypeError for a value that has no form in JSON."""
    if value is None or isinstance(value, str | int | float):
        return redactor.document(value)
    if isinstance(value, Exchange) and value is not NOT_ASKED:
        return {"$exchange": value.number}
    if isinstance(value, Mapping):
        return _mapping(value, redactor)
    if isinstance(value, BaseException):
        return {"$raised": redactor.document(_raised(value))}
    return _composed(value, redactor)


def _mapping(value: Mapping[Any, object], redactor: Redactor) -> Mapping[str, object]:
    if not all(isinstance(name, str) and not name.startswith("$") for name in value):
        return {"$mapping": [[encoded(part, redactor) for part in pair] for pair in value.items()]}
    return {
        redactor.text(name): MASK if is_masked(name, part) else encoded(part, redactor)
        for name, part in value.items()
    }


def _composed(value: Any, redactor: Redactor) -> Any:  # noqa: ANN401 (whatever a story made; JSON)
    constant = next((name for name, member in CONSTANTS.items() if value is member), None)
    if constant:
        return {"$constant": constant}
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    for kind, tag in SEQUENCES.items():
        if isinstance(value, kind) and isinstance(value, Iterable):
            parts = [encoded(part, redactor) for part in value]
            return {tag: parts} if tag else parts
    name = type(value).__name__
    if name not in evidence_classes():
        raise TypeError(f"{name} is no part of evidence")
    return {"$class": name} | {
        member.name: encoded(getattr(value, member.name), redactor) for member in fields(value)
    }


def _raised(error: BaseException) -> Mapping[str, object]:
    if isinstance(error, NotJudgedError):
        return {"kind": "not-judged", "blame": str(error.blame), "reason": error.reason}
    if isinstance(error, BrokenPromiseError):
        said = {"expected": error.expected, "got": error.got}
        return {"kind": "broken", **said, "culprits": list(error.culprits)}
    for kind, known in PLAIN_ERRORS.items():
        if isinstance(error, known):
            return {"kind": kind, "reason": str(error)}
    return {"kind": "suite", "reason": f"{type(error).__name__}: {error}"}


def decoded(value: Any, exchanges: Mapping[int, Exchange]) -> Any:  # noqa: ANN401 (JSON in, evidence out)
    """Return what `encoded` was given; `exchanges` are those of the run by their numbers in the file.

    Raises ValueError, KeyError or TypeError for what it did not write, or another version of the suite did.
    """
    if isinstance(value, list):
        return [decoded(part, exchanges) for part in value]
    if not isinstance(value, dict):
        return value
    tag = next(iter(value), "")
    if tag == "$class":
        parts = {name: decoded(part, exchanges) for name, part in value.items() if name != tag}
        return _built(evidence_classes()[_class_name(value[tag])], parts)
    if tag.startswith("$"):
        return _READERS[tag](value[tag], exchanges)
    return {name: decoded(part, exchanges) for name, part in value.items()}


def _class_name(name: str) -> str:
    """Return the name of a class; version 0.1.0 wrote that of its module before it."""
    return name.rpartition(".")[2]


def _built(cls: type, parts: Mapping[str, object]) -> object:
    if cls is Finding and isinstance(text := parts["steps"], str):  # version 0.1.0 wrote them as one text
        parts = {**parts, "steps": (Remark(text),)}
    hints = _hints(cls)
    for name, part in parts.items():
        if not _fits(part, hints[name]):
            raise TypeError(f"{cls.__qualname__}.{name} is no {hints[name]}")
    return cls(**parts)


@cache
def _hints(cls: type) -> Mapping[str, Any]:
    return get_type_hints(cls)


def _fits(value: object, hint: Any) -> bool:  # noqa: ANN401 (an annotation may be anything)
    """Tell whether a value may stand where an annotation says; parts of collections are not looked at."""
    if isinstance(hint, UnionType):
        return any(_fits(value, choice) for choice in get_args(hint))
    kind = get_origin(hint) or hint
    if kind is float:
        return isinstance(value, int | float)
    return not isinstance(kind, type) or kind is Any or value is MISSING or isinstance(value, kind)


def _restored(error: Mapping[str, Any]) -> Exception:
    kind = error["kind"]
    if kind == "not-judged":
        return NotJudgedError(Blame(error["blame"]), str(error["reason"]))
    if kind == "broken":
        return BrokenPromiseError(error["expected"], error["got"], tuple(error["culprits"]))
    return PLAIN_ERRORS[kind](str(error["reason"]))


_READERS: Mapping[str, Callable[[Any, Mapping[int, Exchange]], object]] = {
    "$constant": lambda name, _: CONSTANTS[name],
    "$exchange": lambda number, exchanges: exchanges[number],
    "$datetime": lambda text, _: datetime.fromisoformat(text),
    "$raised": lambda error, _: _restored(error),
    "$tuple": lambda parts, exchanges: tuple(decoded(parts, exchanges)),
    "$frozenset": lambda parts, exchanges: frozenset(decoded(parts, exchanges)),
    "$mapping": lambda pairs, exchanges: {
        decoded(name, exchanges): decoded(part, exchanges) for name, part in pairs
    },
}
